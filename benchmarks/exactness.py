"""`visgen bench exactness`: drawn episodes whose tokens, masks and log-probabilities are checked one by one.

A drill of disturbed expert episodes (turns cut off, noise, faults) checks texts and masks; sampled episodes of a model
check log-probabilities against a plain forward pass. Exits 1 where one is off.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import msgspec

from policies.chat import Chat
from policies.expert import Expert
from policies.language_model import TokenPolicy
from trainers.samples import Episode, TokenSample, play
from visgenenv import chance
from visgenenv.commands import positive
from visgenenv.conversation import Conversation
from visgenenv.tasks.sources import resolve_source

TOLERANCE = 1e-5
"""Most by which a sampled and a recomputed log-probability may differ, with random weights."""
TRAINED = 1e-4
"""The same with a trained model's, whose logits are ten times as large: float32 itself is off by 3e-5 from float64 there."""


class Drill(TokenPolicy):
    """The expert, disturbed: some turns are cut off, some end in noise, some are nothing but noise."""

    def __init__(self, chat: Chat, seed: int) -> None:
        super().__init__(lambda prompts: [], chat)
        self._expert, self._seed = Expert(), seed
        self._tokens = len(chat.tokenizer)

    def _continue(self, prompts: list[list[int]], conversations: Sequence[Conversation]) -> list[tuple[list[int], list[float]]]:
        end = self.chat.tokenizer.eos_token_id
        written = []
        for turn, prompt, conversation in zip(self._expert.act(conversations), prompts, conversations, strict=True):
            random = Random(chance.bits(self._seed, conversation.seed, len(prompt)))
            ids, fate = [*self.chat.encode(turn), end], random.random()
            noise = [random.randrange(self._tokens) for _ in range(random.randint(1, 40))]
            if fate < 0.08:
                ids = ids[: random.randint(1, len(ids))]
            elif fate < 0.16:
                ids = [*ids[: random.randint(1, len(ids) - 1)], *noise]
            elif fate < 0.2:
                ids = noise
            first_end = next((place for place, token in enumerate(ids) if token in self.chat.end_ids), len(ids))
            ids = ids[: first_end + 1]
            written.append((ids, [-random.random() for _ in ids]))
        return written


def turns_of(sample: TokenSample) -> Iterator[list[int]]:
    """The policy's tokens of each turn, ends included: the runs of 1 in the mask."""
    run: list[int] = []
    for token, own in zip(sample.ids, sample.mask, strict=True):
        if own:
            run.append(token)
        elif run:
            yield run
            run = []
    if run:
        yield run


def mismatches(sample: TokenSample, chat: Chat) -> list[str]:
    """What is not exact in a sample: a turn that its tokens do not decode to, a missing one, a word put into its mouth."""
    texts = [chat.turn(ids)[0] for ids in turns_of(sample)]
    told = [turn.text for turn in sample.trajectory.turns]
    found = [f"turn {number}: tokens say {a!r}, the record {b!r}" for number, (a, b) in enumerate(zip(texts, told, strict=False)) if a != b]
    if len(texts) != len(told):
        found.append(f"{len(texts)} turns in the tokens, {len(told)} in the record")
    return found + [
        f"token {place} is the environment's and has log-probability {value!r}"
        for place, (value, own) in enumerate(zip(sample.logprobs, sample.mask, strict=True))
        if not own and value != 0.0
    ]


def drill(chat: Chat, episodes: int, seed: int = 0, **environment: Any) -> dict[str, Any]:
    """Play disturbed episodes under faults and count what they met, and what was not exact."""
    make = resolve_source("generated", None)
    drawn = [Episode(make(seed + number), seed + number, number, 0) for number in range(episodes)]
    options = {"faults": "severe", "max_turns": 10, "system_prompt": "none", **environment}
    counts = dict.fromkeys(("episodes", "turns", "faults", "revisions", "unparsed", "truncated"), 0)
    wrong: list[str] = []
    for sample in play(Drill(chat, seed), drawn, seed, batch=64, **options):
        record = sample.trajectory
        counts["episodes"] += 1
        counts["turns"] += len(record.turns)
        counts["faults"] += sum(call.fault is not None for call in record.calls)
        counts["revisions"] += max(0, sum(turn.parsed.plan is not None for turn in record.turns) - 1)
        counts["unparsed"] += sum(bool(turn.parsed.errors) for turn in record.turns)
        counts["truncated"] += record.truncated
        wrong += [f"{record.id}: {text}" for text in mismatches(sample, chat)]
    return {**counts, "mismatches": len(wrong), "first": wrong[:3]}


def exactness(parser: argparse.ArgumentParser) -> None:
    """Check samples token by token: text, masks and log-probabilities, under faults, revisions and truncation."""
    parser.add_argument("--episodes", type=positive, default=1000, metavar="N", help="disturbed episodes to check (default 1000)")
    parser.add_argument("--sampled", type=positive, default=64, metavar="N", help="episodes to score again (default 64)")
    parser.add_argument("--policy", metavar="DIR", help="a trained model's folder to sample from (default: random weights)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_exactness)


def _exactness(options: argparse.Namespace) -> int:
    from policies.language_model import LanguageModelPolicy, from_folder
    from policies.tiny import tiny_model
    from trainers.data.demonstrations import demonstrate
    from trainers.samples import collect, logprob_distances
    from trainers.vocabulary import tiny_tokenizer

    sampling = {"temperature": 1.0, "max_turn_tokens": 120, "seed": options.seed}
    if options.policy is None:
        tokenizer = tiny_tokenizer(demonstrate(300))
        policy = LanguageModelPolicy(tiny_model(tokenizer, options.seed), tokenizer, **sampling)
    else:
        policy = from_folder(options.policy, **sampling)
    figures = drill(policy.chat, options.episodes, options.seed)
    make = resolve_source("generated", None)
    tasks = [make(options.seed + number) for number in range(options.sampled)]
    samples = collect(policy, tasks, 1, options.seed, system_prompt="none", max_turns=4)
    off = logprob_distances(policy.decoder.model, samples)
    within = sum(distance <= TOLERANCE for distance in off) / len(off)
    figures |= {"sampled_tokens": len(off), "within_1e-5": round(within, 6), "worst_logprob": max(off)}
    if options.json:
        print(msgspec.json.encode(figures).decode())
    else:
        print(*(f"{name:14} {value}" for name, value in figures.items()), sep="\n")
    allowed = TOLERANCE if options.policy is None else TRAINED
    return 0 if not figures["mismatches"] and figures["worst_logprob"] <= allowed else 1

"""`visgen bench expert`: the expert on every task type, difficulty and language, under every fault profile.

Exits 1 where it falls short of `BARS`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import msgspec
from tqdm import tqdm

from benchmarks.stats import Interval
from visgenenv.commands import positive
from visgenenv.types import Trajectory

BARS = {"none": 1.0, "moderate": 0.95, "severe": 0.80}
"""Least share of successes by fault profile."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """All types under one fault profile."""

    faults: str
    success: Interval
    """Wilson interval."""
    reward: Interval
    failed: int
    """Calls that failed, through the environment or the policy."""
    repaired: int
    given_up: int
    silently_wrong: int
    """Assets that were not what their response said."""
    silently_delivered: int
    """Those that a deliverable is, or was made from."""
    calls: float
    """Per episode."""
    virtual_minutes: float
    """Makespan of an episode, mean."""
    price_usd: float
    """Of an episode, mean."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One task type without faults, by difficulty."""

    task_type: str
    calls: dict[str, str]
    """By difficulty: fewest to most calls of an episode."""
    tokens: dict[str, int]
    """By difficulty: tokens of an episode that the policy writes, mean; the tiny policy's tokenizer."""
    success: dict[str, float]
    """By fault profile."""


def expert(parser: argparse.ArgumentParser) -> None:
    """The expert on all task types, difficulties and languages: success under each fault profile, calls and tokens."""
    parser.add_argument("--seeds", type=positive, default=10, metavar="N", help="tasks of each type, difficulty and language (default 10)")
    parser.add_argument("--seed", type=int, default=0, help="of the first task (default 0)")
    parser.add_argument("--inspect", action="store_true", help="an expert that looks at what was made before it uses it")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_expert)


def _expert(options: argparse.Namespace) -> int:
    from policies import Expert
    from visgenenv.episodes import rollout
    from visgenenv.tasks.generator import GENERATED, GENERATED_TYPES
    from visgenenv.tasks.wording import DIFFICULTIES, LANGUAGES

    tasks = [GENERATED(options.seed + i) for i in range(len(GENERATED_TYPES) * len(LANGUAGES) * len(DIFFICULTIES) * options.seeds)]
    actor = Expert(inspect=options.inspect)
    found: dict[str, list[Trajectory]] = {}
    for faults in BARS:
        with tqdm(total=len(tasks), desc=f"faults {faults}", unit="episode") as bar:

            def finished(number: int, bar: Any = bar) -> None:
                bar.update()

            found[faults] = rollout(actor, tasks=tasks, seed=options.seed, faults=faults, system_prompt="none", progress=finished)
    profiles = [_profile(faults, trajectories) for faults, trajectories in found.items()]
    kinds = _kinds(found)
    if options.json:
        print(msgspec.json.encode({"profiles": profiles, "types": kinds}).decode())
    else:
        print(_tables(profiles, kinds))
    return 0 if all(profile.success.mean >= BARS[profile.faults] for profile in profiles) else 1


def _profile(faults: str, trajectories: Sequence[Trajectory]) -> Profile:
    from benchmarks.stats import mean_interval, share_interval
    from rewards import recovery

    failures = [recovery(trajectory) for trajectory in trajectories]
    success = share_interval(sum(trajectory.success for trajectory in trajectories), len(trajectories))
    reward = mean_interval([trajectory.reward.total for trajectory in trajectories if trajectory.reward])
    assert success is not None, "there are tasks"
    assert reward is not None, "rule judges never mask"
    n = len(trajectories)
    return Profile(
        faults=faults,
        success=success,
        reward=reward,
        failed=sum(one.met + one.own for one in failures),
        repaired=sum(one.repaired for one in failures),
        given_up=sum(one.given_up for one in failures),
        silently_wrong=sum(one.silently_wrong for one in failures),
        silently_delivered=sum(one.silently_delivered for one in failures),
        calls=sum(len(trajectory.calls) for trajectory in trajectories) / n,
        virtual_minutes=sum(trajectory.virtual_ms for trajectory in trajectories) / n / 60_000,
        price_usd=sum(trajectory.price_microusd for trajectory in trajectories) / n / 1e6,
    )


def _kinds(found: dict[str, list[Trajectory]]) -> list[Kind]:
    from trainers.data.demonstrations import demonstrate
    from trainers.vocabulary import tiny_tokenizer
    from visgenenv.tasks.generator import GENERATED_TYPES
    from visgenenv.tasks.wording import DIFFICULTIES

    tokenizer = tiny_tokenizer(demonstrate(300))
    kinds = []
    for name in GENERATED_TYPES:
        calls, tokens = {}, {}
        for difficulty in DIFFICULTIES:
            own = [t for t in found["none"] if t.task.task_type == name and t.task.id.split("/")[3] == difficulty]
            numbers = [len(trajectory.calls) for trajectory in own]
            calls[difficulty] = f"{min(numbers)}-{max(numbers)}" if min(numbers) < max(numbers) else str(numbers[0])
            texts = [turn.text for trajectory in own for turn in trajectory.turns]
            tokens[difficulty] = round(sum(map(len, tokenizer(texts)["input_ids"])) / len(own))
        success = {}
        for faults, trajectories in found.items():
            own = [t for t in trajectories if t.task.task_type == name]
            success[faults] = sum(t.success for t in own) / len(own)
        kinds.append(Kind(task_type=name, calls=calls, tokens=tokens, success=success))
    return kinds


def _tables(profiles: Sequence[Profile], kinds: Sequence[Kind]) -> str:
    lines = [
        "faults     success                 reward                  failures  repaired  given up  silent  delivered  calls  minutes  USD"
    ]
    for p in profiles:
        success, reward = (f"{i.mean:.3f} [{i.low:.3f}, {i.high:.3f}]" for i in (p.success, p.reward))
        lines.append(
            f"{p.faults:9}  {success:22}  {reward:22}  {p.failed:8}  {p.repaired:8}  {p.given_up:8}"
            f"  {p.silently_wrong:6}  {p.silently_delivered:9}  {p.calls:5.1f}  {p.virtual_minutes:7.1f}  {p.price_usd:.2f}"
        )
    difficulties = list(kinds[0].calls)
    head = "  ".join(f"{difficulty:>6}" for difficulty in difficulties)
    lines += ["", f"{'task type':30} calls: {head}   tokens: {head}"]
    for kind in kinds:
        calls, tokens = ("  ".join(f"{column[d]:>6}" for d in difficulties) for column in (kind.calls, kind.tokens))
        lines.append(f"{kind.task_type:30}        {calls}           {tokens}")
    return "\n".join(lines)

"""Samples for reinforcement learning: episodes played by groups and kept as token ids, masks and log-probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policies.chat import Chat
from policies.language_model import Generate, LanguageModelPolicy, TokenPolicy
from visgenenv import chance
from visgenenv.conversation import Conversation
from visgenenv.episodes import advance, habits, make
from visgenenv.errors import ConfigError
from visgenenv.tasks.sources import as_task
from visgenenv.types import JSONObject, Task, Trajectory


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSample:
    """One episode as a trainer needs it; `ids`, `mask` and `logprobs` have one entry a token after the prompt."""

    prompt_ids: tuple[int, ...]
    """The opening: system message and task, up to where the policy's first turn begins."""
    ids: tuple[int, ...]
    """Everything after, in order, as it was sampled or read: never decoded and tokenised again."""
    mask: tuple[int, ...]
    """1: a token of the policy (the end of its turn included), 0: one of the environment."""
    logprobs: tuple[float, ...]
    """Natural logarithm of the probability with which a token was sampled; 0.0 for the environment's."""
    reward: float | None
    """None: masked. The sample stays in its place, and is inert."""
    parts: dict[str, float | None]
    """The reward's parts by name; empty where it is masked."""
    group: int
    """Members of a group share task and luck; their mean is the baseline."""
    success: bool
    trajectory: Trajectory
    """The whole record, with the reasons of every part."""
    rescored: bool = False
    """Whether its reward came out the same from the record as it is stored (see `trainers.rescoring`)."""

    @property
    def masked(self) -> bool:
        """Whether the reward was unavailable, through no fault of the policy."""
        return self.reward is None


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode to be played."""

    task: Task
    chance_seed: int
    group: int
    member: int


def collect(
    generate: Generate | TokenPolicy,
    tasks: Iterable[Task | JSONObject],
    group_size: int,
    seed: int,
    reward: str | None = None,
    *,
    tokenizer: Any = None,
    batch: int = 128,
    progress: Callable[[int], object] | None = None,
    step: int | None = None,
    **environment: Any,
) -> list[TokenSample]:
    """Play every task `group_size` times with the same luck, and return the samples, a group's members side by side.

    Args:
        generate: a policy of token ids (`policies.language_model.from_folder(…)`), or a function from a batch of
            prompts (lists of token ids) to one `(ids, logprobs)` each, the end token included.
        tasks: what is asked; a task, or its JSON.
        group_size: members of a group.
        seed: of the luck and of a policy's own sampling.
        reward: a name or an expression, as of `vg.reward`; None: the environment's own, `ltr` unless it says otherwise.
        tokenizer: a Hugging Face tokenizer with a chat template; needed beside a plain function.
        batch: episodes played at a time.
        progress: told the number of episodes finished so far.
        step: the training step, which a reward with a schedule needs.
        environment: `env`, the id of an environment of your own, and further arguments of `gymnasium.make`.

    Raises `ConfigError` for a wrong argument. A reward that is unavailable masks its sample and raises nothing.
    """
    if isinstance(group_size, bool) or not isinstance(group_size, int) or group_size < 1:
        raise ConfigError(f"group_size={group_size!r}: expected an integer of at least 1")
    episodes = [
        Episode(as_task(task), chance.below(2**31, seed, "group", group), group, member)
        for group, task in enumerate(tasks)
        for member in range(group_size)
    ]
    if reward is not None:
        environment["reward"] = reward
    return list(play(token_policy(generate, tokenizer), episodes, seed, batch=batch, progress=progress, step=step, **environment))


def token_policy(generate: Generate | TokenPolicy, tokenizer: Any = None) -> TokenPolicy:
    """A policy of token ids from what `collect` is given."""
    if isinstance(generate, TokenPolicy):
        return generate
    if not callable(generate):
        raise ConfigError(f"generate={generate!r}: expected a policy of token ids, or a function from prompts to (ids, logprobs)")
    if tokenizer is None:
        raise ConfigError("generate is a plain function: give its tokenizer too, collect(generate, …, tokenizer=AutoTokenizer…)")
    return TokenPolicy(generate, Chat(tokenizer))


def play(
    policy: TokenPolicy,
    episodes: Sequence[Episode],
    seed: int,
    *,
    batch: int = 128,
    progress: Callable[[int], object] | None = None,
    step: int | None = None,
    **environment: Any,
) -> Iterator[TokenSample]:
    """Play the episodes, `batch` at a time, and yield their samples in order; `step` is the training step."""
    if isinstance(policy, LanguageModelPolicy):
        policy.decoder.forget()  # the weights may have changed since
    environment = {"on_failure": "truncate", **habits(policy), **environment}
    envs = [make(**environment) for _ in range(min(batch, len(episodes)))]
    for start in range(0, len(episodes), batch):
        chunk = episodes[start : start + batch]
        conversations = []
        for env, episode in zip(envs, chunk, strict=False):
            options: JSONObject = {"task": episode.task, "chance_seed": episode.chance_seed}
            if step is not None:
                options["step"] = step
            _, info = env.reset(seed=episode.chance_seed, options=options)
            memory = {"name": (seed, episode.group, episode.member)}
            conversations.append(Conversation(info["task"], episode.chance_seed, info["messages"], info["tools"], memory))
        found: dict[int, Trajectory] = {}
        running = [(envs[number], number, conversation) for number, conversation in enumerate(conversations)]
        while running:
            running, ended = advance(policy, running)
            found |= {number: trajectory for (_, number, _), trajectory in ended}
            if progress is not None:
                progress(start + len(found))
        for number, episode in enumerate(chunk):
            yield _sample(conversations[number].memory, found[number], episode.group)


def _sample(memory: dict[str, Any], trajectory: Trajectory, group: int) -> TokenSample:
    reward = trajectory.reward
    return TokenSample(
        prompt_ids=tuple(memory["prompt_ids"]),
        ids=tuple(memory["ids"]),
        mask=tuple(memory["mask"]),
        logprobs=tuple(memory["logprobs"]),
        reward=None if reward is None else reward.total,
        parts={} if reward is None else {name: None if part is None else part.value for name, part in reward.parts.items()},
        group=group,
        success=trajectory.success,
        trajectory=trajectory,
    )


def logprob_distances(model: Any, samples: Sequence[TokenSample]) -> list[float]:
    """How far each sampled log-probability of the policy's tokens is from that of a plain forward pass."""
    import torch

    found: list[float] = []
    for sample in samples:
        start = len(sample.prompt_ids)
        ids = torch.tensor([[*sample.prompt_ids, *sample.ids]])
        with torch.inference_mode():
            scores = torch.log_softmax(model(input_ids=ids).logits[0, start - 1 : -1].float(), dim=-1)
        again = scores.gather(1, ids[0, start:, None])[:, 0]
        own = torch.tensor(sample.mask, dtype=torch.bool)
        found += (again - torch.tensor(sample.logprobs))[own].abs().tolist()
    return found

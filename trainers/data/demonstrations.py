"""Demonstrations: episodes of the expert, clean or with systematic flaws that most of them hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from policies.expert import FLAWS, Expert, applicable
from visgenenv import chance
from visgenenv.episodes import Conversation, rollout
from visgenenv.errors import ConfigError
from visgenenv.trajectories import replacing
from visgenenv.types import Task, Trajectory, Wire

SHARD = 500
"""Records of one file; what was interrupted goes on at the first file that is missing."""


class Record(Wire, frozen=True, kw_only=True):
    """One conversation to learn from: a line of a data file."""

    kind: str
    """Task type of a demonstration, or kind of a general task."""
    seed: int
    messages: tuple[dict[str, str], ...]
    flaws: tuple[str, ...] = ()
    """Held by this demonstration."""
    reward: float | None = None
    success: bool | None = None


_DECODER = msgspec.json.Decoder(Record)


class FlawedTeacher:
    """The expert with its flaws drawn task by task: each of `flaws` that would show is held with probability `rate`.

    A flaw held by most demonstrations is what imitation learns; practice under a reward can mend it.
    """

    def __init__(self, flaws: Sequence[str] = (), rate: float = 0.75, seed: int = 0) -> None:
        unknown = [name for name in flaws if name not in FLAWS]
        if unknown:
            raise ConfigError(f"flaws={list(flaws)!r}: no flaw {unknown[0]!r}; expected names of {', '.join(FLAWS)}")
        if not 0 <= rate <= 1:
            raise ConfigError(f"flaw_rate={rate!r}: expected a share from 0 to 1")
        self._flaws, self._rate, self._seed = tuple(flaws), rate, seed
        self._experts: dict[tuple[str, ...], Expert] = {}

    def held(self, task: Task, seed: int) -> tuple[str, ...]:
        """Names of the flaws that this teacher has on a task, keyed by the episode's seed."""
        shows = [name for name in applicable(task) if name in self._flaws]
        return tuple(name for name in shows if chance.unit(self._seed, seed, "flaw", name) < self._rate)

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        """A turn for each conversation."""
        turns = []
        for conversation in conversations:
            flaws = self.held(conversation.task, conversation.seed)
            expert = self._experts.setdefault(flaws, Expert(flaws=flaws))
            turns += expert.act([conversation])
        return turns


def messages_of(trajectory: Trajectory, system: str | None = None) -> tuple[dict[str, str], ...]:
    """A trajectory as the chat messages its policy saw and wrote."""
    messages = [] if system is None else [{"role": "system", "content": system}]
    messages.append({"role": "user", "content": trajectory.opening})
    for turn in trajectory.turns:
        messages.append({"role": "assistant", "content": turn.text})
        if turn.observation:
            messages.append({"role": "user", "content": turn.observation})
    return tuple(messages)


def demonstrate(
    count: int,
    seed: int = 0,
    *,
    first: int = 0,
    tasks: str = "train",
    flaws: Sequence[str] = (),
    flaw_rate: float = 0.75,
    **environment: Any,
) -> list[Record]:
    """Demonstrations of the tasks `first, first+1, …` of a source, without a system prompt; `seed` draws the flaws."""
    teacher = FlawedTeacher(flaws, flaw_rate, seed)
    found = rollout(teacher, count, first, task=tasks, batch=1, system_prompt="none", **environment)
    return [
        Record(
            kind=trajectory.task.task_type,
            seed=trajectory.seed,
            messages=messages_of(trajectory),
            flaws=teacher.held(trajectory.task, trajectory.seed),
            reward=None if trajectory.reward is None else round(trajectory.reward.total, 6),
            success=trajectory.success,
        )
        for trajectory in found
    ]


def write_shards(
    folder: Path, name: str, count: int, make: Callable[[int, int], Sequence[Record]], progress: Callable[[int], object] | None = None
) -> list[Path]:
    """Files `name-00000.jsonl`, … of `count` records made by `make(first, how_many)`; those that stand are kept."""
    paths = []
    for first in range(0, count, SHARD):
        path = folder / f"{name}-{first:06d}.jsonl"
        size = min(SHARD, count - first)
        if not path.exists():
            records = make(first, size)
            with replacing(path) as file:
                file.writelines(msgspec.json.encode(record) + b"\n" for record in records)
        if progress is not None:
            progress(size)
        paths.append(path)
    return paths


def read_shards(folder: Path, name: str) -> list[Record]:
    """All records of a name, in order. Raises `ConfigError` naming file and line."""
    found = []
    for path in sorted(folder.glob(f"{name}-*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                found.append(_DECODER.decode(line))
            except msgspec.DecodeError as error:
                raise ConfigError(f"{path}, line {number}: no record of training data: {error}; delete the file and run again") from error
    return found

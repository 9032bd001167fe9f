"""Demonstrations: episodes of the expert, clean or with systematic flaws that most of them hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any

from policies.expert import FLAWS, Expert, applicable
from trainers.data.records import Record
from trainers.data.words import renamed
from visgenenv import chance
from visgenenv.conversation import Conversation
from visgenenv.episodes import rollout
from visgenenv.errors import ConfigError
from visgenenv.tasks.sources import as_task, resolve_source
from visgenenv.turns import parse
from visgenenv.types import Task, Trajectory


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


class Slipping:
    """A teacher that now and then says a turn wrong and, told so, says it right.

    Who imitates a teacher that never slips has never seen what to do after a slip of its own. A slip is keyed by the
    episode's seed.
    """

    def __init__(self, teacher: Any, share: float, seed: int = 0) -> None:
        if not 0 <= share <= 1:
            raise ConfigError(f"slips={share!r}: expected a share from 0 to 1")
        self._teacher, self._share, self._seed = teacher, share, seed

    def slip(self, seed: int) -> int | None:
        """The turn of an episode that will be a slip, if it has so many turns."""
        random = Random(chance.bits(self._seed, seed, "slip"))
        return random.choice((0, 0, 1, 1, 2)) if random.random() < self._share else None

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        """A turn for each conversation."""
        return [self._turn(conversation) for conversation in conversations]

    def _turn(self, conversation: Conversation) -> str:
        memory = conversation.memory
        meant: str | None = memory.pop("meant", None)
        if meant is not None:
            return meant
        number = sum(message["role"] == "assistant" for message in conversation.messages)
        (turn,) = self._teacher.act([conversation])
        if number != self.slip(conversation.seed):
            return str(turn)
        memory["meant"] = turn
        return garbled(turn, Random(chance.bits(self._seed, conversation.seed, "garbled")), first=number == 0)


def garbled(turn: str, random: Random, first: bool) -> str:
    """A turn as a small model gets it wrong: broken off, a sign or a tag lost or in the wrong place; it never parses."""
    while True:
        start = random.randrange(len(turn) // 3, len(turn))
        tags = [match.span() for match in re.finditer(r"</?(?:think|plan|tool_call|answer)>", turn)]
        here, there = random.choice(tags), random.choice(tags)
        made = random.choice(
            (
                turn[:start],
                turn[:start] + turn[start + random.randint(1, 3) :],
                turn[: here[0]] + turn[here[1] :],
                turn[: here[0]] + turn[there[0] : there[1]] + turn[here[1] :],
                turn[:start] + turn[random.randrange(start) :][: random.randint(4, 40)],
            )
        )
        if parse(made, first=first).errors:
            return made


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
    made_up: float = 0.0,
    slips: float = 0.0,
    **environment: Any,
) -> list[Record]:
    """Demonstrations of the tasks `first, first+1, …` of a source, without a system prompt; `seed` draws the rest.

    `made_up`: share of the tasks that are about words that mean nothing, so that a pupil copies what it reads instead of
    naming what it knows. `slips`: share of the episodes with a turn that does not parse and is then said right; it is in
    the record and among its `unlearned`.
    """
    teacher = FlawedTeacher(flaws, flaw_rate, seed)
    slipping = Slipping(teacher, slips, seed)
    make = resolve_source(tasks, None)
    chosen = [as_task(make(number)) for number in range(first, first + count)]
    for place, task in enumerate(chosen):
        random = Random(chance.bits(seed, "made up", first + place))
        if random.random() < made_up:
            chosen[place] = renamed(task, random)
    found = rollout(slipping, seed=first, tasks=chosen, batch=1, system_prompt="none", **environment)
    return [
        Record(
            kind=trajectory.task.task_type,
            seed=trajectory.seed,
            messages=messages_of(trajectory),
            flaws=teacher.held(trajectory.task, trajectory.seed),
            unlearned=tuple(1 + 2 * number for number, turn in enumerate(trajectory.turns) if turn.parsed.errors),
            reward=None if trajectory.reward is None else round(trajectory.reward.total, 6),
            success=trajectory.success,
        )
        for trajectory in found
    ]

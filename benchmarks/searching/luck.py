"""What operators draw with: a generator that is passed along, and a pool of other scripts and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from rewards.audit.script import Act, Made, Move, Script
from visgenenv.types import Task

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Luck:
    """A generator, and what there is to take from others."""

    generator: np.random.Generator
    scripts: Sequence[Script]
    """Those the search begins with."""
    words: Sequence[str] = field(default=())
    """What the tasks of these scripts name."""

    def below(self, bound: int) -> int:
        """A whole number from 0, less than the bound."""
        return int(self.generator.integers(bound))

    def happens(self, share: float) -> bool:
        """True in this share of the cases."""
        return bool(self.generator.random() < share)

    def one(self, among: Sequence[T]) -> T:
        """One of several."""
        return among[self.below(len(among))]

    def some(self, among: Sequence[T], most: int) -> list[T]:
        """One to `most` of several, none twice."""
        number = 1 + self.below(min(most, len(among)))
        return [among[int(place)] for place in self.generator.permutation(len(among))[:number]]

    def order(self, among: Sequence[T]) -> list[T]:
        """All of them in another order."""
        return [among[int(place)] for place in self.generator.permutation(len(among))]


def another(script: Script) -> Script:
    """A copy to be rewritten, many times as fast as `Script.copy`: the task and plan steps, which nobody changes, are shared."""
    return Script(script.task, script.seed, [act_of(act) for act in script.acts], script.keys)


def act_of(act: Act, by: int = 0) -> Act:
    """A copy of a turn; its calls and all that names them moved on by a number, so that they suit another script."""
    return Act(
        think=act.think,
        plan=None if act.plan is None else list(act.plan),
        moves=[Move(move.key + by, move.tool, moved(move.arguments, by)) for move in act.moves],
        answer=None if act.answer is None else moved(act.answer, by),
        checks=act.checks,
        text=act.text,
    )


def moved(value: Any, by: int = 0) -> Any:
    """A copy of arguments, their `Made` moved on by a number of calls."""
    if isinstance(value, Made):
        return Made(value.call + by, value.place) if by else value
    if isinstance(value, dict):
        return {name: moved(inner, by) for name, inner in value.items()}
    return [moved(inner, by) for inner in value] if isinstance(value, list | tuple) else value


def named_by(task: Task) -> list[str]:
    """All words that a task wants to be shown, heard, written or said."""
    asked = task.requirements
    lines = [*(asked.entities or ()), *(word for part in asked.each or () for word in part), *(asked.drawn or ())]
    lines += [*(asked.subtitles or ()), *asked.tune, *([asked.narration] if asked.narration else [])]
    return list(dict.fromkeys(lines))

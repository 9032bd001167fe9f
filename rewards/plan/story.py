"""How a plan tells a task's story: whether its goals cover what happens, and in the order in which it happens.

Read only where a task tells more than it lists and at least two goals take it up: what is not told in goals may well be told
in the calls. The likeness of a goal to a clause is that of their triples and quadruples of characters, the rarer ones
weighing more, so a paraphrase in wholly other words is not recognised.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rewards.flow import GENERATORS
from visgenenv.types import PlanStep
from visgenenv.words import plain, tokens

if TYPE_CHECKING:
    from rewards.judges.port import Question

LEAST_CLAUSES = 6
"""Of a task's words; fewer make no story."""
LIKE_ENOUGH = 0.2
"""Cosine from which a goal takes a clause up."""
WELL_COVERED = 0.6
"""Mean likeness of the clauses to their likest goals that counts as whole: goals say more briefly what a task tells at length."""
_CLAUSE = re.compile(r"(?<=[.!?,;。！？，；、\n])\s*|\b(?:and|but|while|then|as)\b")
_MOST_CHARS = 4000
_MOST_GOALS = 60
Vector = dict[str, float]


class Telling(NamedTuple):
    """How a plan tells a story."""

    cover: float
    """In [0, 1]: how much of it the goals take up."""
    order: float
    """In [0, 1]: 1 where they do so in its order; a reference that several steps come after is no part of it."""
    points: int
    """Clauses of it that some goal takes up more than any other: pictures or shots that the story is worth."""


def telling(question: Question) -> Telling | None:
    """How the goals of the generating steps tell the task; None where the task lists its things, or the goals do not tell it."""
    task = question.task
    if task.requirements.each or len(task.prompt) < 40:
        return None
    generating: list[tuple[str, PlanStep]] = []
    for step in question.plan.steps[:_MOST_GOALS]:
        spec = question.tools.get(step.tool)
        if spec is not None and spec.category in GENERATORS:
            generating.append((spec.category, step))
    if len(generating) < 2:
        return None
    references = _references([step for _, step in generating])
    goals: dict[str, list[tuple[str, bool]]] = {}
    for category, step in generating:
        goals.setdefault(category, []).append((step.goal[:400], step.id not in references))
    return _told(task.prompt[:_MOST_CHARS], tuple(tuple(own) for own in goals.values()))


def _references(steps: list[PlanStep]) -> frozenset[int]:
    """Ids of steps that several others come right after: they show what is in many points. In a chain each has one such."""
    behind: dict[int, set[int]] = {}
    followers: Counter[int] = Counter()
    for step in steps:
        before = {number for number in step.after if number in behind}
        further = set().union(*(behind[number] for number in before))
        followers.update(before - further)
        behind[step.id] = before | further
    return frozenset(number for number, count in followers.items() if count > 1)


@lru_cache(maxsize=512)
def _told(prompt: str, goals: tuple[tuple[tuple[str, bool], ...], ...]) -> Telling | None:
    """`goals`: of each kind of step, in their order: pictures may all be drawn before the first of them is animated.

    Each with whether its place in the order counts; where none's does, all do.
    """
    clauses = [clause for clause in _CLAUSE.split(prompt) if len(tokens(clause)) >= 3]
    if len(clauses) < LEAST_CLAUSES:
        return None
    counted = [_grams(clause) for clause in clauses]
    documents = Counter(gram for own in counted for gram in own)
    vectors = [_vector(own, documents, len(clauses)) for own in counted]
    likeness = [[(_row(goal, documents, vectors), counts) for goal, counts in own] for own in goals]
    rows = [row for own in likeness for row, _ in own]
    ordered = [[row for row, counts in own if counts] for own in likeness]
    if not any(ordered):
        ordered = [[row for row, _ in own] for own in likeness]
    taken_up = {row.index(max(row)) for row in rows if max(row) >= LIKE_ENOUGH}
    if len(taken_up) < 2:
        return None
    lengths = [len(clause) for clause in clauses]
    covered = sum(length * max(row[n] for row in rows) for n, length in enumerate(lengths)) / sum(lengths)
    return Telling(min(1.0, covered / WELL_COVERED), min(_in_order(own) for own in ordered if own), len(taken_up))


def _in_order(rows: list[list[float]]) -> float:
    """The best that goals can be laid along the clauses without going back, over the best there is at all; squares of likeness."""
    best = [0.0] * len(rows[0])
    for row in rows:
        so_far = 0.0
        for n, value in enumerate(row):
            so_far = max(so_far, best[n])
            best[n] = so_far + value**2
    most = sum(max(row) ** 2 for row in rows)
    return max(best) / most if most else 1.0


def _row(goal: str, documents: Counter[str], vectors: list[Vector]) -> list[float]:
    own = _vector(_grams(goal), documents, len(vectors))
    return [sum(value * vector.get(gram, 0.0) for gram, value in own.items()) for vector in vectors]


def _vector(counted: Counter[str], documents: Counter[str], number: int) -> Vector:
    vector = {gram: (1 + math.log(count)) * (0.3 + math.log((1 + number) / (1 + documents[gram]))) for gram, count in counted.items()}
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {gram: value / length for gram, value in vector.items()}


def _grams(text: str) -> Counter[str]:
    words = plain(text)
    return Counter(words[start : start + size] for size in (3, 4) for start in range(len(words) - size + 1))

"""Atomicity: is the plan cut into single, actionable tasks, and into about as many as an expert's?

VisionCreator, plan facet (4): decomposition atomicity.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rewards.plan.story import telling
from visgenenv.turns import MAX_CALLS
from visgenenv.types import PlanStep, Score
from visgenenv.words import tokens

if TYPE_CHECKING:
    from rewards.judges.port import Question
    from rewards.plan.experts import Lesson

VERSION = "plan.atomic/3"
MAX_GOAL = 40
"""Words (or Chinese characters) of a goal; more is a paragraph, not a task."""
MAX_SHARED = MAX_CALLS
"""Calls that one step may hold: as many as run in one turn."""
SPARE_STEPS = 4
"""Steps beyond an expert's calls that cost nothing."""
_JOINED = re.compile(r";|；|\b(?:and then|then|after that|afterwards|as well as)\b|然后|接着|随后|再[将把用对]", re.IGNORECASE)
_TOOL = re.compile(r"[\w.:-]+")
_ACTS = (
    re.compile(r"\b(?:animat|clip)|动画|视频片段", re.IGNORECASE),
    re.compile(r"\b(?:music|song|soundtrack)|音乐|配乐", re.IGNORECASE),
    re.compile(r"\b(?:narrat|voice)|旁白|配音", re.IGNORECASE),
    re.compile(r"\bsubtitl|字幕", re.IGNORECASE),
    re.compile(r"\b(?:compos|assembl|merge)|合成|拼接", re.IGNORECASE),
    re.compile(r"\b(?:picture|image|photo|draw)|图片|绘制", re.IGNORECASE),
)
MOST_ACTS = 2
"""Kinds of act that one goal may name."""


def atomic(question: Question, lessons: tuple[Lesson, ...]) -> Score:
    """Share of atomic steps, less where there are far fewer steps than an expert's, or more than an expert's calls.

    A step is atomic if it names one tool, has a short goal of its own that holds one act, and a possible number of calls.
    """
    steps, seen, faults = question.plan.steps, set[tuple[str, str]](), []
    for step in steps:
        key = (step.tool, step.goal.strip().casefold())
        fault = _fault(step) or (f"step {step.id} repeats a step above: give that one a larger n" if key in seen else None)
        seen.add(key)
        if fault is not None:
            faults.append(fault)
    broken = len(faults)
    told = telling(question)
    low = max(1, (min(len(lesson.steps) for lesson in lessons) + 1) // 2)
    high = max(lesson.calls + len(lesson.extras) for lesson in lessons) + SPARE_STEPS + (0 if told is None else told.points)
    size = min(1.0, len(steps) / low, high / len(steps))
    if size < 1:
        faults.append(f"{len(steps)} steps; an expert needs {low} to {high}")
    value = (1 - broken / len(steps)) * size
    return Score(value=value, reason="; ".join(faults[:3]) or "every step is one task", version=VERSION)


def _fault(step: PlanStep) -> str | None:
    if not _TOOL.fullmatch(step.tool.strip()):
        return f"step {step.id} names no single tool: {step.tool[:60]!r}"
    fault = _fault_of(step.goal.strip()) if len(step.goal) <= 20 * MAX_GOAL else _TOO_LONG
    if fault is not None:
        return f"step {step.id} {fault}"
    return None if 1 <= step.n <= MAX_SHARED else f"step {step.id} holds {step.n} calls; expected 1 to {MAX_SHARED}"


_TOO_LONG = f"has a goal of more than {MAX_GOAL} words"


@lru_cache(maxsize=4096)  # a policy has few goals and says them often
def _fault_of(goal: str) -> str | None:
    if not goal:
        return "has no goal"
    if len(tokens(goal)) > MAX_GOAL:
        return _TOO_LONG
    if _JOINED.search(goal) or sum(act.search(goal) is not None for act in _ACTS) > MOST_ACTS:
        return f"holds several tasks: {goal[:60]!r}"
    return None

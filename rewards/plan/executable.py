"""Executability: is every step something that the tools, or the model itself, can do?

VisionCreator, plan facet (3): each step is grounded in the available toolset or in what a language model can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewards.flow import is_thought
from visgenenv.turns import MAX_CALLS
from visgenenv.types import PlanStep, Score

if TYPE_CHECKING:
    from rewards.judges.port import Question
    from rewards.plan.experts import Lesson

VERSION = "plan.executable/1"


def executable(question: Question, lessons: tuple[Lesson, ...] = ()) -> Score:
    """Share of steps whose tool exists (or is thinking) and whose number of calls is possible."""
    faults = [fault for step in question.plan.steps if (fault := _fault(step, question)) is not None]
    value = 1 - len(faults) / len(question.plan.steps)
    return Score(value=value, reason="; ".join(faults[:3]) or "every step names a tool that exists", version=VERSION)


def _fault(step: PlanStep, question: Question) -> str | None:
    if step.tool not in question.tools and not is_thought(step.tool):
        return f"step {step.id}: {step.tool[:60]!r} is no tool"
    return None if 1 <= step.n <= MAX_CALLS else f"step {step.id}: {step.n} calls; expected 1 to {MAX_CALLS}"

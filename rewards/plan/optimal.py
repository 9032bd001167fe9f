"""Expert-guided optimality: does the plan hold what an expert's plan for such a task holds, and nothing needless?

VisionCreator, plan facet (5): task-specific best practices (one identity through many shots, cuts on the beat) and the
strategic minimisation of complexity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewards.flow import is_thought, makes
from rewards.plan.experts import ExpertStep, can_do, lesson_for
from visgenenv.types import Score

if TYPE_CHECKING:
    from rewards.judges.port import Question

VERSION = "plan.optimal/3"
SPARE_THOUGHTS = 2
"""Steps without a tool that a plan may hold; more only pad it."""
SPARE_CALLS = 2
"""Planned calls beyond twice an expert's that cost nothing: room for a look or a second try."""


def optimal(question: Question) -> Score:
    """Share of an expert's steps that the plan holds in their place, times leanness.

    A step that is there but before what it should come after counts half. Leanness is the share of steps that serve
    (they make what is asked, or a step that serves is after them), and falls when far more calls are planned than needed.
    What an expert avoids on such a task takes half of the value.
    """
    steps, task, tools = question.plan.steps, question.task, question.tools
    lesson = lesson_for(task)
    faults: list[str] = []
    worths = [worth for step, before in lesson.steps if (worth := _held(step, before, question, faults)) is not None]
    avoided = next((a for a in lesson.avoid if any(can_do(a, step.tool, tools) for step in steps)), None)
    if avoided is not None:
        faults.append(f"{avoided.does[0]} is planned: {avoided.why}")
    idle = _idle(question)
    if idle:
        faults.append(f"step {idle[0]} serves nothing")
    calls = sum(min(max(step.n, 1), 1000) for step in steps)
    enough = 2 * lesson.calls + SPARE_CALLS
    if calls > enough:
        faults.append(f"{calls} calls planned; twice an expert's is {enough - SPARE_CALLS}")
    lean = (1 - len(idle) / len(steps)) * min(1.0, enough / calls)
    value = (sum(worths) / len(worths) if worths else 1.0) * lean * (1.0 if avoided is None else 0.5)
    return Score(value=value, reason="; ".join(faults[:3]) or f"as an expert plans {lesson.type}", version=VERSION)


def _held(step: ExpertStep, after: tuple[ExpertStep, ...], question: Question, faults: list[str]) -> float | None:
    """1 where the plan holds an expert's step in its place, 0.5 where too early, 0 where missing; None where no tool does it."""
    steps, tools = question.plan.steps, question.tools
    last = next((place for place in range(len(steps) - 1, -1, -1) if can_do(step, steps[place].tool, tools)), None)
    if last is None:
        if not any(can_do(step, name, tools) for name in tools):
            return None
        faults.append(f"no step for {step.goal!r}: {step.why}")
        return 0.0
    for before in after:
        first = next((place for place, own in enumerate(steps) if can_do(before, own.tool, tools)), None)
        if first is not None and first > last:
            faults.append(f"{step.goal!r} comes before {before.goal!r}")
            return 0.5
    return 1.0


def _idle(question: Question) -> list[int]:
    """Ids of steps that serve nothing: they do not make what is asked, and no step that serves is after them.

    One look at the result, as the last step, serves; so do thoughts, up to `SPARE_THOUGHTS`.
    """
    steps = question.plan.steps
    serving: set[int] = set()
    idle: list[int] = []
    thoughts = 0
    for step in reversed(steps):
        spec = question.tools.get(step.tool)
        thought = is_thought(step.tool)
        thoughts += thought
        looks = step is steps[-1] and bool(step.after) and (thought or (spec is not None and spec.category == "understanding"))
        if thought and thoughts > SPARE_THOUGHTS:
            idle.append(step.id)
        elif looks or step.id in serving or (spec is not None and question.task.modality in makes(spec)):
            serving.update(step.after)
        else:
            idle.append(step.id)
    return idle[::-1]

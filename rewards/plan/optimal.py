"""Expert-guided optimality: does the plan hold what an expert's plan for such a task holds, and nothing needless?

VisionCreator, plan facet (5): task-specific best practices (one identity through many shots, cuts on the beat) and the
strategic minimisation of complexity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewards.flow import is_thought, makes
from rewards.plan.experts import Lesson, can_do
from rewards.plan.repository import ExpertStep
from rewards.plan.story import telling
from visgenenv.types import Score

if TYPE_CHECKING:
    from rewards.judges.port import Question

VERSION = "plan.optimal/5"
SPARE_THOUGHTS = 2
"""Steps without a tool that a plan may hold; more only pad it."""
SPARE_CALLS = 2
"""Planned calls beyond five quarters of an expert's that cost nothing: room for a second try."""
UNTOLD = 0.3
"""Share of the value that goals lose which take nothing up of the story that others of them tell."""
_FITTING = frozenset(("tool_video_trim_edit", "tool_video_speed_adjust"))
"""What brings a clip to its length: one for each shot costs nothing."""


def optimal(question: Question, lessons: tuple[Lesson, ...]) -> Score:
    """The best agreement with any of the expert plans that the task is compared with (see `experts.lessons_for`).

    Agreement is the share of an expert's steps that the plan holds in their place, times leanness. A step that is there but
    before what it should come after counts half. Leanness is the share of steps that serve (they make what is asked, or a
    step that serves is after them, or this expert too may do them), and falls when more calls are planned than needed.
    What an expert avoids on such a task takes half of the value, and a story that the goals tell only in part some of it.
    """
    told = telling(question)
    points = 0 if told is None else told.points
    value, reason = _agreement(lessons[0], question, points)
    for lesson in lessons[1:]:
        if value >= 1:
            break
        agreed, how = _agreement(lesson, question, points)
        if agreed > value:
            value, reason = agreed, how
    if told is not None and told.cover < 1:
        value *= 1 - UNTOLD * (1 - told.cover)
        reason = f"{reason}; the goals take up {told.cover:.0%} of the story"
    return Score(value=value, reason=reason, version=VERSION)


def _agreement(lesson: Lesson, question: Question, points: int) -> tuple[float, str]:
    """`points`: of a story, each of which is worth a call."""
    steps, tools = question.plan.steps, question.tools
    faults: list[str] = []
    worths = [worth for step, before in lesson.steps if (worth := _held(step, before, question, faults)) is not None]
    avoided = next((a for a in lesson.avoid if any(can_do(a, step.tool, tools) for step in steps)), None)
    if avoided is not None:
        faults.append(f"{avoided.does[0]} is planned: {avoided.why}")
    idle = _idle(question, lesson.extras)
    if idle:
        faults.append(f"step {idle[0]} serves nothing")
    calls, enough = max(1, _calls(question)), 1.25 * (lesson.calls + points) + SPARE_CALLS
    if calls > enough:
        faults.append(f"{calls} calls planned; an expert needs {lesson.calls + points}")
    lean = (1 - len(idle) / len(steps)) * min(1.0, enough / calls)
    # With tools of which none does a step of the expert's, what is asked must still be made.
    held = sum(worths) / len(worths) if worths else float(_made(question))
    value = held * lean * (1.0 if avoided is None else 0.5)
    return value, f"beside {lesson.plan.id}: {'; '.join(faults[:3]) or 'as an expert plans'}"


def _made(question: Question) -> bool:
    specs = (question.tools.get(step.tool) for step in question.plan.steps)
    return any(spec is not None and question.task.modality in makes(spec) for spec in specs)


def _calls(question: Question) -> int:
    """Planned calls, but for a look at each of the others' works and a cut to length for each shot."""
    asked = question.task.requirements
    looks = fits = others = 0
    for step in question.plan.steps:
        number, spec = min(max(step.n, 1), 1000), question.tools.get(step.tool)
        if is_thought(step.tool):
            continue
        if spec is not None and spec.category == "understanding":
            looks += number
        elif spec is not None and spec.original in _FITTING:
            fits += number
        else:
            others += number
    return others + max(0, fits - (asked.count or 1) * (asked.shots or 1)) + max(0, looks - others - fits)


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


def _idle(question: Question, extras: tuple[ExpertStep, ...]) -> list[int]:
    """Ids of steps that serve nothing: they do not make what is asked, and no step that serves is after them.

    One look at the result, as the last step, serves; so do thoughts, up to `SPARE_THOUGHTS`, and one step for each thing
    that the expert may do.
    """
    steps = question.plan.steps
    optional = list(extras)
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
            extra = next((extra for extra in optional if can_do(extra, step.tool, question.tools)), None)
            if extra is None:
                idle.append(step.id)
            else:
                optional.remove(extra)
                serving.update(step.after)
    return idle[::-1]

"""The repository of expert plans: whole, consistent, and itself without fault under every rule."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from msgspec.structs import replace

from rewards import Question, RuleJudge
from rewards.judges.port import FACETS
from rewards.plan.experts import FLAGS, ExpertPlan, Lesson, called_for, can_do, flags, lessons_for, library
from visgenenv.tasks.taxonomy import TASK_TYPES
from visgenenv.tools.catalogue import PAPER36, toolset
from visgenenv.types import Plan, PlanStep, Requirements, Task, TaskInput

TOOLS = dict(toolset())
KINDS = {(kind.modality, kind.name) for kind in TASK_TYPES}
SOUNDS: tuple[dict[str, Any], ...] = (
    {},
    {"audio": ("music",), "music": ("jazz",)},
    {"audio": ("music",), "beat": True},
    {"audio": ("narration",), "narration": "a line"},
    {"audio": ("music", "narration", "sound"), "narration": "a line", "subtitles": ("a line",)},
    {"subtitles": ("a line",)},
)


def situations(plan: ExpertPlan) -> list[Task]:
    """Tasks of a plan's type, with all that may be asked of them, which its flags allow."""
    looks: tuple[dict[str, Any], ...] = ({}, {"consistency": "character"})
    sizes: tuple[dict[str, Any], ...] = ({"count": 1}, {"count": 4}, {"count": 3, "variety": True}, {"count": 2, "drawn": ("SALE",)})
    if plan.modality == "video":
        sizes = ({"count": 1}, {"count": 1, "shots": 4}, {"count": 1, "shots": 12, "duration_s": 60.0}, {"count": 1, "drawn": ("SALE",)})
    sounds = SOUNDS if plan.modality == "video" else ({},)
    found = []
    for look, size, sound, given in itertools.product(looks, sizes, sounds, ((), ("image",), ("video",), ("audio",), ("image", "video"))):
        if given == ("audio",) and "music" not in sound.get("audio", ()):
            continue
        if plan.modality == "image" and given not in ((), ("image",)):
            continue
        uses = {"from_inputs": True} if {"image", "video"} & set(given) else {}
        if given == ("video",) and look:
            continue
        asked = Requirements(**{**size, **look, **sound, **uses})
        inputs = tuple(TaskInput(modality=kind, caption="given") for kind in given)  # type: ignore[arg-type]
        task = Task(modality=plan.modality, task_type=plan.type, prompt=plan.prompts[0], requirements=asked, inputs=inputs)  # type: ignore[arg-type]
        if called_for(plan.when, flags(task)):
            found.append(task)
    return found


def carried_over(lesson: Lesson, task: Task) -> Plan:
    """An expert's lesson as a plan that an agent would write: each step by the first tool that may do it."""
    steps: list[PlanStep] = []
    numbers: dict[str, int] = {}
    asked = task.requirements
    calls = {"task": 1, "item": asked.count or 1, "shot": (asked.count or 1) * (asked.shots or 1)}
    called = [step for step in lesson.plan.steps if called_for(step.when, flags(task))]
    for step in called:
        tool = next(name for does in step.does for name in TOOLS if can_do(replace(step, does=(does,)), name, TOOLS))
        after = tuple(numbers[before.name] for index in (*step.after, *step.takes) if (before := lesson.plan.steps[index]).name in numbers)
        numbers[step.name] = len(steps) + 1
        steps.append(PlanStep(id=len(steps) + 1, tool=tool, goal=step.goal, n=min(calls[step.per], 16), after=after))
    return Plan(steps=tuple(steps))


def test_each_of_the_42_types_has_three_plans_or_more() -> None:
    counted = {kind: [plan for plan in library() if (plan.modality, plan.type) == kind] for kind in KINDS}
    assert {name: len(plans) for (_, name), plans in counted.items() if len(plans) < 3} == {}
    assert {(plan.modality, plan.type) for plan in library()} - KINDS == {(m, f"general_{m}") for m in ("image", "video", "audio", "text")}
    assert len({plan.id for plan in library()}) == len(library())
    assert len({plan.why for plan in library()}) == len(library())


@pytest.mark.parametrize("plan", library(), ids=lambda plan: plan.id)
def test_a_plan_says_what_does_it_when_and_why(plan: ExpertPlan) -> None:
    assert plan.title
    assert plan.why
    assert any(prompt.isascii() for prompt in plan.prompts)
    assert any(not prompt.isascii() for prompt in plan.prompts)
    known = {*TOOLS, *(spec.category for spec in PAPER36)}
    assert len({step.name for step in plan.steps}) == len(plan.steps)
    for step in (*plan.steps, *plan.avoid):
        assert step.why, step
        assert set(step.does) <= known, step
        assert step.does, step
        assert {flag.removeprefix("!") for flag in (*step.when, *plan.when)} <= FLAGS, step
    assert all(step.goal for step in plan.steps)


@pytest.mark.parametrize("plan", library(), ids=lambda plan: plan.id)
def test_a_plan_is_without_fault_wherever_it_may_be_used(plan: ExpertPlan) -> None:
    if plan.type.startswith("general_"):
        return
    tasks = situations(plan)
    assert tasks, f"{plan.when}: no task has these flags"
    judge = RuleJudge()
    for task in tasks:
        lesson = next((one for one in lessons_for(task) if one.plan.id == plan.id), None)
        if lesson is None:
            continue
        own = carried_over(lesson, task)
        for facet, score in zip(FACETS, judge([Question(facet, own, task, TOOLS) for facet in FACETS]), strict=True):
            assert score.value == 1, (facet, score.reason, task.requirements, task.inputs, own)


@pytest.mark.parametrize("plan", library(), ids=lambda plan: plan.id)
def test_a_plan_is_compared_with_somewhere(plan: ExpertPlan) -> None:
    if not plan.type.startswith("general_"):
        assert any(lesson.plan.id == plan.id for task in situations(plan) for lesson in lessons_for(task))


@pytest.mark.parametrize("plan", [plan for plan in library() if plan.modality == "video"], ids=lambda plan: plan.id)
def test_no_plan_of_a_film_forgets_what_may_be_asked(plan: ExpertPlan) -> None:
    """Whatever expert a film is compared with, music, beats, words, subtitles, one look and joining count."""
    for asked, names in (
        ("consistency", {"text_to_image"}),
        ("music", {"tool_music_suno"}),
        ("beat", {"tool_beat_detect"}),
        ("narration", {"tool_tts_generation"}),
        ("sound", {"tool_sound_fx_gen"}),
        ("subtitles", {"tool_subtitle_add_text"}),
        ("joined", {"tool_video_composite"}),
    ):
        wanted = frozenset((asked, "music", "joined", "shots", *plan.when))
        steps = [step for step in plan.steps if not step.may and called_for(step.when, wanted) and names & set(step.does)]
        assert steps or f"!{asked}" in plan.when, asked

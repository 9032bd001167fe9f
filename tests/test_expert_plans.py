"""The repository of expert plans: whole, consistent, and itself without fault under every rule."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from rewards import Question, RuleJudge
from rewards.flow import makes
from rewards.judges.port import FACETS
from rewards.plan import repository
from rewards.plan.experts import Lesson, called_for, can_do, lessons_for
from rewards.plan.repository import FLAGS, ExpertPlan, ExpertStep, flags, library
from visgenenv.errors import ConfigError
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


GIVEN = tuple(tuple(given) for n in range(4) for given in itertools.combinations(("image", "video", "audio"), n))


@cache
def reachable(modality: str, words: frozenset[str]) -> frozenset[tuple[frozenset[str], tuple[str, ...]]]:
    """All that a task can be, as far as these flags tell: its flags, and the modalities it brings along."""
    asked: tuple[dict[str, Any], ...] = (
        {"consistency": "character"},
        {"beat": True},
        {"narration": "a line"},
        {"audio": ("music",)},
        {"audio": ("sound",)},
        {"subtitles": ("a line",)},
        {"drawn": ("SALE",)},
        {"duration_s": 8.0},
        {"shots": 4},
        {"count": 3},
        {"variety": True},
        {"from_inputs": True},
    )
    found = set()
    for chosen in itertools.product((False, True), repeat=len(asked)):
        fields: dict[str, Any] = {}
        for field in itertools.compress(asked, chosen):
            fields |= field if "audio" not in field else {"audio": (*fields.get("audio", ()), *field["audio"])}
        for given in GIVEN:
            inputs = tuple(TaskInput(modality=kind, caption="given") for kind in given)  # type: ignore[arg-type]
            task = Task(modality=modality, prompt="", requirements=Requirements(**fields), inputs=inputs)  # type: ignore[arg-type]
            found.add((flags(task) & words, given))
    return frozenset(found)


def made_by(steps: list[ExpertStep], given: tuple[str, ...]) -> set[str]:
    """What steps make, one after the other, each by the first of its tools; a step that lacks what it needs makes nothing."""
    made: set[str] = set()
    for step in steps:
        spec = next(spec for name, spec in TOOLS.items() if can_do(replace(step, does=step.does[:1]), name, TOOLS))
        if all(need & {*made, *given} for need in spec.needs):
            made |= makes(spec)
    return made


@pytest.mark.parametrize("plan", library(), ids=lambda plan: plan.id)
def test_whatever_is_asked_a_plan_leaves_steps_that_make_it(plan: ExpertPlan) -> None:
    words = frozenset(flag.removeprefix("!") for when in (plan.when, *(step.when for step in plan.steps)) for flag in when)
    for found, given in reachable(plan.modality, words):
        if called_for(plan.when, found):
            needed = [step for step in plan.steps if not step.may and called_for(step.when, found)]
            assert plan.modality in made_by(needed, given), (found, given)


@pytest.mark.parametrize("given", [(), ("audio",)])
@pytest.mark.parametrize("shots", [1, 4])
def test_with_nothing_to_see_to_work_from_the_shots_are_made(shots: int, given: tuple[str, ...]) -> None:
    asked = Requirements(count=1, shots=shots, from_inputs=True)
    inputs = tuple(TaskInput(modality=kind, caption="a song") for kind in given)  # type: ignore[arg-type]
    task = Task(modality="video", task_type="general_video", prompt="a film", requirements=asked, inputs=inputs)
    clips = PlanStep(id=1, tool="tool_text2video_veo", goal="clips", n=shots)
    join = PlanStep(id=2, tool="tool_video_composite", goal="film", after=(1,))
    honest, lone = (Question("optimal", Plan(steps=steps), task, TOOLS) for steps in ((clips, join), (replace(join, after=()),)))
    values = [score.value for score in RuleJudge()([honest, lone])]
    assert values[0] == 1
    assert values[1] <= 0.5


def test_sound_of_any_kind_wants_a_step_that_makes_it() -> None:
    task = Task(modality="audio", prompt="A gentle piece of music")
    judge = RuleJudge()

    def worth(tool: str) -> float:
        return judge([Question("optimal", Plan(steps=(PlanStep(id=1, tool=tool, goal="it"),)), task, TOOLS)])[0].value

    assert worth("tool_music_suno") == 1
    assert worth("tool_text2image_qwen") == 0


def test_what_else_lies_in_the_folder_of_the_plans_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in repository.FOLDER.iterdir():
        if path.name.endswith(".json"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    before = repository.version.__wrapped__()
    (tmp_path / "movies.json~").write_text("{")
    (tmp_path / "folder.json").mkdir()
    monkeypatch.setattr(repository, "FOLDER", tmp_path)
    assert repository.version.__wrapped__() == before
    assert repository.library.__wrapped__() == library()


def test_a_likeness_that_is_just_enough_lends_a_type_its_plans() -> None:
    class Just:
        enough = 0.5

        def __call__(self, text: str) -> dict[int, float]:
            return {next(n for n, plan in enumerate(library()) if plan.type == "movies"): 0.5}

    (lesson, *_) = lessons_for(Task(modality="video", task_type="own", prompt="x"), Just())
    assert lesson.plan.type == "movies"


MOVIES = "movies.json"


def damaged(folder: Path, file: str, path: tuple[Any, ...], value: Any) -> None:
    """Copy the plans into a folder, one of their fields another."""
    for one in repository.FOLDER.iterdir():
        if one.name.endswith(".json"):
            (folder / one.name).write_bytes(one.read_bytes())
    whole = msgspec.json.decode((folder / file).read_bytes())
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (folder / file).write_bytes(msgspec.json.encode(whole))


@pytest.mark.parametrize(
    ("file", "path", "value", "told"),
    [
        (
            MOVIES,
            ("plans", 0, "steps", 0, "does"),
            ["tool_nope"],
            "movies.json, plan '{plan}', step '{step}', does: 'tool_nope' is no tool",
        ),
        (
            MOVIES,
            ("plans", 0, "steps", 0, "when"),
            ["musics"],
            "plan '{plan}', step '{step}', when: 'musics' is no flag.*did you mean music",
        ),
        (MOVIES, ("plans", 0, "steps", 0, "when"), ["!musics"], "step '{step}', when: 'musics' is no flag of a task"),
        (MOVIES, ("plans", 0, "when"), ["beats"], "movies.json, plan '{plan}', when: 'beats' is no flag of a task; did you mean beat"),
        (MOVIES, ("plans", 0, "steps", 0, "practice"), "referense", "plan '{plan}', step '.*', practice: 'referense' is no practice"),
        (MOVIES, ("plans", 0, "steps", 1, "after"), ["nobody"], "plan '{plan}', step '.*', after: 'nobody' is no step above it"),
        (MOVIES, ("plans", 0, "steps", 1, "takes"), ["nobody"], "plan '{plan}', step '.*', takes: 'nobody' is no step above it"),
        (MOVIES, ("plans", 0, "steps", 0), {"name": "idle"}, "plan '{plan}', step 'idle', does: missing"),
        (MOVIES, ("plans", 0, "steps", 0, "wen"), [], "movies.json: .*wen"),
        (MOVIES, ("modality",), "vidoe", "movies.json, modality: 'vidoe' is no modality of practices.json; did you mean video"),
        (MOVIES, ("plans", 0, "avoid"), [{"does": ["tool_nope"]}], r"plan '{plan}', avoid\[0\], does: 'tool_nope' is no tool"),
        ("practices.json", ("steps", "video", "join", "does"), ["tool_nope"], "practices.json, steps of video, practice 'join', does"),
        (
            "practices.json",
            ("steps", "video", "join", "after"),
            ["shot"],
            "practice 'join', after: 'shot' is no practice.*did you mean shots",
        ),
        ("practices.json", ("avoid", "video", 0, "when"), ["musics"], r"practices.json, avoid.video\[0\], when: 'musics'"),
    ],
)
def test_plans_that_name_what_there_is_not_are_refused_with_the_file_the_plan_and_the_field(
    file: str, path: tuple[Any, ...], value: Any, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = next(plan for plan in library() if plan.type == "movies")
    damaged(tmp_path, file, path, value)
    monkeypatch.setattr(repository, "FOLDER", tmp_path)
    told = told.replace("{plan}", first.id.removeprefix("movies/")).replace("{step}", first.steps[0].name)
    with pytest.raises(ConfigError, match=told):
        repository.library.__wrapped__()

"""Expert plans: a repository of reference plans as data, found by type, modality, what the task asks for, and its words.

`expert_plans/` holds a file a task type with at least three plans, each a way that an expert would go and why; steps that all
plans of a modality share stand once, in `practices.json`. A step says what may do it (tools, or a category of interchangeable
generators), when it is called for (flags of the task, "!" negates), what it comes after, and why. The default retriever is
a character TF-IDF of our own, so that no package that happens to be installed changes a reward.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Literal, Protocol

import msgspec

from rewards.plan.likeness import Likeness
from visgenenv.tasks.taxonomy import BY_NAME
from visgenenv.tools.spec import ToolSpec
from visgenenv.types import Task, Wire
from visgenenv.workspace import SEEN

COMPARED = 3
"""Plans that a candidate is compared with."""
_PROMPT_CHARS = 2000
"""Of a task's words, those that its likeness is judged by."""


class ExpertStep(Wire, frozen=True, kw_only=True):
    """One step of an expert's plan."""

    name: str
    does: tuple[str, ...]
    """Tools or generator categories, any of which will do."""
    goal: str = ""
    when: tuple[str, ...] = ()
    """Flags of the task that must hold (`!flag`: must not); empty is always."""
    after: tuple[int, ...] = ()
    """Indices of steps of this plan that come before."""
    takes: tuple[int, ...] = ()
    """Indices of steps whose work may go into it, or be added later."""
    per: Literal["task", "item", "shot"] = "task"
    """A call a task, a deliverable, or a shot of a deliverable."""
    may: bool = False
    """Helps, and nobody lacks it."""
    why: str = ""


class ExpertPlan(Wire, frozen=True, kw_only=True):
    """One way to carry out tasks of a type."""

    id: str
    """`music_videos/on_the_beat`."""
    type: str
    modality: str
    title: str
    why: str
    """When an expert goes this way, and what for."""
    when: tuple[str, ...] = ()
    """Flags of the task that must hold for this way."""
    prompts: tuple[str, ...]
    """Tasks it would serve, in English and Chinese."""
    steps: tuple[ExpertStep, ...]
    avoid: tuple[ExpertStep, ...] = ()
    """What an expert does not do, and when."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """An expert plan cut to one task."""

    plan: ExpertPlan
    steps: tuple[tuple[ExpertStep, tuple[ExpertStep, ...]], ...]
    """Steps that the task calls for, each with those it comes after; what may be done and needs not be is left out."""
    extras: tuple[ExpertStep, ...]
    """What may be done."""
    avoid: tuple[ExpertStep, ...]
    calls: int
    """Calls an expert would plan; at least 1."""


class _StepData(Wire, frozen=True, kw_only=True):
    """A step as it is written: what a practice says may be left out."""

    name: str | None = None
    practice: str | None = None
    does: tuple[str, ...] | None = None
    goal: str | None = None
    when: tuple[str, ...] | None = None
    after: tuple[str, ...] | None = None
    """Names of steps above it; of a practice's own, those that the plan holds."""
    takes: tuple[str, ...] | None = None
    """Likewise."""
    per: Literal["task", "item", "shot"] | None = None
    may: bool = False
    why: str | None = None


class _PlanData(Wire, frozen=True, kw_only=True):
    id: str
    title: str
    why: str
    when: tuple[str, ...] = ()
    prompts: tuple[str, ...]
    steps: tuple[_StepData, ...]
    avoid: tuple[_StepData, ...] = ()


class _TypeFile(Wire, frozen=True, kw_only=True):
    type: str
    modality: str
    plans: tuple[_PlanData, ...]


class _Practices(Wire, frozen=True, kw_only=True):
    """By modality: steps that plans share, and what nobody does."""

    steps: dict[str, dict[str, _StepData]]
    avoid: dict[str, tuple[_StepData, ...]]


_FOLDER = files("rewards.plan").joinpath("expert_plans")


@cache
def library() -> tuple[ExpertPlan, ...]:
    """All expert plans, by type in alphabetical order."""
    written = _written()
    practices = msgspec.json.decode(written.pop("practices.json"), type=_Practices)
    kinds = [msgspec.json.decode(text, type=_TypeFile) for text in written.values()]
    return tuple(_read(plan, kind, practices) for kind in kinds for plan in kind.plans)


@cache
def version() -> str:
    """A digest of all plans as they are written."""
    digest = blake2b(digest_size=4)
    for name, text in _written().items():
        digest.update(name.encode() + b"\0" + text)
    return f"expert_plans/{digest.hexdigest()}"


def _written() -> dict[str, bytes]:
    """The files of plans by name, in alphabetical order; nothing else that lies in their folder."""
    found = (path for path in _FOLDER.iterdir() if path.name.endswith(".json") and path.is_file())
    return {path.name: path.read_bytes() for path in sorted(found, key=lambda path: path.name)}


def _read(data: _PlanData, kind: _TypeFile, practices: _Practices) -> ExpertPlan:
    shared = practices.steps.get(kind.modality, {})
    steps: list[ExpertStep] = []
    for step in data.steps:
        steps.append(_step(step, shared, [one.name for one in steps]))
    avoid = (*data.avoid, *practices.avoid.get(kind.modality, ()))
    return ExpertPlan(
        id=f"{kind.type}/{data.id}",
        type=kind.type,
        modality=kind.modality,
        title=data.title,
        why=data.why,
        when=data.when,
        prompts=data.prompts,
        steps=tuple(steps),
        avoid=tuple(_step(step, shared, []) for step in avoid),
    )


def _step(data: _StepData, shared: Mapping[str, _StepData], above: list[str]) -> ExpertStep:
    base = shared[data.practice] if data.practice is not None else _StepData()
    name = data.name or data.practice or ""

    def places(own: tuple[str, ...] | None, inherited: tuple[str, ...] | None) -> tuple[int, ...]:
        return tuple(above.index(one) for one in (own if own is not None else inherited or ()) if own is not None or one in above)

    return ExpertStep(
        name=name,
        does=data.does or base.does or (),
        goal=data.goal or base.goal or "",
        when=data.when if data.when is not None else base.when or (),
        after=places(data.after, base.after),
        takes=places(data.takes, base.takes),
        per=data.per or base.per or "task",
        may=data.may,
        why=data.why or base.why or "",
    )


def flags(task: Task) -> frozenset[str]:
    """What a task asks for and brings along, as the words that expert plans use."""
    return frozenset(name for name, holds in _told(task).items() if holds)


def _told(task: Task) -> dict[str, bool]:
    """`seen_input`: to be worked from is something to see that its tools can take; a song alone gives nothing to see."""
    asked = task.requirements
    audio = asked.audio or ()
    given = {asset.modality for asset in task.inputs}
    music = bool("music" in audio or asked.beat or asked.music or asked.bpm)
    return {
        "consistency": asked.consistency is not None,
        "beat": bool(asked.beat),
        "music": music,
        "narration": asked.narration is not None or "narration" in audio,
        "sound": "sound" in audio,
        "subtitles": bool(asked.subtitles),
        "drawn": bool(asked.drawn),
        "duration": asked.duration_s is not None,
        "shots": (asked.shots or 1) > 1,
        "several": (asked.count or 1) > 1,
        "variety": bool(asked.variety),
        "from_inputs": bool(asked.from_inputs),
        "seen_input": bool(asked.from_inputs) and not given.isdisjoint(SEEN if task.modality == "video" else ("image",)),
        "image_input": "image" in given,
        "video_input": "video" in given,
        "audio_input": "audio" in given,
        "joined": (asked.shots or 1) > 1 or music,
    }


FLAGS = frozenset(_told(Task(modality="image", prompt="")))
"""All words that `when` may hold, with or without "!" before them."""


def called_for(when: tuple[str, ...], found: frozenset[str]) -> bool:
    """Whether the task's flags are those that `when` wants."""
    return all((flag[1:] not in found) if flag.startswith("!") else flag in found for flag in when)


def can_do(step: ExpertStep, tool: str, tools: Mapping[str, ToolSpec[Any]]) -> bool:
    """Whether a tool does an expert's step, by its name or by its category."""
    spec = tools.get(tool)
    return spec is not None and (spec.original in step.does or spec.category in step.does)


class Retriever(Protocol):
    """Tells how like a task's words are to the prompts of expert plans."""

    enough: float
    """Likeness from which the words of an unknown task lend it a type's plans; below it the general plans of its modality serve."""

    def __call__(self, text: str) -> Mapping[int, float]:
        """By a plan's place in `library()`: how like its likest prompt is; plans that share nothing with the text may be left out."""
        ...

    def __hash__(self) -> int:
        """What was found is kept by retriever."""
        ...


def lessons_for(task: Task, retriever: Retriever | None = None) -> tuple[Lesson, ...]:
    """What up to three expert plans say for this very task, the fittest first; at least one.

    Of its type's plans those whose flags hold: the ones made for more of what is asked before the others, then the ones
    whose prompts are likest. A task of no known type is given the type its words are likest to, else the general plans.
    `retriever`: None is the character TF-IDF.
    """
    found, asked = flags(task), task.requirements
    plans = _chosen(task.modality, task.task_type, found, task.prompt[:_PROMPT_CHARS], retriever)
    items, shots = max(asked.count or 1, 1), max(asked.shots or 1, 1)
    return tuple(_lesson(number, found, items, shots) for number in plans)


@cache
def _by_type() -> Mapping[tuple[str, str], tuple[int, ...]]:
    grouped: dict[tuple[str, str], list[int]] = {}
    for number, plan in enumerate(library()):
        grouped.setdefault((plan.modality, plan.type), []).append(number)
    return {kind: tuple(numbers) for kind, numbers in grouped.items()}


@cache
def _likeness() -> Likeness[int]:
    return Likeness([(number, prompt) for number, plan in enumerate(library()) for prompt in plan.prompts])


@lru_cache(maxsize=4096)
def _chosen(modality: str, task_type: str, found: frozenset[str], prompt: str, retriever: Retriever | None) -> tuple[int, ...]:
    plans, kinds = library(), _by_type()
    own = kinds.get((modality, task_type))
    likest: Mapping[int, float] = {}
    if own is None and task_type not in BY_NAME:
        judge = retriever or _likeness()
        likest = judge(prompt)
        near = max((n for n in likest if plans[n].modality == modality), key=lambda n: likest[n], default=None)
        if near is not None and likest[near] >= judge.enough:
            own = kinds[modality, plans[near].type]
    own = own or kinds[modality, f"general_{modality}"]
    fitting = [number for number in own if called_for(plans[number].when, found)]
    if len(fitting) > COMPARED and not likest:
        likest = (retriever or _likeness())(prompt)
    return tuple(sorted(fitting, key=lambda n: (-len(plans[n].when), -likest.get(n, 0.0), n))[:COMPARED])


@lru_cache(maxsize=8192)
def _lesson(number: int, found: frozenset[str], items: int, shots: int) -> Lesson:
    plan = library()[number]
    asked = [step for step in plan.steps if called_for(step.when, found)]
    needed = [step for step in asked if not step.may]
    size = {"task": 1, "item": items, "shot": items * shots}
    return Lesson(
        plan=plan,
        steps=tuple((step, tuple(before for index in step.after if (before := plan.steps[index]) in needed)) for step in needed),
        extras=tuple(step for step in asked if step.may),
        avoid=tuple(step for step in plan.avoid if called_for(step.when, found)),
        calls=max(1, sum(size[step.per] for step in needed)),
    )

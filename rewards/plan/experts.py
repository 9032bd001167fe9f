"""Expert plans: a repository of reference plans as data, found by type, modality, what the task asks for, and its words.

`expert_plans/` holds a file a task type with at least three plans, each a way that an expert would go and why; steps that all
plans of a modality share stand once, in `practices.json`. A step says what may do it (tools, or a category of interchangeable
generators), when it is called for (flags of the task, "!" negates), what it comes after, and why. The default retriever is
a character TF-IDF of our own, so that no package that happens to be installed changes a reward.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from rewards.plan.likeness import Likeness
from visgenenv.errors import ConfigError
from visgenenv.near import did_you_mean
from visgenenv.tasks.taxonomy import BY_NAME
from visgenenv.tools.catalogue import PAPER36
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
    """All expert plans, by type in alphabetical order.

    Raises `ConfigError` with the file, the plan and the field where one of them cannot be read or names what there is not.
    """
    written = _written()
    practices = _decoded("practices.json", written.pop("practices.json", b""), _Practices)
    _check_practices(practices)
    found = []
    for file, text in written.items():
        kind = _decoded(file, text, _TypeFile)
        _known(file, "modality", (kind.modality,), practices.steps, "modality of practices.json")
        found += [_read(plan, kind, practices, f"{file}, plan {plan.id!r}") for plan in kind.plans]
    return tuple(found)


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


_File = TypeVar("_File", _TypeFile, _Practices)
_DOERS = frozenset({*(spec.name for spec in PAPER36), *(spec.category for spec in PAPER36)})
"""All that a step's `does` may hold."""


def _decoded(file: str, text: bytes, kind: type[_File]) -> _File:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise ConfigError(f"expert plans, {file}: {error}") from error


def _known(where: str, field: str, given: Iterable[str] | None, known: Collection[str], what: str) -> None:
    """Raise `ConfigError` where a field holds what there is not."""
    for name in given or ():
        if name not in known:
            raise ConfigError(f"expert plans, {where}, {field}: {name!r} is no {what}{did_you_mean(name, known)}")


def _check(where: str, step: _StepData) -> None:
    _known(where, "does", step.does, _DOERS, "tool or category of tools")
    _check_when(where, step.when)


def _check_when(where: str, when: tuple[str, ...] | None) -> None:
    _known(where, "when", (flag.removeprefix("!") for flag in when or ()), FLAGS, "flag of a task")


def _check_practices(practices: _Practices) -> None:
    """What plans share; of the steps that one comes after, a plan may leave out some."""
    for modality, shared in practices.steps.items():
        for name, step in shared.items():
            where = f"practices.json, steps of {modality}, practice {name!r}"
            _check(where, step)
            _known(where, "after", step.after, shared, f"practice of {modality}")
            _known(where, "takes", step.takes, shared, f"practice of {modality}")
    for modality, avoided in practices.avoid.items():
        for number, step in enumerate(avoided):
            _check(f"practices.json, avoid.{modality}[{number}]", step)


def _read(data: _PlanData, kind: _TypeFile, practices: _Practices, where: str) -> ExpertPlan:
    shared = practices.steps.get(kind.modality, {})
    _check_when(where, data.when)
    steps: list[ExpertStep] = []
    for step in data.steps:
        steps.append(_step(step, shared, [one.name for one in steps], where))
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
        avoid=tuple(_step(step, shared, [], f"{where}, avoid[{number}]") for number, step in enumerate(avoid)),
    )


def _step(data: _StepData, shared: Mapping[str, _StepData], above: list[str], plan: str) -> ExpertStep:
    name = data.name or data.practice or ""
    where = f"{plan}, step {name!r}" if name else plan
    _known(where, "practice", () if data.practice is None else (data.practice,), shared, "practice of practices.json")
    _check(where, data)
    _known(where, "after", data.after, above, "step above it")
    _known(where, "takes", data.takes, above, "step above it")
    base = shared[data.practice] if data.practice is not None else _StepData()
    if not (data.does or base.does):
        raise ConfigError(f"expert plans, {where}, does: missing; expected the tools or categories of tools that may do it")

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

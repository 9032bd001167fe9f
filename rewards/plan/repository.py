"""Expert plans as they are written: read, checked, and put together from what plans share.

`expert_plans/` holds a file a task type with at least three plans, each a way that an expert would go and why; steps that all
plans of a modality share stand once, in `practices.json`. A step says what may do it (tools, or a category of interchangeable
generators), when it is called for (flags of the task, "!" negates), what it comes after, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Literal, TypeVar

import msgspec

from visgenenv.errors import ConfigError
from visgenenv.near import did_you_mean
from visgenenv.tools.catalogue import PAPER36
from visgenenv.types import Task, Wire
from visgenenv.workspace import SEEN


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


class StepData(Wire, frozen=True, kw_only=True):
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


class PlanData(Wire, frozen=True, kw_only=True):
    id: str
    title: str
    why: str
    when: tuple[str, ...] = ()
    prompts: tuple[str, ...]
    steps: tuple[StepData, ...]
    avoid: tuple[StepData, ...] = ()


class TypeFile(Wire, frozen=True, kw_only=True):
    type: str
    modality: str
    plans: tuple[PlanData, ...]


class Practices(Wire, frozen=True, kw_only=True):
    """By modality: steps that plans share, and what nobody does."""

    steps: dict[str, dict[str, StepData]]
    avoid: dict[str, tuple[StepData, ...]]


DOERS = frozenset({*(spec.name for spec in PAPER36), *(spec.category for spec in PAPER36)})
"""All that a step's `does` may hold, of ours."""
FOLDER = files("rewards.plan").joinpath("expert_plans")
SHARED = "practices.json"


Named = Callable[[PlanData, str], tuple[PlanData, frozenset[str]]]
"""Brings a plan's tools to the names they have in an episode, given the plan and its place for messages; and says which these are."""


@cache
def library() -> tuple[ExpertPlan, ...]:
    """All expert plans, by type in alphabetical order.

    Raises `ConfigError` with the file, the plan and the field where one of them cannot be read or names what there is not.
    """
    written, found = _written(), list[ExpertPlan]()
    practices = practices_in(SHARED, written.pop(SHARED, b""))
    for file, text in written.items():
        found += plans_in(file, decoded(file, text, TypeFile), practices)
    return tuple(found)


def practices_in(file: str, text: bytes) -> Practices:
    """What plans share, checked."""
    found = decoded(file, text, Practices)
    _check_practices(file, found)
    return found


def plans_in(file: str, kind: TypeFile, practices: Practices, named: Named | None = None) -> list[ExpertPlan]:
    """The plans of a file, put together with what plans share; `named` brings a user's tools to the names they have in an episode.

    Raises `ConfigError` with the file, the plan and the field for what names what there is not.
    """
    _known(file, "modality", (kind.modality,), practices.steps, "modality of practices.json")
    _once(file, "id", [plan.id for plan in kind.plans])
    found = []
    for plan in kind.plans:
        where, theirs = f"{file}, plan {plan.id!r}", frozenset[str]()
        if named is not None:
            plan, theirs = named(plan, where)
        found.append(_read(plan, kind, practices, where, DOERS | theirs))
    return found


@cache
def version() -> str:
    """A digest of all plans as they are written."""
    digest = blake2b(digest_size=4)
    for name, text in _written().items():
        digest.update(name.encode() + b"\0" + text)
    return f"expert_plans/{digest.hexdigest()}"


def _written() -> dict[str, bytes]:
    """The files of plans by name, in alphabetical order; nothing else that lies in their folder."""
    found = (path for path in FOLDER.iterdir() if path.name.endswith(".json") and path.is_file())
    return {path.name: path.read_bytes() for path in sorted(found, key=lambda path: path.name)}


_FIELDS = (
    "expected an object with type, modality and plans; of a plan id, title, why, prompts, steps, and where needed when, avoid; "
    "of a step name or practice, does, and where needed goal, why, when, after, takes, per (task, item or shot), may"
)
_File = TypeVar("_File", TypeFile, Practices)


def decoded(file: str, text: bytes, kind: type[_File]) -> _File:
    """A file of plans or of what they share; raises `ConfigError` with the file, and with the fields that there are."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise ConfigError(f"expert plans, {file}: {error}; {_FIELDS}") from error


def _known(where: str, field: str, given: Iterable[str] | None, known: Collection[str], what: str) -> None:
    """Raise `ConfigError` where a field holds what there is not."""
    for name in given or ():
        if name not in known:
            hint = did_you_mean(name, known) or (f"; expected one of {', '.join(sorted(known))}" if known else "; there is none")
            raise ConfigError(f"expert plans, {where}, {field}: {name!r} is no {what}{hint}")


def _once(where: str, field: str, given: Sequence[str]) -> None:
    """Raise `ConfigError` where a name stands twice: `after` could mean either."""
    for name in given:
        if given.count(name) > 1:
            raise ConfigError(f"expert plans, {where}, {field}: {name!r} stands twice; expected a name of its own for each")


def _check(where: str, step: StepData, doers: Collection[str] = DOERS) -> None:
    _known(where, "does", step.does, doers, "tool or category of tools")
    _check_when(where, step.when)


def _check_when(where: str, when: tuple[str, ...] | None) -> None:
    _known(where, "when", (flag.removeprefix("!") for flag in when or ()), FLAGS, "flag of a task")


def _check_practices(file: str, practices: Practices) -> None:
    """What plans share; of the steps that one comes after, a plan may leave out some."""
    for modality, shared in practices.steps.items():
        for name, step in shared.items():
            where = f"{file}, steps of {modality}, practice {name!r}"
            _check(where, step)
            _known(where, "after", step.after, shared, f"practice of {modality}")
            _known(where, "takes", step.takes, shared, f"practice of {modality}")
    for modality, avoided in practices.avoid.items():
        for number, step in enumerate(avoided):
            _check(f"{file}, avoid.{modality}[{number}]", step)


def _read(data: PlanData, kind: TypeFile, practices: Practices, where: str, doers: Collection[str]) -> ExpertPlan:
    shared = practices.steps.get(kind.modality, {})
    _check_when(where, data.when)
    for field, text in (("type", kind.type), ("id", data.id), *(("prompts", prompt) for prompt in data.prompts or ("",))):
        if not text.strip():
            raise ConfigError(f"expert plans, {where}, {field}: {text!r}; expected words")
    if not data.steps:
        raise ConfigError(f"expert plans, {where}, steps: none; expected one at least, or any plan would be as good")
    steps: list[ExpertStep] = []
    for step in data.steps:
        steps.append(_step(step, shared, [one.name for one in steps], where, doers))
    _once(where, "steps", [one.name for one in steps if one.name])
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
        avoid=tuple(_step(step, shared, [], f"{where}, avoid[{number}]", doers) for number, step in enumerate(avoid)),
    )


def _step(data: StepData, shared: Mapping[str, StepData], above: list[str], plan: str, doers: Collection[str]) -> ExpertStep:
    name = data.name or data.practice or ""
    where = f"{plan}, step {name!r}" if name else plan
    _known(where, "practice", () if data.practice is None else (data.practice,), shared, "practice of practices.json for this modality")
    _check(where, data, doers)
    _known(where, "after", data.after, above, "step above it")
    _known(where, "takes", data.takes, above, "step above it")
    base = shared[data.practice] if data.practice is not None else StepData()
    if data.does == () or not (data.does or base.does):
        raise ConfigError(f"expert plans, {where}, does: missing; expected the tools or categories of tools that may do it")

    def places(own: tuple[str, ...] | None, inherited: tuple[str, ...] | None) -> tuple[int, ...]:
        return tuple(above.index(one) for one in (own if own is not None else inherited or ()) if own is not None or one in above)

    return ExpertStep(
        name=name,
        does=data.does or base.does or (),
        goal=data.goal or base.goal or name,
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

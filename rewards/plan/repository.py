"""Expert plans as they are written: read, checked, and put together from what plans share.

`expert_plans/` holds a file a task type with at least three plans, each a way that an expert would go and why; steps that all
plans of a modality share stand once, in `practices.json`. A step says what may do it (tools, or a category of interchangeable
generators), when it is called for (flags of the task, "!" negates), what it comes after, and why. A user's own file has the
same form.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from visgenenv.errors import ConfigError, VisGenError
from visgenenv.near import did_you_mean
from visgenenv.tasks.taxonomy import BY_NAME
from visgenenv.tools.catalogue import PAPER36, toolset
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


DOERS = frozenset({*(spec.name for spec in PAPER36), *(spec.category for spec in PAPER36)})
"""All that a step's `does` may hold, of ours."""
_FOLDER = files("rewards.plan").joinpath("expert_plans")
_SHARED = "practices.json"


@cache
def library() -> tuple[ExpertPlan, ...]:
    """All expert plans, by type in alphabetical order.

    Raises `ConfigError` with the file, the plan and the field where one of them cannot be read or names what there is not.
    """
    written, found = _written(), list[ExpertPlan]()
    practices = _practices(written.pop(_SHARED, b""))
    for file, text in written.items():
        found += _plans_in(file, text, practices)
    return tuple(found)


def own_plans(path: str | os.PathLike[str]) -> tuple[tuple[ExpertPlan, ...], str]:
    """A user's plans in a file of the form of ours, or in all such files of a folder; and a digest of them as they are written.

    `does` may also name tools of one's own, as `tools=` names them ("mine:stamp"). A folder's `practices.json` stands in place
    of ours. Raises `ConfigError` as `library` does, where there is no such file or no plan in it, and for a type of ours of
    another modality than it has.
    """
    if not isinstance(path, str | os.PathLike):
        raise ConfigError(f"plans={path!r}: expected a JSON file of expert plans, or a folder of such files")
    path = Path(path)
    try:
        written = {str(file): file.read_bytes() for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])}
    except OSError as error:
        raise ConfigError(f"expert plans, {path}: {error.strerror}; expected a JSON file of plans, or a folder of such files") from error
    digest = blake2b(digest_size=4)
    for text in written.values():
        digest.update(text + b"\0")
    shared = written.pop(str(path / _SHARED), None)
    practices = _practices(_FOLDER.joinpath(_SHARED).read_bytes() if shared is None else shared)
    found = tuple(plan for file, text in written.items() for plan in _plans_in(file, text, practices, own=True))
    if not found:
        raise ConfigError(f"expert plans, {path}: holds none; expected a JSON file of plans, or a folder of such files")
    return found, digest.hexdigest()


def _practices(text: bytes) -> _Practices:
    found = _decoded(_SHARED, text, _Practices)
    _check_practices(found)
    return found


def _plans_in(file: str, text: bytes, practices: _Practices, own: bool = False) -> list[ExpertPlan]:
    kind = _decoded(file, text, _TypeFile)
    _known(file, "modality", (kind.modality,), practices.steps, "modality of practices.json")
    _once(file, "id", [plan.id for plan in kind.plans])
    if own:
        _check_type(file, kind)
    found = []
    for plan in kind.plans:
        where, theirs = f"{file}, plan {plan.id!r}", set[str]()
        if own:
            plan, theirs = _with_own_tools(plan, where)
        found.append(_read(plan, kind, practices, where, DOERS | theirs))
    return found


def _check_type(file: str, kind: _TypeFile) -> None:
    """A user's plans for a type of ours must be found there; a type that is nearly one of ours is told."""
    general = kind.type.startswith("general_")
    if general and kind.type != f"general_{kind.modality}":
        raise ConfigError(f"expert plans, {file}, type: {kind.type!r} of modality {kind.modality!r}; expected 'general_{kind.modality}'")
    ours = BY_NAME.get(kind.type)
    if ours is not None and ours.modality != kind.modality:
        raise ConfigError(f"expert plans, {file}, modality: {kind.modality!r} given, and {kind.type} are of modality {ours.modality!r}")
    if ours is None and not general and (hint := did_you_mean(kind.type, BY_NAME)):
        warnings.warn(f"expert plans, {file}: {kind.type!r} is a type of your own{hint}", stacklevel=2)


def _with_own_tools(plan: _PlanData, where: str) -> tuple[_PlanData, set[str]]:
    """The plan, tools that somebody registered or wrote ("mine:stamp") by the names they have in an episode; and these names."""
    theirs: set[str] = set()

    def named(step: _StepData) -> _StepData:
        does: list[str] = []
        for one in step.does or ():
            names = [one] if one in DOERS else _own_names(one, f"{where}, step {step.name!r}")
            theirs.update(names)
            does += names
        return step if step.does is None else msgspec.structs.replace(step, does=tuple(does))

    return msgspec.structs.replace(plan, steps=tuple(map(named, plan.steps)), avoid=tuple(map(named, plan.avoid))), theirs


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


def _decoded(file: str, text: bytes, kind: type[_File]) -> _File:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise ConfigError(f"expert plans, {file}: {error}") from error


def _known(where: str, field: str, given: Iterable[str] | None, known: Collection[str], what: str) -> None:
    """Raise `ConfigError` where a field holds what there is not."""
    for name in given or ():
        if name not in known:
            hint = did_you_mean(name, known) or f"; expected one of {', '.join(sorted(known))}"
            raise ConfigError(f"expert plans, {where}, {field}: {name!r} is no {what}{hint}")


def _own_names(tool: str, where: str) -> list[str]:
    """Names that a user's tool, or a set of them, has in an episode."""
    try:
        return [spec.original for spec in toolset((tool,)).values()]
    except VisGenError as error:
        what = f"{tool!r} is no tool or category of tools{did_you_mean(tool, DOERS)}, and none of one's own"
        raise ConfigError(f"expert plans, {where}, does: {what}: {error}") from error


def _once(where: str, field: str, given: Sequence[str]) -> None:
    """Raise `ConfigError` where a name stands twice: `after` could mean either."""
    for name in given:
        if given.count(name) > 1:
            raise ConfigError(f"expert plans, {where}, {field}: {name!r} stands twice; expected a name of its own for each")


def _check(where: str, step: _StepData, doers: Collection[str] = DOERS) -> None:
    _known(where, "does", step.does, doers, "tool or category of tools")
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


def _read(data: _PlanData, kind: _TypeFile, practices: _Practices, where: str, doers: Collection[str]) -> ExpertPlan:
    shared = practices.steps.get(kind.modality, {})
    _check_when(where, data.when)
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


def _step(data: _StepData, shared: Mapping[str, _StepData], above: list[str], plan: str, doers: Collection[str]) -> ExpertStep:
    name = data.name or data.practice or ""
    where = f"{plan}, step {name!r}" if name else plan
    _known(where, "practice", () if data.practice is None else (data.practice,), shared, "practice of practices.json")
    _check(where, data, doers)
    _known(where, "after", data.after, above, "step above it")
    _known(where, "takes", data.takes, above, "step above it")
    base = shared[data.practice] if data.practice is not None else _StepData()
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

"""Expert plans of a user's own: read from files of the same form as ours, their tools by name, and what could never serve refused."""

from __future__ import annotations

import difflib
import os
import warnings
from hashlib import blake2b
from pathlib import Path

import msgspec

from rewards.plan.repository import DOERS, FOLDER, SHARED, ExpertPlan, PlanData, StepData, TypeFile, decoded, plans_in, practices_in
from visgenenv.errors import ConfigError, VisGenError
from visgenenv.plugins import shown
from visgenenv.tasks.taxonomy import BY_NAME
from visgenenv.tools.catalogue import toolset

_LIKE = 0.85
"""Likeness of two names from which one is taken for the other misspelt."""


def own_plans(path: str | os.PathLike[str]) -> tuple[tuple[ExpertPlan, ...], str]:
    """A user's plans in a file of the form of ours, or in all such files of a folder; and a digest of them as they are written.

    `does` may also name tools of one's own, as `tools=` names them ("mine:stamp"). A folder's `practices.json` stands in place
    of ours. Raises `ConfigError` with the file, the plan and the field as `repository.library` does, where there is no such
    file or no plan in it, and for plans that would never serve or that any plan would match.
    """
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise ConfigError(f"plans={shown(path)}: expected a JSON file of expert plans, or a folder of such files")
    path = Path(path)
    try:
        written = {str(file): file.read_bytes() for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])}
    except OSError as error:
        told = f"{path.resolve()}: {error.strerror}; expected a JSON file of plans, or a folder of such files"
        raise ConfigError(f"expert plans, {told}") from error
    digest = blake2b(digest_size=4)
    for text in written.values():
        digest.update(text + b"\0")
    shared = str(path / SHARED)
    practices = (
        practices_in(shared, written.pop(shared)) if shared in written else practices_in(SHARED, FOLDER.joinpath(SHARED).read_bytes())
    )
    found: dict[tuple[str, str], ExpertPlan] = {}
    for file, text in written.items():
        kind = decoded(file, text, TypeFile)
        _check_type(file, kind)
        for plan in plans_in(file, kind, practices, _with_own_tools):
            _check(plan, f"expert plans, {file}, plan {plan.id.partition('/')[2]!r}")
            if found.setdefault((plan.modality, plan.id), plan) is not plan:
                raise ConfigError(f"expert plans, {file}, id: {plan.id!r} stands in another file too; expected a name of its own for each")
    if not found:
        raise ConfigError(f"expert plans, {path.resolve()}: holds none; expected a JSON file of plans, or a folder of such files")
    return tuple(found.values()), digest.hexdigest()


def _check_type(file: str, kind: TypeFile) -> None:
    """A user's plans for a type of ours must be found there; a type that is nearly one of ours is told."""
    general = kind.type.startswith("general_")
    if general and kind.type != f"general_{kind.modality}":
        raise ConfigError(f"expert plans, {file}, type: {kind.type!r} of modality {kind.modality!r}; expected 'general_{kind.modality}'")
    ours = BY_NAME.get(kind.type)
    if ours is not None and ours.modality != kind.modality:
        raise ConfigError(f"expert plans, {file}, modality: {kind.modality!r} given, and {kind.type} are of modality {ours.modality!r}")
    near = difflib.get_close_matches(kind.type, BY_NAME, 1, _LIKE)
    if ours is None and near:
        warnings.warn(f"expert plans, {file}: {kind.type!r} is a type of your own; did you mean {near[0]}?", stacklevel=2)


def _check(plan: ExpertPlan, where: str) -> None:
    """Refuse what no task can call for, what any plan would match, and what no plan could."""
    for field, when in (("when", plan.when), *((f"step {step.name!r}, when", step.when) for step in plan.steps)):
        for flag in when:
            if f"!{flag}" in when:
                raise ConfigError(f"{where}, {field}: {flag!r} and '!{flag}' never hold together; leave one of them out")
    needed = [step for step in plan.steps if not step.may]
    if not needed:
        raise ConfigError(f"{where}, steps: all of them may be left out; expected one that may not, or any plan would be as good")
    for step in needed:
        for avoided in plan.avoid:
            if not avoided.when and {*step.does} <= {*avoided.does}:
                raise ConfigError(
                    f"{where}, avoid: {', '.join(step.does)} is what the step {step.name!r} needs; leave it out of one of them"
                )


def _with_own_tools(plan: PlanData, where: str) -> tuple[PlanData, frozenset[str]]:
    """The plan, tools that somebody registered or wrote ("mine:stamp") by the names they have in an episode; and these names."""
    theirs: set[str] = set()

    def named(step: StepData) -> StepData:
        does: list[str] = []
        for one in step.does or ():
            names = [one] if one in DOERS else _own_names(one, f"{where}, step {(step.name or step.practice)!r}")
            theirs.update(names)
            does += names
        return step if step.does is None else msgspec.structs.replace(step, does=tuple(does))

    changed = msgspec.structs.replace(plan, steps=tuple(map(named, plan.steps)), avoid=tuple(map(named, plan.avoid)))
    return changed, frozenset(theirs)


def _own_names(tool: str, where: str) -> list[str]:
    """Names that a user's tool, or a set of them, has in an episode."""
    try:
        return [spec.original for spec in toolset((tool,)).values()]
    except VisGenError as error:
        near = difflib.get_close_matches(tool, DOERS, 1, _LIKE)
        hint = f"; did you mean {near[0]}?" if near else '; a tool of your own is named as `tools=` names it, "module:attribute"'
        why = f": {error}" if ":" in tool else ""
        raise ConfigError(f"expert plans, {where}, does: {tool!r} is no tool or category of tools of ours{hint}{why}") from error

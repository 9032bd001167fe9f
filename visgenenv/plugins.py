"""Names to objects: registered names (entry points) and "module:attribute"."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from visgenenv.errors import PluginError, ShadowedPackage

OWN_PACKAGES = ("benchmarks", "media_db", "policies", "rewards", "trainers", "visgenenv")
_HOME = Path(__file__).resolve().parent.parent


@cache
def _registered(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=f"visgenenv.{group}")}


def names(group: str) -> list[str]:
    """Registered names of a group: tools, backends, tasks, rewards, judges, policies, envs, commands."""
    return sorted(_registered(group))


def load(group: str, name: str) -> Any:
    """The object behind a registered name or a "module:attribute".

    Raises `PluginError` for a name that is neither, `ShadowedPackage` where a user's file hides one of our packages.
    """
    entry = _registered(group).get(name)
    target = entry.value if entry is not None else name
    module_name, separator, attribute = target.partition(":")
    if not separator:
        known = ", ".join(names(group)) or "none"
        raise PluginError(f'{name!r} is no registered name of visgenenv.{group} ({known}) and no "module:attribute"')
    value: Any = import_own(module_name) if module_name.partition(".")[0] in OWN_PACKAGES else _import(module_name, name)
    for part in attribute.split("."):
        if not hasattr(value, part):
            raise PluginError(f"{name!r}: module {module_name!r} ({getattr(value, '__file__', 'built in')}) has no attribute {part!r}")
        value = getattr(value, part)
    return value


def import_own(module: str) -> Any:
    """Import one of our own modules, and make sure that it is ours."""
    package = module.partition(".")[0]
    spec = importlib.util.find_spec(package)
    origin = spec.origin if spec is not None else None
    if origin is None or Path(origin).resolve() != _HOME / package / "__init__.py":
        raise ShadowedPackage(
            f"the package {package!r} of VisGenEnv is hidden by {origin or 'a folder of that name'}: rename that file, "
            f"or run from another folder; ours is {_HOME / package}"
        )
    return importlib.import_module(module)


def _import(module: str, name: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise PluginError(f"{name!r}: cannot import {module!r}: {error}; run from the folder that holds it, or install it") from error

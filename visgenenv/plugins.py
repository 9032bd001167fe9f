"""Names to objects: registered names (entry points) and "module:attribute"."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from visgenenv.errors import MissingExtra, PluginError, ShadowedPackage, VisGenError
from visgenenv.near import did_you_mean

OWN_PACKAGES = ("benchmarks", "media_db", "policies", "rewards", "trainers", "visgenenv")
_FLOORS_BELOW: dict[str, tuple[str, ...]] = {
    "benchmarks": ("trainers", "policies", "rewards", "media_db"),
    "trainers": ("policies", "rewards", "media_db"),
    "policies": ("media_db",),
    "rewards": ("media_db",),
    "visgenenv": ("media_db",),
    "media_db": (),
}
"""The packages that a package imports, visgenenv left out, which is running."""
_EXTRAS = {
    "PIL": "media",
    "accelerate": "train",
    "av": "media",
    "datasets": "train",
    "imageio_ffmpeg": "media",
    "matplotlib": "train",
    "mcp": "mcp",
    "mcp_types": "mcp",
    "openai": "judge",
    "ray": "train",
    "stable_baselines3": "classic",
    "tensordict": "verl",
    "tokenizers": "train",
    "torch": "train",
    "transformers": "train",
    "trl": "train",
    "tyro": "train",
    "verl": "verl",
}
"""Import name of an optional package to the extra that brings it."""
_HOME = Path(__file__).resolve().parent.parent


@cache
def _entries(group: str) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=f"visgenenv.{group}"))


@cache
def _registered(group: str) -> dict[str, EntryPoint]:
    """By name; ours come last, so that nothing that happens to be installed takes a name of ours."""
    return {entry.name: entry for entry in sorted(_entries(group), key=_ours)}


def _ours(entry: EntryPoint) -> bool:
    return is_own(entry.value.partition(":")[0].strip())


def is_own(module: str) -> bool:
    """Whether a module is one of ours, by its name."""
    return module.partition(".")[0] in OWN_PACKAGES


def names(group: str) -> list[str]:
    """Registered names of a group: tools, backends, tasks, rewards, judges, policies, envs, commands."""
    return sorted(_registered(group))


def target(group: str, name: str) -> str:
    """The "module:attribute" behind a registered name."""
    return _registered(group)[name].value


def has_own(group: str, name: str) -> bool:
    """Whether we registered a name."""
    entry = _registered(group).get(name)
    return entry is not None and _ours(entry)


def foreign_names(group: str, name: str) -> tuple[tuple[str, str], ...]:
    """The distributions of others that registered a name, each with the "module:attribute" it stands for there."""
    return tuple(
        (entry.dist.name if entry.dist is not None else "an installed package", entry.value)
        for entry in _entries(group)
        if entry.name == name and not _ours(entry)
    )


def load(group: str, name: str, also: Sequence[str] = ()) -> Any:
    """The object behind a registered name or a "module:attribute"; `also` are names that the caller knows besides.

    Raises `PluginError` for a name that is neither, `ShadowedPackage` where a user's file hides one of our packages.
    """
    if not isinstance(name, str):
        raise PluginError(f'{name!r}: expected a registered name of visgenenv.{group}, or "module:attribute", which workers can load too')
    entry = _registered(group).get(name)
    rivals = dict(foreign_names(group, name))
    if entry is not None and not _ours(entry) and len(rivals) > 1:
        told = " or ".join(f"{target!r} ({package})" for package, target in sorted(rivals.items()))
        raise PluginError(f"{name!r}: two installed packages register that name for visgenenv.{group}; write which one is meant: {told}")
    target = entry.value if entry is not None else name
    module_name, separator, attribute = target.partition(":")
    if not (separator and module_name and attribute):
        known = ", ".join([*also[:1], *names(group)]) or "none"
        hint = did_you_mean(name, [*also, *names(group)])
        raise PluginError(f'{name!r} is no registered name of visgenenv.{group} ({known}) and no "module:attribute"{hint}')
    if module_name.endswith(".py") or "/" in module_name or module_name.startswith("."):
        file = module_name.removesuffix(".py")
        outside = file.startswith((".", "/"))
        advice = f"{Path(file).name}:{attribute}, run from {Path(file).parent}" if outside else f"{file.replace('/', '.')}:{attribute}"
        raise PluginError(f"{name!r}: names a file; expected its module, {advice}")
    value: Any = import_own(module_name) if is_own(module_name) else import_foreign(module_name, name)
    for part in attribute.split("."):
        if not hasattr(value, part):
            where = f"module {module_name!r} ({getattr(value, '__file__', 'built in')})"
            if getattr(getattr(value, "__spec__", None), "_initializing", False):
                raise PluginError(f"{name!r}: {where} is still being imported; make what asks for it below {part!r}")
            near = did_you_mean(part, [one for one in dir(value) if not one.startswith("_")])
            raise PluginError(f"{name!r}: {where} has no attribute {part!r}{near}")
        value = getattr(value, part)
    return value


def import_own(module: str) -> Any:
    """Import one of our own modules, and make sure that it and the floors it stands on are ours.

    Raises `ShadowedPackage` where a user's file hides one of them, `MissingExtra` where its stack is not installed.
    """
    package = module.partition(".")[0]
    for needed in (package, *_FLOORS_BELOW[package]):
        _ensure_ours(needed)
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = missing_extra(error)
        if missing is None and error.name is not None and module.startswith(error.name):
            raise PluginError(f"{module!r}: there is no such module of ours") from error
        if missing is None:
            raise
        raise missing from error


def _ensure_ours(package: str) -> None:
    spec = importlib.util.find_spec(package)
    origin = spec.origin if spec is not None else None
    if origin is None or Path(origin).resolve() != _HOME / package / "__init__.py":
        raise ShadowedPackage(
            f"the package {package!r} of VisGenEnv is hidden by {origin or 'a folder of that name'}: rename that file, "
            f"or run from another folder; ours is {_HOME / package}"
        )


def missing_extra(error: ModuleNotFoundError) -> MissingExtra | None:
    """The error that names the extra a missing package comes with; None for a package of no extra."""
    package = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(package)
    return MissingExtra(package, extra) if extra else None


def import_foreign(module: str, name: str) -> Any:
    """Import somebody else's module, which `name` needs; raises `PluginError` that says what is wrong with it."""
    with foreign(f"{name!r}: importing {module!r}", PluginError, "; mend that module"):
        try:
            return importlib.import_module(module)
        except ImportError as error:
            raise PluginError(f"{name!r}: cannot import {module!r}: {error}; run from the folder that holds it, or install it") from error


@contextmanager
def foreign(what: str, kind: type[VisGenError], advice: str = "") -> Iterator[None]:
    """Run somebody else's code: what it raises and is none of our errors becomes a `kind` that says what failed.

    Code that calls itself without end is blamed on what took up most of the stack, not on what stood on top when it was full.
    """
    try:
        yield
    except VisGenError:
        raise
    except Exception as error:  # it may raise anything; this is the border
        if isinstance(error, RecursionError) and _depth() > sys.getrecursionlimit() // 2:
            raise
        raise blamed(what, error, kind, advice) from error


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def shown(value: object) -> str:
    """A value as a message says it: as Python writes it, or by its name or class where that holds an address."""
    text = repr(value)
    if " at 0x" not in text:
        return text if len(text) <= 200 else f"{text[:200]}…"
    kind = type(value)
    name = getattr(value, "__qualname__", None)
    return f"<{kind.__name__} {name}>" if isinstance(name, str) else f"<an object of {kind.__module__}.{kind.__qualname__}>"


def blamed(what: str, error: Exception, kind: type[VisGenError], advice: str = "") -> VisGenError:
    """What somebody else's code raised, as one of our errors that says what failed."""
    found = kind(f"{what} failed: {type(error).__name__}: {error}{advice}")
    found.__cause__ = error
    return found

"""All tools: the 36 of the paper's Table 9, and the sets a user's own tools join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from visgenenv import plugins
from visgenenv.errors import ConfigError
from visgenenv.tools import audio, composing, editing, image, other, pools, text, understanding, video
from visgenenv.tools.spec import ToolSpec

PAPER36: tuple[ToolSpec[Any], ...] = (
    *text.SPECS,
    *video.FROM_TEXT,
    *image.SPECS,
    *video.FROM_IMAGE,
    *audio.SPECS,
    composing.COMPOSITE,
    editing.POSTPROCESS,
    *composing.SPECS,
    *editing.SPECS,
    *understanding.SPECS,
    *other.SPECS,
)
"""VisionCreator, Table 9 (the table's category labels are misprinted; a tool is typed by what it takes and returns)."""


def toolset(tools: str | Sequence[str] = "paper36") -> Mapping[str, ToolSpec[Any]]:
    """Tools by name for a set's name, one tool's name, a "module:attribute" (a spec or several), or a list of these.

    Sets are `paper36`, `pool/TYPE` (what a task type needs, the automatic pipeline left out), `renamed/SEED` (the 36 under
    made-up names) and `distractors/N` (N tools that help nobody).
    """
    found: dict[str, ToolSpec[Any]] = {}
    entries: Sequence[object] = (tools,) if isinstance(tools, str) else tools
    for entry in entries:
        if not isinstance(entry, str):
            given = getattr(entry, "name", str(entry)[:60])
            raise ConfigError(f"tools: holds {given!r} itself; expected names, of a tool of your own 'module:attribute'")
        for spec in _resolve(entry):
            if spec.name in found and found[spec.name] is not spec:
                raise ConfigError(f"tools={tools!r}: two tools are called {spec.name!r}; rename one")
            found[spec.name] = spec
    if not found:
        raise ConfigError(f"tools={tools!r}: no tool in it; expected 'paper36', a tool's name or 'module:attribute'")
    return MappingProxyType(found)


def catalogue(tools: str | Sequence[str] = "paper36") -> list[ToolSpec[Any]]:
    """The tools of a set, in order."""
    return list(toolset(tools).values())


def _resolve(name: str) -> tuple[ToolSpec[Any], ...]:
    if name == "paper36":
        return PAPER36
    kind, slash, which = name.partition("/")
    if slash and kind in pools.KINDS:
        return pools.KINDS[kind](PAPER36, which)
    for spec in PAPER36:
        if spec.name == name:
            return (spec,)
    value = plugins.load("tools", name, ("paper36", *(spec.name for spec in PAPER36)))
    specs = tuple(value) if isinstance(value, list | tuple) else (value,)
    for spec in specs:
        if not isinstance(spec, ToolSpec):
            raise ConfigError(f"tools={name!r}: holds {plugins.shown(spec)}; expected a ToolSpec or a list of them")
    return specs

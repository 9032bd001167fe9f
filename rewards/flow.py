"""What a tool takes and makes, and what it is for: read from its type and its category."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from visgenenv.tools.catalogue import PAPER36
from visgenenv.tools.spec import ToolSpec

Tools = Mapping[str, ToolSpec[Any]]
_MAKES = {
    "text_to_text": "text",
    "text_to_image": "image",
    "image_to_image": "image",
    "text_to_video": "video",
    "image_to_video": "video",
    "audio_generation": "audio",
    "editing": "video",
    "understanding": "text",
}
_EXCEPTIONS = {"tool_audio_edit_cut": "audio", "tool_beat_detect": "text", "tool_search_inspire": "image"}
ANYTHING = frozenset(("text", "image", "video", "audio"))
GENERATORS = frozenset(("text_to_image", "image_to_image", "text_to_video", "image_to_video"))
"""Categories whose tools stand in for one another."""
_OURS = frozenset(spec.name for spec in PAPER36)
_THINKING = frozenset(("think", "none", "llm", "reason", "answer"))


def is_thought(tool: str) -> bool:
    """Whether a plan's step needs no tool, only the model itself."""
    return tool.strip().casefold() in _THINKING


def makes(spec: ToolSpec[Any]) -> frozenset[str]:
    """Modalities a tool may return; a user's tool of no known category may return anything."""
    found = _EXCEPTIONS.get(spec.original) or _MAKES.get(spec.category)
    if found is not None:
        return frozenset((found,))
    return frozenset(("text",)) if spec.original in _OURS else ANYTHING


def purpose(name: str, tools: Tools) -> str:
    """What a call is for: generators of one category serve one purpose, any other tool its own.

    A name that is no tool serves the purpose of the tool it resembles most, or none ("").
    """
    spec = tools.get(name)
    if spec is None:
        near = _nearest(name[:80], tuple(tools))
        return purpose(near, tools) if near else ""
    return spec.category if spec.category in GENERATORS else spec.original


@lru_cache(maxsize=4096)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    return next(iter(difflib.get_close_matches(name, known, 1, 0.5)), "")

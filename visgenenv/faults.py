"""Seeded faults: what goes wrong with a valid call, through no fault of its form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from visgenenv import chance
from visgenenv.errors import ConfigError
from visgenenv.near import did_you_mean
from visgenenv.tools.spec import ToolArgs, ToolSpec
from visgenenv.types import FaultCode, ToolFault

SCALES = {"none": 0.0, "moderate": 1.0, "severe": 4.0}
"""Multiplier of a tool's own fault rates by profile. Rates are estimates (each tool's `provenance` says from what)."""
TRANSIENT: tuple[FaultCode, ...] = ("rate_limited", "timeout", "malformed_output", "internal_error")
_MESSAGES: dict[str, str] = {
    "rate_limited": "the service is over its rate limit; call again after the given time",
    "timeout": "the service did not answer in time; call again",
    "malformed_output": "the service returned an output that cannot be read; call again",
    "internal_error": "the service failed inside; call again",
    "content_policy": "the words of this call are refused by the content policy; say it otherwise, the same words are refused again",
}
_PLANNED = (*_MESSAGES, "silently_wrong")
_UNSEEN = ("text_to_text", "audio_generation", "understanding")
"""Categories of tools that make only words and sounds."""
_BLIND = (
    *("tool_beat_detect", "tool_audio_edit_cut"),
    *("tool_search_content", "tool_content_summary", "tool_task_manager", "tool_html_builder"),
)
"""Tools of other categories that do."""


class FaultProfile:
    """Decides whether a call fails, or its output is silently wrong: a named profile, or a plan written call by call.

    A plan maps a tool's name to a list of codes, one an attempt, null where the attempt goes well:
    `{"tool_music_suno": ["timeout", null]}`; attempts past the list go well. With `tools`, the names there are, a plan
    that names another is refused with `ConfigError`, since it would pass for a run without faults.
    """

    def __init__(self, faults: str | dict[str, Any] = "none", tools: Collection[str] | None = None) -> None:
        if isinstance(faults, str):
            if faults not in SCALES:
                raise ConfigError(f"faults={faults!r}: expected one of {sorted(SCALES)}, or a plan {{tool: [code or null, …]}}")
            self.scale, self.plan = SCALES[faults], None
        else:
            self.scale, self.plan = 0.0, _checked(faults, tools)
        self.any = bool(self.scale) or self.plan is not None
        """Whether anything can go wrong at all."""

    def wrong(self, spec: ToolSpec[Any], attempt: int, luck: int) -> bool:
        """Whether the outputs of a tool's nth attempt, which went well, are silently wrong; `luck` are 64 bits of its own."""
        if self.plan is not None:
            codes = self.plan.get(spec.name, ())
            return attempt < len(codes) and codes[attempt] == "silently_wrong"
        return luck < spec.faults.get("silently_wrong", 0.0) * self.scale * 2**64

    def draw(self, seed: int, spec: ToolSpec[Any], attempt: int, args: ToolArgs) -> ToolFault | None:
        """The fault of a tool's nth attempt (from 0); transient ones hang on the attempt, content policy on the words."""
        return self.met(seed, spec, attempt, args, chance.words(seed, spec.original, attempt)[1])

    def met(self, seed: int, spec: ToolSpec[Any], attempt: int, args: ToolArgs, luck: int) -> ToolFault | None:
        """The same for whoever has the attempt's 64 bits of luck at hand."""
        if self.plan is not None:
            codes = self.plan.get(spec.name, ())
            code = codes[attempt] if attempt < len(codes) else None
            return _fault(code, seed, spec.original, attempt) if code and code != "silently_wrong" else None
        if not self.scale or not spec.faults:
            return None
        refused = spec.faults.get("content_policy", 0.0) * self.scale
        if refused and chance.unit(seed, spec.original, _words(spec, args), "content_policy") < refused:
            return _fault("content_policy", seed, spec.original, attempt)
        left = luck / 2**64
        for code in TRANSIENT:
            left -= spec.faults.get(code, 0.0) * self.scale
            if left < 0:
                return _fault(code, seed, spec.original, attempt)
        return None


def can_be_wrong(spec: ToolSpec[Any]) -> bool:
    """Whether a tool may make pictures or videos, which alone can be silently wrong."""
    return spec.category not in _UNSEEN and spec.original not in _BLIND


def _words(spec: ToolSpec[Any], args: ToolArgs) -> str:
    return msgspec.json.encode([getattr(args, name) for name in spec.words], order="sorted").decode()


def _fault(code: FaultCode, seed: int, tool: str, attempt: int) -> ToolFault:
    wait = 1000 * (2 + chance.below(29, seed, tool, attempt, "retry")) if code == "rate_limited" else None
    return ToolFault(code=code, message=_MESSAGES[code], retry_after_ms=wait)


def _checked(plan: dict[str, Any], tools: Collection[str] | None) -> dict[str, list[FaultCode | None]]:
    if not isinstance(plan, dict):
        raise ConfigError(f"faults={plan!r}: expected one of {sorted(SCALES)}, or a plan {{tool: [code or null, …]}}")
    for tool, codes in plan.items():
        if not isinstance(codes, list) or any(code is not None and code not in _PLANNED for code in codes):
            raise ConfigError(f"faults[{tool!r}]={codes!r}: expected a list of codes or null, codes from {sorted(_PLANNED)}")
        spec = tools.get(tool) if isinstance(tools, Mapping) else None
        if spec is not None and "silently_wrong" in codes and not can_be_wrong(spec):
            raise ConfigError(f"faults[{tool!r}]: 'silently_wrong' is for tools that make pictures or videos; it would do nothing here")
        if tools is not None and tool not in tools:
            raise ConfigError(f"faults[{tool!r}]: no such tool; expected one of the {len(tools)} in use{did_you_mean(tool, tools)}")
    return plan

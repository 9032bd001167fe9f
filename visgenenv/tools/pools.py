"""Sets of tools for tests of generalisation: what a task type needs, the 36 under other names, tools that help nobody."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta

from visgenenv import chance
from visgenenv.errors import ConfigError
from visgenenv.tasks.taxonomy import BY_NAME
from visgenenv.tools.spec import AnyHandle, CallContext, ToolArgs, ToolSpec
from visgenenv.types import Asset, ToolResult

Specs = tuple[ToolSpec[Any], ...]
_MOVING = frozenset(("text_to_video", "image_to_video", "audio_generation", "editing"))
_SHORT_CUT = "tool_video_auto_pipeline"


@lru_cache(maxsize=128)
def pool(specs: Specs, which: str) -> Specs:
    """The tools that a task type (or "image", "video") needs: for pictures none that move or sound, never the automatic pipeline."""
    modality = which if which in ("image", "video") else None
    if modality is None and which not in BY_NAME:
        raise ConfigError(f"tools='pool/{which}': expected pool/image, pool/video or pool/ and a task type, such as pool/movies")
    video = (modality or BY_NAME[which].modality) == "video"
    return tuple(spec for spec in specs if spec.name != _SHORT_CUT and (video or spec.category not in _MOVING))


@lru_cache(maxsize=128)
def renamed(specs: Specs, which: str) -> Specs:
    """The tools under made-up names, another set of names for each seed; laws, words and scores stay as they are."""
    seed = _number("renamed", which, 0)
    names: dict[str, None] = {}
    turn = 0
    while len(names) < len(specs):
        names[f"tool_{''.join(_syllable(seed, turn, n) for n in range(3))}"] = None
        turn += 1
    return tuple(dataclasses.replace(spec, name=name, renames=spec.original) for spec, name in zip(specs, names, strict=True))


def _syllable(seed: int, turn: int, n: int) -> str:
    onset, vowel = "bdfgklmnprstvz", "aeiou"
    first, second = (chance.below(len(letters), "renamed", seed, turn, n, letters) for letters in (onset, vowel))
    return onset[first] + vowel[second]


class _Idle(ToolArgs, frozen=True):
    """Look at an asset and give a note on it."""

    asset: AnyHandle | None = None
    request: Annotated[str, Meta(max_length=2000)] = ""


def _note(args: _Idle, context: CallContext) -> ToolResult:
    return ToolResult(assets=(Asset(modality="text", kind="note", text="Noted.", caption=args.request[:200]),))


_IDLE = {
    "tool_palette_suggest": "Suggest a colour palette for a request.",
    "tool_font_match": "Name a font that fits an asset.",
    "tool_trend_report": "Report what is popular this week.",
    "tool_brand_check": "Check a request against brand guidelines.",
    "tool_audience_guess": "Guess who will like an asset.",
    "tool_caption_rate": "Rate how catchy a caption is.",
    "tool_hashtag_list": "List hashtags for an asset.",
    "tool_license_lookup": "Look up the licence of an asset.",
    "tool_budget_estimate": "Estimate what a campaign may cost.",
    "tool_schedule_post": "Plan when to publish an asset.",
    "tool_translate_text": "Translate a request into another language.",
    "tool_file_rename": "Rename the file behind an asset.",
    "tool_metadata_read": "Read the metadata of an asset.",
    "tool_similar_find": "Find assets that look like one.",
    "tool_watermark_detect": "Tell whether an asset bears a watermark.",
    "tool_quality_rate": "Rate the quality of an asset from 1 to 5.",
    "tool_story_rate": "Rate how well a request tells a story.",
    "tool_mood_tag": "Tag the mood of an asset.",
    "tool_spell_check": "Check the spelling of a request.",
    "tool_idea_shuffle": "Shuffle the ideas in a request.",
    "tool_client_mail": "Draft a mail to the client.",
    "tool_meeting_notes": "Take notes of a meeting about an asset.",
    "tool_backup_store": "Store a copy of an asset.",
    "tool_share_link": "Make a link to share an asset.",
}


@lru_cache(maxsize=128)
def distractors(specs: Specs, which: str) -> Specs:
    """The first N of 24 tools that sound useful, take any asset or words, and make nothing that a task asks for."""
    number = _number("distractors", which, 1)
    if number > len(_IDLE):
        raise ConfigError(f"tools='distractors/{which}': expected 1 to {len(_IDLE)}")
    found = []
    for name, words in list(_IDLE.items())[:number]:
        args = type(name.title().replace("_", ""), (_Idle,), {"__doc__": words, "__annotations__": {}}, frozen=True)
        found.append(ToolSpec(name=name, args=args, effect=_note, latency_s=(1, 3), provenance="own design; a distractor"))
    return tuple(found)


def _number(kind: str, which: str, least: int) -> int:
    if not which.isdecimal() or not which.isascii() or int(which) < least:
        raise ConfigError(f"tools='{kind}/{which}': expected {kind}/ and an integer of at least {least}")
    return int(which)


KINDS: Mapping[str, Callable[[Specs, str], Specs]] = {"pool": pool, "renamed": renamed, "distractors": distractors}
"""By what stands before the slash."""

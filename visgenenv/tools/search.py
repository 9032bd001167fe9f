"""The two search tools: craft notes by word overlap in a small local corpus, and references to be inspired by."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from visgenenv.tools.spec import CallContext, ToolArgs, ToolSpec
from visgenenv.types import Asset, FaultCode, ToolResult

_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
_COMMON = "a an and are as at be by for from how i in is it of on or that the this to what with 的 了 和 是 在 怎 么 如 何"
_STOP = frozenset(_COMMON.split())


def words_of(text: str) -> list[str]:
    """Lower-case words and single Chinese characters, without the commonest."""
    return [word for word in _WORD.findall(text.lower()) if word not in _STOP]


class SearchContent(ToolArgs, frozen=True):
    """Search notes on the craft of images, film and sound (a small local corpus, not the web)."""

    query: Annotated[str, Meta(min_length=1, max_length=400)]
    max_results: Annotated[int, Meta(ge=1, le=20)] = 5
    search_depth: Literal["basic", "advanced", "fast", "ultra-fast"] = "basic"
    topic: Literal["general", "news", "finance"] = "general"
    include_images: bool = False


class Note(msgspec.Struct, frozen=True):
    """A craft note; `also` holds further words it is found by, not shown."""

    slug: str
    title: str
    content: str
    also: str


@cache
def notes() -> tuple[tuple[Note, frozenset[str]], ...]:
    """The corpus, and the words each note is found by."""
    data = (files("visgenenv.tools") / "craft_notes.json").read_bytes()
    return tuple(
        (note, frozenset(words_of(f"{note.title} {note.content} {note.also}"))) for note in msgspec.json.decode(data, type=list[Note])
    )


def _search(args: SearchContent, context: CallContext) -> ToolResult:
    asked = set(words_of(args.query))
    scored = [(len(asked & words) / len(asked), n, note) for n, (note, words) in enumerate(notes())] if asked else []
    best = sorted((entry for entry in scored if entry[0]), key=lambda entry: (-entry[0], entry[1]))[: args.max_results]
    found = [
        {"title": note.title, "url": f"local:{note.slug}", "content": note.content, "score": round(score, 3)} for score, _, note in best
    ]
    text = msgspec.json.encode(found).decode()
    return ToolResult(assets=(Asset(modality="text", kind="search", text=text, caption=args.query),))


class SearchInspire(ToolArgs, frozen=True):
    """Find images, videos or texts to be inspired by: references for other tools, not works to deliver."""

    query: Annotated[str, Meta(min_length=1, max_length=400)]
    modality: Literal["image", "video", "text"] = "image"
    max_results: Annotated[int, Meta(ge=1, le=20)] = 6


_LOOKS = (
    "soft morning light, wide composition",
    "close view, shallow focus",
    "flat illustration, few colours",
    "night, strong contrast",
    "seen from above, ordered",
    "warm studio light, plain background",
    "misty, pale colours",
    "bold shapes, bright accent",
)
_SHAPES = ((1280, 720), (1024, 1024), (720, 1280), (1152, 864))


def _inspire(args: SearchInspire, context: CallContext) -> ToolResult:
    found = []
    for n in range(args.max_results):
        luck = context.bits(f"reference{n}")
        caption = f"{args.query}: {_LOOKS[luck % len(_LOOKS)]}"
        if args.modality == "text":
            found.append(Asset(modality="text", kind="reference", text=caption, caption=caption))
            continue
        width, height = _SHAPES[luck // 8 % len(_SHAPES)]
        if args.modality == "image":
            found.append(Asset(modality="image", kind="reference", width=width, height=height, caption=caption))
            continue
        seconds = 3 + luck // 64 % 6
        found.append(
            Asset(
                modality="video",
                kind="reference",
                width=width,
                height=height,
                frames=24 * seconds,
                fps_milli=24_000,
                duration_ms=1000 * seconds,
                caption=caption,
            )
        )
    return ToolResult(assets=tuple(found))


def _faults(empty: float) -> dict[FaultCode, float]:
    return {"rate_limited": 0.01, "timeout": 0.01, "malformed_output": empty}


SPECS: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_search_content",
        args=SearchContent,
        effect=_search,
        category="other",
        latency_s=(2, 6),
        price_microusd=lambda args, _: 16_000 if args.search_depth == "advanced" else 8_000,
        faults=_faults(0.02),
        provenance="price: vendor's docs (0.008 USD a credit, one or two a search); parameters: docs; latency: estimate; "
        "faults: estimate, an empty result counts as malformed",
    ),
    ToolSpec(
        name="tool_search_inspire",
        args=SearchInspire,
        effect=_inspire,
        category="other",
        latency_s=(2, 6),
        price_microusd=8_000,
        faults=_faults(0.05),
        provenance="estimate; an empty result counts as malformed",
    ),
)

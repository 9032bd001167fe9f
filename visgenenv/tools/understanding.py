"""Tools that look and listen: answers taken from what made an asset and from its attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from visgenenv.tools.spec import AudioHandle, CallContext, ImageHandle, ToolArgs, ToolSpec, VideoHandle
from visgenenv.types import Asset, JSONObject, ToolResult

Question = Annotated[str, Meta(max_length=4000)]
_WORD = re.compile(r"[a-z0-9][a-z0-9'-]{2,}|[\u3400-\u9fff]{2,}")


class VideoAnalysis(ToolArgs, frozen=True):
    """Ask about one to ten videos; with a json_schema the answer has its properties."""

    video: Annotated[tuple[VideoHandle, ...], Meta(min_length=1, max_length=10)]
    question: Question = "Describe the content."
    json_schema: dict[str, Any] | None = None


class AudioAnalysis(ToolArgs, frozen=True):
    """Ask about one to ten sounds; with a json_schema the answer has its properties."""

    audio: Annotated[tuple[AudioHandle, ...], Meta(min_length=1, max_length=10)]
    question: Question = "Describe the content."
    json_schema: dict[str, Any] | None = None


class ImageAnalysis(ToolArgs, frozen=True):
    """Ask about one to sixteen images; with a json_schema the answer has its properties."""

    images: Annotated[tuple[ImageHandle, ...], Meta(min_length=1, max_length=16)]
    question: Question = "Describe the content."
    json_schema: dict[str, Any] | None = None


def shown(asset: Asset, assets: Mapping[str, Asset]) -> str:
    """What an asset shows: its own caption, or those of what it was made from."""
    return asset.caption or "; ".join(dict.fromkeys(assets[name].caption for name in asset.parents if name in assets))


def facts(asset: Asset, assets: Mapping[str, Asset], limit: int = 400) -> JSONObject:
    """All that can be seen or heard of an asset; texts are cut to `limit` characters."""
    found: JSONObject = {"handle": asset.handle, "shows": shown(asset, assets)[:limit]}
    if asset.width:
        found |= {"width": asset.width, "height": asset.height}
    if asset.duration_ms:
        found["seconds"] = asset.duration_ms / 1000
    if asset.modality == "video":
        found |= {"shots": asset.shots, "fps": asset.fps_milli / 1000}
    if asset.modality != "image":
        found["audio"] = list(asset.audio)
    if asset.bpm_milli:
        found["bpm"] = asset.bpm_milli / 1000
    for name, texts in (("written", asset.drawn), ("subtitles", asset.subtitles), ("spoken", asset.spoken)):
        if texts:
            found[name] = [text[:limit] for text in texts[:10]]
    return found


def _answer(handles: Sequence[str], args: VideoAnalysis | AudioAnalysis | ImageAnalysis, context: CallContext) -> ToolResult:
    limit = max(40, 800 // len(handles))
    seen = [facts(context.assets[handle], context.assets, limit) for handle in dict.fromkeys(handles)]
    properties = (args.json_schema or {}).get("properties")
    if isinstance(properties, dict):
        seen = [{str(name)[:60]: found.get(name) for name in list(properties)[:20]} for found in seen]
    answer: JSONObject = {"answer": seen}
    asked = set(_WORD.findall(args.question.lower()))
    if asked and args.question != "Describe the content.":
        there = " ".join(_texts(context.assets[handle], context.assets) for handle in handles).lower()
        answer["mentioned"] = sorted(word for word in asked if word in there)[:12]
    text = msgspec.json.encode(answer).decode()
    return ToolResult(assets=(Asset(modality="text", kind="answer", text=text, caption=args.question[:200]),))


def _texts(asset: Asset, assets: Mapping[str, Asset]) -> str:
    return " ".join((shown(asset, assets), *asset.drawn, *asset.subtitles, *asset.spoken))


def _watch(args: VideoAnalysis, context: CallContext) -> ToolResult:
    return _answer(args.video, args, context)


def _listen(args: AudioAnalysis, context: CallContext) -> ToolResult:
    return _answer(args.audio, args, context)


def _look(args: ImageAnalysis, context: CallContext) -> ToolResult:
    return _answer(args.images, args, context)


def _token_price(media_tokens: int) -> int:
    """Micro-dollars of a question: 1.25 USD per million tokens in (200 of them words), 10 USD per million out (500)."""
    return (media_tokens + 200) * 5 // 4 + 5000


def _watch_price(args: VideoAnalysis, context: CallContext) -> int:
    return _token_price(300 * sum(context.assets[handle].duration_ms for handle in args.video) // 1000)


def _listen_price(args: AudioAnalysis, context: CallContext) -> int:
    return _token_price(32 * sum(context.assets[handle].duration_ms for handle in args.audio) // 1000)


def _look_price(args: ImageAnalysis, context: CallContext) -> int:
    images = (context.assets[handle] for handle in args.images)
    return _token_price(258 * sum(-(-image.width // 768) * -(-image.height // 768) for image in images))


_SOURCES = (
    "price of a token: a client library's price list (1.25 and 10 USD per Mtok); "
    "tokens of media: memory (258 a tile or frame, 32 a second of sound); limits: vendor's docs; latency, faults: estimate"
)

SPECS: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_video_analysis",
        args=VideoAnalysis,
        effect=_watch,
        category="understanding",
        latency_s=(15, 45),
        price_microusd=_watch_price,
        faults={"content_policy": 0.01, "rate_limited": 0.02, "timeout": 0.02, "internal_error": 0.005},
        provenance=_SOURCES,
    ),
    ToolSpec(
        name="tool_audio_analysis",
        args=AudioAnalysis,
        effect=_listen,
        category="understanding",
        latency_s=(10, 30),
        price_microusd=_listen_price,
        faults={"content_policy": 0.01, "rate_limited": 0.02, "timeout": 0.02, "internal_error": 0.005},
        provenance=_SOURCES,
    ),
    ToolSpec(
        name="tool_image_analysis",
        args=ImageAnalysis,
        effect=_look,
        category="understanding",
        latency_s=(7, 20),
        price_microusd=_look_price,
        faults={"content_policy": 0.01, "rate_limited": 0.02, "timeout": 0.01, "internal_error": 0.005},
        provenance=_SOURCES,
    ),
)

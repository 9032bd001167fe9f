"""Tools that make videos from words (Veo) and from pictures (Kling, Veo)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from visgenenv.tools.image import Negative, Prompt, Seed, drawn_texts, kept_texts
from visgenenv.tools.spec import CallContext, ImageHandle, Refusal, ToolArgs, ToolSpec
from visgenenv.tools.timeline import even
from visgenenv.types import Asset, ToolResult
from visgenenv.workspace import duration_of

FPS_MILLI = 24_000
"""Frame rate of everything generated: 24 frames a second."""
VEO_SIZES: dict[tuple[str, str], tuple[int, int]] = {
    ("720p", "16:9"): (1280, 720),
    ("720p", "9:16"): (720, 1280),
    ("1080p", "16:9"): (1920, 1080),
    ("1080p", "9:16"): (1080, 1920),
}


class VeoVideo(ToolArgs, frozen=True):
    """Make a video from words, with sound unless told otherwise (Veo 3). Words in quotation marks are written in the picture."""

    prompt: Prompt
    duration: Literal[4, 6, 8] = 8
    aspect_ratio: Literal["16:9", "9:16"] = "16:9"
    resolution: Literal["720p", "1080p"] = "720p"
    generate_audio: bool = True
    negative_prompt: Negative = ""
    seed: Seed | None = None
    num_videos: Annotated[int, Meta(ge=1, le=4)] = 1


class VeoImageVideo(ToolArgs, frozen=True):
    """Animate an image, cropped to aspect_ratio, with sound unless told otherwise (Veo 3); quoted words are written in the picture."""

    image: ImageHandle
    prompt: Prompt
    duration: Literal[4, 6, 8] = 8
    aspect_ratio: Literal["16:9", "9:16"] = "16:9"
    resolution: Literal["720p", "1080p"] = "720p"
    generate_audio: bool = True
    negative_prompt: Negative = ""
    seed: Seed | None = None
    num_videos: Annotated[int, Meta(ge=1, le=4)] = 1


def _veo(args: VeoVideo, context: CallContext) -> ToolResult:
    return _veo_clips(args, drawn_texts(args.prompt))


def _veo_image(args: VeoImageVideo, context: CallContext) -> ToolResult:
    return _veo_clips(args, kept_texts((context.assets[args.image],), args.prompt))


def _veo_clips(args: VeoVideo | VeoImageVideo, drawn: tuple[str, ...]) -> ToolResult:
    width, height = VEO_SIZES[args.resolution, args.aspect_ratio]
    clip = Asset(
        modality="video",
        width=width,
        height=height,
        frames=24 * args.duration,
        fps_milli=FPS_MILLI,
        duration_ms=1000 * args.duration,
        audio=("sound",) if args.generate_audio else (),
        drawn=drawn,
        caption=args.prompt,
    )
    return ToolResult(assets=(clip,) * args.num_videos)


def _veo_price(args: VeoVideo | VeoImageVideo, context: CallContext) -> int:
    return args.num_videos * args.duration * (400_000 if args.generate_audio else 200_000)


class KlingVideo(ToolArgs, frozen=True):
    """Animate an image into a silent video of its shape (Kling), towards `tail_image` if given; quoted words are written in the picture."""

    image: ImageHandle
    prompt: Annotated[str, Meta(max_length=2500)] = ""
    negative_prompt: Negative = ""
    model: Literal["kling-v1-6", "kling-v2-1", "kling-v2-1-master", "kling-v2-5-turbo"] = "kling-v2-1"
    mode: Literal["std", "pro"] = "std"
    duration: Literal[5, 10] = 5
    cfg_scale: Annotated[float, Meta(ge=0, le=1)] = 0.5
    tail_image: ImageHandle | None = None

    def check(self, assets: Mapping[str, Asset]) -> None:
        """Images of at least 300 px a side and a shape between 1:2.5 and 2.5:1."""
        for name, handle in (("image", self.image), ("tail_image", self.tail_image)):
            if handle is None:
                continue
            width, height = assets[handle].width, assets[handle].height
            if min(width, height) < 300:
                raise Refusal(name, handle, f"is {width}x{height}; expected at least 300 pixels a side")
            if not 2 * max(width, height) <= 5 * min(width, height):
                raise Refusal(name, handle, f"is {width}x{height}; expected a shape between 1:2.5 and 2.5:1")


def _kling(args: KlingVideo, context: CallContext) -> ToolResult:
    image = context.assets[args.image]
    short = 1080 if args.mode == "pro" else 720
    if image.width <= image.height:
        width, height = short, even(short * image.height, image.width)
    else:
        width, height = even(short * image.width, image.height), short
    frames = 24 * args.duration + 1
    clip = Asset(
        modality="video",
        width=width,
        height=height,
        frames=frames,
        fps_milli=FPS_MILLI,
        duration_ms=duration_of(frames, FPS_MILLI),
        drawn=kept_texts((image,), args.prompt),
        caption=args.prompt or image.caption,
    )
    return ToolResult(assets=(clip,))


_VEO_SOURCES = (
    "durations, shapes, sizes, frame rate: vendor's docs; price: reseller's docs; latency: estimate from a client's guide (2-5 min); "
    "faults: estimate, a video withheld for its sound counts as internal error"
)

FROM_TEXT: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_text2video_veo",
        args=VeoVideo,
        effect=_veo,
        category="text_to_video",
        latency_s=(75, 200),
        price_microusd=_veo_price,
        faults={"content_policy": 0.04, "rate_limited": 0.05, "timeout": 0.02, "internal_error": 0.025, "silently_wrong": 0.006},
        provenance=_VEO_SOURCES,
    ),
)
FROM_IMAGE: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_image2video_keling",
        args=KlingVideo,
        effect=_kling,
        category="image_to_video",
        latency_s=(180, 420),
        price_microusd=lambda args, _: args.duration * (98_000 if args.mode == "pro" else 56_000),
        faults={"content_policy": 0.03, "rate_limited": 0.05, "timeout": 0.03, "internal_error": 0.015, "silently_wrong": 0.006},
        provenance="parameters, limits of the image, pro price: docs; std price and 24 d + 1 frames: memory; "
        "latency: reseller's docs (about 5 min for pro); faults: estimate, a rejected image counts as internal error",
    ),
    ToolSpec(
        name="tool_image2video_veo3",
        args=VeoImageVideo,
        effect=_veo_image,
        category="image_to_video",
        latency_s=(80, 210),
        price_microusd=_veo_price,
        faults={"content_policy": 0.06, "rate_limited": 0.05, "timeout": 0.02, "internal_error": 0.025, "silently_wrong": 0.006},
        provenance=_VEO_SOURCES,
    ),
)
SPECS: tuple[ToolSpec[Any], ...] = FROM_TEXT + FROM_IMAGE

"""Tools that make or change pictures: five text-to-image, three image-to-image."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from msgspec import Meta

from visgenenv.tools.spec import CallContext, ToolArgs, ToolSpec
from visgenenv.types import Asset, ToolResult

Prompt = Annotated[str, Meta(min_length=1, max_length=4000)]
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|「([^」]+)」|《([^》]+)》')


def drawn_texts(prompt: str) -> tuple[str, ...]:
    """What a prompt asks to be written in the picture: its words between quotation marks."""
    return tuple(next(group for group in match.groups() if group) for match in _QUOTED.finditer(prompt))


GeminiRatio = Literal["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
GEMINI_SIZES: dict[str, tuple[int, int]] = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}


class GeminiImage(ToolArgs, frozen=True):
    """Make images from words (nano-banana)."""

    prompt: Prompt
    aspect_ratio: GeminiRatio = "1:1"
    num_images: Annotated[int, Meta(ge=1, le=4)] = 1


def _gemini(args: GeminiImage, context: CallContext) -> ToolResult:
    width, height = GEMINI_SIZES[args.aspect_ratio]
    image = Asset(modality="image", width=width, height=height, drawn=drawn_texts(args.prompt), caption=args.prompt)
    return ToolResult(assets=(image,) * args.num_images)


SPECS: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_text2image_gemini",
        args=GeminiImage,
        effect=_gemini,
        category="text_to_image",
        latency_s=(9, 20),
        price_microusd=lambda args, _: 39_000 * args.num_images,
        faults={"content_policy": 0.03, "rate_limited": 0.03, "timeout": 0.01, "internal_error": 0.005, "malformed_output": 0.03},
        provenance="sizes: from memory; price: 30 USD per Mtok of image output x 1290 tokens; latency: third-party docs; faults: estimate",
    ),
)

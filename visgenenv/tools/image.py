"""Tools that make or change pictures: five text-to-image, three image-to-image."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from visgenenv.tools.spec import CallContext, ImageHandle, Refusal, ToolArgs, ToolSpec
from visgenenv.types import Asset, FaultCode, ToolResult

Prompt = Annotated[str, Meta(min_length=1, max_length=4000)]
ShortPrompt = Annotated[str, Meta(min_length=1, max_length=800)]
LongPrompt = Annotated[str, Meta(min_length=1, max_length=32_000)]
Negative = Annotated[str, Meta(max_length=2500)]
Seed = Annotated[int, Meta(ge=0, le=2_147_483_647)]
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|「([^」]+)」|《([^》]+)》')


def drawn_texts(prompt: str) -> tuple[str, ...]:
    """What a prompt asks to be written in the picture: its words between quotation marks."""
    if '"' not in prompt and "“" not in prompt and "「" not in prompt and "《" not in prompt:  # four searches cost less than a pattern
        return ()
    return tuple(next(group for group in match.groups() if group) for match in _QUOTED.finditer(prompt))


def kept_texts(sources: Collection[Asset], prompt: str) -> tuple[str, ...]:
    """Texts in the pictures something is made from, and those its prompt adds, each once."""
    if not sources:
        return tuple(dict.fromkeys(drawn_texts(prompt)))
    return tuple(dict.fromkeys([*(text for source in sources for text in source.drawn), *drawn_texts(prompt)]))


def size_of(text: str) -> tuple[int, int]:
    """`1280x720` as pixels."""
    width, height = text.split("x")
    return int(width), int(height)


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
    """Make images from words (nano-banana). Words between quotation marks are written in the picture."""

    prompt: Prompt
    aspect_ratio: GeminiRatio = "1:1"
    num_images: Annotated[int, Meta(ge=1, le=4)] = 1


def _gemini(args: GeminiImage, context: CallContext) -> ToolResult:
    return _pictures(args.prompt, GEMINI_SIZES[args.aspect_ratio], args.num_images)


def _pictures(prompt: str, size: tuple[int, int], count: int, alpha: bool = False, sources: Collection[Asset] = ()) -> ToolResult:
    drawn = kept_texts(sources, prompt)
    return ToolResult(assets=(Asset(modality="image", width=size[0], height=size[1], alpha=alpha, drawn=drawn, caption=prompt),) * count)


class HunyuanImage(ToolArgs, frozen=True):
    """Make images from words (Hunyuan). Words between quotation marks are written in the picture."""

    prompt: Prompt
    negative_prompt: Negative = ""
    size: Literal["1024x1024", "1280x768", "768x1280", "1280x960", "960x1280"] = "1024x1024"
    steps: Annotated[int, Meta(ge=1, le=50)] = 28
    guidance_scale: Annotated[float, Meta(ge=1, le=20)] = 7.5
    num_images: Annotated[int, Meta(ge=1, le=4)] = 1
    seed: Seed | None = None


def _hunyuan(args: HunyuanImage, context: CallContext) -> ToolResult:
    return _pictures(args.prompt, size_of(args.size), args.num_images)


def _hunyuan_price(args: HunyuanImage, context: CallContext) -> int:
    width, height = size_of(args.size)
    return (args.num_images * width * height + 5) // 10


class SeedImage(ToolArgs, frozen=True):
    """Make images from words and reference images (Seedream). A series of `max_images` needs sequential_image_generation "auto"."""

    prompt: Prompt
    size: Literal["1024x1024", "2048x2048", "2560x1440", "1440x2560", "2304x1728", "1728x2304", "4096x4096"] = "2048x2048"
    sequential_image_generation: Literal["disabled", "auto"] = "disabled"
    max_images: Annotated[int, Meta(ge=1, le=15)] = 1
    seed: Seed | None = None
    watermark: bool = False
    reference_images: Annotated[tuple[ImageHandle, ...], Meta(max_length=10)] = ()

    @property
    def count(self) -> int:
        """Images it makes."""
        return self.max_images if self.sequential_image_generation == "auto" else 1

    def check(self, assets: Mapping[str, Asset]) -> None:
        """References and outputs together are at most 15."""
        given = len(self.reference_images)
        if given + self.count > 15:
            raise Refusal("max_images", self.max_images, f"expected at most {15 - given} beside {given} reference images: 15 in all")


def _seed(args: SeedImage, context: CallContext) -> ToolResult:
    return _pictures(args.prompt, size_of(args.size), args.count)


class GptImage(ToolArgs, frozen=True):
    """Make images from words (GPT), with a transparent background if asked. Words between quotation marks are written in the picture."""

    prompt: LongPrompt
    size: Literal["1024x1024", "1536x1024", "1024x1536"] = "1024x1024"
    quality: Literal["low", "medium", "high"] = "medium"
    background: Literal["auto", "transparent", "opaque"] = "auto"
    output_format: Literal["png", "jpeg", "webp"] = "png"
    n: Annotated[int, Meta(ge=1, le=10)] = 1


_GPT_PRICES = {"low": (11_000, 16_000), "medium": (42_000, 63_000), "high": (167_000, 250_000)}
"""Micro-dollars an image by quality: square, other."""


def _gpt(args: GptImage, context: CallContext) -> ToolResult:
    alpha = args.background == "transparent" and args.output_format != "jpeg"
    return _pictures(args.prompt, size_of(args.size), args.n, alpha)


def _gpt_price(args: GptImage | GptEdit, context: CallContext) -> int:
    return args.n * _GPT_PRICES[args.quality][args.size != "1024x1024"]


class QwenImage(ToolArgs, frozen=True):
    """Make an image from words (Qwen); good at writing the words between quotation marks, Chinese too."""

    prompt: ShortPrompt
    negative_prompt: Annotated[str, Meta(max_length=500)] = ""
    size: Literal["1664x928", "1472x1104", "1328x1328", "1104x1472", "928x1664"] = "1328x1328"
    prompt_extend: bool = True
    seed: Seed | None = None


def _qwen(args: QwenImage, context: CallContext) -> ToolResult:
    return _pictures(args.prompt, size_of(args.size), 1)


class GeminiEdit(ToolArgs, frozen=True):
    """Change or combine one to three images by words (nano-banana); keeps the subject of the given images."""

    prompt: Prompt
    images: Annotated[tuple[ImageHandle, ...], Meta(min_length=1, max_length=3)]
    aspect_ratio: Literal["match_input", "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"] = "match_input"


_GEMINI_RATIOS = tuple((math.log(width / height), (width, height)) for width, height in GEMINI_SIZES.values())


def _gemini_edit(args: GeminiEdit, context: CallContext) -> ToolResult:
    sources = [context.assets[handle] for handle in args.images]
    if args.aspect_ratio == "match_input":
        ratio = math.log(sources[0].width / sources[0].height)
        size = min(_GEMINI_RATIOS, key=lambda entry: abs(entry[0] - ratio))[1]
    else:
        size = GEMINI_SIZES[args.aspect_ratio]
    return _pictures(args.prompt, size, 1, sources=sources)


class QwenEdit(ToolArgs, frozen=True):
    """Change or combine one to three images by words (Qwen); the result has the last image's shape, about 1 megapixel."""

    prompt: ShortPrompt
    images: Annotated[tuple[ImageHandle, ...], Meta(min_length=1, max_length=3)]
    negative_prompt: Annotated[str, Meta(max_length=500)] = ""
    seed: Seed | None = None


def _qwen_edit(args: QwenEdit, context: CallContext) -> ToolResult:
    sources = [context.assets[handle] for handle in args.images]
    ratio = sources[-1].width / sources[-1].height
    size = (_sixteens(math.sqrt(1_048_576 * ratio)), _sixteens(math.sqrt(1_048_576 / ratio)))
    return _pictures(args.prompt, size, 1, sources=sources)


def _sixteens(pixels: float) -> int:
    return max(16, math.floor(pixels / 16 + 0.5) * 16)


class GptEdit(ToolArgs, frozen=True):
    """Change or combine up to 16 images by words (GPT), only inside `mask` where one is given."""

    prompt: LongPrompt
    images: Annotated[tuple[ImageHandle, ...], Meta(min_length=1, max_length=16)]
    mask: ImageHandle | None = None
    size: Literal["1024x1024", "1536x1024", "1024x1536"] = "1024x1024"
    quality: Literal["low", "medium", "high"] = "medium"
    background: Literal["auto", "transparent", "opaque"] = "auto"
    output_format: Literal["png", "jpeg", "webp"] = "png"
    n: Annotated[int, Meta(ge=1, le=10)] = 1
    input_fidelity: Literal["low", "high"] = "low"


def _gpt_edit(args: GptEdit, context: CallContext) -> ToolResult:
    alpha = args.background == "transparent" and args.output_format != "jpeg"
    sources = [context.assets[handle] for handle in args.images]
    return _pictures(args.prompt, size_of(args.size), args.n, alpha, sources)


def _gpt_edit_price(args: GptEdit, context: CallContext) -> int:
    return _gpt_price(args, context) + len(args.images) * (15_000 if args.input_fidelity == "high" else 1_000)


_USUAL: dict[FaultCode, float] = {
    "content_policy": 0.03,
    "rate_limited": 0.03,
    "timeout": 0.02,
    "internal_error": 0.005,
    "silently_wrong": 0.003,
}

SPECS: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_text2image_gemini",
        args=GeminiImage,
        effect=_gemini,
        category="text_to_image",
        latency_s=(9, 20),
        price_microusd=lambda args, _: 39_000 * args.num_images,
        faults={**_USUAL, "timeout": 0.01, "malformed_output": 0.03},
        provenance="ratios: vendor's docs; sizes: memory; price: 30 USD per Mtok of image output (docs) x 1290 tokens (memory); "
        "latency: third-party docs; faults: estimate, a reply of words without an image counts as malformed",
    ),
    ToolSpec(
        name="tool_text2image_hunyuan",
        args=HunyuanImage,
        effect=_hunyuan,
        category="text_to_image",
        latency_s=(25, 60),
        price_microusd=_hunyuan_price,
        faults=_USUAL,
        provenance="parameters and price (0.10 USD a megapixel): resellers' docs; sizes, latency, faults: estimate",
    ),
    ToolSpec(
        name="tool_text2image_seed",
        args=SeedImage,
        effect=_seed,
        category="text_to_image",
        latency_s=(12, 30),
        price_microusd=lambda args, _: 30_000 * args.count,
        faults={**_USUAL, "rate_limited": 0.02, "timeout": 0.01, "malformed_output": 0.05},
        provenance="price and batch limits: resellers' docs; sizes: memory; latency: estimate; faults: estimate, fewer images than asked "
        "count as malformed",
    ),
    ToolSpec(
        name="tool_text2image_gpt",
        args=GptImage,
        effect=_gpt,
        category="text_to_image",
        latency_s=(35, 90),
        price_microusd=_gpt_price,
        faults={**_USUAL, "content_policy": 0.05},
        provenance="parameters and price: resellers' docs; latency, faults: estimate",
    ),
    ToolSpec(
        name="tool_text2image_qwen",
        args=QwenImage,
        effect=_qwen,
        category="text_to_image",
        latency_s=(15, 40),
        price_microusd=35_000,
        faults=_USUAL,
        provenance="parameters and sizes: memory; price: estimate from resellers (0.02-0.05 USD); latency, faults: estimate",
    ),
    ToolSpec(
        name="tool_image_edit_gemini",
        args=GeminiEdit,
        effect=_gemini_edit,
        category="image_to_image",
        latency_s=(10, 22),
        price_microusd=lambda args, _: 39_000 + 400 * len(args.images),
        faults={**_USUAL, "content_policy": 0.04, "timeout": 0.01, "malformed_output": 0.03},
        provenance="as tool_text2image_gemini; at most three references: memory",
    ),
    ToolSpec(
        name="tool_image_edit_qwen",
        args=QwenEdit,
        effect=_qwen_edit,
        category="image_to_image",
        latency_s=(15, 40),
        price_microusd=30_000,
        faults=_USUAL,
        provenance="price: resellers' docs (0.03-0.05 USD); parameters and size law: memory; latency, faults: estimate",
    ),
    ToolSpec(
        name="tool_image_edit_gpt",
        args=GptEdit,
        effect=_gpt_edit,
        category="image_to_image",
        latency_s=(40, 100),
        price_microusd=_gpt_edit_price,
        faults={**_USUAL, "content_policy": 0.05},
        provenance="parameters and price: resellers' docs; at most 16 inputs: memory; price of inputs, latency, faults: estimate",
    ),
)

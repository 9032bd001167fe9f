"""Tools that write: refined prompts, scripts, storyboards; each answer is a text asset whose form obeys the call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from visgenenv.tools.spec import CallContext, Refusal, TextHandle, ToolArgs, ToolSpec
from visgenenv.types import Asset, FaultCode, ToolResult

Language = Literal["auto", "en", "zh"]
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[^.!?。！？;；\n]+[.!?。！？]?")
WORDS_PER_S = 2.3
"""Spoken words a second; a Chinese word is taken as two characters."""
_SHOT_CHARS = 160


def is_chinese(text: str, language: str = "auto") -> bool:
    """Whether to write Chinese: as told, or as the text is."""
    return language == "zh" or (language == "auto" and not text.isascii() and _CHINESE.search(text) is not None)


def sentences(text: str) -> list[str]:
    """A text's sentences, blank ones left out."""
    return [part for match in _SENTENCE.findall(text) if (part := match.strip())]


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """One shot of a storyboard."""

    shot_id: int
    duration: float
    """Seconds."""
    description: str
    image_prompt: str
    video_prompt: str


_STORYBOARD = msgspec.json.Decoder(tuple[Shot, ...])


def read_storyboard(field: str, handle: str, assets: Mapping[str, Asset]) -> tuple[Shot, ...]:
    """The shots of a storyboard asset; raises `Refusal` where it is none."""
    try:
        shots = _STORYBOARD.decode(assets[handle].text) if assets[handle].kind == "storyboard" else ()
    except (msgspec.DecodeError, UnicodeError):
        shots = ()
    if not shots:
        raise Refusal(field, handle, "is no storyboard; expected the handle that tool_video_shot_gen answered")
    return shots


def _storyboard(shots: Sequence[Shot], caption: str) -> ToolResult:
    text = msgspec.json.encode(shots).decode()
    return ToolResult(assets=(Asset(modality="text", kind="storyboard", text=text, caption=caption[:200]),))


class PromptRefine(ToolArgs, frozen=True):
    """Polish a prompt for an image, a video or music; the given words are kept."""

    text: Annotated[str, Meta(min_length=1, max_length=8000)]
    target: Literal["image", "video", "music"] = "image"
    language: Language = "auto"
    style: Annotated[str, Meta(max_length=200)] = ""


_CRAFT = {
    ("image", False): ("one clear subject, balanced composition", "soft key light, gentle shadows", "fine detail, clean background"),
    ("video", False): ("one continuous shot", "slow push in, steady camera", "natural motion, soft light"),
    ("music", False): ("a clear theme that returns", "warm instruments, steady pulse", "a soft opening and a full close"),
    ("image", True): ("主体明确，构图均衡", "柔和主光，层次分明", "细节精致，背景干净"),
    ("video", True): ("一镜到底", "镜头平稳缓推", "动作自然，光线柔和"),
    ("music", True): ("主题清晰并再现", "音色温暖，节奏稳定", "轻柔开场，饱满收尾"),
}


def _refine(args: PromptRefine, context: CallContext) -> ToolResult:
    chinese = is_chinese(args.text, args.language)
    comma = "，" if chinese else ", "
    parts = [args.text.strip().rstrip("。.") or args.text, *([args.style.strip()] if args.style.strip() else [])]
    text = comma.join((*parts, *_CRAFT[args.target, chinese])) + ("。" if chinese else ".")
    return ToolResult(assets=(Asset(modality="text", kind="prompt", text=text, caption=args.text[:200]),))


class ShotGen(ToolArgs, frozen=True):
    """Turn a script into a storyboard of num_shots shots, each with its prompts."""

    script: Annotated[str, Meta(min_length=1, max_length=20_000)]
    num_shots: Annotated[int, Meta(ge=1, le=40)] = 6
    shot_duration: Annotated[float, Meta(ge=1, le=15)] = 5.0
    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"


_FRAMINGS = {False: ("wide shot", "medium shot", "close-up", "low angle"), True: ("全景", "中景", "特写", "仰拍")}
_MOVES = {False: ("slow push in", "pan left", "static camera", "gentle orbit"), True: ("缓慢推进", "向左摇镜", "固定镜头", "轻微环绕")}


def shared_out(parts: Sequence[str], count: int) -> list[str]:
    """Parts of a text for each of `count` shots, in order; where there are fewer parts than shots they are held on."""
    total = len(parts)
    if total <= count:
        return [parts[n * total // count] for n in range(count)]
    return [" ".join(parts[n * total // count : (n + 1) * total // count]) for n in range(count)]


def _shot(number: int, duration: float, words: str, aspect: str, chinese: bool) -> Shot:
    words = words[:_SHOT_CHARS].rstrip(".。")
    framing, move = _FRAMINGS[chinese][number % 4], _MOVES[chinese][number % 4]
    comma = "，" if chinese else ", "
    return Shot(
        shot_id=number + 1,
        duration=duration,
        description=words,
        image_prompt=comma.join((framing, words, aspect)),
        video_prompt=comma.join((move, words)),
    )


def _shots(args: ShotGen, context: CallContext) -> ToolResult:
    chinese = is_chinese(args.script)
    shares = shared_out(sentences(args.script) or [args.script.strip() or "…"], args.num_shots)
    shots = [_shot(number, args.shot_duration, words, args.aspect_ratio, chinese) for number, words in enumerate(shares)]
    return _storyboard(shots, args.script)


class ScriptGen(ToolArgs, frozen=True):
    """Write a script to be spoken in `duration` seconds."""

    topic: Annotated[str, Meta(min_length=1, max_length=4000)]
    duration: Annotated[float, Meta(ge=5, le=600)] = 30.0
    genre: Literal["ad", "story", "science", "mv", "drama", "vlog", "tutorial"] = "story"
    language: Language = "auto"


_OPENINGS = {
    "ad": ("Meet {}.", "认识一下{}。"),
    "story": ("This is a story about {}.", "这是一个关于{}的故事。"),
    "science": ("What makes {} work?", "{}背后有什么道理？"),
    "mv": ("A song begins with {}.", "歌声从{}响起。"),
    "drama": ("Nobody expected {}.", "谁也没有料到{}。"),
    "vlog": ("Today I want to show you {}.", "今天带大家看看{}。"),
    "tutorial": ("Here is {}, step by step.", "一步一步来看{}。"),
}
_LINES = (
    ("The light is low and the day is only beginning.", "天色微亮，一天才刚刚开始。"),
    ("Look closer, and every small thing has its reason.", "走近一点，每个细节都有理由。"),
    ("Hands move slowly, and nothing is wasted.", "双手不急不忙，没有一个多余的动作。"),
    ("A turn comes that no one saw before.", "转折出现在没人想到的地方。"),
    ("We follow, step after step, and the picture opens.", "我们一步步跟上，画面渐渐打开。"),
    ("What seemed far away is suddenly close.", "远处的东西忽然就在眼前。"),
    ("For a moment everything is still.", "有一瞬间，一切都静了下来。"),
    ("Then it goes on, brighter than it was.", "然后继续向前，比之前更亮。"),
    ("This is what stays with us in the end.", "最后留在心里的，就是这些。"),
)


def _script(args: ScriptGen, context: CallContext) -> ToolResult:
    chinese = is_chinese(args.topic, args.language)
    words = int(WORDS_PER_S * args.duration + 0.5)
    order = context.bits("order")
    lines = [_OPENINGS[args.genre][chinese].replace("{}", " ".join(args.topic.split())[:120])]
    unit = 2 * words if chinese else words
    length = len(lines[0]) if chinese else len(lines[0].split())
    while length < unit:
        line = _LINES[order % len(_LINES)][chinese]
        order = order // 7 + 1
        lines.append(line)
        length += len(line) if chinese else len(line.split())
    text = _cut("".join(lines), unit, "。") if chinese else " ".join(" ".join(lines).split()[:words]).rstrip(",.!?") + "."
    return ToolResult(assets=(Asset(modality="text", kind="script", text=text, caption=args.topic[:200]),))


def _cut(text: str, length: int, stop: str) -> str:
    return text[: length - 1].rstrip("，。！？") + stop


class StoryboardPolish(ToolArgs, frozen=True):
    """Polish a storyboard, given by its handle, by an instruction; the number and length of its shots stay."""

    storyboard: TextHandle
    instruction: Annotated[str, Meta(max_length=2000)] = ""

    def check(self, assets: Mapping[str, Asset]) -> None:
        """The handle must be a storyboard's."""
        read_storyboard("storyboard", self.storyboard, assets)


def _polish(args: StoryboardPolish, context: CallContext) -> ToolResult:
    shots = read_storyboard("storyboard", args.storyboard, context.assets)
    wish = args.instruction.strip()[:80]
    return _storyboard([_with(shot, shot.description, wish) for shot in shots], wish or "polished storyboard")


def _with(shot: Shot, description: str, wish: str) -> Shot:
    """The shot with other words and a wish worked into its prompts; prompts stay bounded however often this is done."""
    chinese = is_chinese(description)
    ending = ("，" if chinese else ", ") + (wish or ("光线柔和" if chinese else "soft light"))

    def worked(prompt: str) -> str:
        prompt = prompt.replace(shot.description, description) if shot.description else prompt
        return prompt if ending in prompt else prompt[: 2 * _SHOT_CHARS] + ending

    return msgspec.structs.replace(
        shot, description=description, image_prompt=worked(shot.image_prompt), video_prompt=worked(shot.video_prompt)
    )


class ScriptStoryboardMerge(ToolArgs, frozen=True):
    """Merge a script into a storyboard, both given by handle: every shot takes its part of the script."""

    script: TextHandle
    storyboard: TextHandle

    def check(self, assets: Mapping[str, Asset]) -> None:
        """There must be a script and a storyboard."""
        read_storyboard("storyboard", self.storyboard, assets)
        if not assets[self.script].text.strip():
            raise Refusal("script", self.script, "is empty; expected the handle of a text with words in it")


def _merge(args: ScriptStoryboardMerge, context: CallContext) -> ToolResult:
    shots = read_storyboard("storyboard", args.storyboard, context.assets)
    script = context.assets[args.script]
    shares = shared_out(sentences(script.text) or [script.text], len(shots))
    merged = [_with(shot, words[:_SHOT_CHARS], "") for shot, words in zip(shots, shares, strict=True)]
    return _storyboard(merged, script.caption or script.text)


def _tokens(text: str) -> int:
    return (len(text.encode()) + 3) // 4


def _price(given: int, written: int) -> int:
    """Micro-dollars: 3 a token in (500 of them instructions), 15 a token out."""
    return 3 * (given + 500) + 15 * written


def _refine_price(args: PromptRefine, context: CallContext) -> int:
    return _price(_tokens(args.text), 1200)


def _shots_price(args: ShotGen, context: CallContext) -> int:
    return _price(_tokens(args.script), 200 + 500 * args.num_shots)


def _script_price(args: ScriptGen, context: CallContext) -> int:
    return _price(_tokens(args.topic), 2300 + int(3 * WORDS_PER_S * args.duration))


def _polish_price(args: StoryboardPolish, context: CallContext) -> int:
    shots = read_storyboard("storyboard", args.storyboard, context.assets)
    return _price(_tokens(context.assets[args.storyboard].text), 200 + 500 * len(shots))


def _merge_price(args: ScriptStoryboardMerge, context: CallContext) -> int:
    shots = read_storyboard("storyboard", args.storyboard, context.assets)
    given = _tokens(context.assets[args.storyboard].text) + _tokens(context.assets[args.script].text)
    return _price(given, 200 + 600 * len(shots))


_FAULTS: dict[FaultCode, float] = {"rate_limited": 0.01, "timeout": 0.005, "malformed_output": 0.02}
_SOURCES = (
    "price: list price of a Claude Sonnet class model (3 and 15 USD per Mtok) x tokens (estimate); parameters, latency, faults: estimate"
)

SPECS: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_prompt_refine",
        args=PromptRefine,
        effect=_refine,
        category="text_to_text",
        latency_s=(4, 12),
        price_microusd=_refine_price,
        faults=_FAULTS,
        provenance=_SOURCES,
    ),
    ToolSpec(
        name="tool_video_shot_gen",
        args=ShotGen,
        effect=_shots,
        category="text_to_text",
        latency_s=(12, 35),
        price_microusd=_shots_price,
        faults=_FAULTS,
        provenance=_SOURCES,
    ),
    ToolSpec(
        name="tool_video_script_gen",
        args=ScriptGen,
        effect=_script,
        category="text_to_text",
        latency_s=(10, 30),
        price_microusd=_script_price,
        faults=_FAULTS,
        provenance=_SOURCES,
    ),
    ToolSpec(
        name="tool_storyboard_polish",
        args=StoryboardPolish,
        effect=_polish,
        category="text_to_text",
        latency_s=(10, 30),
        price_microusd=_polish_price,
        faults=_FAULTS,
        provenance=_SOURCES,
    ),
    ToolSpec(
        name="tool_script_storyboard_merge",
        args=ScriptStoryboardMerge,
        effect=_merge,
        category="text_to_text",
        latency_s=(12, 35),
        price_microusd=_merge_price,
        faults=_FAULTS,
        provenance=_SOURCES,
    ),
)

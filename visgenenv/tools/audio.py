"""Tools that make sound: songs (Suno), sound effects, speech."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from visgenenv import chance
from visgenenv.tools.spec import CallContext, Refusal, ToolArgs, ToolSpec, VideoHandle
from visgenenv.types import Asset, ToolResult

_BPM = re.compile(r"(?<![\d.])(\d{2,3})\s*(?:bpm|拍)", re.IGNORECASE)
_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af]")
ENGLISH_CHARS_PER_S = 17.2
"""Measured on espeak-ng at 175 words a minute, within 5.7 % on the mean."""
CHINESE_CHARS_PER_S = 4.5
"""A syllable a character; estimate."""
_SONG_MEDIAN_S, _SONG_P95_S = 165.0, 260.0


class SunoMusic(ToolArgs, frozen=True):
    """Make two songs from words (Suno). Their length is not yours to choose: cut them. Say a tempo as "120 bpm"."""

    prompt: Annotated[str, Meta(min_length=1, max_length=5000)]
    custom_mode: bool = False
    instrumental: bool = True
    style: Annotated[str, Meta(max_length=1000)] = ""
    title: Annotated[str, Meta(max_length=100)] = ""
    model: Literal["V4", "V4_5", "V4_5PLUS", "V5"] = "V4_5"

    def check(self, assets: Mapping[str, Asset]) -> None:
        """Custom mode needs style and title; the plain mode takes short prompts."""
        if self.custom_mode and not self.style:
            raise Refusal("style", self.style, "custom_mode needs a style")
        if self.custom_mode and not self.title:
            raise Refusal("title", self.title, "custom_mode needs a title")
        if not self.custom_mode and len(self.prompt) > 500:
            rule = f"has {len(self.prompt)} characters; without custom_mode at most 500"
            raise Refusal("prompt", self.prompt, rule)


def _suno(args: SunoMusic, context: CallContext) -> ToolResult:
    said = _BPM.search(args.style) or _BPM.search(args.prompt)
    tempo = int(said.group(1)) if said else 0
    longest = 240_000 if args.model == "V4" else 480_000
    songs = []
    for n in range(2):
        sampled = chance.lognormal_ms(_SONG_MEDIAN_S, _SONG_P95_S, *context.key, f"duration{n}")
        bpm = tempo if 40 <= tempo <= 240 else 70 + (context.bits(f"bpm{n}") * 81 >> 64)
        songs.append(
            Asset(
                modality="audio",
                kind="music",
                duration_ms=min(max(sampled, 30_000), longest),
                audio=("music",),
                bpm_milli=1000 * bpm,
                caption=args.prompt,
            )
        )
    return ToolResult(assets=tuple(songs))


class SoundEffect(ToolArgs, frozen=True):
    """Make a sound effect from words, as long as `video` where one is given, else as `duration`."""

    prompt: Annotated[str, Meta(min_length=1, max_length=1000)]
    duration: Annotated[float, Meta(ge=0.5, le=22)] = 5.0
    prompt_influence: Annotated[float, Meta(ge=0, le=1)] = 0.3
    loop: bool = False
    video: VideoHandle | None = None

    def length_ms(self, assets: Mapping[str, Asset]) -> int:
        """Milliseconds of the sound."""
        return math.floor(self.duration * 1000 + 0.5) if self.video is None else assets[self.video].duration_ms


def _sound(args: SoundEffect, context: CallContext) -> ToolResult:
    length = args.length_ms(context.assets)
    return ToolResult(assets=(Asset(modality="audio", kind="effect", duration_ms=length, audio=("sound",), caption=args.prompt),))


def _sound_price(args: SoundEffect, context: CallContext) -> int:
    return (args.length_ms(context.assets) * 23 + 5) // 10


class Speech(ToolArgs, frozen=True):
    """Speak a text aloud."""

    text: Annotated[str, Meta(min_length=1, max_length=4096)]
    voice: Literal["alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"] = "alloy"
    speed: Annotated[float, Meta(ge=0.25, le=4)] = 1.0
    format: Literal["mp3", "wav", "opus"] = "mp3"

    def check(self, assets: Mapping[str, Asset]) -> None:
        """There must be something to say."""
        if not self.text.strip():
            raise Refusal("text", self.text, "is blank; expected words to speak")


def speech_ms(text: str, speed: float = 1.0) -> int:
    """Milliseconds it takes to speak a text: 17.2 characters a second, 4.5 where they are Chinese, over the speed."""
    chinese = 0 if text.isascii() else sum(1 for _ in _CJK.finditer(text))
    seconds = (len(text) - chinese) / ENGLISH_CHARS_PER_S + chinese / CHINESE_CHARS_PER_S
    return max(1, math.floor(seconds / speed * 1000 + 0.5))


def _speak(args: Speech, context: CallContext) -> ToolResult:
    length = speech_ms(args.text, args.speed)
    speech = Asset(modality="audio", kind="speech", duration_ms=length, audio=("narration",), spoken=(args.text,), caption=args.text)
    return ToolResult(assets=(speech,))


SPECS: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_music_suno",
        args=SunoMusic,
        effect=_suno,
        category="audio_generation",
        latency_s=(120, 200),
        price_microusd=80_000,
        faults={"content_policy": 0.03, "rate_limited": 0.03, "timeout": 0.03, "internal_error": 0.025},
        provenance="parameters, limits, two songs: docs of an unofficial API; price: third-party (0.06-0.10 USD a request); "
        "lengths, tempi: estimate; faults: estimate, a failed generation counts as internal error",
    ),
    ToolSpec(
        name="tool_sound_fx_gen",
        args=SoundEffect,
        effect=_sound,
        category="audio_generation",
        latency_s=(8, 15),
        price_microusd=_sound_price,
        faults={"content_policy": 0.01, "rate_limited": 0.02, "timeout": 0.01, "internal_error": 0.005},
        provenance="parameters and latency: reseller's docs; price: reseller's docs (0.138 USD a minute); "
        "a video as input: estimate; faults: estimate",
    ),
    ToolSpec(
        name="tool_tts_generation",
        args=Speech,
        effect=_speak,
        category="audio_generation",
        latency_s=(3, 10),
        latency_scale=lambda args, _: max(len(args.text), 200) / 1000,
        price_microusd=lambda args, _: 15 * len(args.text),
        faults={"content_policy": 0.005, "rate_limited": 0.02, "timeout": 0.01, "internal_error": 0.005},
        provenance="parameters: vendor's docs; price and latency: a blogger's measurement (4096 characters: 0.0614 USD, 46 s); "
        "length: measured on espeak-ng (English), estimate (Chinese); faults: estimate",
    ),
)

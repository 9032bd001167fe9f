"""Tools that change one video or sound: post-processing, trimming, speed, narration, sound cutting, subtitles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from visgenenv.tools import timeline
from visgenenv.tools.audio import speech_ms
from visgenenv.tools.spec import CallContext, Refusal, SoundHandle, ToolArgs, ToolSpec, VideoHandle
from visgenenv.types import Asset, AudioKind, FaultCode, ToolResult
from visgenenv.workspace import duration_of

Side = Annotated[int, Meta(ge=64, le=3840, multiple_of=2)]
Fps = Literal[16, 24, 25, 30, 60]
Moment = Annotated[float, Meta(ge=0)]
"""Seconds from the start."""
_SLOWER, _SLOWEST = 1.05, 4.0
"""How much longer than usual speech lasts that was made slower: more than by rounding, at most four times."""


def retimed(video: Asset, frames: int, cuts: tuple[int, ...], **changes: Any) -> Asset:
    """A draft made from a video, with new frames and cuts; what it shows, says and bears is kept."""
    fps_milli = changes.pop("fps_milli", video.fps_milli)
    return msgspec.structs.replace(
        video,
        handle="",
        media_id=None,
        claims={},
        frames=frames,
        fps_milli=fps_milli,
        duration_ms=duration_of(frames, fps_milli),
        cuts=timeline.inside(cuts, frames),
        **changes,
    )


def spoken_between(source: Asset, start_ms: int, end_ms: int) -> tuple[str, ...]:
    """What is still heard of a source's texts between two moments, whole words.

    Texts follow one another from the source's start, each as long as it takes to speak; all of them fit in the source, and
    speech that was made slower fills it (a film that was slowed down keeps no account of it).
    """
    needed = [speech_ms(text) for text in source.spoken]
    whole = sum(needed)
    scale = source.duration_ms / whole if whole else 1.0
    if scale > 1:
        scale = min(scale, _SLOWEST) if source.kind == "speech" and scale > _SLOWER else 1.0
    found, at = [], 0.0
    for text, length in zip(source.spoken, needed, strict=True):
        length_ms = length * scale
        if start_ms <= at + 1:
            found.append(timeline.heard(text, round(length_ms), round(end_ms - at)))
        at += length_ms
    return tuple(text for text in found if text)


def check_range(start: float, end: float | None, source: Asset) -> None:
    """Raise `Refusal` unless start < end and start < the source's duration, in seconds."""
    seconds = source.duration_ms / 1000
    late = start * source.fps_milli >= source.frames * 1000 if source.modality == "video" else start * 1000 >= source.duration_ms
    if late:
        raise Refusal("start", start, f"lies past the end of {source.handle}, which lasts {seconds:g} s")
    if end is not None and end <= start:
        raise Refusal("end", end, f"expected more than start={start:g}; {source.handle} lasts {seconds:g} s")


def check_length(name: str, value: object, seconds: float, cuts: int = 0) -> None:
    """Raise `Refusal` where a film would be longer, or cut more often, than any film is: edits of edits grow without end."""
    if seconds > timeline.LONGEST_S:
        raise Refusal(name, value, f"would make a film of {seconds:.0f} s; expected at most {timeline.LONGEST_S} s")
    if cuts > timeline.MOST_CUTS:
        raise Refusal(name, value, f"would make a film of {cuts + 1} shots; expected at most {timeline.MOST_CUTS + 1}")


class Postprocess(ToolArgs, frozen=True):
    """Resize a video, change its frame rate, apply an effect, or change its volume (0 is silent)."""

    video: VideoHandle
    width: Side | None = None
    height: Side | None = None
    fps: Fps | None = None
    effect: Literal["none", "grayscale", "blur", "brighten", "fade_in_out", "stabilise", "watermark"] = "none"
    strength: Annotated[float, Meta(ge=0, le=1)] = 0.5
    volume: Annotated[float, Meta(ge=0, le=4)] = 1.0


def _postprocess(args: Postprocess, context: CallContext) -> ToolResult:
    video = context.assets[args.video]
    width, height = args.width, args.height
    # One side given: the other follows the shape.
    if width is None:
        width = video.width if height is None else timeline.even(video.width * height, video.height)
    if height is None:
        height = video.height if args.width is None else timeline.even(video.height * width, video.width)
    fps_milli = video.fps_milli if args.fps is None else 1000 * args.fps
    frames = timeline.resampled(video.frames, video.fps_milli, fps_milli)
    cuts = tuple(timeline.resampled(cut, video.fps_milli, fps_milli) for cut in video.cuts)
    silent: dict[str, Any] = {} if args.volume else {"audio": (), "spoken": (), "bpm_milli": 0}
    return ToolResult(assets=(retimed(video, frames, cuts, width=width, height=height, fps_milli=fps_milli, **silent),))


class Trim(ToolArgs, frozen=True):
    """Keep a video from start to end, in seconds; words spoken outside are lost."""

    video: VideoHandle
    start: Moment = 0.0
    end: Moment | None = None

    def check(self, assets: Mapping[str, Asset]) -> None:
        """The range must lie in the video."""
        check_range(self.start, self.end, assets[self.video])


def _trim(args: Trim, context: CallContext) -> ToolResult:
    video = context.assets[args.video]
    first, frames = timeline.trimmed(video.frames, video.fps_milli, args.start, args.end)
    start_ms, end_ms = (duration_of(frame, video.fps_milli) for frame in (first, first + frames))
    spoken = spoken_between(video, start_ms, end_ms)
    return ToolResult(assets=(retimed(video, frames, tuple(cut - first for cut in video.cuts), spoken=spoken),))


class Speed(ToolArgs, frozen=True):
    """Play a video faster (factor above 1) or slower, its sound with it."""

    video: VideoHandle
    factor: Annotated[float, Meta(ge=0.25, le=4)] = 1.0
    keep_pitch: bool = True

    def check(self, assets: Mapping[str, Asset]) -> None:
        """Slowed again and again, a video would never end."""
        check_length("factor", self.factor, assets[self.video].duration_ms / 1000 / self.factor)


def _speed(args: Speed, context: CallContext) -> ToolResult:
    video = context.assets[args.video]
    frames = max(1, timeline.sped(video.frames, args.factor))
    cuts = tuple(timeline.sped(cut, args.factor) for cut in video.cuts)
    bpm_milli = video.bpm_milli * timeline.micros(args.factor) // timeline.SECOND_US
    return ToolResult(assets=(retimed(video, frames, cuts, bpm_milli=bpm_milli),))


class Narrate(ToolArgs, frozen=True):
    """Speak a text over a video; where speech is longer, extend the video, cut the speech or speed it up."""

    video: VideoHandle
    text: Annotated[str, Meta(min_length=1, max_length=4096)]
    voice: Annotated[str, Meta(max_length=100)] = "en-us"
    speed: Annotated[float, Meta(ge=0.5, le=2)] = 1.0
    keep_original_audio: bool = True
    duck: Annotated[float, Meta(ge=0, le=1)] = 0.3
    fit: Literal["extend", "cut", "speed_up"] = "extend"

    def check(self, assets: Mapping[str, Asset]) -> None:
        """There must be something to say."""
        if not self.text.strip():
            raise Refusal("text", self.text, "is blank; expected words to speak")


def _narrate(args: Narrate, context: CallContext) -> ToolResult:
    video = context.assets[args.video]
    needed = speech_ms(args.text, args.speed)
    frames, said = video.frames, args.text
    if args.fit == "extend":
        frames += timeline.frames_in(max(0, needed - video.duration_ms), video.fps_milli)
    elif args.fit == "cut":
        said = timeline.heard(args.text, needed, video.duration_ms)
    before: tuple[AudioKind, ...] = video.audio if args.keep_original_audio else ()
    spoken = video.spoken if args.keep_original_audio else ()
    return ToolResult(
        assets=(
            retimed(
                video,
                frames,
                video.cuts,
                audio=tuple(sorted({*before, "narration"})),
                spoken=timeline.union((spoken, (said,) if said else ())),
                bpm_milli=video.bpm_milli if args.keep_original_audio else 0,
            ),
        )
    )


class AudioCut(ToolArgs, frozen=True):
    """Cut a sound, or the sound of a video: from start to end in seconds, then repeated or shortened to loop_to seconds."""

    audio: SoundHandle
    start: Moment = 0.0
    end: Moment | None = None
    fade_in: Annotated[float, Meta(ge=0, le=10)] = 0.0
    fade_out: Annotated[float, Meta(ge=0, le=10)] = 0.0
    volume: Annotated[float, Meta(ge=0, le=4)] = 1.0
    loop_to: Annotated[float, Meta(ge=0.1, le=600)] | None = None
    format: Literal["mp3", "wav"] = "mp3"

    def check(self, assets: Mapping[str, Asset]) -> None:
        """The range must lie in the sound, and there must be one."""
        source = assets[self.audio]
        if source.modality == "video" and not source.audio:
            raise Refusal("audio", self.audio, "is a silent video; expected one with sound")
        check_range(self.start, self.end, source)


def _cut_audio(args: AudioCut, context: CallContext) -> ToolResult:
    source = context.assets[args.audio]
    start_us, end_us = timeline.micros(args.start), source.duration_ms * 1000
    if args.end is not None and args.end * 1000 < source.duration_ms:
        end_us = timeline.micros(args.end)
    length_us = end_us - start_us if args.loop_to is None else timeline.micros(args.loop_to)
    heard = args.volume > 0
    repeated = length_us > end_us - start_us  # how long its words take can then no longer be told by its length
    sound = Asset(
        modality="audio",
        kind="" if repeated and source.kind == "speech" else source.kind,
        duration_ms=max(1, (length_us + 500) // 1000),
        audio=source.audio if heard else (),
        spoken=spoken_between(source, round(start_us / 1000), min(end_us, start_us + length_us) // 1000) if heard else (),
        bpm_milli=source.bpm_milli if heard else 0,
        caption=source.caption,
    )
    return ToolResult(assets=(sound,))


class SubtitleItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of text and when it shows, in seconds; without an end it stays."""

    text: Annotated[str, Meta(min_length=1, max_length=500)]
    start: Moment = 0.0
    end: Moment | None = None


class Subtitle(ToolArgs, frozen=True):
    """Lay lines of text over a video, each from start to end in seconds."""

    video: VideoHandle
    items: Annotated[tuple[SubtitleItem, ...], Meta(min_length=1, max_length=200)]
    position: Literal["top", "center", "bottom"] = "bottom"
    font_size: Annotated[int, Meta(ge=8, le=200)] | None = None
    color: Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$")] = "#FFFFFF"
    outline: bool = True

    def check(self, assets: Mapping[str, Asset]) -> None:
        """Each line must hold words and show within the video."""
        video = assets[self.video]
        for number, item in enumerate(self.items):
            if not item.text.strip():
                raise Refusal(f"items[{number}].text", item.text, "is blank; expected words to show")
            try:
                check_range(item.start, item.end, video)
            except Refusal as refusal:
                raise Refusal(f"items[{number}].{refusal.name}", refusal.value, refusal.rule) from None


def _subtitle(args: Subtitle, context: CallContext) -> ToolResult:
    video = context.assets[args.video]
    subtitles = timeline.union((video.subtitles, (item.text for item in args.items)))
    return ToolResult(assets=(retimed(video, video.frames, video.cuts, subtitles=subtitles),))


LOCAL_FAULTS: dict[FaultCode, float] = {"internal_error": 0.005}
LOCAL_SOURCES = "own design; laws measured on ffmpeg, exact to the frame; latency, faults: estimate"

POSTPROCESS: ToolSpec[Any] = ToolSpec(
    name="tool_video_postprocess",
    args=Postprocess,
    effect=_postprocess,
    category="editing",
    latency_s=(3, 12),
    faults=LOCAL_FAULTS,
    provenance=LOCAL_SOURCES,
)
SPECS: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_video_trim_edit",
        args=Trim,
        effect=_trim,
        category="editing",
        latency_s=(3, 12),
        faults=LOCAL_FAULTS,
        provenance=LOCAL_SOURCES,
    ),
    ToolSpec(
        name="tool_video_speed_adjust",
        args=Speed,
        effect=_speed,
        category="editing",
        latency_s=(3, 12),
        faults=LOCAL_FAULTS,
        provenance=LOCAL_SOURCES,
    ),
    ToolSpec(
        name="tool_tts_composite",
        args=Narrate,
        effect=_narrate,
        category="editing",
        latency_s=(4, 15),
        faults=LOCAL_FAULTS,
        provenance=LOCAL_SOURCES,
    ),
    ToolSpec(
        name="tool_audio_edit_cut",
        args=AudioCut,
        effect=_cut_audio,
        category="editing",
        latency_s=(1, 4),
        faults=LOCAL_FAULTS,
        provenance=LOCAL_SOURCES,
    ),
    ToolSpec(
        name="tool_subtitle_add_text",
        args=Subtitle,
        effect=_subtitle,
        category="editing",
        latency_s=(3, 12),
        faults=LOCAL_FAULTS,
        provenance=LOCAL_SOURCES,
    ),
)

"""Tools that put videos together: composition, the automatic pipeline, and the beats to cut on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from visgenenv.tools import timeline
from visgenenv.tools.editing import LOCAL_FAULTS, LOCAL_SOURCES, Fps, Side, check_length, spoken_between
from visgenenv.tools.spec import AudioHandle, CallContext, ClipHandle, ImageHandle, Refusal, SoundHandle, TextHandle, ToolArgs, ToolSpec
from visgenenv.types import Asset, ToolResult
from visgenenv.workspace import duration_of

STILL_MS = 3000
"""How long an image is shown when it is one of the clips."""


class Composite(ToolArgs, frozen=True):
    """Join clips (videos, or images shown 3 s each) in order, with music and voices.

    With `beats`, the answer of tool_beat_detect on the music, every clip is cut to whole beats.
    """

    clips: Annotated[tuple[ClipHandle, ...], Meta(min_length=1, max_length=100)]
    bgm: AudioHandle | None = None
    voice: Annotated[tuple[AudioHandle, ...], Meta(max_length=20)] = ()
    beats: TextHandle | None = None
    width: Side = 1280
    height: Side = 720
    fps: Fps = 24
    transition: Literal["none", "fade", "wipe", "slide"] = "none"
    transition_duration: Annotated[float, Meta(ge=0, le=3)] = 0.5
    fit: Literal["crop", "pad", "stretch"] = "crop"
    bgm_volume: Annotated[float, Meta(ge=0, le=2)] = 0.3
    keep_clip_audio: bool = True
    end: Literal["video", "shortest", "longest"] = "video"

    def check(self, assets: Mapping[str, Asset]) -> None:
        """Beats need their music and hard cuts; a transition needs clips more than twice as long; and a film has an end."""
        if self.beats is not None:
            if assets[self.beats].kind != "beats":
                raise Refusal("beats", self.beats, "is no answer of tool_beat_detect")
            if self.bgm is None:
                raise Refusal("bgm", None, "beats need the music they were found in")
            if self.transition != "none":
                raise Refusal("transition", self.transition, "clips are cut on beats only with 'none'")
        lengths = _lengths(self, assets)
        sounds = [assets[self.bgm].duration_ms] if self.bgm is not None else []
        sounds.append(sum(assets[handle].duration_ms for handle in self.voice))
        seconds = max(sum(lengths) / self.fps, *(sound / 1000 for sound in sounds if self.end == "longest"), 0)
        cuts = sum(max(assets[handle].shots, 1) for handle in self.clips) - 1
        check_length("clips", list(self.clips[:3]), seconds, cuts)
        if self.transition != "none" and len(self.clips) > 1:
            shortest = min(lengths)
            if 2 * timeline.micros(self.transition_duration) * self.fps >= shortest * timeline.SECOND_US:
                rule = f"expected less than half the shortest clip, which lasts {shortest / self.fps:g} s"
                raise Refusal("transition_duration", self.transition_duration, rule)


def _lengths(args: Composite, assets: Mapping[str, Asset]) -> list[int]:
    """Frames of each clip at the film's frame rate."""
    fps_milli = 1000 * args.fps
    return [
        timeline.resampled(clip.frames, clip.fps_milli, fps_milli) if clip.modality == "video" else timeline.frames_in(STILL_MS, fps_milli)
        for clip in (assets[handle] for handle in args.clips)
    ]


def _composite(args: Composite, context: CallContext) -> ToolResult:
    assets = context.assets
    fps_milli = 1000 * args.fps
    clips = [assets[handle] for handle in args.clips]
    lengths = _lengths(args, assets)
    if args.beats is not None:
        lengths = timeline.on_beats(lengths, fps_milli, assets[args.beats].bpm_milli)
    overlap = 0 if args.transition == "none" else timeline.micros(args.transition_duration)
    starts, frames = timeline.joined(lengths, overlap, fps_milli)
    bgm = assets[args.bgm] if args.bgm is not None and args.bgm_volume else None
    voices = [assets[handle] for handle in args.voice]
    frames = _ended(args, frames, bgm, voices)
    # What of each clip is there: it may be cut to its beats, or by the end of the whole.
    there = [(clip, min(length, frames - start)) for clip, length, start in zip(clips, lengths, starts, strict=True) if start < frames]
    kept = [(clip, duration_of(part, fps_milli)) for clip, part in there if clip.modality == "video"] if args.keep_clip_audio else []
    sources = [*(clip for clip, _ in kept), *([bgm] if bgm else []), *voices]
    length_ms = duration_of(frames, fps_milli)
    spoken = [spoken_between(clip, 0, part_ms) for clip, part_ms in kept]
    spoken += [spoken_between(bgm, 0, length_ms)] if bgm else []
    film = Asset(
        modality="video",
        width=args.width,
        height=args.height,
        frames=frames,
        fps_milli=fps_milli,
        duration_ms=length_ms,
        cuts=timeline.inside(_cuts(clips, lengths, starts, fps_milli), frames),
        audio=timeline.kinds(sources),
        spoken=timeline.union([*spoken, _voiced(voices, length_ms)]),
        subtitles=timeline.union(clip.subtitles for clip, _ in there),
        drawn=timeline.union(clip.drawn for clip, _ in there),
        bpm_milli=bgm.bpm_milli if bgm else next((clip.bpm_milli for clip, _ in kept if clip.bpm_milli), 0),
        kind="reference" if all(clip.kind == "reference" for clip in clips) else "",
        caption="; ".join(dict.fromkeys(clip.caption for clip in clips if clip.caption))[:400],
    )
    return ToolResult(assets=(film,))


def _ended(args: Composite, frames: int, bgm: Asset | None, voices: Sequence[Asset]) -> int:
    """Frames of the whole once its end is agreed between pictures and sounds; voices follow one another."""
    sounds = [sound for sound in (bgm.duration_ms if bgm else 0, sum(voice.duration_ms for voice in voices)) if sound]
    if args.end == "video" or not sounds:
        return frames
    lengths = [frames, *(timeline.frames_in(sound, 1000 * args.fps) for sound in sounds)]
    return max(1, min(lengths) if args.end == "shortest" else max(lengths))


def _cuts(clips: Sequence[Asset], lengths: Sequence[int], starts: Sequence[int], fps_milli: int) -> list[int]:
    """Joins, and the clips' own cuts at their place in the whole."""
    found = list(starts[1:])
    for clip, length, start in zip(clips, lengths, starts, strict=True):
        if clip.cuts:
            own = (timeline.resampled(cut, clip.fps_milli, fps_milli) for cut in clip.cuts)
            found += [start + cut for cut in own if cut < length]
    return found


def _voiced(voices: Sequence[Asset], length_ms: int) -> list[str]:
    """What is heard of voices that follow one another over a film of this length."""
    said: list[str] = []
    elapsed = 0
    for voice in voices:
        said += spoken_between(voice, 0, length_ms - elapsed)
        elapsed += voice.duration_ms
    return said


class AutoPipeline(ToolArgs, frozen=True):
    """Make a whole film from one prompt by itself: quick, but all shots share the words, and it writes no text."""

    prompt: Annotated[str, Meta(min_length=1, max_length=8000)]
    num_shots: Annotated[int, Meta(ge=1, le=12)] = 4
    shot_duration: Literal[5, 10] = 5
    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"
    with_music: bool = True
    with_narration: bool = False
    reference_images: Annotated[tuple[ImageHandle, ...], Meta(max_length=4)] = ()


_PIPELINE_SIZES = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960)}


def _auto_pipeline(args: AutoPipeline, context: CallContext) -> ToolResult:
    width, height = _PIPELINE_SIZES[args.aspect_ratio]
    shot = 24 * args.shot_duration
    film = Asset(
        modality="video",
        width=width,
        height=height,
        frames=shot * args.num_shots,
        fps_milli=24_000,
        duration_ms=1000 * args.shot_duration * args.num_shots,
        cuts=tuple(range(shot, shot * args.num_shots, shot)),
        audio=(*(("music",) if args.with_music else ()), *(("narration",) if args.with_narration else ())),
        caption=args.prompt,
    )
    return ToolResult(assets=(film,))


def _auto_price(args: AutoPipeline, context: CallContext) -> int:
    return args.num_shots * (39_000 + 56_000 * args.shot_duration) + 80_000 * args.with_music + 50_000


class BeatDetect(ToolArgs, frozen=True):
    """Find the tempo and beats of a sound, or of a video's sound."""

    audio: SoundHandle
    min_bpm: Annotated[float, Meta(ge=30, le=200)] = 60.0
    max_bpm: Annotated[float, Meta(ge=60, le=300)] = 180.0
    units: Literal["seconds", "frames"] = "seconds"

    def check(self, assets: Mapping[str, Asset]) -> None:
        """There must be sound, and a range of tempi."""
        source = assets[self.audio]
        if source.modality == "video" and not source.audio:
            raise Refusal("audio", self.audio, "is a silent video; expected one with sound")
        if self.max_bpm <= self.min_bpm:
            raise Refusal("max_bpm", self.max_bpm, f"expected more than min_bpm={self.min_bpm:g}")


class Beats(msgspec.Struct, frozen=True, kw_only=True):
    """What beat detection answers."""

    bpm: float
    beats: list[float]
    """The first 16, from the start of the sound."""
    n_beats: int
    confidence: float


def _beats(args: BeatDetect, context: CallContext) -> ToolResult:
    source = context.assets[args.audio]
    low, high = round(args.min_bpm * 1000), round(args.max_bpm * 1000)
    known = source.bpm_milli
    # A sound without a tempo of its own still gets an answer, as a real detector gives one, and little trust in it.
    bpm_milli = _octave(known, low, high) if known else low + (context.bits("bpm") * (high - low) >> 64)
    count = source.duration_ms * bpm_milli // 60_000_000 + 1
    times = [(60_000_000 * n + bpm_milli // 2) // bpm_milli for n in range(min(count, 16))]
    frame_rate = source.fps_milli or 24_000
    found = Beats(
        bpm=bpm_milli / 1000,
        beats=[ms / 1000 if args.units == "seconds" else timeline.frames_in(ms, frame_rate) for ms in times],
        n_beats=count,
        confidence=0.95 if known else 0.2,
    )
    text = msgspec.json.encode(found).decode()
    return ToolResult(assets=(Asset(modality="text", kind="beats", text=text, bpm_milli=bpm_milli, caption=f"beats of {args.audio}"),))


def _octave(bpm_milli: int, low: int, high: int) -> int:
    """The tempo, doubled or halved into a range where it can be."""
    for tempo in (bpm_milli, 2 * bpm_milli, bpm_milli // 2, 4 * bpm_milli, bpm_milli // 4):
        if low <= tempo <= high:
            return tempo
    return bpm_milli


def _minutes(args: Composite, context: CallContext) -> float:
    return max(sum(context.assets[handle].duration_ms or STILL_MS for handle in args.clips), 15_000) / 60_000


COMPOSITE: ToolSpec[Any] = ToolSpec(
    name="tool_video_composite",
    args=Composite,
    effect=_composite,
    category="editing",
    latency_s=(8, 40),
    latency_scale=_minutes,
    faults=LOCAL_FAULTS,
    provenance=LOCAL_SOURCES + " (a minute of film)",
)
SPECS: tuple[ToolSpec[Any], ...] = (
    ToolSpec(
        name="tool_video_auto_pipeline",
        args=AutoPipeline,
        effect=_auto_pipeline,
        category="editing",
        latency_s=(420, 1200),
        price_microusd=_auto_price,
        faults={"content_policy": 0.05, "rate_limited": 0.05, "timeout": 0.08, "malformed_output": 0.08, "silently_wrong": 0.02},
        provenance="estimate: modelled as a composition of the other tools; a film with shots missing counts as malformed",
    ),
    ToolSpec(
        name="tool_beat_detect",
        args=BeatDetect,
        effect=_beats,
        category="editing",
        latency_s=(1, 5),
        faults=LOCAL_FAULTS,
        provenance=LOCAL_SOURCES,
    ),
)

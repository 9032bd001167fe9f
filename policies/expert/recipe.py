"""How to make what a brief asks: steps, each some calls of one tool, and what each needs of the others.

Nothing here knows of turns or failures; `teacher.py` carries a recipe out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.expert.brief import Brief, Part
from visgenenv.tools.image import GEMINI_SIZES


@dataclass(frozen=True, slots=True)
class Made:
    """An output that will be there once its call has run."""

    step: int
    """Index of the step."""
    call: int = 0
    """Index of the call within its step."""


@dataclass(frozen=True, slots=True)
class Step:
    """Some calls of one tool."""

    tool: str
    goal: str
    """One word, for plan and thoughts."""
    calls: tuple[dict[str, Any], ...]
    """Arguments; a `Made` stands for a handle that is not there yet. Defaults are left out."""
    after: tuple[int, ...] = ()
    """Indices of steps that it waits for without using what they make."""

    @property
    def needs(self) -> list[int]:
        """Indices of the steps that come before it."""
        return sorted({*self.after, *(made.step for call in self.calls for made in made_in(call))})


@dataclass(slots=True)
class Recipe:
    """Steps in the order they were thought of, and what is handed over in the end."""

    steps: list[Step] = field(default_factory=list)
    deliver: list[Made] = field(default_factory=list)
    """All outputs of these calls."""

    def add(self, tool: str, goal: str, *calls: dict[str, Any], after: tuple[int, ...] = ()) -> list[Made]:
        """A further step; returns its outputs, one a call."""
        kept = tuple({name: value for name, value in call.items() if value is not None} for call in calls)
        self.steps.append(Step(tool, goal, kept, after))
        return [Made(len(self.steps) - 1, n) for n in range(len(calls))]


def made_in(value: Any) -> list[Made]:
    """Every `Made` inside arguments."""
    if isinstance(value, Made):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [made for item in inner for made in made_in(item)]


def recipe(brief: Brief, given: Sequence[str]) -> Recipe:
    """The steps for a brief; `given` are the handles of the task's pictures."""
    pictures = list(given)[: brief.given]
    if not brief.video:
        return picture_set(brief, pictures)
    plan = Recipe()
    for _ in range(brief.films):
        plan.deliver += film(plan, brief, pictures)
    return plan


def picture_set(brief: Brief, given: Sequence[str]) -> Recipe:
    """Pictures: edits of what is given, edits of the first where they must look alike, else each from its words."""
    plan = Recipe()
    if given:
        wanted = [part for part in brief.parts for _ in range(part.copies)]
        plan.deliver = _edits(plan, brief, "edits", [(part.words, given[n % len(given)]) for n, part in enumerate(wanted)])
    elif brief.reference and brief.parts:
        first, *others = brief.parts
        plan.deliver = _from_words(plan, brief, [first], "reference")
        if others:
            plan.deliver += _edits(plan, brief, "variants", [(part.change, plan.deliver[0]) for part in others])
    else:
        plan.deliver = _from_words(plan, brief, brief.parts, "pictures")
    return plan


def _edits(plan: Recipe, brief: Brief, goal: str, wanted: Sequence[tuple[str, Made | str]]) -> list[Made]:
    """Pictures made from others by words; the editor keeps their shape, and makes none that is large."""
    if _large(brief):
        calls = [{**large_picture(words, brief.aspect), "reference_images": [source]} for words, source in wanted]
        return plan.add("tool_text2image_seed", goal, *calls)
    aspect = (_picture_aspect(brief.aspect) or "1:1") if brief.given and brief.aspect else None
    return plan.add("tool_image_edit_gemini", goal, *({"prompt": words, "images": [at], "aspect_ratio": aspect} for words, at in wanted))


def _large(brief: Brief) -> bool:
    """Whether pictures must be larger than the smaller models make them in the shape asked, and the large one has that shape."""
    usual = min(GEMINI_SIZES[_picture_aspect(brief.aspect) or "1:1"])
    return (brief.min_side or 0) > usual and (brief.aspect in LARGE_SIZES or brief.aspect in (None, "1:1"))


GEMINI_MAX_IMAGES = 4
LARGE_SIZES = {"16:9": "2560x1440", "9:16": "1440x2560", "4:3": "2304x1728", "3:4": "1728x2304"}
"""Of the large picture model; 2048x2048 where none is named."""


def _from_words(plan: Recipe, brief: Brief, parts: Sequence[Part], goal: str) -> list[Made]:
    """Pictures from words; several of the same words in one call, as many as the model makes at a time."""
    batches = [(part, n) for part in parts for n in _batches(part.copies, GEMINI_MAX_IMAGES)]
    if _large(brief):
        return plan.add("tool_text2image_seed", goal, *(large_picture(part.words, brief.aspect, n) for part, n in batches))
    calls = [
        {"prompt": part.words, "aspect_ratio": _picture_aspect(brief.aspect), "num_images": None if n == 1 else n} for part, n in batches
    ]
    return plan.add("tool_text2image_gemini", goal, *calls)


def large_picture(words: str, aspect: str | None, number: int = 1) -> dict[str, Any]:
    """Arguments of the large picture model."""
    several = {"sequential_image_generation": "auto", "max_images": number} if number > 1 else {}
    size = LARGE_SIZES.get(aspect or "1:1")
    return {"prompt": words, **({"size": size} if size else {}), **several}


def _batches(number: int, largest: int) -> list[int]:
    return [largest] * (number // largest) + ([number % largest] if number % largest else [])


def film(plan: Recipe, brief: Brief, given: Sequence[str]) -> list[Made]:
    """A film: a reference where shots must look alike, the sounds, the shots, then joined, then subtitled; returns it."""
    picture: Made | str | None = given[0] if given else None
    if brief.reference and picture is None:
        words = brief.subject or brief.parts[0].words
        wide = _picture_aspect(brief.aspect or "16:9")
        (picture,) = plan.add("tool_text2image_gemini", "reference", {"prompt": words, "aspect_ratio": wide})
    music = plan.add("tool_music_suno", "music", {"prompt": brief.music})[0] if brief.music else None
    beats = plan.add("tool_beat_detect", "beats", {"audio": music})[0] if brief.beat and music else None
    voice = plan.add("tool_tts_generation", "voice", {"text": brief.narration})[0] if brief.narration else None
    clips = _clips(plan, brief, picture, bool(given))
    if len(clips) > 1 or music or voice or brief.aspect not in (None, "16:9", "9:16") or (brief.min_side or 0) > 720:
        width, height = _frame(brief)
        joined = {"clips": clips, "bgm": music, "voice": [voice] if voice else None, "beats": beats, "width": width, "height": height}
        clips = plan.add("tool_video_composite", "film", joined)
    if brief.subtitles:
        lines = _timed(brief.subtitles, sum(part.seconds for part in brief.parts))
        clips = plan.add("tool_subtitle_add_text", "subtitle", {"video": clips[0], "items": lines})
    return clips


def _timed(lines: Sequence[str], seconds: float) -> list[dict[str, Any]]:
    """Subtitles one after the other; a single one may stay to the end."""
    if len(lines) == 1:
        return [{"text": lines[0]}]
    each = 0.8 * seconds / len(lines)
    return [{"text": line, "start": _short(n * each), "end": _short((n + 1) * each)} for n, line in enumerate(lines)]


def _frame(brief: Brief) -> tuple[int | None, int | None]:
    """Width and height of a joined film, None for the default 1280x720."""
    short, ratio = max(brief.min_side or 0, 720), _ratio(brief.aspect or "16:9")
    width, height = (short * ratio, float(short)) if ratio >= 1 else (float(short), short / ratio)
    size = (2 * round(width / 2), 2 * round(height / 2))
    return (None, None) if size == (1280, 720) else size


@dataclass(frozen=True, slots=True)
class _Take:
    """How one shot comes to its length: what to generate, then where to cut it or how far to slow it."""

    tool: str
    duration: int
    trim: float | None = None
    factor: float | None = None


_VEO_SECONDS: tuple[int, ...] = (4, 6, 8)
_KLING_SECONDS: tuple[int, ...] = (5, 10)
_SLOWEST = 0.25
_KLING_EXTRA = 1 / 24
"""Kling's clips are one frame longer than they say."""


def _take(seconds: float, from_picture: bool, sound: bool) -> _Take:
    """The shortest generated clip that is long enough, cut to length; past the longest, that one slowed down.

    Kling animates a picture to other lengths than Veo does, but silently.
    """
    short = seconds in _VEO_SECONDS or (sound and seconds <= _VEO_SECONDS[-1] / _SLOWEST)
    if (from_picture and not short) or seconds > _VEO_SECONDS[-1] / _SLOWEST:
        tool, lengths, extra = "tool_image2video_keling", _KLING_SECONDS, _KLING_EXTRA
    else:
        tool, lengths, extra = "tool_image2video_veo3" if from_picture else "tool_text2video_veo", _VEO_SECONDS, 0.0
    for duration in lengths:
        if seconds <= duration:
            return _Take(tool, duration, trim=None if seconds == duration else seconds)
    factor = max((lengths[-1] + extra) / seconds, _SLOWEST)
    return _Take(tool, lengths[-1], factor=round(factor, 4))


def _clips(plan: Recipe, brief: Brief, picture: Made | str | None, given: bool) -> list[Made]:
    """The shots, in order: a step for each tool, then one that cuts and one that slows where lengths ask for it."""
    takes = [_take(part.seconds, picture is not None, brief.sound) for part in brief.parts]
    sources: list[Made | str | None] = [picture] * len(takes)
    unseen = [n for n, take in enumerate(takes) if take.tool != "tool_text2video_veo" and picture is None]
    if unseen:  # too long for video from words: a picture first
        stills = [{"prompt": brief.parts[n].words, "aspect_ratio": _picture_aspect(brief.aspect or "16:9")} for n in unseen]
        for n, still in zip(unseen, plan.add("tool_text2image_gemini", "stills", *stills), strict=True):
            sources[n] = still
    shots: list[Made | None] = [None] * len(takes)
    for tool in sorted({take.tool for take in takes}):
        chosen = [n for n, take in enumerate(takes) if take.tool == tool]
        calls = [_clip(brief, brief.parts[n], takes[n], sources[n], given) for n in chosen]
        for n, made in zip(chosen, plan.add(tool, "clips", *calls), strict=True):
            shots[n] = made
    for attribute, argument, tool, goal in (
        ("trim", "end", "tool_video_trim_edit", "trim"),
        ("factor", "factor", "tool_video_speed_adjust", "slow"),
    ):
        chosen = [n for n, take in enumerate(takes) if getattr(take, attribute) is not None]
        if chosen:
            calls = [{"video": shots[n], argument: _short(getattr(takes[n], attribute))} for n in chosen]
            for n, made in zip(chosen, plan.add(tool, goal, *calls), strict=True):
                shots[n] = made
    return [made for made in shots if made is not None]


def _clip(brief: Brief, part: Part, take: _Take, source: Made | str | None, given: bool) -> dict[str, Any]:
    """Arguments of one shot: from a picture made here only what moves is said, else everything."""
    upright = _upright(brief.aspect)
    if take.tool == "tool_image2video_keling":
        words = part.words if given or not brief.reference else part.change
        return {"image": source, "prompt": words[:2400], "duration": None if take.duration == 5 else take.duration}
    length = {"duration": None if take.duration == 8 else take.duration, "aspect_ratio": "9:16" if upright else None}
    if source is None:
        return {"prompt": part.words, **length}
    return {"image": source, "prompt": part.words if given else part.change, **length}


def _upright(aspect: str | None) -> bool:
    return _ratio(aspect or "16:9") < 1


def _ratio(aspect: str) -> float:
    """Width over height."""
    left, _, right = aspect.partition(":")
    return float(left) / float(right)


_PICTURE_ASPECTS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")


def _picture_aspect(aspect: str | None) -> str | None:
    """The picture model's shape nearest to the one asked; None for its default, the square."""
    if aspect is None or aspect == "1:1":
        return None
    if aspect in _PICTURE_ASPECTS:
        return aspect
    return min(_PICTURE_ASPECTS, key=lambda shape: abs(_ratio(shape) / _ratio(aspect) - 1))


def _short(number: float) -> float | int:
    """A number as short as JSON can say it."""
    rounded = round(number, 4)
    return int(rounded) if rounded == int(rounded) else rounded

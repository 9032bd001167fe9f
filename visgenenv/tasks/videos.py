"""Six kinds of video task: what each asks for, by difficulty.

The order of a task's entities is fixed: the subject, what the single shots show, then the words for the music.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from visgenenv.tasks import vocabulary as v
from visgenenv.tasks.images import Parts, subject
from visgenenv.tasks.wording import Draw
from visgenenv.types import AudioKind, Requirements, TaskInput

GENERATED_SECONDS = (4, 6, 8)
"""Lengths of a shot from words, or from a picture made for it."""
ANIMATED_SECONDS = (5, 10)
"""Lengths of a shot from a given picture."""


def _film(
    draw: Draw,
    shows: Sequence[str],
    who: str,
    seconds: Sequence[int],
    *,
    music: Sequence[str] = (),
    narrated: bool = False,
    subtitled: bool = False,
    beat: bool | None = None,
    consistency: str | None = None,
) -> tuple[str, Requirements]:
    """Prompt and requirements of a film with a shot for each thing it shows."""
    each = draw.pick(seconds, "seconds")
    total = each * len(shows)
    aspect = draw.pick((None, "16:9", "9:16"), "aspect")
    narration, subtitle = (draw.word(v.lines(draw.split), name) for name in ("narration", "subtitle"))
    clauses = [draw.clause("each", each) if draw.below(2, "length") else draw.clause("total", total)]
    clauses += [draw.clause("aspect", aspect)] if aspect else []
    clauses += [draw.clause("narration", narration)] if narrated else []
    clauses += [draw.clause("subtitle", subtitle)] if subtitled else []
    if music:
        clauses.append(draw.clause("tempo", music[0], music[1].removesuffix(" bpm")) if len(music) > 1 else draw.clause("music", music[0]))
    audio: tuple[AudioKind, ...] = _sounds(bool(music), narrated)
    asked = Requirements(
        count=1,
        aspect=aspect,
        duration_s=float(total),
        shots=len(shows),
        audio=audio or None,
        narration=narration if narrated else None,
        subtitles=(subtitle,) if subtitled else None,
        entities=(who, *shows, *music),
        consistency=consistency,  # type: ignore[arg-type]
        beat=beat,
    )
    return draw.sentence(clauses, s=who, n=len(shows), listed=shows), asked


def _sounds(music: bool, narration: bool) -> tuple[AudioKind, ...]:
    kinds: list[AudioKind] = ["music"] if music else []
    return (*kinds, "narration") if narration else tuple(kinds)


def product_marketing_videos(draw: Draw) -> Parts:
    """One product in every shot, narrated and subtitled; the hard ones with music."""
    views = draw.words(v.VIEWS, draw.between(((2, 2), (3, 4), (5, 5)), "shots"), "view")
    music = draw.words(v.GENRES, 1, "genre") if draw.level == 2 else ()
    thing = subject(draw, "product")
    return *_film(draw, views, thing, GENERATED_SECONDS, music=music, narrated=True, subtitled=True, consistency="object"), ()


def music_videos(draw: Draw) -> Parts:
    """Shots cut on the beat of music in a given genre and tempo."""
    settings = draw.words(v.SETTINGS, draw.between(((2, 3), (4, 5), (6, 7)), "shots"), "setting")
    music = (draw.word(v.GENRES, "genre"), f"{draw.pick(v.TEMPI, 'tempo')} bpm")
    who = subject(draw, draw.pick(("product", "character"), "kind"))
    return *_film(draw, settings, who, GENERATED_SECONDS, music=music, beat=True), ()


def story_videos(draw: Draw) -> Parts:
    """Shots with one character; the hard ones told by a voice."""
    actions = draw.words(v.ACTIONS, draw.between(((2, 4), (5, 6), (7, 8)), "shots"), "action")
    return *_film(draw, actions, subject(draw, "character"), GENERATED_SECONDS, narrated=draw.level == 2, consistency="character"), ()


def public_service_advertisements(draw: Draw) -> Parts:
    """A cause, shown in several places, with a spoken line; the hard ones subtitled."""
    settings = draw.words(v.SETTINGS, draw.between(((2, 4), (5, 6), (7, 8)), "shots"), "setting")
    return *_film(draw, settings, subject(draw, "cause"), GENERATED_SECONDS, narrated=True, subtitled=draw.level == 2), ()


def event_promotion_videos(draw: Draw) -> Parts:
    """An event with music and a subtitle."""
    settings = draw.words(v.SETTINGS, draw.between(((2, 3), (4, 5), (6, 7)), "shots"), "setting")
    music = draw.words(v.GENRES, 1, "genre")
    return *_film(draw, settings, subject(draw, "event"), GENERATED_SECONDS, music=music, subtitled=True), ()


def brand_story_videos(draw: Draw) -> Parts:
    """A given picture of the product animated shot by shot, with music; the hard ones narrated."""
    views = draw.words(v.VIEWS, draw.between(((2, 4), (5, 6), (7, 8)), "shots"), "view")
    music = draw.words(v.GENRES, 1, "genre")
    thing = subject(draw, "product")
    prompt, asked = _film(draw, views, thing, ANIMATED_SECONDS, music=music, narrated=draw.level == 2, consistency="object")
    width, height = (768, 1344) if asked.aspect == "9:16" else (1344, 768)
    return (
        prompt,
        msgspec.structs.replace(asked, from_inputs=True),
        (TaskInput(modality="image", caption=thing, width=width, height=height),),
    )


FAMILIES = (
    product_marketing_videos,
    music_videos,
    story_videos,
    public_service_advertisements,
    event_promotion_videos,
    brand_story_videos,
)
"""Each named as its task type."""

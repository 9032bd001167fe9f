"""The 21 kinds of video task: what each asks for, by difficulty.

The order of a task's entities is fixed: the subject, what the single shots show, the look.
"""

from __future__ import annotations

from dataclasses import dataclass

from visgenenv.tasks import particulars as p
from visgenenv.tasks import vocabulary as v
from visgenenv.tasks.pictures import PICTURED, Consistency, Parts, Ranges, one_of, shared, shared_clauses, shown
from visgenenv.tasks.vocabulary import Word
from visgenenv.tasks.wording import Draw
from visgenenv.types import AudioKind, Requirements, TaskInput

GENERATED_SECONDS = (4, 6, 8)
"""Lengths of a shot from words, or from a picture made for it."""
ANIMATED_SECONDS = (5, 10)
"""Lengths of a shot from a given picture."""
FULL_HD_SIDE = 1080
"""Pixels of the shorter side of a film that must be large."""


@dataclass(frozen=True, slots=True)
class Film:
    """What a kind of video task asks for; a difficulty (0 easy to 3 long) stands where something is asked from it on."""

    shows: tuple[Word, ...]
    """What the single shots show."""
    shots: Ranges
    subject: tuple[str, ...] = ("character",)
    """Kinds of noun; one of them is drawn."""
    music: int | None = None
    narrated: int | None = None
    subtitled: int | None = None
    tempo: bool = False
    """Whether the music has a tempo and the cuts lie on its beats."""
    sound: bool = False
    """Whether the sounds of what is seen must be heard."""
    styled: bool = False
    titled: bool = False
    """Whether a line must be drawn in the picture."""
    aspects: tuple[str | None, ...] = (None, "16:9", "9:16")
    large_from: int | None = None
    consistency: Consistency | None = None
    given: bool = False
    """Whether the shots are made from a picture that the task brings along."""
    still: bool = False
    """Whether pictures that do not move will do for shots."""


FILMS: dict[str, Film] = {
    "product_marketing_videos": Film(
        v.VIEWS, ((2, 2), (3, 4), (5, 5), (15, 17)), ("product",), music=2, narrated=0, subtitled=0, consistency="object"
    ),
    "public_service_advertisements": Film(v.SETTINGS, ((2, 4), (5, 6), (7, 8), (17, 19)), ("cause",), narrated=0, subtitled=2),
    "corporate_promotion_videos": Film(p.WORKPLACES, ((2, 3), (4, 5), (6, 7), (16, 18)), ("company",), music=0, narrated=0, subtitled=1),
    "brand_story_videos": Film(
        v.VIEWS, ((2, 4), (5, 6), (7, 8), (17, 19)), ("product",), music=0, narrated=2, consistency="object", given=True
    ),
    "event_promotion_videos": Film(v.SETTINGS, ((2, 3), (4, 5), (6, 7), (17, 19)), ("event",), music=0, subtitled=0),
    "instructional_videos": Film(p.STEPS, ((2, 3), (4, 5), (6, 7), (16, 18)), ("product",), narrated=0, subtitled=1, consistency="object"),
    "popular_science_documentaries": Film(
        p.FACETS, ((2, 3), (4, 5), (6, 7), (16, 18)), ("topic",), music=2, narrated=0, subtitled=1, large_from=2
    ),
    "music_videos": Film(v.SETTINGS, ((2, 3), (4, 5), (6, 7), (17, 19)), ("product", "character"), music=0, tempo=True),
    "concert_recordings": Film(
        p.STAGE, ((2, 3), (4, 5), (6, 7), (17, 19)), music=0, sound=True, aspects=("16:9",), consistency="character"
    ),
    "variety_shows": Film(p.SEGMENTS, ((2, 3), (4, 5), (6, 7), (17, 19)), music=0, subtitled=0, sound=True, titled=True),
    "story_videos": Film(v.ACTIONS, ((2, 4), (5, 6), (7, 8), (18, 20)), narrated=2, consistency="character"),
    "video_podcasts": Film(p.TALKS, ((2, 2), (3, 4), (5, 6), (16, 18)), ("topic",), narrated=0, subtitled=0, consistency="scene"),
    "picture_book_videos": Film(
        v.ACTIONS, ((2, 3), (4, 5), (6, 7), (17, 19)), narrated=0, styled=True, consistency="character", still=True
    ),
    "dynamic_comics": Film(v.ACTIONS, ((2, 3), (4, 5), (6, 7), (18, 20)), music=2, styled=True, titled=True, consistency="style"),
    "animated_short_films": Film(v.ACTIONS, ((2, 3), (4, 5), (6, 7), (17, 19)), music=0, styled=True, consistency="character"),
    "animated_movies": Film(
        p.SCENES,
        ((2, 3), (4, 5), (6, 7), (16, 18)),
        music=0,
        narrated=1,
        styled=True,
        large_from=2,
        consistency="character",
    ),
    "game_adaptation_films": Film(p.LEVELS, ((2, 3), (4, 5), (6, 7), (17, 19)), music=0, aspects=("21:9", "16:9"), consistency="character"),
    "game_videos": Film(p.LEVELS, ((2, 4), (5, 6), (7, 8), (18, 20)), music=1, sound=True, aspects=("16:9", "9:16")),
    "movies": Film(p.SCENES, ((2, 3), (4, 5), (6, 7), (17, 19)), music=0, aspects=("21:9",), consistency="character"),
    "short_dramas": Film(p.SCENES, ((2, 3), (4, 5), (6, 7), (17, 19)), music=1, subtitled=0, aspects=("9:16",), consistency="character"),
    "story_explanations": Film(p.SCENES, ((2, 4), (5, 6), (7, 8), (17, 19)), narrated=0, subtitled=2, still=True),
}
"""By task type, in the taxonomy's order."""


def film(draw: Draw) -> Parts:
    """A video task of the draw's type: a shot for each thing it shows."""
    form = FILMS[draw.task_type]
    shows = shown(draw, form.shows, form.shots)
    who, kind = one_of(draw, form.subject)
    music = (draw.word(v.GENRES),) if _asked(draw, form.music) else ()
    tempo = draw.pick(v.TEMPI) if form.tempo else None
    narrated, subtitled = _asked(draw, form.narrated), _asked(draw, form.subtitled)
    style = draw.word(v.STYLES) if form.styled else ""
    each = draw.pick(ANIMATED_SECONDS if form.given else GENERATED_SECONDS)
    total = each * len(shows)
    aspect = draw.pick(form.aspects)
    min_side = FULL_HD_SIDE if _asked(draw, form.large_from) else None
    lines = v.lines(draw.split)
    narration = draw.word(lines) if narrated else ""
    subtitle = draw.word(lines) if subtitled else ""
    title = draw.word(lines) if form.titled else ""
    with_it = shared(who if kind in PICTURED and not form.given else "", style)
    told_each = bool(draw.below(2))
    clauses = [draw.clause("each", each) if told_each else draw.clause("total", total)]
    clauses += [draw.clause("aspect", aspect)] if aspect else []
    clauses += [draw.clause("film_side", min_side)] if min_side else []
    clauses += [draw.clause("narration", narration)] if narrated else []
    clauses += [draw.clause("subtitle", subtitle)] if subtitled else []
    clauses += [draw.clause("film_words", title)] if form.titled else []
    clauses += [draw.clause("sound", "")] if form.sound else []
    if music:
        clauses.append(draw.clause("tempo", music[0], tempo) if tempo else draw.clause("music", music[0]))
    if draw.terse:
        clauses += shared_clauses(draw, style, form.consistency)
    heard: dict[AudioKind, bool] = {"music": bool(music), "narration": narrated, "sound": form.sound}
    asked = Requirements(
        count=1,
        aspect=aspect,
        min_side=min_side,
        duration_s=float(total),
        shots=len(shows),
        shot_s=float(each) if told_each else None,
        audio=tuple(kind for kind, there in heard.items() if there) or None,
        narration=narration if narrated else None,
        subtitles=(subtitle,) if subtitled else None,
        drawn=(title,) if form.titled else None,
        entities=tuple(filter(None, (who, *shows, style))),
        each=tuple((show, *with_it) for show in shows),
        consistency=form.consistency,
        moving=None if form.still else True,
        music=music or None,
        bpm=tempo,
        beat=True if form.tempo else None,
        from_inputs=True if form.given else None,
    )
    words = draw.sentence(clauses, s=who, n=len(shows), style=style, listed=shows)
    return words, asked, (_given(who, aspect),) if form.given else ()


def _asked(draw: Draw, lowest: int | None) -> bool:
    return lowest is not None and draw.level >= lowest


def _given(thing: str, aspect: str | None) -> TaskInput:
    width, height = (768, 1344) if aspect == "9:16" else (1344, 768)
    return TaskInput(modality="image", caption=thing, width=width, height=height)

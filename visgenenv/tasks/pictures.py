"""The 21 kinds of image task: what each asks for, by difficulty.

The order of a task's entities is fixed: the subject, what the single pictures show, the look shared by all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from visgenenv.tasks import particulars as p
from visgenenv.tasks import vocabulary as v
from visgenenv.tasks.vocabulary import Word
from visgenenv.tasks.wording import Draw
from visgenenv.types import Requirements, TaskInput

Parts = tuple[str, Requirements, tuple[TaskInput, ...]]
"""Prompt, requirements, inputs."""
Ranges = tuple[tuple[int, int], ...]
"""Lowest and highest number, by difficulty."""
Consistency = Literal["character", "object", "scene", "style"]
LARGE_SIDE = 1440
"""Pixels of the shorter side that a large picture is asked for; `LARGE_ASPECTS` can be made so large."""
LARGE_ASPECTS = ("16:9", "9:16", "4:3", "3:4", "1:1")
PICTURED = frozenset(("product", "character", "event", "company"))
"""Kinds of subject that every picture and shot must name, but where it was given as a picture; of others a part may be seen alone."""
EDITS: Ranges = ((3, 4), (5, 6), (7, 8), (20, 22))


@dataclass(frozen=True, slots=True)
class PictureSet:
    """What a kind of image task asks for."""

    shows: tuple[Word, ...] | Literal["lines", "nouns"]
    """What the single pictures show; `lines`: a headline each, `nouns`: a product each, and there is no other subject."""
    subject: tuple[str, ...] = ("character",)
    """Kinds of noun; one of them is drawn."""
    counts: Ranges = EDITS
    copies: bool = False
    """Whether several pictures are asked of each thing shown."""
    styled: bool = False
    captioned: bool = False
    """Whether each picture has a line of text of its own beside what it shows."""
    headline: bool = False
    """Whether all pictures bear one and the same line; a brand's is its name."""
    aspects: tuple[str | None, ...] = (None,)
    large_from: int | None = None
    """Lowest difficulty at which pictures must be large."""
    consistency: Consistency | None = None
    given: bool = False
    """Whether the pictures are made from one that the task brings along."""
    variety: bool = False


PICTURES: dict[str, PictureSet] = {
    "product_images": PictureSet(
        v.SETTINGS,
        ("product",),
        ((1, 2), (3, 4), (5, 7), (20, 22)),
        copies=True,
        aspects=("1:1", "4:3", "3:4", "16:9", "9:16"),
    ),
    "detail_pages": PictureSet(p.FEATURES, ("product",), aspects=("3:4", "9:16"), consistency="object"),
    "key_visuals": PictureSet(
        v.SETTINGS,
        ("event",),
        ((2, 3), (4, 5), (6, 8), (20, 22)),
        headline=True,
        styled=True,
        aspects=("16:9", "3:4"),
        large_from=0,
    ),
    "landing_pages": PictureSet(p.SECTIONS, ("product",), styled=True, headline=True, aspects=("9:16", "3:4"), consistency="style"),
    "brand_visual_identity": PictureSet(p.CARRIERS, ("brand",), styled=True, headline=True, consistency="style"),
    "banner_graphics": PictureSet("lines", ("event",), ((2, 3), (4, 5), (6, 8), (20, 22)), styled=True, aspects=("16:9", "21:9")),
    "official_account_covers": PictureSet("lines", ("cause", "topic"), ((2, 3), (4, 5), (6, 8), (20, 22)), styled=True, aspects=("21:9",)),
    "xiaohongshu_covers": PictureSet("lines", ("product", "character"), ((2, 3), (4, 5), (6, 8), (20, 22)), styled=True, aspects=("3:4",)),
    "marketing_posters": PictureSet(
        "lines",
        ("product",),
        ((2, 2), (3, 3), (4, 4), (20, 22)),
        styled=True,
        aspects=("3:4", "9:16", "1:1"),
        large_from=2,
    ),
    "avatar_design": PictureSet(p.ALL_STYLES, aspects=("1:1",), consistency="character"),
    "static_emoji": PictureSet(p.EXPRESSIONS, styled=True, aspects=("1:1",), consistency="character"),
    "icon_design": PictureSet("nouns", (), styled=True, consistency="style"),
    "logo_design": PictureSet(p.ALL_STYLES, ("brand",), headline=True, aspects=("1:1",), variety=True),
    "mini_game_ui": PictureSet(p.SCREENS, styled=True, aspects=("9:16", "16:9"), consistency="style"),
    "character_design": PictureSet(v.ACTIONS, aspects=(None, "1:1", "3:4"), consistency="character"),
    "character_actions": PictureSet(v.ACTIONS, given=True),
    "scene_design": PictureSet(p.WEATHERS, ("company",), aspects=("16:9", "4:3"), consistency="scene"),
    "storyboards": PictureSet(v.ACTIONS, styled=True, aspects=("16:9", "4:3", "9:16"), consistency="character"),
    "picture_book_images": PictureSet(v.ACTIONS, styled=True, captioned=True, aspects=("1:1", "4:3"), consistency="character"),
    "stylization": PictureSet(v.STYLES, ("product", "character"), ((2, 3), (4, 5), (6, 8), (20, 22)), given=True),
    "realistic_photography": PictureSet(v.SETTINGS, ("product", "character"), aspects=LARGE_ASPECTS, large_from=2, variety=True),
}
"""By task type, in the taxonomy's order."""
_LONGER: dict[tuple[Word, ...], tuple[Word, ...]] = {v.STYLES: p.ALL_STYLES, v.VIEWS: p.ALL_VIEWS}


def subject(draw: Draw, kind: str) -> str:
    """A modifier and a noun the split may use; a cause, a topic and a brand stand alone."""
    modifier, noun = draw.word(v.MODIFIERS[kind]), draw.word(v.nouns(kind, draw.split))
    return f"{modifier}{noun}" if draw.tongue else f"{modifier} {noun}".strip()


def one_of(draw: Draw, kinds: tuple[str, ...]) -> tuple[str, str]:
    """A subject of one of several kinds, and which."""
    kind = draw.pick(kinds) if len(kinds) > 1 else kinds[0]
    return subject(draw, kind), kind


def shown(draw: Draw, words: tuple[Word, ...], ranges: Ranges) -> tuple[str, ...]:
    """What the single pictures or shots show; a long task draws on further words where there are any."""
    return draw.words(_LONGER.get(words, words) if draw.long else words, draw.between(ranges))


def picture_set(draw: Draw) -> Parts:
    """An image task of the draw's type."""
    form = PICTURES[draw.task_type]
    thing, kind = one_of(draw, form.subject) if form.subject else ("", "")
    style = draw.word(v.STYLES) if form.styled else ""
    if form.shows == "lines":
        items: tuple[str, ...] = ()
        drawn = shown(draw, v.lines(draw.split), form.counts)
    else:
        words = v.nouns("product", draw.split) if form.shows == "nouns" else form.shows
        items, drawn = shown(draw, words, form.counts), ()
    parts = items or drawn
    if form.captioned:
        drawn = draw.words(v.lines(draw.split), len(items))
    elif form.headline:
        drawn = (thing,) if kind == "brand" else (draw.word(v.lines(draw.split)),)
    each = _copies(draw, len(items)) if form.copies else 1
    aspect = draw.pick(form.aspects)
    min_side = LARGE_SIDE if form.large_from is not None and draw.level >= form.large_from else None
    asked = Requirements(
        count=each * len(parts),
        aspect=aspect,
        min_side=min_side,
        drawn=drawn or None,
        entities=tuple(filter(None, (thing, *items, style))),
        each=_each(items, drawn, form, shared(thing if kind in PICTURED and not form.given else "", style)),
        consistency=form.consistency,
        from_inputs=True if form.given else None,
        variety=True if form.variety else None,
    )
    clauses = [draw.clause("aspect", aspect)] if aspect else []
    clauses += [draw.clause("min_side", min_side)] if min_side else []
    if draw.terse:
        clauses += shared_clauses(draw, style, form.consistency)
        clauses += [draw.clause("variety", "")] if form.variety else []
        clauses += [draw.clause("words", drawn[0])] if form.headline else []
    listed = [f"{item} “{line}”" for item, line in zip(items, drawn, strict=True)] if form.captioned else items
    if form.shows == "lines":
        listed = [f"“{line}”" for line in drawn]
    prompt = draw.sentence(clauses, s=thing, n=each * len(parts), m=each, style=style, listed=listed)
    return prompt, asked, (_given(draw, thing),) if form.given else ()


def _each(items: tuple[str, ...], lines: tuple[str, ...], form: PictureSet, with_it: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What the single pictures show and bear: a line alone, or a thing with its line, with the line of all or none; and what all share."""
    if not items:
        return tuple((line, *with_it) for line in lines)
    if form.captioned:
        return tuple((item, line, *with_it) for item, line in zip(items, lines, strict=True))
    return tuple((item, *lines, *with_it) for item in items)


def shared(*words: str) -> tuple[str, ...]:
    """Those of the words that there are: what every single picture or shot must show besides its own."""
    return tuple(filter(None, words))


def shared_clauses(draw: Draw, style: str, consistency: str | None) -> list[str]:
    """A look and what must stay the same, for the types whose openings do not say them."""
    return ([draw.clause("style", style)] if style else []) + ([draw.clause(f"same {consistency}", "")] if consistency else [])


def _copies(draw: Draw, shown_things: int) -> int:
    return 2 + draw.below(3) if shown_things == 1 else 1 + draw.below(3)


def _given(draw: Draw, thing: str) -> TaskInput:
    width, height = draw.pick(((1024, 1024), (1344, 768), (864, 1184)))
    return TaskInput(modality="image", caption=thing, width=width, height=height)

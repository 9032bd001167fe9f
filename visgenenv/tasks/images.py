"""Six kinds of image task: what each asks for, by difficulty.

The order of a task's entities is fixed: the subject, what the single pictures show, the look shared by all of them.
"""

from __future__ import annotations

from visgenenv.tasks import vocabulary as v
from visgenenv.tasks.wording import Draw
from visgenenv.types import Requirements, Task, TaskInput

Parts = tuple[str, Requirements, tuple[TaskInput, ...]]
"""Prompt, requirements, inputs."""


def subject(draw: Draw, kind: str) -> str:
    """A modifier and a noun the split may use; a cause stands alone."""
    modifier, noun = draw.word(v.MODIFIERS[kind], "modifier"), draw.word(v.nouns(kind, draw.split), "noun")
    return f"{modifier}{noun}" if draw.tongue else f"{modifier} {noun}".strip()


def product_images(draw: Draw) -> Parts:
    """Pictures of a product, several in each of one to seven settings."""
    thing = subject(draw, "product")
    settings = draw.words(v.SETTINGS, draw.between(((1, 2), (3, 4), (5, 7)), "settings"), "setting")
    each = 2 + draw.below(3, "each") if len(settings) == 1 else 1 + draw.below(3, "each")
    aspect = draw.pick(("1:1", "4:3", "3:4", "16:9", "9:16"), "aspect")
    asked = Requirements(count=each * len(settings), aspect=aspect, entities=(thing, *settings))
    clauses = [draw.clause("aspect", aspect)]
    return draw.sentence(clauses, s=thing, n=each * len(settings), m=each, listed=settings), asked, ()


def marketing_posters(draw: Draw) -> Parts:
    """Posters in one look, each with a headline of its own; the hard ones large enough for print."""
    thing, style = subject(draw, "product"), draw.word(v.STYLES, "style")
    headlines = draw.words(v.lines(draw.split), draw.between(((2, 2), (3, 3), (4, 4)), "headlines"), "headline")
    aspect = draw.pick(("3:4", "9:16", "1:1"), "aspect")
    min_side = 1440 if draw.level == 2 else None
    asked = Requirements(count=len(headlines), aspect=aspect, min_side=min_side, drawn=headlines, entities=(thing, style))
    clauses = [draw.clause("aspect", aspect)] + ([draw.clause("min_side", min_side)] if min_side else [])
    quoted = [f"“{line}”" for line in headlines]
    return draw.sentence(clauses, s=thing, n=len(headlines), style=style, listed=quoted), asked, ()


def character_design(draw: Draw) -> Parts:
    """One character in several poses, each picture a pose."""
    who = subject(draw, "character")
    poses = draw.words(v.ACTIONS, draw.between(((3, 4), (5, 6), (7, 8)), "poses"), "pose")
    aspect = draw.pick((None, "1:1", "3:4"), "aspect")
    asked = Requirements(count=len(poses), aspect=aspect, entities=(who, *poses), consistency="character")
    clauses = [draw.clause("aspect", aspect)] if aspect else []
    return draw.sentence(clauses, s=who, n=len(poses), listed=poses), asked, ()


def storyboards(draw: Draw) -> Parts:
    """Frames of a story in one look, with one character."""
    who, style = subject(draw, "character"), draw.word(v.STYLES, "style")
    frames = draw.words(v.ACTIONS, draw.between(((3, 4), (5, 6), (7, 8)), "frames"), "frame")
    aspect = draw.pick(("16:9", "4:3", "9:16"), "aspect")
    asked = Requirements(count=len(frames), aspect=aspect, entities=(who, *frames, style), consistency="character")
    return draw.sentence([draw.clause("aspect", aspect)], s=who, n=len(frames), style=style, listed=frames), asked, ()


def stylization(draw: Draw) -> Parts:
    """A given picture redrawn in several styles."""
    thing = subject(draw, draw.pick(("product", "character"), "kind"))
    styles = draw.words(v.STYLES, draw.between(((2, 3), (4, 5), (6, 8)), "styles"), "style")
    width, height = draw.pick(((1024, 1024), (1344, 768), (864, 1184)), "size")
    given = TaskInput(modality="image", caption=thing, width=width, height=height)
    asked = Requirements(count=len(styles), entities=(thing, *styles), from_inputs=True)
    return draw.sentence([], s=thing, n=len(styles), listed=styles), asked, (given,)


def icon_design(draw: Draw) -> Parts:
    """Icons of different things in one style."""
    style = draw.word(v.STYLES, "style")
    things = draw.words(v.nouns("product", draw.split), draw.between(((3, 4), (5, 6), (7, 8)), "icons"), "icon")
    asked = Requirements(count=len(things), entities=(*things, style), consistency="style")
    return draw.sentence([], n=len(things), style=style, listed=things), asked, ()


FAMILIES = (product_images, marketing_posters, character_design, storyboards, stylization, icon_design)
"""Each named as its task type."""


def task(draw: Draw, parts: Parts, modality: str) -> Task:
    """The parts as a task, with an id of its own."""
    prompt, requirements, inputs = parts
    return Task(
        id=f"{draw.split}/{draw.task_type}/{draw.language}/{draw.difficulty}/{draw.seed}",
        task_type=draw.task_type,
        modality="video" if modality == "video" else "image",
        language=draw.language,
        prompt=prompt,
        requirements=requirements,
        inputs=inputs,
    )

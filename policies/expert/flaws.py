"""Systematic flaws: ways in which a teacher may be wrong throughout, so that practice has something true to mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from policies.expert.brief import Brief, brief_of
from visgenenv.types import Task

FLAWS: dict[str, str] = {
    "skip_reference": "pictures or shots that should share a look are each made from words alone, without a reference",
    "forget_subtitles": "the subtitle that was asked for is left out",
    "forget_music": "the music that was asked for is left out, and with it the cuts on its beat",
    "forget_narration": "the spoken line that was asked for is left out",
    "one_shot_short": "one picture or shot fewer than asked",
    "wrong_subject": "a grey stone takes the place of the subject",
}
"""By name; the last two are for tests."""
_STONE = {True: "灰色石头", False: "grey stone"}


def _skip_reference(brief: Brief) -> Brief:
    return brief if brief.given else replace(brief, reference=False)


def _forget_subtitles(brief: Brief) -> Brief:
    return replace(brief, subtitles=())


def _forget_music(brief: Brief) -> Brief:
    return replace(brief, music=None, beat=False)


def _forget_narration(brief: Brief) -> Brief:
    return replace(brief, narration=None)


def _one_shot_short(brief: Brief) -> Brief:
    last = brief.parts[-1]
    if last.copies > 1:
        return replace(brief, parts=(*brief.parts[:-1], replace(last, copies=last.copies - 1)))
    return replace(brief, parts=brief.parts[:-1]) if len(brief.parts) > 1 else brief


def _wrong_subject(brief: Brief) -> Brief:
    subject = brief.subject
    stone = _STONE[bool(subject) and not str(subject).isascii()]
    if subject is None:
        return replace(brief, parts=tuple(replace(part, words=stone, change=stone) for part in brief.parts))
    parts = (replace(part, words=part.words.replace(subject, stone), change=part.change.replace(subject, stone)) for part in brief.parts)
    return replace(brief, subject=stone, parts=tuple(parts))


_EFFECTS: dict[str, Callable[[Brief], Brief]] = {
    "skip_reference": _skip_reference,
    "forget_subtitles": _forget_subtitles,
    "forget_music": _forget_music,
    "forget_narration": _forget_narration,
    "one_shot_short": _one_shot_short,
    "wrong_subject": _wrong_subject,
}


def flawed(brief: Brief, flaws: tuple[str, ...]) -> Brief:
    """The brief as a teacher with these flaws reads it."""
    for name in flaws:
        brief = _EFFECTS[name](brief)
    return brief


def applicable(task: Task) -> tuple[str, ...]:
    """Names of the flaws that would show on a task, in the order of `FLAWS`."""
    brief = brief_of(task)
    shows = [name for name in FLAWS if flawed(brief, (name,)) != brief]
    return tuple(name for name in shows if name != "wrong_subject" or task.requirements.entities)

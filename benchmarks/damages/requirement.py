"""Damages to what the plan is there for: number and modality of what is handed over, and whether it is about the task."""

from __future__ import annotations

import copy
import itertools
import string

from benchmarks.damages.damage import ANIMATE, CLIP, JOIN, MUSIC, PICTURE, SPEAK, Damage, act_of, by_tool, more, shown, words
from rewards.audit.script import Made, Script


def _one_too_many(script: Script) -> bool | None:
    """A further picture, planned and made like the last."""
    last = shown(script)[-1]
    if script.task.modality != "image" or not more(script, last.tool, 1):
        return False
    further = script.move(last.tool, **copy.deepcopy(last.arguments))
    further.arguments["prompt"] += words(script, ", once more", "，再来一张")
    script.acts[act_of(script, last)].moves.append(further)
    script.answer.append(Made(further.key))
    return None


def _never_made(script: Script) -> None:
    script.answer.append("img_909" if script.task.modality == "image" else "vid_909")


def _named_twice(script: Script) -> None:
    script.answer.append(script.answer[0])


def _of_another_kind(script: Script) -> bool | None:
    """A picture or sound that went into the film beside it."""
    other = next((move for move in script.moves if move.tool in (PICTURE, MUSIC, SPEAK)), None)
    if script.task.modality != "video" or other is None:
        return False
    script.answer.append(Made(other.key))
    return None


def _what_was_given(script: Script) -> bool | None:
    given = {"image": "img_1", "video": "vid_1", "audio": "aud_1"}
    if not script.task.inputs:
        return False
    script.answer.append(given[script.task.inputs[0].modality])
    return None


def _kept_back(script: Script) -> bool | None:
    if len(script.answer) < 2:
        return False
    script.answer.pop()
    return None


def _part_of_the_film(script: Script) -> bool | None:
    """A clip handed over beside the film that it is part of."""
    clip = next((move for move in script.moves if move.tool in (CLIP, ANIMATE)), None)
    if script.task.modality != "video" or clip is None or not by_tool(script, JOIN):
        return False
    script.answer.append(Made(clip.key))
    return None


def _other_subject(script: Script) -> bool | None:
    """None of the things is named: pictures of something else."""
    lines = script.task.requirements.drawn or ()
    for letter, move in zip(itertools.cycle(string.ascii_lowercase), shown(script), strict=False):  # a number makes no other wording
        quoted = "".join(f", “{line}”" for line in lines if line in move.arguments["prompt"])
        move.arguments["prompt"] = words(script, f"grey wall {letter}", f"灰墙{letter}") + quoted
    return None


_NUMBER = ("plan.delivered", "result.modality")
"""Every handle of the answer must be a deliverable."""
_PICTURES = ("count", "aspect", "min_side", "drawn", "entities", "each", "from_inputs", "variety")
_FILMS = ("count", "aspect", "min_side", "duration_s", "shots", "audio", "music", "bpm", "beat")

DAMAGES = (
    Damage("a picture too many", "plan.requirement", _one_too_many, ("plan.delivered", "result.count")),
    Damage("a handle beside that was never made", "plan.requirement", _never_made, _NUMBER),
    Damage("a deliverable named twice", "plan.requirement", _named_twice, _NUMBER),
    Damage("a sound or picture beside the film", "plan.requirement", _of_another_kind, _NUMBER),
    Damage("what was given beside what was made", "plan.requirement", _what_was_given, _NUMBER),
    # All that each picture must be counts a missing one as nothing.
    Damage("a picture kept back", "plan.requirement", _kept_back, ("plan.delivered", *(f"result.{name}" for name in _PICTURES))),
    # A second film, which holds little of what each film must hold.
    Damage("a clip beside the film", "plan.requirement", _part_of_the_film, ("plan.delivered", *(f"result.{name}" for name in _FILMS))),
    Damage("pictures of something else", "plan.requirement", _other_subject, ("result.entities", "result.each")),
)

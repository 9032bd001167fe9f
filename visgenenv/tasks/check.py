"""Whether a task can be played at all: types, sizes and words, so that a wrong one is refused before anything runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import chain

import msgspec

from visgenenv.errors import PluginError
from visgenenv.tasks.own import load
from visgenenv.tasks.success import duration_tolerance
from visgenenv.tools.explain import explain
from visgenenv.tools.timeline import LONGEST_S
from visgenenv.types import Task, TaskInput
from visgenenv.words import tokens

LARGEST = 16_384
_HAVE = {
    "aspect": ("image", "video"),
    "min_side": ("image", "video"),
    "duration_s": ("video", "audio"),
    "shots": ("video",),
    "shot_s": ("video",),
    "audio": ("video", "audio"),
    "narration": ("video", "audio"),
    "subtitles": ("video",),
    "drawn": ("image", "video"),
    "each": ("image", "video"),
    "consistency": ("image", "video"),
    "moving": ("video",),
    "music": ("video", "audio"),
    "bpm": ("video", "audio"),
    "beat": ("video",),
}
"""The kinds of media that can have what a requirement asks; one that is not named here can be met by all."""
_RATIO = re.compile(r"\d+(\.\d+)?:\d+(\.\d+)?")


def wrong(task: object) -> str | None:
    """The first thing wrong with a task, naming its field, what was given and what was expected; None where all is well."""
    if not isinstance(task, Task):
        return f"{str(task)[:80]!r} is no task; expected a visgenenv.Task"
    inputs: tuple[object, ...] = task.inputs
    for number, brought in enumerate(inputs):
        if not isinstance(brought, TaskInput):
            told = f"{str(brought)[:80]!r} is a {type(brought).__name__}"
            return f"field inputs[{number}]: {told}; expected vg.TaskInput(modality=…, caption=…)"
    try:
        given = msgspec.to_builtins(task)
        msgspec.convert(given, Task)
        msgspec.json.encode(task)
    except msgspec.ValidationError as error:
        return f"field {explain(str(error), given, Task)}"
    except TypeError as error:
        return f"{error}; expected the types of visgenenv.Task"
    except UnicodeEncodeError:
        return "field prompt, requirements or inputs: holds half a surrogate pair; expected text that a file can hold"
    return next(_wrong(task), None)


def _ratio(aspect: str) -> bool:
    return bool(_RATIO.fullmatch(aspect)) and all(0 < float(side) < math.inf for side in aspect.split(":"))


def _wrong(task: Task) -> Iterator[str]:
    if not task.prompt.strip():
        yield f"field prompt: {task.prompt!r} is blank; expected the words of the task"
    asked = task.requirements
    for name, kinds in _HAVE.items():
        value = getattr(asked, name)
        if value is not None and value is not False and task.modality not in kinds:
            yield f"field requirements.{name}: {value!r} asked of {task.modality}; only {' or '.join(kinds)} can have it"
    if asked.own is not None and not asked.own:
        yield "field requirements.own: {}; expected a requirement's name with what is asked, or leave it out"
    for name in asked.own or ():
        try:
            load(name)
        except PluginError as error:
            yield f"field requirements.own: {error}"
    if asked.from_inputs and not task.inputs:
        yield "field requirements.from_inputs: True, and the task has no inputs; expected an input, or leave it out"
    for name in ("count", "min_side", "duration_s", "shots", "shot_s", "bpm"):
        value = getattr(asked, name)
        if value is not None and not 0 < value < math.inf:
            yield f"field requirements.{name}: {value!r}; expected more than 0"
    if asked.aspect is not None and not _ratio(asked.aspect):
        yield f"field requirements.aspect: {asked.aspect!r}; expected a ratio such as '16:9'"
    said = () if asked.narration is None else (asked.narration,)
    texts = {
        "entities": asked.entities,
        "music": asked.music,
        "each": chain(*(asked.each or ())),
        "subtitles": asked.subtitles,
        "drawn": asked.drawn,
        "narration": said,
    }
    for name, lines in texts.items():
        empty = next((line for line in lines or () if not tokens(line)), None)
        if empty is not None:
            yield f"field requirements.{name}: {empty!r} holds no word; expected letters or figures, which alone are compared"
    if asked.each is not None and not (asked.each and all(asked.each)):
        yield f"field requirements.each: {asked.each!r}; expected the words of each picture or shot, or leave it out"
    room = asked.count if task.modality == "image" else asked.shots
    if room is not None and asked.each is not None and room < len(asked.each):
        name = "count" if task.modality == "image" else "shots"
        yield f"field requirements.{name}: {room!r} with {len(asked.each)} things in requirements.each; expected at least as many"
    if asked.shots and asked.shot_s and asked.duration_s:
        total, reach = asked.shots * asked.shot_s, asked.shots * duration_tolerance(asked.shot_s) + duration_tolerance(asked.duration_s)
        if abs(total - asked.duration_s) > reach:
            told = f"{asked.duration_s!r} with {asked.shots} shots of {asked.shot_s:g} s"
            yield f"field requirements.duration_s: {told}; expected about {total:g}"
    for number, given in enumerate(task.inputs):
        for name, side in (("width", given.width), ("height", given.height)):
            if not 0 <= side <= LARGEST:
                yield f"field inputs[{number}].{name}: {side!r}; expected pixels from 1 to {LARGEST}, or 0 for the usual size"
        if not 0 <= given.duration_s <= LONGEST_S:
            yield f"field inputs[{number}].duration_s: {given.duration_s!r}; expected seconds from 0 to {LONGEST_S:g}"
        elif given.modality in ("video", "audio") and given.duration_s < 0.1:
            yield f"field inputs[{number}].duration_s: {given.duration_s!r}; a {given.modality} needs its length, at least 0.1 s"

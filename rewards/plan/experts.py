"""Expert plans: read from data, found by type, then by modality and the likeness of the words.

The plans stand in `expert_plans.json`: steps with what may do them (tools, or a category of interchangeable generators),
when they are called for (flags of the task, "!" negates), what they come after, and why. Retrieval is a character TF-IDF
of our own, so that no package that happens to be installed changes a reward.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from visgenenv.tasks.taxonomy import BY_NAME
from visgenenv.tools.spec import ToolSpec
from visgenenv.types import Task, Wire
from visgenenv.words import plain

LIKE_ENOUGH = 0.3
"""Cosine from which the words of an unknown task lend it a type's plan; below it the general plan of its modality serves."""


class ExpertStep(Wire, frozen=True, kw_only=True):
    does: tuple[str, ...]
    """Tools or generator categories, any of which will do."""
    goal: str = ""
    when: tuple[str, ...] = ()
    """Flags of the task that must hold (`!flag`: must not); empty is always."""
    after: tuple[int, ...] = ()
    """Indices of steps of this plan that come before."""
    per: Literal["task", "item", "shot"] = "task"
    """A call a task, a deliverable, or a shot of a deliverable."""
    why: str = ""


class ExpertPlan(Wire, frozen=True, kw_only=True):
    type: str
    modality: str
    prompts: tuple[str, ...]
    """Tasks it would serve, in English and Chinese."""
    steps: tuple[ExpertStep, ...]
    avoid: tuple[ExpertStep, ...] = ()
    """What an expert does not do, and when."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """An expert plan cut to one task."""

    type: str
    steps: tuple[tuple[ExpertStep, tuple[ExpertStep, ...]], ...]
    """Steps that the task calls for, each with those it comes after."""
    avoid: tuple[ExpertStep, ...]
    calls: int
    """Calls an expert would plan; at least 1."""


class _File(Wire, frozen=True, kw_only=True):
    version: str
    plans: tuple[ExpertPlan, ...]


@cache
def library() -> _File:
    """All expert plans."""
    return msgspec.json.decode(files("rewards.plan").joinpath("expert_plans.json").read_bytes(), type=_File)


def expert_for(task: Task) -> ExpertPlan:
    """The expert plan for a task: of its type; general for a known type that has none; else of its modality and likest words."""
    kind = task.task_type if task.task_type not in BY_NAME else f"general_{task.modality}"
    own = _by_type().get((task.modality, task.task_type)) or _by_type().get((task.modality, kind))
    return own or _nearest(task.modality, task.prompt[:2000])


@cache
def _by_type() -> Mapping[tuple[str, str], ExpertPlan]:
    return {(plan.modality, plan.type): plan for plan in library().plans}


@lru_cache(maxsize=4096)
def _nearest(modality: str, prompt: str) -> ExpertPlan:
    weights, vectors = _space()
    query = _unit({gram: count * weights[gram] for gram, count in _grams(prompt).items() if gram in weights})
    best, likeness = _by_type()[(modality, f"general_{modality}")], LIKE_ENOUGH
    for plan, vector in vectors:
        if plan.modality == modality:
            cosine = sum(value * vector.get(gram, 0.0) for gram, value in query.items())
            if cosine > likeness:
                best, likeness = plan, cosine
    return best


def _grams(text: str) -> Counter[str]:
    words = plain(text)
    return Counter(words[start : start + size] for size in (2, 3) for start in range(len(words) - size + 1))


def _unit(vector: dict[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {gram: value / length for gram, value in vector.items()}


@cache
def _space() -> tuple[dict[str, float], list[tuple[ExpertPlan, dict[str, float]]]]:
    """Inverse document frequencies, and a unit vector a prompt."""
    prompts = [(plan, _grams(prompt)) for plan in library().plans for prompt in plan.prompts]
    documents = Counter(gram for _, grams in prompts for gram in grams)
    weights = {gram: math.log((1 + len(prompts)) / (1 + count)) + 1 for gram, count in documents.items()}
    return weights, [(plan, _unit({gram: count * weights[gram] for gram, count in grams.items()})) for plan, grams in prompts]


def flags(task: Task) -> frozenset[str]:
    """What a task asks for and brings along, as the words that expert plans use."""
    asked = task.requirements
    audio = asked.audio or ()
    given = {asset.modality for asset in task.inputs}
    music = bool("music" in audio or asked.beat or asked.music or asked.bpm)
    found = {
        "consistency": asked.consistency is not None,
        "beat": bool(asked.beat),
        "music": music,
        "narration": asked.narration is not None or "narration" in audio,
        "sound": "sound" in audio,
        "subtitles": bool(asked.subtitles),
        "duration": asked.duration_s is not None,
        "shots": (asked.shots or 1) > 1,
        "from_inputs": bool(asked.from_inputs),
        "image_input": "image" in given,
        "video_input": "video" in given,
        "audio_input": "audio" in given,
        "joined": (asked.shots or 1) > 1 or music,
    }
    return frozenset(name for name, holds in found.items() if holds)


def called_for(step: ExpertStep, found: frozenset[str]) -> bool:
    """Whether the task's flags call for a step."""
    return all((flag[1:] not in found) if flag.startswith("!") else flag in found for flag in step.when)


def can_do(step: ExpertStep, tool: str, tools: Mapping[str, ToolSpec[Any]]) -> bool:
    """Whether a tool does an expert's step, by its name or by its category."""
    spec = tools.get(tool)
    return spec is not None and (spec.original in step.does or spec.category in step.does)


def lesson_for(task: Task) -> Lesson:
    """What an expert's plan says for this very task."""
    plan, asked = expert_for(task), task.requirements
    return _lesson(plan.modality, plan.type, flags(task), max(asked.count or 1, 1), max(asked.shots or 1, 1))


@lru_cache(maxsize=4096)
def _lesson(modality: str, kind: str, found: frozenset[str], items: int, shots: int) -> Lesson:
    plan = _by_type()[modality, kind]
    steps = tuple(step for step in plan.steps if called_for(step, found))
    size = {"task": 1, "item": items, "shot": items * shots}
    return Lesson(
        type=kind,
        steps=tuple((step, tuple(before for index in step.after if called_for(before := plan.steps[index], found))) for step in steps),
        avoid=tuple(step for step in plan.avoid if called_for(step, found)),
        calls=max(1, sum(size[step.per] for step in steps)),
    )

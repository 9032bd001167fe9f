"""Expert plans cut to a task: found by type, modality, what the task asks for, and its words.

The default retriever is a character TF-IDF of our own, so that no package that happens to be installed changes a reward.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, Protocol

from rewards.plan.likeness import Likeness
from rewards.plan.own import own_plans
from rewards.plan.repository import ExpertPlan, ExpertStep, flags, library
from visgenenv.tasks.taxonomy import BY_NAME
from visgenenv.tools.spec import ToolSpec
from visgenenv.types import Task

COMPARED = 3
"""Plans that a candidate is compared with."""
_PROMPT_CHARS = 2000
"""Of a task's words, those that its likeness is judged by."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """An expert plan cut to one task."""

    plan: ExpertPlan
    steps: tuple[tuple[ExpertStep, tuple[ExpertStep, ...]], ...]
    """Steps that the task calls for, each with those it comes after; what may be done and needs not be is left out."""
    extras: tuple[ExpertStep, ...]
    """What may be done."""
    avoid: tuple[ExpertStep, ...]
    calls: int
    """Calls an expert would plan; at least 1."""


def called_for(when: tuple[str, ...], found: frozenset[str]) -> bool:
    """Whether the task's flags are those that `when` wants."""
    return all((flag[1:] not in found) if flag.startswith("!") else flag in found for flag in when)


def can_do(step: ExpertStep, tool: str, tools: Mapping[str, ToolSpec[Any]]) -> bool:
    """Whether a tool does an expert's step, by its name or by its category."""
    spec = tools.get(tool)
    return spec is not None and (spec.original in step.does or spec.category in step.does)


class Retriever(Protocol):
    """Tells how like a task's words are to the prompts of expert plans."""

    enough: float
    """Likeness from which the words of an unknown task lend it a type's plans; below it the general plans of its modality serve."""

    def __call__(self, text: str) -> Mapping[int, float]:
        """By a plan's place in `library()`: how like its likest prompt is; plans that share nothing with the text may be left out."""
        ...

    def __hash__(self) -> int:
        """What was found is kept by retriever."""
        ...


class Experts:
    """Plans to compare with: those of the repository, and a user's own, which take the place of ours for the types they are for."""

    def __init__(self, own: tuple[ExpertPlan, ...] = (), version: str = "") -> None:
        self.version = version
        """Of one's own; that of ours is `repository.version()`."""
        self.plans = (*library(), *own)
        """Ours first, in the order of `library()`, whose places retrievers know."""
        kinds: dict[tuple[str, str], list[int]] = {}
        theirs = {(plan.modality, plan.type) for plan in own}
        for number, plan in enumerate(self.plans):
            kind = plan.modality, plan.type
            if number >= len(self.plans) - len(own) or kind not in theirs:
                kinds.setdefault(kind, []).append(number)
        self.by_type = {kind: tuple(numbers) for kind, numbers in kinds.items()}
        """Places of the plans of a modality and type."""
        self.first_own = len(library())
        """Place of the first that is not ours."""
        self.general = {
            plan.modality: tuple(number for number, other in enumerate(library()) if other.type == plan.type)
            for plan in library()
            if plan.type == f"general_{plan.modality}"
        }
        """Places of ours by modality that are for any task of it, and serve where no other is meant for it."""

    @cached_property
    def likeness(self) -> Likeness[int]:
        """The character TF-IDF over all prompts."""
        return Likeness([(number, prompt) for number, plan in enumerate(self.plans) for prompt in plan.prompts])


def own_experts(path: str | os.PathLike[str]) -> Experts:
    """The repository and a user's plans (see `own.own_plans`)."""
    own, digest = own_plans(path)
    return Experts(own, f"plans/{digest}")


@cache
def _ours() -> Experts:
    return Experts()


def lessons_for(task: Task, retriever: Retriever | None = None, experts: Experts | None = None) -> tuple[Lesson, ...]:
    """What up to three expert plans say for this very task, the fittest first; at least one.

    Of its type's plans those whose flags hold: the ones made for more of what is asked before the others, then the ones
    whose prompts are likest. A task of no known type is given the type its words are likest to, else the general plans, and
    so is one whose type has no plan that is meant for it.
    `retriever`: None is the character TF-IDF. `experts`: None are those of the repository.
    """
    found, asked = flags(task), task.requirements
    experts = experts or _ours()
    plans = _chosen(experts, task.modality, task.task_type, found, task.prompt[:_PROMPT_CHARS], retriever)
    items, shots = max(asked.count or 1, 1), max(asked.shots or 1, 1)
    return tuple(_lesson(experts, number, found, items, shots) for number in plans)


@lru_cache(maxsize=4096)
def _chosen(
    experts: Experts, modality: str, task_type: str, found: frozenset[str], prompt: str, retriever: Retriever | None
) -> tuple[int, ...]:
    plans, kinds = experts.plans, experts.by_type
    own = kinds.get((modality, task_type))
    likest: Mapping[int, float] = {}
    if own is None and task_type not in BY_NAME:
        judge = retriever or experts.likeness
        likest = judge(prompt)
        near = max((n for n in likest if plans[n].modality == modality), key=lambda n: likest[n], default=None)
        if near is not None and likest[near] >= judge.enough:
            own = kinds[modality, plans[near].type]
    fitting = [number for number in own or kinds[modality, f"general_{modality}"] if called_for(plans[number].when, found)]
    # A user's plan of which this task calls for no step would find any plan as good.
    fitting = [n for n in fitting if n < experts.first_own or any(called_for(step.when, found) for step in plans[n].steps if not step.may)]
    fitting = fitting or [number for number in experts.general[modality] if called_for(plans[number].when, found)]
    if len(fitting) > COMPARED and not likest:
        likest = (retriever or experts.likeness)(prompt)
    return tuple(sorted(fitting, key=lambda n: (-len(plans[n].when), -likest.get(n, 0.0), n))[:COMPARED])


@lru_cache(maxsize=8192)
def _lesson(experts: Experts, number: int, found: frozenset[str], items: int, shots: int) -> Lesson:
    plan = experts.plans[number]
    asked = [step for step in plan.steps if called_for(step.when, found)]
    needed = [step for step in asked if not step.may]
    size = {"task": 1, "item": items, "shot": items * shots}
    return Lesson(
        plan=plan,
        steps=tuple((step, tuple(before for index in step.after if (before := plan.steps[index]) in needed)) for step in needed),
        extras=tuple(step for step in asked if step.may),
        avoid=tuple(step for step in plan.avoid if called_for(step.when, found)),
        calls=max(1, sum(size[step.per] for step in needed)),
    )

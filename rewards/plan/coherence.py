"""Logical coherence: does every step come after what it needs, and does the plan end in what is asked?

VisionCreator, plan facet (2): causal validity of the sequence of sub-tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewards.flow import makes
from rewards.plan.story import telling
from visgenenv.types import PlanStep, Score

if TYPE_CHECKING:
    from rewards.judges.port import Question
    from rewards.plan.experts import Lesson

VERSION = "plan.coherence/3"
MAX_STEPS = 100
"""Steps that are read; those past it count as unsound."""


def coherence(question: Question, lessons: tuple[Lesson, ...] = ()) -> Score:
    """Share of sound steps, the end of the plan counting as one more.

    A step is sound if its id is its own, `after` names only steps above it, and everything its tool cannot do without
    comes from a step it is after, directly or not, or from the task's inputs. Where the goals tell a story, times how far
    they keep its order.
    """
    steps = question.plan.steps
    given = {asset.modality for asset in question.task.inputs}
    behind: dict[int, set[str]] = {}
    """By id: modalities made by a step and all steps it is after."""
    faults: list[str] = []
    made: set[str] = set()
    for step in steps[:MAX_STEPS]:
        spec = question.tools.get(step.tool)
        fault = _order(step, behind)
        reached = set().union(*(behind.get(before, ()) for before in step.after))
        if fault is None and spec is not None:
            lacking = [need for need in spec.needs if not need & given and not need & reached]
            if lacking:
                fault = f"step {step.id} ({step.tool}) is after nothing that makes {' or '.join(sorted(lacking[0]))}"
        if fault is not None:
            faults.append(fault)
        product = makes(spec) if spec is not None else frozenset()
        made |= product
        behind[step.id] = behind.get(step.id, set()) | reached | product
    unsound = len(faults) + max(0, len(steps) - MAX_STEPS)
    if question.task.modality not in made:
        unsound += 1
        faults.append(f"no step makes {question.task.modality}")
    value = 1 - unsound / (len(steps) + 1)
    told = telling(question)
    if told is not None and told.order < 1:
        value *= told.order
        faults.append(f"the goals tell the story {told.order:.0%} in its order")
    return Score(value=value, reason="; ".join(faults[:3]) or "every step comes after what it needs", version=VERSION)


def _order(step: PlanStep, behind: dict[int, set[str]]) -> str | None:
    if step.id in behind:
        return f"id {step.id} stands twice"
    missing = next((before for before in step.after if before not in behind), None)
    return None if missing is None else f"step {step.id} is after {missing}, which is no step above it"

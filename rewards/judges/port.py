"""The port of plan judges: what they are asked, what they answer, how they fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from rewards.record import Record, Tools
from visgenenv.errors import VisGenError
from visgenenv.types import Plan, Score, Task

Facet = Literal["coherence", "executable", "atomic", "optimal", "trajectory"]
"""What a judge is asked about: four facets of the plan, and how well the deeds follow it (VisionCreator's R_traj)."""
FACETS: tuple[Facet, ...] = ("coherence", "executable", "atomic", "optimal")
"""The facets of the plan."""


class JudgeError(VisGenError, RuntimeError):
    """A judge or what it runs on failed; the sample is masked, never scored 0."""


class UnreadablePlan(JudgeError):
    """What the policy wrote breaks the judge: the policy's fault, so the facets and the format score 0."""


class Question(msgspec.Struct, frozen=True):
    """One facet of one plan. A judge looks at nothing of the policy's thoughts nor at its answer's checks."""

    facet: Facet
    plan: Plan
    """The first valid one."""
    task: Task
    tools: Tools
    record: Record | None = None
    """What was done; of the facet `trajectory` alone."""

    def __repr__(self) -> str:
        return f"Question(facet={self.facet!r}, plan={self.plan!r}, task={self.task!r})"


class Judge(Protocol):
    """Scores plans and how they were followed; may be a set of rules, a model behind an endpoint, or a panel."""

    version: str

    def __call__(self, questions: Sequence[Question], /) -> Sequence[Score]:
        """A score a question, in order; raises `JudgeError`."""
        ...

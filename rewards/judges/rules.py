"""The offline judge: rules of cause and effect, and retrieval over expert plans."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from hashlib import blake2b

from rewards.fine.coherence import VERSION as TRAJECTORY
from rewards.fine.coherence import coherent
from rewards.judges.port import Facet, Question
from rewards.plan.atomic import VERSION as ATOMIC
from rewards.plan.atomic import atomic
from rewards.plan.coherence import VERSION as COHERENCE
from rewards.plan.coherence import coherence
from rewards.plan.executable import VERSION as EXECUTABLE
from rewards.plan.executable import executable
from rewards.plan.experts import Experts, Lesson, Retriever, lessons_for, own_experts
from rewards.plan.optimal import VERSION as OPTIMAL
from rewards.plan.optimal import optimal
from visgenenv.errors import ConfigError
from visgenenv.types import Score, Task


def _trajectory(question: Question, lessons: tuple[Lesson, ...]) -> Score:
    assert question.record is not None, "a question about the trajectory holds its record"
    return coherent(question.record)


_RULES: dict[Facet, Callable[[Question, tuple[Lesson, ...]], Score]] = {
    "coherence": coherence,
    "executable": executable,
    "atomic": atomic,
    "optimal": optimal,
    "trajectory": _trajectory,
}
_VERSIONS = (COHERENCE, EXECUTABLE, ATOMIC, OPTIMAL, TRAJECTORY)


class RuleJudge:
    """Answers each facet with its rules; needs no network and never fails.

    `retriever`: finds the expert plans of tasks of no known type; None is the character TF-IDF. It has a `version`.
    `plans`: a file of expert plans of one's own, or a folder of them, in the form of ours; for the types they are for they
    take the place of ours. The character TF-IDF finds them by their prompts too, a retriever only what it was made with.
    Raises `ConfigError` where they cannot be read.
    """

    version = f"rules/{blake2b('|'.join(_VERSIONS).encode(), digest_size=4).hexdigest()}"
    """A digest of the versions of all rules."""

    def __init__(self, retriever: Retriever | None = None, *, plans: str | os.PathLike[str] | None = None) -> None:
        if retriever is not None and not callable(retriever):
            raise ConfigError(
                f"retriever={retriever!r}: expected a callable from a text to likenesses; a file of plans is given as plans=…"
            )
        self._retriever = retriever
        self.experts: Experts | None = None if plans is None else own_experts(plans)
        """What plans are compared with; None: the repository alone."""
        if retriever is not None:
            self.version += f"+{getattr(retriever, 'version', type(retriever).__name__)}"
        if self.experts is not None:
            self.version += f"+{self.experts.version}"

    def __call__(self, questions: Sequence[Question], /) -> list[Score]:
        found: list[Score] = []
        task: Task | None = None
        lessons: tuple[Lesson, ...] = ()
        for question in questions:
            if question.task is not task:  # the facets of one plan are asked together
                task, lessons = question.task, lessons_for(question.task, self._retriever, self.experts)
            found.append(_RULES[question.facet](question, lessons))
        return found

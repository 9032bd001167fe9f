"""The offline judge: rules of cause and effect, and retrieval over expert plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewards.judges.port import Facet, Question
from rewards.plan.atomic import atomic
from rewards.plan.coherence import coherence
from rewards.plan.executable import executable
from rewards.plan.optimal import optimal
from visgenenv.types import Score

_RULES: dict[Facet, Callable[[Question], Score]] = {
    "coherence": coherence,
    "executable": executable,
    "atomic": atomic,
    "optimal": optimal,
}


class RuleJudge:
    """Answers each facet with its rules; needs no network and never fails."""

    version = "rules/1"

    def __call__(self, questions: Sequence[Question], /) -> list[Score]:
        return [_RULES[question.facet](question) for question in questions]

"""Who judges a plan: rules by default; others are named explicitly."""

from typing import TYPE_CHECKING, Any

from rewards.judges.fake import FakeJudge
from rewards.judges.port import FACETS, Facet, Judge, JudgeError, Question, UnreadablePlan
from rewards.judges.rules import RuleJudge

if TYPE_CHECKING:
    from rewards.judges.endpoint import Budget, Usage
    from rewards.judges.llm import LlmJudge

_LAZY = {"Budget": "rewards.judges.endpoint", "LlmJudge": "rewards.judges.llm", "Usage": "rewards.judges.endpoint"}
"""What speaks to a network, which nobody loads who judges by rules."""
__all__ = [
    "FACETS",
    "Budget",
    "Facet",
    "FakeJudge",
    "Judge",
    "JudgeError",
    "LlmJudge",
    "Question",
    "RuleJudge",
    "UnreadablePlan",
    "Usage",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'rewards.judges' has no attribute {name!r}")
    from visgenenv import plugins

    value = getattr(plugins.import_own(_LAZY[name]), name)
    globals()[name] = value
    return value

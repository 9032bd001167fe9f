"""Who judges a plan: rules by default; others are named explicitly."""

from rewards.judges.fake import FakeJudge
from rewards.judges.port import FACETS, Facet, Judge, JudgeError, Question, UnreadablePlan
from rewards.judges.rules import RuleJudge

__all__ = ["FACETS", "Facet", "FakeJudge", "Judge", "JudgeError", "Question", "RuleJudge", "UnreadablePlan"]

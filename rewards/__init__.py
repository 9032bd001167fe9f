"""What judges a trajectory: `reward("ltr")`, expressions over its parts, and a user's own components."""

from rewards.component import Component
from rewards.judges import FakeJudge, Judge, JudgeError, Question, RuleJudge, UnreadablePlan
from rewards.ltr import DEFINITIONS, PARTS, PRESETS, LtrReward, recompute, reward
from rewards.recovery import Recovery, recovery

__all__ = [
    "DEFINITIONS",
    "PARTS",
    "PRESETS",
    "Component",
    "FakeJudge",
    "Judge",
    "JudgeError",
    "LtrReward",
    "Question",
    "Recovery",
    "RuleJudge",
    "UnreadablePlan",
    "recompute",
    "recovery",
    "reward",
]

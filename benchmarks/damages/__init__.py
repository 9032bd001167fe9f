"""Damages: honest episodes made worse in one known way, for each facet of the plan and each component of its execution."""

from benchmarks.damages import deeds, films, plans, requirement, results, turns
from benchmarks.damages.damage import TARGETS, Damage

DAMAGES: tuple[Damage, ...] = (
    *requirement.DAMAGES,
    *plans.DAMAGES,
    *turns.DAMAGES,
    *results.DAMAGES,
    *films.DAMAGES,
    *deeds.DAMAGES,
)
"""In a fixed order; names are unique."""

UNSEEN: tuple[Damage, ...] = plans.UNSEEN
"""Further ones that the scorers do not see yet: measured and told, and kept out of the bars."""

__all__ = ["DAMAGES", "TARGETS", "UNSEEN", "Damage"]

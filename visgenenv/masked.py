"""What is masked, and why: a sample without a reward must not pass unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from visgenenv.types import Trajectory


def failures(trajectories: Iterable[Trajectory]) -> dict[str, int]:
    """Why samples are masked, and of how many each reason is; the commonest first. Tasks and samples are not told apart by name."""
    return count((trajectory.failure or "no reason", trajectory) for trajectory in trajectories if trajectory.reward is None)


def count(reasons: Iterable[tuple[str, Trajectory]]) -> dict[str, int]:
    """How often each reason is given, the commonest first, each with the trajectory that it is given for."""
    counted: Counter[str] = Counter()
    for reason, trajectory in reasons:
        for name in (trajectory.id, trajectory.task.id):
            reason = reason.replace(repr(name), "…") if name else reason
        counted[reason] += 1
    return dict(counted.most_common())


def told(found: Mapping[str, int], what: str = "masked", most: int = 3) -> list[str]:
    """Those reasons as lines of text, the commonest `most`."""
    lines = [f"{number} {what}: {reason[:400]}" for reason, number in list(found.items())[:most]]
    return lines + ([f"{sum(list(found.values())[most:])} more {what}, for {len(found) - most} other reasons"] if len(found) > most else [])

"""What is masked, and why: a sample without a reward must not pass unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from visgenenv.types import Trajectory


def failures(trajectories: Iterable[Trajectory]) -> dict[str, int]:
    """Why samples are masked, and of how many each reason is; the commonest first."""
    counted = Counter(trajectory.failure or "no reason" for trajectory in trajectories if trajectory.reward is None)
    return dict(counted.most_common())


def told(found: Mapping[str, int], most: int = 3) -> list[str]:
    """Those reasons as lines of text, the commonest `most`."""
    lines = [f"{count} masked: {reason[:400]}" for reason, count in list(found.items())[:most]]
    return lines + ([f"{sum(list(found.values())[most:])} more masked, for {len(found) - most} other reasons"] if len(found) > most else [])

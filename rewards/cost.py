"""What an episode cost, as components for reward expressions: `0.9 * ltr + 0.1 * mean(price, makespan)`."""

from __future__ import annotations

from visgenenv.types import Score, Trajectory

HALF_MINUTES = 10.0
"""Virtual minutes at which `makespan` is one half; a scale of ours."""
HALF_USD = 10.0
"""Price at which `price` is one half; a scale of ours."""


class Makespan:
    """1 for an episode that took no time, one half for ten virtual minutes, towards 0; calls of one turn overlap."""

    name, version = "makespan", "1"

    def score(self, trajectory: Trajectory) -> Score:
        """10 / (10 + virtual minutes)."""
        minutes = trajectory.virtual_ms / 60_000
        return Score(value=HALF_MINUTES / (HALF_MINUTES + minutes), reason=f"{minutes:.1f} virtual minutes", version=self.version)


class Price:
    """1 for an episode that cost nothing, one half for ten dollars, towards 0."""

    name, version = "price", "1"

    def score(self, trajectory: Trajectory) -> Score:
        """10 / (10 + USD)."""
        usd = trajectory.price_microusd / 1e6
        return Score(value=HALF_USD / (HALF_USD + usd), reason=f"{usd:.2f} USD", version=self.version)

"""Playing a policy on tasks, to see how good it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from visgenenv.episodes import Policy, rollout
from visgenenv.types import Task, Trajectory


def evaluate(
    policy: Policy,
    tasks: str | Iterable[Task] = "heldout",
    n: int = 100,
    seed: int = 0,
    *,
    batch: int = 64,
    progress: Callable[[int], object] | None = None,
    **environment: Any,
) -> list[Trajectory]:
    """Play `n` episodes and return their trajectories in order.

    `tasks`: a source (`"heldout"`, `"train"`, "module:attribute") or the tasks themselves, whose number then counts.
    Whether a language model samples or takes the likeliest token is its own `temperature`. `environment`: arguments of
    `gymnasium.make("VisGenEnv-v0")`.
    """
    if isinstance(tasks, str):
        return rollout(policy, n, seed, task=tasks, batch=batch, progress=progress, **environment)
    return rollout(policy, seed=seed, tasks=tasks, batch=batch, progress=progress, **environment)

"""What each turn of an episode was worth: continuations forked before and after it, played by a policy.

The value of a state is the mean reward of continuations from it (Monte Carlo); the value of a turn is by how much it
raised that, its counterfactual advantage under the policy (compare VinePPO, Kazemnejad et al. 2024).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from visgenenv import chance, plugins
from visgenenv.conversation import Conversation
from visgenenv.episodes import Policy, Running, advance, as_policy
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.forks import fork
from visgenenv.replays import replayed
from visgenenv.types import Trajectory, Wire


class TurnValue(Wire, frozen=True, kw_only=True):
    """One turn, and what it changed."""

    turn: int
    before: float | None
    """Mean reward of the continuations from before it; None where every one was masked."""
    after: float | None
    """The same from after it; after the last turn the reward itself."""
    value: float | None
    """`after - before`."""
    standard_error: float | None
    """Of `value`; None with fewer than two continuations on a side that has any."""
    n: int
    """Continuations that were scored, before and after."""


def turn_values(
    trajectory: Trajectory,
    policy: Policy | Callable[[Conversation], str] | str,
    k: int = 8,
    *,
    seed: int = 0,
    fresh_luck: bool = False,
    reward: str | None = None,
    batch: int = 64,
    **environment: Any,
) -> list[TurnValue]:
    """The counterfactual value of every turn of a finished trajectory, from `k` continuations before each.

    The continuations keep the episode's luck, so that a value tells of the policy's choices alone; with `fresh_luck` the
    n-th continuation of every state has the n-th of k other lucks. `policy` plays them: one that samples is needed for
    values between those of single episodes. `seed` keys its sampling. `reward`: in place of the trajectory's own, which is
    scored anew, so that both sides of a difference have today's scorers. `environment`: as of `vg.replay`, for example
    `media`. Raises `ConfigError` for a trajectory that has not ended, or has no reward where none is given, and
    `ReplayMismatch` where it cannot be played again as it was.
    """
    for name, value in (("k", k), ("batch", batch)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigError(f"{name}={value!r}: expected an integer of at least 1")
    if trajectory.answer is None and not trajectory.truncated:
        raise ConfigError(f"{trajectory.id}: has not ended; expected a finished trajectory")
    if reward is None and trajectory.reward is None:
        raise ConfigError(f"{trajectory.id}: has no reward ({trajectory.failure or 'it was never scored'}); say which: reward='ltr'")
    actor = as_policy(policy, seed)
    expression = reward or (trajectory.reward.expression if trajectory.reward is not None else "")
    states = [fork(env) for env in replayed(trajectory, **environment, reward=expression)][:-1]
    chosen = [(number, i) for number in range(len(states)) for i in range(k)]
    found: list[list[float]] = [[] for _ in states]
    for start in range(0, len(chosen), batch):
        running: list[Running] = []
        for number, i in chosen[start : start + batch]:
            luck = chance.below(2**31, seed, trajectory.chance_seed, "value", i) if fresh_luck else None
            env = fork(states[number], luck)
            running.append((env, number, env.conversation(seed, number, i)))
        while running:
            running, ended = advance(actor, running)
            for (_, number, _), played in ended:
                if played.reward is not None:
                    found[number].append(played.reward.total)
    final = _final(trajectory, expression, environment.get("judge", trajectory.versions.get("judge", "rules")))
    if reward is None and trajectory.reward is not None and final != trajectory.reward.total:
        raise ConfigError(
            f"{trajectory.id}: its reward {expression!r} was {trajectory.reward.total!r} and comes to {final!r} now: judged by another "
            "judge, or by other versions; say judge='…', or reward='ltr' for what it is worth today"
        )
    sides = [(_mean(values), _variance_of_mean(values), len(values)) for values in found]
    sides.append((final, None if final is None else 0.0, 0))  # what it came to in the end is no estimate
    return [_value(number, before, after) for number, (before, after) in enumerate(pairwise(sides))]


_Side = tuple[float | None, float | None, int]
"""Mean, variance of the mean, number of continuations."""


def _final(trajectory: Trajectory, expression: str, judge: str) -> float | None:
    """The reward of the whole; None where it is unavailable."""
    try:
        return float(plugins.load("engines", "reward")(expression, judge=judge)(trajectory).total)
    except RewardUnavailable:
        return None


def _value(number: int, before: _Side, after: _Side) -> TurnValue:
    (start, spread, n), (end, spread_after, n_after) = before, after
    value = None if start is None or end is None else end - start
    error = None if spread is None or spread_after is None else math.sqrt(spread + spread_after)
    return TurnValue(turn=number, before=start, after=end, value=value, standard_error=error, n=n + n_after)


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None  # exact: continuations end in an order that hangs on the batch


def _variance_of_mean(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)

"""What an episode is begun with: the options of `reset`, checked."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, NamedTuple, SupportsIndex

from visgenenv.errors import ConfigError

NAMES = ("task", "chance_seed", "step")


class Options(NamedTuple):
    """The options of one reset."""

    task: Any = None
    """A task or its JSON, in place of the source's."""
    chance_seed: int | None = None
    """Of the episode's luck; None: the seed of the reset."""
    step: int | None = None
    """Training step, which the schedules in a reward read."""


def read_options(given: Mapping[str, Any] | None, reward: object) -> Options:
    """The options of a reset, or a `ConfigError`: for an unknown one, a wrong one, and a step that the reward lacks."""
    given = given or {}
    if given and (unknown := given.keys() - set(NAMES)):
        raise ConfigError(f"options={sorted(unknown)!r}: unknown; expected 'task', 'chance_seed' and 'step'")
    chance_seed, step = given.get("chance_seed"), given.get("step")
    if chance_seed is not None:
        chance_seed = integer("options['chance_seed']", chance_seed)
    if step is not None and (step := integer("options['step']", step)) < 0:
        raise ConfigError(f"options['step']={step!r}: expected an integer of at least 0, the training step")
    require_step(reward, step)
    return Options(given.get("task"), chance_seed, step)


def require_step(reward: object, step: int | None) -> None:
    """Raise `ConfigError` where a reward has a schedule and there is no training step for it to read."""
    if step is None and getattr(reward, "scheduled", False):
        raise ConfigError(
            f"reward={getattr(reward, 'expression', reward)!r} changes with the training step, and none was given: "
            "give options={'step': n} to reset, step=n to vg.rollout, or --step N"
        )


def integer(name: str, value: object) -> int:
    """A whole number, of numpy too, as Python's own."""
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, bool) or not isinstance(value, SupportsIndex) or not -(2**63) <= operator.index(value) < 2**63:
        raise ConfigError(f"{name}={value!r}: expected an integer of at most 64 bits")
    return operator.index(value)


def choice(name: str, value: object, allowed: tuple[object, ...]) -> None:
    """Raise `ConfigError` unless a value is one of those allowed."""
    if value not in allowed:
        raise ConfigError(f"{name}={value!r}: expected one of {', '.join(repr(item) for item in allowed)}")

"""Advantages, baselines and normalisers of group-relative policy optimisation, as pure functions of rewards and groups."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal

import numpy as np

from visgenenv.errors import ConfigError

Floats = np.ndarray[Any, np.dtype[np.float64]]
Scale = Literal["group", "none"]


def group_advantages(
    rewards: Sequence[float | None], groups: Sequence[Hashable], *, scale: Scale = "group", epsilon: float = 1e-4
) -> Floats:
    """Advantages, shape (samples,): a reward's distance from its group's mean, over the group's deviation plus `epsilon`.

    GRPO (DeepSeekMath, 2402.03300, eq. 3 and below) divides by the standard deviation, here with Bessel's correction;
    `scale="none"` leaves that out (Dr. GRPO, 2503.20783). A masked member (None) gets 0 and moves neither mean nor
    deviation of its siblings; a group with fewer than two members that count gets 0.
    """
    if len(rewards) != len(groups):
        raise ConfigError(f"{len(rewards)} rewards for {len(groups)} groups: expected the group of each reward")
    if scale not in ("group", "none"):
        raise ConfigError(f"scale={scale!r}: expected 'group' or 'none'")
    advantages = np.zeros(len(rewards))
    for members in _members(rewards, groups).values():
        if len(members) < 2:
            continue
        values = np.array([rewards[number] for number in members], dtype=np.float64)
        centred = values - values.mean()
        advantages[members] = centred / (values.std(ddof=1) + epsilon) if scale == "group" else centred
    return advantages


def zero_variance_groups(rewards: Sequence[float | None], groups: Sequence[Hashable], tolerance: float = 1e-8) -> int:
    """How many groups have nothing to learn from: all members that count were paid the same, or fewer than two count."""
    found = _members(rewards, groups)
    spread = {group: np.ptp([rewards[number] for number in members]) for group, members in found.items() if len(members) > 1}
    return sum(1 for group in dict.fromkeys(groups) if spread.get(group, 0.0) <= tolerance)


def trained_tokens(masks: Sequence[Sequence[int]], rewards: Sequence[float | None]) -> int:
    """Normaliser of a token-mean loss (DAPO, 2503.14476, eq. 8): the policy's tokens of all samples that are not masked."""
    return sum(sum(mask) for mask, reward in zip(masks, rewards, strict=True) if reward is not None)


def _members(rewards: Sequence[float | None], groups: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    """Positions of the samples that count, by group."""
    found: dict[Hashable, list[int]] = {}
    for number, (reward, group) in enumerate(zip(rewards, groups, strict=True)):
        if reward is not None:
            found.setdefault(group, []).append(number)
    return found

"""Means with bootstrap intervals, and paired differences between two policies on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

RESAMPLES = 4000
LEVEL = 0.95


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A mean with its percentile bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int
    """Number of values it was formed from."""


def mean_interval(values: Sequence[float], seed: int = 0) -> Interval | None:
    """Mean of `values` with its 95 % percentile bootstrap interval (Efron 1979); None of nothing."""
    if not len(values):
        return None
    sample = np.asarray(values, np.float64)
    generator = np.random.default_rng(seed)
    means = np.concatenate([sample[generator.integers(0, len(sample), (100, len(sample)))].mean(axis=1) for _ in range(RESAMPLES // 100)])
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(mean=float(sample.mean()), low=float(low), high=float(high), n=len(sample))


def paired_difference(before: Sequence[float], after: Sequence[float], seed: int = 0) -> Interval | None:
    """Mean of `after[i] - before[i]` with its interval; both lists are about the same tasks in the same order."""
    if len(before) != len(after):
        raise ValueError(f"{len(before)} values before, {len(after)} after: a paired difference needs the same tasks on both sides")
    return mean_interval([b - a for a, b in zip(before, after, strict=True)], seed)


def clustered_difference(before: Sequence[Sequence[float]], after: Sequence[Sequence[float]], seed: int = 0) -> Interval | None:
    """Paired difference over several training seeds: seeds are resampled first, then tasks within each (two-level bootstrap).

    `before[s][i]`, `after[s][i]`: value of task i for training seed s; every seed has its tasks in the same order.
    """
    if len(before) != len(after) or not before:
        raise ValueError(f"{len(before)} seeds before, {len(after)} after: expected the same seeds, one at least, on both sides")
    differences = [np.asarray(b, np.float64) - np.asarray(a, np.float64) for a, b in zip(before, after, strict=True)]
    generator = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        chosen = generator.integers(0, len(differences), len(differences))
        means[i] = np.mean([differences[s][generator.integers(0, len(differences[s]), len(differences[s]))].mean() for s in chosen])
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(
        mean=float(np.mean([d.mean() for d in differences])),
        low=float(low),
        high=float(high),
        n=sum(len(d) for d in differences),
    )

"""Means with bootstrap intervals, and paired differences between two policies on the same tasks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec
import numpy as np

from visgenenv.errors import ConfigError

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


def share_interval(hits: int, n: int) -> Interval | None:
    """A share with its 95 % Wilson (1927) interval, which holds up where all or none of `n` hit; None of nothing."""
    if not n:
        return None
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share, weight = hits / n, z * z / n
    middle, half = share + weight / 2, z * math.sqrt(share * (1 - share) / n + weight / (4 * n))
    return Interval(mean=share, low=max(0.0, (middle - half) / (1 + weight)), high=min(1.0, (middle + half) / (1 + weight)), n=n)


def paired_difference(before: Sequence[float], after: Sequence[float], seed: int = 0) -> Interval | None:
    """Mean of `after[i] - before[i]` with its interval; both lists are about the same tasks in the same order."""
    if len(before) != len(after):
        raise ConfigError(f"{len(before)} values before, {len(after)} after: a paired difference needs the same tasks on both sides")
    return mean_interval([b - a for a, b in zip(before, after, strict=True)], seed)


def crossed_interval(values: Sequence[Sequence[float]], seed: int = 0) -> Interval | None:
    """Mean over training seeds and tasks with an interval over both, for `values[s][i]` of seed s on task i.

    All seeds are measured on the same tasks, so the two are crossed: a resample draws seeds, and one set of tasks for all
    of them (Owen & Eckles 2012, the product bootstrap). Raises `ConfigError` where seeds have different tasks.
    """
    if not values or not values[0]:
        return None
    if len({len(row) for row in values}) > 1:
        raise ConfigError(f"seeds have {sorted({len(row) for row in values})} tasks: expected the same tasks for every seed")
    table = np.asarray(values, np.float64)
    seeds, tasks = table.shape
    generator = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        of_tasks = table[:, generator.integers(0, tasks, tasks)].mean(axis=1)
        means[i] = of_tasks[generator.integers(0, seeds, seeds)].mean()
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(mean=float(table.mean()), low=float(low), high=float(high), n=table.size)

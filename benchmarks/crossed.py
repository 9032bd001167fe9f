"""Means over training seeds and tasks with one set of resamples for all of them, and tests of paired differences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from benchmarks.stats import LEVEL, RESAMPLES, Interval
from visgenenv.errors import ConfigError

Floats = np.ndarray[Any, np.dtype[np.float64]]
Cells = Sequence[Sequence[float | None]]
"""By training seed and task; None where the task does not ask for it, and then for every seed."""
FLIPS = 10_000
POWER = 0.8


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A paired difference: the same seeds, tasks and luck on both sides."""

    interval: Interval
    """Over seeds and tasks, both resampled."""
    by_seed: tuple[float, ...]
    """Mean over tasks, a seed each."""
    p: float
    """Two-sided, by flipping the sign of each task's mean difference over the seeds: the trained models taken as they are.

    Seeds share what a task does to them, so a task's differences are flipped together and not one by one.
    """
    p_holm: float | None = None
    """`p` corrected over the pairs that are looked at together (Holm 1979); None before that."""
    p_runs: float | None
    """Two-sided, by Student's t over seeds and tasks: as if trained again with other seeds; None of one seed."""
    detectable: float | None
    """The least true difference that so many seeds and tasks find in four of five studies, at this spread; None without spread."""

    @property
    def shown(self) -> bool:
        """Whether the interval lies on one side of zero, and both tests agree (below 0.05)."""
        aside = self.interval.low > 0 or self.interval.high < 0
        return aside and all(p is not None and p < 1 - LEVEL for p in (self.p_holm, self.p_runs))


class Resamples:
    """One draw of seeds and tasks, `RESAMPLES` times over, used for every figure: figures stay comparable with each other.

    All seeds are measured on the same tasks, so the two are crossed and drawn apart (Owen & Eckles 2012).
    """

    def __init__(self, seeds: int, tasks: int, seed: int = 0) -> None:
        if seeds < 1 or tasks < 1:
            raise ConfigError(f"{seeds} seeds and {tasks} tasks: expected at least one of each")
        generator = np.random.default_rng(seed)
        self._seeds = generator.multinomial(seeds, np.full(seeds, 1 / seeds), RESAMPLES).astype(np.float64)
        self._tasks = generator.multinomial(tasks, np.full(tasks, 1 / tasks), RESAMPLES).astype(np.float64)

    def means(self, cells: Cells) -> tuple[float, Floats, int] | None:
        """Mean, its resamples, shape (RESAMPLES,), and the number of values; None where no task asks for it.

        A resample that happens to hold none of the tasks that ask is given the mean.
        """
        values, applies = _table(cells)
        if not applies.any():
            return None
        mean = float(values[:, applies].mean())
        drawn = self._tasks[:, applies]
        weights = drawn.sum(axis=1)
        found = (self._seeds * (drawn @ values[:, applies].T)).sum(axis=1) / np.maximum(weights, 1) / self._seeds.sum(axis=1)
        return mean, np.where(weights > 0, found, mean), int(applies.sum()) * len(values)

    def interval(self, cells: Cells) -> Interval | None:
        """Mean with its 95 % interval over seeds and tasks; None where no task asks for it."""
        found = self.means(cells)
        return None if found is None else _interval(*found)

    def overall(self, columns: Sequence[Cells]) -> Interval | None:
        """The plain mean of several means, each over the tasks that ask for it, with its interval."""
        found = [one for cells in columns if (one := self.means(cells)) is not None]
        if not found:
            return None
        mean = sum(one for one, *_ in found) / len(found)
        return _interval(mean, np.mean([resamples for _, resamples, _ in found], axis=0), sum(n for *_, n in found))

    def difference(self, before: Cells, after: Cells) -> Difference | None:
        """`after` minus `before`, cell by cell; None where no task asks for it."""
        cells = [
            [b - a if a is not None and b is not None else None for a, b in zip(*rows, strict=True)]
            for rows in zip(before, after, strict=True)
        ]
        interval = self.interval(cells)
        if interval is None:
            return None
        values, applies = _table(cells)
        known = values[:, applies]
        by_seed = tuple(float(mean) for mean in known.mean(axis=1))
        return Difference(
            interval=interval, by_seed=by_seed, p=flip_p(known.mean(axis=0)), p_runs=p_runs(known), detectable=detectable(known)
        )


def flip_p(differences: Floats, seed: int = 0) -> float:
    """Two-sided p value of a mean of paired differences, by `FLIPS` random flips of their signs (Fisher 1935), itself counted."""
    moving = differences[differences != 0]
    if not len(moving):
        return 1.0
    generator, reached, seen = np.random.default_rng(seed), 0, abs(moving.sum())
    for _ in range(FLIPS // 500):
        signs = generator.integers(0, 2, (500, len(moving)), dtype=np.int8) * 2.0 - 1.0
        reached += int((np.abs(signs @ moving) >= seen - 1e-9).sum())
    return (reached + 1) / (FLIPS + 1)


def p_runs(differences: Floats) -> float | None:
    """Two-sided p value of the mean of differences of shape (seeds, tasks), for another training on other tasks.

    Student's t; its variance is that of the tasks' means and that of the seeds' means, its degrees of freedom Satterthwaite's
    (1946). A resampled interval over three seeds is too narrow, and lies aside of zero whenever the three happen to agree;
    this is not. None of one seed, or of one task.
    """
    if min(differences.shape) < 2:
        return None
    error, freedom = _error(differences)
    mean = abs(float(differences.mean()))
    return student_tail(mean / error, freedom) if error > 0 else float(mean == 0)


def detectable(differences: Floats) -> float | None:
    """The least true difference found with a power of 80 % at the 5 % level, for differences of shape (seeds, tasks).

    The same t as of `p_runs`; one seed says nothing of seeds, and the figure then holds for this one alone. None of a single
    task, and where nothing differs: no spread, no figure.
    """
    if differences.shape[1] < 2:
        return None
    error, freedom = _error(differences)
    return error * (student_quantile(1 - LEVEL, freedom) + student_quantile(2 * (1 - POWER), freedom)) if error > 0 else None


def _error(differences: Floats) -> tuple[float, float]:
    """Standard error of the mean over seeds and tasks, and its degrees of freedom."""
    seeds, tasks = differences.shape
    terms = [(float(differences.mean(axis=0).var(ddof=1)) / tasks, tasks - 1)]
    if seeds > 1:
        terms.append((float(differences.mean(axis=1).var(ddof=1)) / seeds, seeds - 1))
    variance = sum(term for term, _ in terms)
    below = sum(term * term / freedom for term, freedom in terms)
    return math.sqrt(variance), variance * variance / below if below > 0 else float(tasks - 1)


def student_tail(t: float, freedom: float) -> float:
    """P(|T| > t) of Student's distribution with 1 or more degrees of freedom."""
    angles, shares = _student(freedom)
    return float(1 - np.interp(math.atan(t / math.sqrt(freedom)), angles, shares))


def student_quantile(tails: float, freedom: float) -> float:
    """The t that |T| exceeds with probability `tails`."""
    angles, shares = _student(freedom)
    return math.sqrt(freedom) * math.tan(float(np.interp(1 - tails, shares, angles)))


def _student(freedom: float) -> tuple[Floats, Floats]:
    """P(|T| <= sqrt(freedom) tan(angle)) by angle: the density of the angle is cos(angle) to the power freedom - 1."""
    angles = np.linspace(0.0, math.pi / 2, 20_001)
    density = np.cos(angles[1:] - angles[1] / 2) ** (freedom - 1)
    shares = np.concatenate(([0.0], np.cumsum(density)))
    return angles, shares / shares[-1]


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """P values corrected for being looked at together (Holm 1979), by the same names."""
    found: dict[str, float] = {}
    largest = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda pair: (pair[1], pair[0]))):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p))
        found[name] = largest
    return {name: found[name] for name in p_values}


def _table(cells: Cells) -> tuple[Floats, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Values, shape (seeds, tasks), 0 where there are none; and which tasks have one for every seed, shape (tasks,)."""
    if len({len(row) for row in cells}) > 1:
        raise ConfigError(f"seeds have {sorted({len(row) for row in cells})} tasks: expected the same tasks for every seed")
    applies: np.ndarray[Any, np.dtype[np.bool_]] = np.all([[value is not None for value in row] for row in cells], axis=0)
    return np.array([[0.0 if value is None else value for value in row] for row in cells], np.float64), applies


def _interval(mean: float, resamples: Floats, n: int) -> Interval:
    low, high = np.quantile(resamples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(mean=mean, low=float(low), high=float(high), n=n)

"""A run as columns: rewards, groups, advantages and parts, worked out once for all checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rewards.audit.samples import RunSample
from rewards.audit.weights import Weights, of_advantages, of_totals

Array = NDArray[np.float64]
Marks = NDArray[np.bool_]
EVEN = 1e-9
"""Advantages closer to 0 than this have no sign; rewards closer than this are equal."""
_LARGEST = 1e100


@dataclass(frozen=True, eq=False)  # one is like no other, so that what is found of it can be kept by it
class Frame:
    """Samples and their columns, shape (samples,) where nothing else is said; NaN is what is not known."""

    samples: Sequence[RunSample]
    seed: int
    summed: bool = False
    """See `Rollouts`."""
    tells_errors: bool = True
    """See `Rollouts`."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Parts, in the order in which they first stand in the records."""
        return tuple(dict.fromkeys(name for sample in self.samples for name in sample.parts))

    @cached_property
    def parts(self) -> Array:
        """All parts, shape (samples, parts)."""
        rows = [[_float(sample.parts.get(name)) for name in self.names] for sample in self.samples]
        return np.array(rows, dtype=np.float64).reshape(len(self.samples), len(self.names))

    @cached_property
    def masked(self) -> Marks:
        return np.array([bool(sample.masked) for sample in self.samples])

    @cached_property
    def logged(self) -> Array:
        """Rewards as they were logged."""
        return np.array([_float(sample.reward) for sample in self.samples])

    @cached_property
    def advantages(self) -> Array:
        """As they were logged."""
        return np.array([_float(sample.advantage) for sample in self.samples])

    @cached_property
    def has_totals(self) -> bool:
        """Whether any reward was logged; else it is made of its parts (TRL)."""
        return any(sample.reward is not None for sample in self.samples)

    @cached_property
    def applied(self) -> Array:
        """Parts with 0 where one does not apply: what weights are multiplied with, shape (samples, parts)."""
        return np.where(np.isfinite(self.parts), self.parts, 0.0)

    @cached_property
    def standardised(self) -> Array:
        """Parts less their group's mean over its deviation, as TRL's `normalize_then_sum` has them, shape (samples, parts)."""
        found = np.zeros_like(self.parts)
        for members in self.members:
            own = np.where(np.isfinite(self.parts[members]), self.parts[members], np.nan)
            count = np.isfinite(own).sum(axis=0)
            gap = own - np.nansum(own, axis=0) / np.maximum(count, 1)
            found[members] = np.nan_to_num(gap / (np.sqrt(np.nansum(gap**2, axis=0) / np.maximum(count - 1, 1)) + 1e-4))
        return found

    @cached_property
    def weights(self) -> Weights | None:
        """Found from the totals, or from the advantages; None where there is nothing to find them from."""
        return self._terms[1]

    @cached_property
    def terms(self) -> Array:
        """What the weights are multiplied with: parts, or parts that were standardised, shape (samples, parts)."""
        return self._terms[0]

    @cached_property
    def _terms(self) -> tuple[Array, Weights | None]:
        if not self.summed or not self.names:
            return self.applied, None
        if self.has_totals:
            rows = self.usable
            generator = np.random.default_rng(self.seed)
            return self.applied, of_totals(self.applied[rows], self.logged[rows], generator) if rows.any() else None
        plain = self._of_advantages(self.applied)
        if plain is not None and not plain.trusted:
            scaled = self._of_advantages(self.standardised)
            if scaled is not None and scaled.trusted:
                return self.standardised, scaled
        return self.applied, plain

    def _of_advantages(self, terms: Array) -> Weights | None:
        return of_advantages([(terms[members], self.advantages[members]) for members in self.judged])

    @cached_property
    def judged(self) -> list[NDArray[np.int64]]:
        """Groups of two logged advantages or more, masked members left out."""
        open_to = np.isfinite(self.advantages) & ~self.masked
        found = (members[open_to[members]] for members in self.members)
        return [members for members in found if len(members) > 1]

    @cached_property
    def usable(self) -> Marks:
        """Rows whose total should follow from their parts: a finite reward, parts, and no crash."""
        bare = np.array([sample.error is not None or not sample.parts for sample in self.samples])
        return np.asarray(np.isfinite(self.logged) & ~bare, dtype=np.bool_)

    @cached_property
    def rewards(self) -> Array:
        """As logged, or of the parts by the weights that were found, or by equal ones."""
        if self.has_totals or not self.names:
            return self.logged
        weights = self.weights
        by = np.ones(len(self.names)) if weights is None else weights.values
        return np.where(self.masked, np.nan, self.terms @ by)

    @cached_property
    def known(self) -> Marks:
        """Where a sample takes part in its group: a finite reward, not masked."""
        return np.isfinite(self.rewards) & ~self.masked

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """The number of each sample's group, from 0."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(sample.group, len(numbers)) for sample in self.samples], dtype=np.int64)

    @cached_property
    def members(self) -> list[NDArray[np.int64]]:
        """Indices of every group's samples, in order."""
        order = np.argsort(self.groups, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(self.groups[order])) + 1)

    @cached_property
    def compared(self) -> list[NDArray[np.int64]]:
        """Groups of two known rewards or more, their known members alone."""
        found = (members[self.known[members]] for members in self.members)
        return [members for members in found if len(members) > 1]

    @cached_property
    def signs(self) -> Array:
        """Signs of the group-mean advantages; 0 where there is no group to compare with."""
        return self.signs_of(self.rewards)

    def signs_of(self, rewards: Array) -> Array:
        """Signs of `rewards` less the mean of the group's known ones."""
        taken = np.flatnonzero(self.known)
        numbers = self.groups[taken]
        count = np.bincount(numbers, minlength=1)
        mean = np.bincount(numbers, weights=rewards[taken]) / np.maximum(count, 1)
        found = np.zeros(len(rewards))
        gap = rewards[taken] - mean[numbers]
        # a mean of equal rewards is off by what addition loses, more so the more there are and the larger they are
        found[taken] = np.where(np.abs(gap) <= EVEN * np.maximum(1.0, np.abs(mean[numbers])), 0.0, np.sign(gap))
        return found

    @cached_property
    def top(self) -> Marks:
        """The top decile by reward: at least as good as the tenth best of a hundred; none where all rewards are equal."""
        known = self.rewards[self.known]
        if not len(known) or known.max() - known.min() <= EVEN:
            return np.zeros(len(self.samples), dtype=np.bool_)
        edge = np.sort(known)[-max(1, len(known) // 10)]
        return np.asarray(self.known & (self.rewards >= edge), dtype=np.bool_)

    @cached_property
    def paid(self) -> Marks:
        """Where training reinforces: above the mean of its group, or, where there are no groups, of the file."""
        if self.compared:
            return np.asarray(self.signs > 0, dtype=np.bool_)
        if not self.known.any():
            return np.zeros(len(self.samples), dtype=np.bool_)
        return np.asarray(self.known & (self.rewards > self.rewards[self.known].mean() + EVEN), dtype=np.bool_)

    def ids(self, indices: Iterator[int] | Sequence[int] | NDArray[np.int64]) -> list[str]:
        """Ids of samples, in the order given."""
        return [self.samples[int(index)].id for index in indices]


def _float(value: float | None) -> float:
    """NaN for None; what is so large that its square overflows counts as infinite."""
    if value is None:
        return np.nan
    return value if abs(value) <= _LARGEST or value != value else np.copysign(np.inf, value).item()

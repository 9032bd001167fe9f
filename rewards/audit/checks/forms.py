"""How a reward is made of its components where nobody wrote it down: a weighted sum, or a product with one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from rewards.audit.check import listed
from rewards.audit.frame import Array, Frame
from rewards.audit.weights import Weights, of_advantages, of_totals

COUNTERS = frozenset(
    ("num_turns", "total_tool_calls", "unique_tools_used", "has_tool_calls", "sandbox_oom", "sandbox_timeout", "sandbox_image_pull_error")
)
"""What verifiers counts by itself, with weight 0; nobody takes it for a reward."""
_MOST_PARTS = 8
"""Beyond so many components no product is sought: there are too many."""
_MOST_GROUPS = 200
"""Groups that a product of advantages is first tried on."""
_APART = 0.02
"""Of the spread of what was logged: what lies closer may come of components that were rounded."""


@dataclass(frozen=True)
class Form:
    """Factors, times the weighted sum of the other components; without factors the sum alone."""

    weights: Weights
    terms: Array
    """What the weights are multiplied with, the factors within, shape (samples, others)."""
    names: tuple[str, ...]
    """Of the components with weights."""
    factors: tuple[str, ...] = ()

    @property
    def rewards(self) -> Array:
        """What it makes of every sample, shape (samples,); from advantages, up to one factor and a constant of each group."""
        return np.asarray(self.terms @ self.weights.values, dtype=np.float64)

    @property
    def told(self) -> str:
        """In words: `a 1, b 0.5`, or `a times (b 1)`."""
        one_by_one = zip(self.names, self.weights.values, self.weights.told_apart, strict=True)
        whole = listed(f"{name} {value:.4g}{'' if told else ' (not determined)'}" for name, value, told in one_by_one)
        return f"{' times '.join(self.factors)} times ({whole})" if self.factors else whole


@lru_cache(maxsize=1)  # two checks ask for it, one after the other
def form(frame: Frame) -> Form | None:
    """What explains most, the plain sum where nothing explains more; None where there is nothing to find weights from.

    A product is taken only where it is trusted: nearly all that was logged then follows from it.
    """
    if frame.weights is None:
        return None
    best = Form(frame.weights, frame.terms, frame.names)
    explained = int(frame.weights.explained.sum()) if frame.weights.trusted else -1
    for factors, others, terms in _products(frame):
        if explained == len(best.weights.explained):
            break
        weights = _fitted(frame, terms)
        if weights is not None and weights.trusted and int(weights.explained.sum()) > explained:
            best, explained = Form(weights, terms, others, factors), int(weights.explained.sum())
    return best


def _products(frame: Frame) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Array]]:
    """Names of factors, of the other components, and these times those: one factor, two, or all components but one.

    What a framework counts by itself is neither, and what is the same everywhere is no factor.
    """
    named = [at for at, name in enumerate(frame.names) if name not in COUNTERS]
    taken = [at for at in named if np.ptp(frame.applied[:, at]) > 0]
    count = len(taken)
    if not 2 <= count <= _MOST_PARTS:
        return
    for size in sorted({1, min(2, count - 1), count - 1}):
        for chosen in combinations(taken, size):
            others = [at for at in named if at not in chosen]
            within = frame.applied[:, list(chosen)].prod(axis=1)
            if np.ptp(within) > 0:  # a constant factor makes no product of a sum
                names = (tuple(frame.names[at] for at in part) for part in (chosen, others))
                yield *names, frame.applied[:, others] * within[:, None]


def _fitted(frame: Frame, terms: Array) -> Weights | None:
    if frame.has_totals:
        rows = frame.usable
        return of_totals(terms[rows], frame.logged[rows], np.random.default_rng(frame.seed))
    groups = [(terms[members], frame.advantages[members]) for members in frame.judged]
    some = groups[:: -(-len(groups) // _MOST_GROUPS)]
    weights = of_advantages(some)
    return of_advantages(groups) if weights is not None and weights.trusted and len(some) < len(groups) else weights


def unweighed(frame: Frame) -> str:
    """Why there is nothing to find weights from."""
    if not frame.names:
        return "the records hold no components"
    if frame.has_totals:
        return "no sample that has components and did not crash has a reward"
    if not np.isfinite(frame.advantages).any():
        return "neither a total nor an advantage is logged, so that nothing says what was made of the components"
    if not frame.judged:
        return "no total is logged, and no group has two members with an advantage"
    return "no component varies within a group"


def contradictions(frame: Frame) -> list[int]:
    """Samples of the same components as others and yet of another total, or another advantage in the same group.

    No way to make a reward of what was logged explains them, a product as little as a sum. Steps are kept apart, since weights
    may have a schedule.
    """
    values = frame.logged if frame.has_totals else frame.advantages
    taken = np.flatnonzero(frame.usable) if frame.has_totals else np.concatenate([np.zeros(0, dtype=np.int64), *frame.judged])
    if not len(taken):
        return []
    near = _APART * float(np.ptp(values[taken]))
    alike: dict[tuple[object, ...], list[int]] = {}
    for at in map(int, taken):
        sample = frame.samples[at]
        place = sample.step if frame.has_totals else sample.group
        alike.setdefault((place, *sorted(sample.parts.items())), []).append(at)
    found = []
    for members in alike.values():
        middle = float(np.sort(values[members])[(len(members) - 1) // 2])  # what most of them have, where most agree
        found += [at for at in members if abs(values[at] - middle) > max(near, 1e-6)]
    return sorted(found)

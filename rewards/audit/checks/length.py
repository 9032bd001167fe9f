"""Reward against length: does a longer text earn more, whatever it says?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rewards.audit.check import Check, Verdict, answer, many, skipped
from rewards.audit.frame import EVEN, Array, Frame

RESAMPLES = 1000
_STRONG, _VERY_STRONG = 0.3, 0.7
_FEWEST = 8
"""Samples to compare at all, and groups to call it a fault."""
_GROUPS = 5
"""Groups to draw from: from fewer that differ, an interval over groups comes out far too narrow, from one with no width at all."""


def length(frame: Frame) -> Check:
    """Spearman's rank correlation of reward and length within groups, with a 95 % bootstrap interval over groups."""
    name, meaning = "reward against length", "Do longer completions get more, or less, than others of their group?"
    counted = all(sample.tokens is not None for sample, known in zip(frame.samples, frame.known, strict=True) if known)
    unit = "tokens" if counted else "characters"
    sizes = np.array([float((sample.tokens or 0) if counted else len(sample.completion)) for sample in frame.samples])
    inside = bool(frame.compared)
    known = np.flatnonzero(frame.known)
    groups = frame.compared if inside else [known]
    of = sum(len(members) for members in groups)
    if of < _FEWEST:
        return skipped(name, meaning, f"{of} samples to compare, {_FEWEST} at least are needed")
    terms = np.array([_terms(sizes[members], frame.rewards[members]) for members in groups]).reshape(-1, 3)
    if not inside:  # no groups: the whole file is one, and single samples are drawn again
        x, y = _ranks(sizes[known]), _ranks(frame.rewards[known])
        terms = np.stack([x * y, x * x, y * y], axis=1)
    total = terms.sum(axis=0)
    if total[1] <= EVEN or total[2] <= EVEN:
        return skipped(name, meaning, f"of {of} samples that are compared, none differ in both reward and length")
    telling = int(((terms[:, 1] > EVEN) & (terms[:, 2] > EVEN)).sum())
    if inside and telling < _GROUPS:
        why = f"{many(telling, 'group')} with members that differ in both reward and length, {_GROUPS} at least are needed for an interval"
        return skipped(name, meaning, why)
    found = float(total[0] / np.sqrt(total[1] * total[2]))
    low, high = _interval(terms, np.random.default_rng(frame.seed))
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    serious = nearest >= _VERY_STRONG and inside and len(groups) >= _FEWEST
    verdict: Verdict = "bad" if serious else "look" if nearest > 0 and abs(found) >= _STRONG else "ok"
    told = (
        f"rank correlation {found:+.2f}, 95 % {low:+.2f} to {high:+.2f}, with {unit} {'within groups' if inside else 'over the whole file'}"
    )
    if not inside:
        told += ": there are no groups, so that long tasks and good ones are not told apart"
    figures: dict[str, float | None] = {"correlation": found, "low": low, "high": high}
    differing = [members for members in groups if np.ptp(frame.rewards[members]) > EVEN]
    showing = _showing(frame, differing, sizes, 1 if found > 0 else -1)
    if inside:
        told += f"; counted: groups whose best paid member is the {'longest' if found > 0 else 'shortest'}"
    worst = frame.ids([at for _, at in showing])
    return answer(name, meaning, verdict, len(showing) if inside else 0, len(differing) if inside else of, told, worst, figures)


def _terms(sizes: Array, rewards: Array) -> tuple[float, float, float]:
    """Sums of products of centred ranks, each group scaled to the same spread whatever its number of members."""
    x, y = _ranks(sizes) / len(sizes), _ranks(rewards) / len(rewards)
    return float(x @ y), float(x @ x), float(y @ y)


def _ranks(values: Array) -> Array:
    """Ranks less their mean; equal values share theirs."""
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[where.reshape(-1)]
    return np.asarray(ranks - ranks.mean(), dtype=np.float64)


def _interval(terms: Array, generator: np.random.Generator) -> tuple[float, float]:
    count = len(terms)
    found = []
    for _ in range(RESAMPLES):
        drawn = np.bincount(generator.integers(count, size=count), minlength=count)
        product, one, other = drawn @ terms
        if one > EVEN and other > EVEN:
            found.append(product / np.sqrt(one * other))
    low, high = np.quantile(found, (0.025, 0.975)) if found else (-1.0, 1.0)
    return float(low), float(high)


def _showing(frame: Frame, groups: list[NDArray[np.int64]], sizes: Array, sign: int) -> list[tuple[float, int]]:
    """Best paid members that are the longest of their group (the shortest, where short texts are paid), the clearest first."""
    found = []
    for members in groups:
        paid = members[np.argmax(frame.rewards[members])]
        own = sign * sizes[members]
        if sign * sizes[paid] >= own.max():
            found.append((float(np.median(own) - sign * sizes[paid]), int(paid)))
    return sorted(found)

"""Success, which no reward looks at, against the reward; ours alone."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from rewards.audit.check import EXAMPLES, Check, Verdict, answer, graded, skipped
from rewards.audit.frame import Array, Frame, Marks

HIGH = 0.5
"""A reward of at least this much says that an episode went well."""


def success(frame: Frame) -> Check:
    """High rewards without success, low rewards with it, and how well the one tells of the other."""
    name, meaning = "success against reward", "Do high rewards go to episodes that succeed?"
    told = np.array([sample.success is not None for sample in frame.samples])
    taken = np.flatnonzero(frame.known & told)
    if not len(taken):
        return skipped(name, meaning, "the format has no success of its own beside the reward")
    good = np.array([bool(frame.samples[int(at)].success) for at in taken])
    rewards = frame.rewards[taken]
    area = auc(rewards, good)
    high = taken[(rewards >= HIGH) & ~good]
    low = taken[(rewards < HIGH) & good]
    high = high[np.argsort(-frame.rewards[high], kind="stable")]
    low = low[np.argsort(frame.rewards[low], kind="stable")]
    rate = "all alike, so that nothing ranks them" if area is None else f"AUC {area:.3f}"
    said = f"{rate}; {len(high)} with a reward of {HIGH} or more and no success, {len(low)} successes below it"
    paid = int((rewards >= HIGH).sum())
    if paid:
        said += f"; of {paid} high rewards {len(high) / paid:.0%} are failures"
    share = len(high) / paid if paid else 0.0
    verdict: Verdict = "bad" if area is not None and area < 0.6 else graded(share, 0.02, 0.3)
    if len(low) > 0.1 * max(1, int(good.sum())) and verdict == "ok":
        verdict = "look"
    figures = {"auc": area, "high_failures": float(len(high)), "low_successes": float(len(low)), "successes": float(good.sum())}
    worst = [one for pair in zip_longest(frame.ids(high[:EXAMPLES]), frame.ids(low[:EXAMPLES])) for one in pair if one is not None]
    return answer(name, meaning, verdict, len(high) + len(low), len(taken), said, worst, figures)


def auc(values: Array, good: Marks) -> float | None:
    """How likely a success has a higher reward than a failure, ties half; None without both."""
    wins, losses = int(good.sum()), int((~good).sum())
    if not wins or not losses:
        return None
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[where.reshape(-1)]
    return float((ranks[good].sum() - wins * (wins + 1) / 2) / (wins * losses))


def masked(frame: Frame) -> Check:
    """How many samples are masked."""
    name, meaning = "masked", "How many samples take no part in training?"
    if all(sample.masked is None for sample in frame.samples):
        return skipped(name, meaning, "the format does not say what is masked")
    at = np.flatnonzero(frame.masked)
    share = len(at) / len(frame.samples)
    reasons = sorted({sample.error.split(":")[0][:60] for sample in frame.samples if sample.masked and sample.error})
    return answer(name, meaning, graded(share, 0.02, 0.2), len(at), len(frame.samples), "; ".join(reasons[:3]), frame.ids(at))

"""Whether the trained number is what its components say, and whether advantages are what the rewards say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rewards.audit.check import Check, Verdict, answer, graded, listed, skipped
from rewards.audit.frame import Frame
from rewards.audit.samples import RunSample
from rewards.audit.weights import Weights
from rewards.ltr import recompute
from visgenenv.errors import ConfigError

_MEANING = "Is every total what its components say?"
_NAME = "recomputation"
_COUNTERS = frozenset(
    ("num_turns", "total_tool_calls", "unique_tools_used", "has_tool_calls", "sandbox_oom", "sandbox_timeout", "sandbox_image_pull_error")
)
"""What verifiers counts by itself, with weight 0; nobody takes it for a reward."""


def recomputed(frame: Frame) -> Check:
    """Totals against their components: to the last bit where the expression is known, else by weights."""
    if any(sample.expression is not None for sample in frame.samples):
        return _ours(frame)
    if not frame.summed:
        return skipped(_NAME, _MEANING, "the format keeps no total beside its scores: the first scorer is taken for the reward")
    if len(frame.names) == 0:
        return skipped(_NAME, _MEANING, "the records hold no components")
    weights = frame.weights
    if weights is None:
        return skipped(_NAME, _MEANING, "no component varies within a group" if not frame.has_totals else "no sample has a reward")
    return _by_totals(frame, weights) if frame.has_totals else _by_advantages(frame, weights)


def _ours(frame: Frame) -> Check:
    scored = [(at, sample) for at, sample in enumerate(frame.samples) if sample.expression is not None]
    wrong = [at for at, sample in scored if _again(sample) != sample.reward]
    told = "to the last bit" if not wrong else "totals that are not what their expression makes of their parts: edited, or of other code"
    return answer(_NAME, _MEANING, "bad" if wrong else "ok", len(wrong), len(scored), told, frame.ids(wrong))


def _again(sample: RunSample) -> float | None:
    """The total once more; None where the expression cannot be worked out from what is there."""
    try:
        return recompute(sample.breakdown)
    except (ConfigError, KeyError, AssertionError):
        return None


def _by_totals(frame: Frame, weights: Weights) -> Check:
    rows = np.flatnonzero(frame.usable)
    wrong = rows[~weights.explained]
    told = f"weights found: {_told(frame, weights)}"
    unused = _unused(frame, weights)
    verdict: Verdict = "look" if unused else "ok"
    if len(wrong):
        told = f"no fixed weights make the totals of its components; nearest: {_told(frame, weights)}" if not weights.trusted else told
        verdict = "bad"
    return answer(_NAME, _MEANING, verdict, len(wrong), len(rows), told + unused, frame.ids(wrong), _figures(frame, weights))


def _by_advantages(frame: Frame, weights: Weights) -> Check:
    groups = len(weights.explained)
    wrong = int((~weights.explained).sum())
    told = f"no total is logged; the advantages follow from weights (up to one factor) {_told(frame, weights)}"
    if frame.terms is frame.standardised:
        told += ", each component first scaled by its deviation within the group (normalize_then_sum)"
    if not weights.trusted:
        told = (
            "no total is logged, and no fixed weights make the advantages of the components: the reward had a part that was not "
            f"logged, or its weights changed on the way; nearest weights: {_told(frame, weights)}"
        )
    unused = _unused(frame, weights)
    verdict: Verdict = "bad" if wrong > 0.02 * groups else "look" if unused or wrong else "ok"
    odd = list(_odd_groups(frame, weights))
    return answer(_NAME, _MEANING, verdict, wrong, groups, told + unused, frame.ids(odd), _figures(frame, weights))


def _odd_groups(frame: Frame, weights: Weights) -> Iterator[int]:
    return (int(members[0]) for members, good in zip(frame.judged, weights.explained, strict=True) if not good)


def _told(frame: Frame, weights: Weights) -> str:
    one_by_one = zip(frame.names, weights.values, weights.told_apart, strict=True)
    return listed(f"{name} {value:.4g}{'' if told else ' (not determined)'}" for name, value, told in one_by_one)


def _unused(frame: Frame, weights: Weights) -> str:
    """Components that no total needs, although they vary."""
    one_by_one = zip(frame.names, weights.values, weights.told_apart, strict=True)
    found = [name for name, value, told in one_by_one if value == 0 and told and name not in _COUNTERS]
    return f"; logged but not trained on (weight 0): {listed(found)}" if found and weights.trusted else ""


def _figures(frame: Frame, weights: Weights) -> dict[str, float | None]:
    one_by_one = zip(frame.names, weights.values, weights.told_apart, strict=True)
    return {f"weight.{name}": float(value) if told else None for name, value, told in one_by_one}


def advantages(frame: Frame) -> Check:
    """Advantages as logged against those that the rewards make."""
    name, meaning = "advantages", "Do the logged advantages have the signs that the rewards make?"
    if not np.isfinite(frame.advantages).any():
        return skipped(name, meaning, "the records hold no advantages")
    logged = np.where(np.abs(frame.advantages) <= 1e-6, 0.0, np.sign(frame.advantages))
    taken = np.zeros(len(frame.samples), dtype=np.bool_)
    for members in frame.compared:
        taken[members] = True
    taken &= np.isfinite(frame.advantages)
    if not taken.any():
        return skipped(name, meaning, "no group has two known rewards and an advantage")
    wrong = np.flatnonzero(taken & (logged * frame.signs < 0))
    told = ""
    if not frame.has_totals:
        fitted = frame.weights is not None and frame.weights.trusted
        told = "rewards by the weights found above" if fitted else "rewards by the nearest weights, since none explain the advantages"
    share = len(wrong) / int(taken.sum())
    order = wrong[np.argsort(-np.abs(frame.advantages[wrong]), kind="stable")]
    return answer(name, meaning, graded(share, 0.0, 0.01), len(wrong), int(taken.sum()), told, frame.ids(order))

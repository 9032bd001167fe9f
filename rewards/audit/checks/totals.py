"""Whether the trained number is what its components say, and whether advantages are what the rewards say."""

from __future__ import annotations

import numpy as np

from rewards.audit.check import Check, Verdict, answer, graded, listed, skipped
from rewards.audit.checks.forms import COUNTERS, Form, contradictions, form, unweighed
from rewards.audit.frame import Frame
from rewards.audit.samples import RunSample
from rewards.ltr import recompute
from visgenenv.errors import ConfigError

_MEANING = "Is every total what its components say?"
_NAME = "recomputation"


def recomputed(frame: Frame) -> Check:
    """Totals against their components: to the last bit where the expression is known, else by weights."""
    if any(sample.expression is not None for sample in frame.samples):
        return _ours(frame)
    if not frame.summed:
        return skipped(_NAME, _MEANING, "the format keeps no total beside its scores: the first scorer is taken for the reward")
    found = form(frame)
    if found is None:
        return skipped(_NAME, _MEANING, unweighed(frame))
    if not found.weights.trusted:
        return _unexplained(frame, found)
    return _by_totals(frame, found) if frame.has_totals else _by_advantages(frame, found)


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


def _by_totals(frame: Frame, made: Form) -> Check:
    rows = np.flatnonzero(frame.usable)
    wrong = rows[~made.weights.explained]
    unused = _unused(made)
    told = f"no weighted sum, but a product: {made.told}" if made.factors else f"weights found: {made.told}"
    verdict: Verdict = "bad" if len(wrong) else "look" if unused else "ok"
    return answer(_NAME, _MEANING, verdict, len(wrong), len(rows), told + unused, frame.ids(wrong), _figures(made))


def _by_advantages(frame: Frame, made: Form) -> Check:
    groups = len(made.weights.explained)
    wrong = int((~made.weights.explained).sum())
    told = "no total is logged; the advantages follow from "
    told += f"a product (up to one factor) {made.told}" if made.factors else f"weights (up to one factor) {made.told}"
    if made.terms is frame.standardised:
        told += ", each component first scaled by its deviation within the group (normalize_then_sum)"
    unused = _unused(made)
    verdict: Verdict = "bad" if wrong > 0.02 * groups else "look" if unused or wrong else "ok"
    odd = [int(members[0]) for members, good in zip(frame.judged, made.weights.explained, strict=True) if not good]
    return answer(_NAME, _MEANING, verdict, wrong, groups, told + unused, frame.ids(odd), _figures(made))


def _unexplained(frame: Frame, made: Form) -> Check:
    """Neither a sum nor a product: bad only where the same components have different totals, which no formula makes of them."""
    what = "totals" if frame.has_totals else "advantages"
    of = int(frame.usable.sum()) if frame.has_totals else sum(map(len, frame.judged))
    told = "" if frame.has_totals else "no total is logged, and "
    told += f"no fixed weights make the {what} of the components, nor does a product"
    wrong = contradictions(frame)
    if wrong:
        told += (
            f"; counted: samples of the same components as others and yet of other {what}: a part was not logged, the weights changed "
            f"on the way, or the {what} were altered"
        )
    else:
        told += (
            f": the reward is no weighted sum (a minimum, a power, a threshold), had a part that was not logged, or its weights changed "
            f"on the way; so the {what} cannot be held against the components, and nothing shows that one of them is wrong"
        )
    told += f"; nearest weights: {made.told}"
    return answer(_NAME, _MEANING, "bad" if wrong else "look", len(wrong), of, told, frame.ids(wrong), _figures(made))


def _unused(made: Form) -> str:
    """Components that no total needs, although they vary."""
    one_by_one = zip(made.names, made.weights.values, made.weights.told_apart, strict=True)
    found = [name for name, value, told in one_by_one if value == 0 and told and name not in COUNTERS]
    return f"; logged but not trained on (weight 0): {listed(found)}" if found else ""


def _figures(made: Form) -> dict[str, float | None]:
    one_by_one = zip(made.names, made.weights.values, made.weights.told_apart, strict=True)
    factors = {f"factor.{name}": 1.0 for name in made.factors}
    return {**factors, **{f"weight.{name}": float(value) if told else None for name, value, told in one_by_one}}


def advantages(frame: Frame) -> Check:
    """Advantages as logged against those that the rewards make."""
    name, meaning = "advantages", "Do the logged advantages have the signs that the rewards make?"
    if not np.isfinite(frame.advantages).any():
        return skipped(name, meaning, "the records hold no advantages")
    rewards, told = frame.rewards, ""
    if not frame.has_totals:
        found = form(frame)
        if found is None:
            return skipped(name, meaning, f"there are no rewards to hold them against: {unweighed(frame)}")
        if not found.weights.trusted:
            return skipped(name, meaning, "neither weights nor a product explain them, so that there are no rewards to hold them against")
        rewards, told = found.rewards, f"rewards by the {'product' if found.factors else 'weights'} found above"
    logged = np.where(np.abs(frame.advantages) <= 1e-6, 0.0, np.sign(frame.advantages))
    taken = np.zeros(len(frame.samples), dtype=np.bool_)
    for members in frame.compared:
        taken[members] = True
    taken &= np.isfinite(frame.advantages)
    if not taken.any():
        return skipped(name, meaning, "no group has two known rewards and an advantage")
    wrong = np.flatnonzero(taken & (logged * frame.signs_of(rewards) < 0))
    share = len(wrong) / int(taken.sum())
    order = wrong[np.argsort(-np.abs(frame.advantages[wrong]), kind="stable")]
    return answer(name, meaning, graded(share, 0.0, 0.01), len(wrong), int(taken.sum()), told, frame.ids(order))

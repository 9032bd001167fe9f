"""Requirement fulfilment: is what was asked there, and how much of it?

VisionCreator, plan facet (1): a binary check of modality and number (`plan.delivered`). As printed it pays nearly the whole
reward for the right number of pictures of the wrong thing, so `plan.requirement` goes on from it with a share of ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from rewards.record import Record
from visgenenv.types import Score

VERSION = "plan.requirement/3"
ESSENCE = ("result.entities", "result.each", "result.moving", "result.from_inputs", "consistency")
"""What says that the deliverables are what the task is about: its things, moving where they shall move, made of what was given,
one and the same where they shall be."""
_ALMOST = 1 - 1e-9


def delivered(record: Record) -> Score:
    """1 if every answered handle is an own asset of the task's modality made in this episode, as many as asked; else 0."""
    answer = record.trajectory.answer
    given = len(answer.deliverables) if answer is not None else 0
    good, wanted = len(record.delivered), record.asked.count
    if not given:
        return Score(value=0.0, reason="nothing delivered", version=VERSION)
    if good < given:
        known = {asset.handle for asset in record.delivered}
        bad = next((handle for handle in record.answered if handle not in known), None)
        reason = "a deliverable is named twice" if bad is None else f"{bad[:40]!r} is no {record.task.modality} made in this episode"
        return Score(value=0.0, reason=reason, version=VERSION)
    if wanted is not None and good != wanted:
        return Score(value=0.0, reason=f"{good} delivered, {wanted} asked", version=VERSION)
    return Score(value=1.0, reason=f"{good} {record.task.modality} as asked", version=VERSION)


def requirement(there: Score, measured: Mapping[str, Score | None]) -> Score:
    """Delivered, times the square of (the share of declared requirements that are met x the least grade of its essence).

    `there`: the score of `delivered`; `measured`: those of the parts `result.*` and `consistency`. Squared, because half
    of what was asked is not half a job: with half of the requirements unmet a quarter is left, however good the plan.
    """
    if there.value == 0:
        return there
    declared = {name: score.value for name, score in measured.items() if score is not None}
    unmet = [name for name, value in declared.items() if value < _ALMOST]
    if not unmet:
        return Score(value=1.0, reason=f"{there.reason}; every requirement met", version=VERSION)
    essence = min((declared[name] for name in ESSENCE if name in declared), default=1.0)
    met = len(declared) - len(unmet)
    reason = f"{met} of {len(declared)} requirements met, not {', '.join(name.removeprefix('result.') for name in unmet)}"
    if essence < 1:
        reason += f"; of its essence {essence:.2f}"
    return Score(value=(essence * met / len(declared)) ** 2, reason=reason, version=VERSION)

"""Requirement fulfilment: does the modality and the number of what was delivered match the task?

VisionCreator, plan facet (1): a binary check.
"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.types import Score

VERSION = "plan.requirement/2"


def requirement(record: Record) -> Score:
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

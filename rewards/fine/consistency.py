"""Consistency: where a task asks for one character, object, scene or style, do the pictures descend from one reference?

VisionCreator, R_cons, judged along provenance instead of by looking.
"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.types import Score

VERSION = "consistency/4"


def consistent(record: Record) -> Score | None:
    """Share of the group's later members whose provenance holds the group's reference; None where the task does not ask.

    Members are the delivered pictures; of videos the generated clips (made from no other video), and stills put straight
    into a composite, along their provenance. The reference is the picture made, or whatever was given, from which most
    members descend, of several such the first; where it is a member itself, the later ones are all the others. Where the task
    asks for its inputs to be used, only one of them is a reference.
    """
    kind = record.asked.consistency
    if kind is None:
        return None
    members = record.members
    if not members:
        return Score(value=0.0, reason="nothing delivered", version=VERSION)
    if (
        len(members) == 1
        and not record.asked.from_inputs
        and (record.asked.count or 1) == 1
        and record.assets[members[0]].modality == "image"
    ):
        return Score(value=1.0, reason="one picture has nothing to differ from", version=VERSION)
    best, reference = 0.0, None
    themselves = set(members)
    descend = record.descent(members)
    for handle, asset in record.assets.items():
        count = descend.get(handle, 0)
        if not count or (asset.call >= 0 and (asset.modality != "image" or record.asked.from_inputs)):
            continue
        own = handle in themselves  # a member descends from itself, and is no later one
        share = (count - own) / max(len(members) - own, 1)
        if share > best:
            best, reference = share, handle
    if reference is None:
        return Score(value=0.0, reason=f"no picture serves {len(members)} members as {kind} reference", version=VERSION)
    return Score(value=best, reason=f"{best:.0%} of the later members descend from {reference}", version=VERSION)

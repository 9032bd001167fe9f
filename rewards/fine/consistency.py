"""Consistency: where a task asks for one character, object, scene or style, do the pictures descend from one reference?

VisionCreator, R_cons, judged along provenance instead of by looking.
"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.types import Asset, Score

VERSION = "consistency/1"
_GENERATED = frozenset(("text_to_video", "image_to_video"))


def consistent(record: Record) -> Score | None:
    """Share of the group's later members whose provenance holds the group's reference; None where the task does not ask.

    Members are the delivered pictures; of videos the generated clips, and stills put straight into a composite, along
    their provenance (the video itself where it has none). The reference is the picture, made or given, from which most
    members descend; where it is a member itself, the later ones are all the others.
    """
    kind = record.asked.consistency
    if kind is None:
        return None
    members = list(dict.fromkeys(member for asset in record.delivered for member in _members(asset, record)))
    if not members:
        return Score(value=0.0, reason="nothing delivered", version=VERSION)
    best, reference = 0.0, None
    for handle in dict.fromkeys(source for member in members for source in sorted(record.lineage(member))):
        asset = record.assets.get(handle)
        if asset is None or asset.modality != "image":
            continue
        later = [member for member in members if member != handle]
        if later:
            share = sum(handle in record.lineage(member) for member in later) / len(later)
            if share > best:
                best, reference = share, handle
    if reference is None:
        return Score(value=0.0, reason=f"no picture serves {len(members)} members as {kind} reference", version=VERSION)
    return Score(value=best, reason=f"{best:.0%} of the later members descend from {reference}", version=VERSION)


def _members(asset: Asset, record: Record) -> list[str]:
    """Handles of what must look alike within one deliverable."""
    if asset.modality != "video":
        return [asset.handle]
    found = []
    lineage = record.lineage(asset.handle)
    for handle, made in record.assets.items():
        if handle not in lineage:
            continue
        call = record.calls[made.call] if 0 <= made.call < len(record.calls) else None
        spec = record.tools.get(call.tool) if call is not None else None
        if spec is not None and spec.category in _GENERATED:
            found.append(handle)
        elif call is not None and call.tool == "tool_video_composite":
            clips = call.arguments.get("clips")
            for clip in clips if isinstance(clips, list) else ():
                still = record.assets.get(clip) if isinstance(clip, str) else None
                if still is not None and still.modality == "image":
                    found.append(still.handle)
    return found or [asset.handle]

"""Two breakdowns of one trajectory, compared to the last bit."""

from __future__ import annotations

import msgspec

from visgenenv.types import RewardBreakdown


def difference(was: RewardBreakdown, now: RewardBreakdown) -> str | None:
    """The first thing in which two breakdowns differ, in words; None where they are the same to the last bit.

    Parts count with their reasons and versions; whether a judge had answered them earlier (`Score.cached`) does not.
    """
    was, now = _said(was), _said(now)
    if bits(was) == bits(now):
        return None
    for name in {**was.parts, **now.parts}:
        before, after = was.parts.get(name), now.parts.get(name)
        if bits(before) != bits(after) or (name in was.parts) != (name in now.parts):
            return f"part {name!r} was {before!r} and is now {after!r}"
    for field in ("expression", "step", "total"):
        before, after = getattr(was, field), getattr(now, field)
        if bits(before) != bits(after):
            return f"{field} was {before!r} and is now {after!r}"
    return "their parts stand in another order"


def _said(breakdown: RewardBreakdown) -> RewardBreakdown:
    parts = {name: None if part is None else msgspec.structs.replace(part, cached=msgspec.UNSET) for name, part in breakdown.parts.items()}
    return msgspec.structs.replace(breakdown, parts=parts)


def bits(value: object) -> bytes:
    """A value as bytes; a float's are its shortest digits, which name one float alone."""
    return msgspec.json.encode(value)

"""Silently wrong outputs: a service that says it did what was asked, and did not; only looking closer tells."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from visgenenv.tools.editing import spoken_between
from visgenenv.types import Asset
from visgenenv.workspace import duration_of

Defect = Callable[[Asset], Asset | None]
"""The asset as it really came, or None where this cannot go wrong with it."""


def spoiled(asset: Asset, bits: int) -> Asset | None:
    """The asset with one of the defects that it can have, drawn by `bits`; None where it can have none."""
    ways = [wrong for defect in (_wrong_shape, _silent, _short) if (wrong := defect(asset)) is not None]
    return ways[bits % len(ways)] if ways else None


def _wrong_shape(asset: Asset) -> Asset | None:
    if not asset.width:
        return None
    if abs(asset.width - asset.height) * 10 <= max(asset.width, asset.height):  # turned round, nearly a square would pass
        return msgspec.structs.replace(asset, height=max(2, 2 * (asset.height * 3 // 8)))
    return msgspec.structs.replace(asset, width=asset.height, height=asset.width)


def _silent(asset: Asset) -> Asset | None:
    if asset.modality != "video" or not asset.audio:
        return None
    return msgspec.structs.replace(asset, audio=(), spoken=(), bpm_milli=0)


def _short(asset: Asset) -> Asset | None:
    """The last shot missing; of a single shot, its second half."""
    if asset.modality != "video" or asset.frames < 2:
        return None
    frames = asset.cuts[-1] if asset.cuts else asset.frames // 2
    length_ms = duration_of(frames, asset.fps_milli)
    spoken = spoken_between(asset, 0, length_ms)
    return msgspec.structs.replace(asset, frames=frames, cuts=asset.cuts[:-1], duration_ms=length_ms, spoken=spoken)

"""Frame arithmetic of editing: what is cut, resampled, joined and laid over, exact to the frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from visgenenv.types import Asset, AudioKind

SECOND_US = 1_000_000
LONGEST_S = 36_000
"""Seconds of the longest film or sound there can be."""
MOST_CUTS = 2000
"""Of one film."""


def micros(seconds: float) -> int:
    """Whole microseconds, rounded half up."""
    return math.floor(seconds * SECOND_US + 0.5)


def even(numerator: int, denominator: int) -> int:
    """The even number nearest to a ratio of whole numbers, at least 2; video sizes are even."""
    return max(2, 2 * ((numerator + denominator) // (2 * denominator)))


def frame_at(position_us: int, fps_milli: int) -> int:
    """First frame shown at or after a moment; a moment up to a thousandth of a frame late still counts as on it."""
    return -((1_000_000 - position_us * fps_milli) // 1_000_000_000)


def frames_in(length_ms: int, fps_milli: int) -> int:
    """Frames nearest to a length."""
    return (2 * length_ms * fps_milli + 1_000_000) // 2_000_000


def resampled(frames: int, fps_from: int, fps_to: int) -> int:
    """Frames after a change of frame rate: floor(frames / from * to + 1/2), at least 1."""
    return max(1, (2 * frames * fps_to + fps_from) // (2 * fps_from))


def trimmed(frames: int, fps_milli: int, start: float, end: float | None) -> tuple[int, int]:
    """First frame kept and how many: ceil(min(end, D) fps) - ceil(start fps), at least 1; seconds in."""
    first = frame_at(micros(start), fps_milli)
    last = frames if end is None or end * fps_milli >= frames * 1000 else min(frame_at(micros(end), fps_milli), frames)
    return first, max(1, last - first)


def sped(position: int, factor: float) -> int:
    """A frame number or count after a change of speed: floor(n / factor + 1/2)."""
    share = micros(factor)
    return (2 * position * SECOND_US + share) // (2 * share)


def inside(cuts: Iterable[int], frames: int) -> tuple[int, ...]:
    """Cuts that lie within a video, in order, each once."""
    return tuple(sorted({cut for cut in cuts if 0 < cut < frames}))


def joined(lengths: Sequence[int], overlap_us: int, fps_milli: int) -> tuple[list[int], int]:
    """Where each clip starts and the frames of the whole; cross-fades of `overlap_us` pull each clip forward."""
    starts, total = [0], lengths[0]
    elapsed = lengths[0]
    for number, length in enumerate(lengths[1:], 1):
        start = elapsed + (1_000_000_000 - 2 * number * overlap_us * fps_milli) // 2_000_000_000
        starts.append(start)
        elapsed += length
        total = start + length
    return starts, total


def on_beats(lengths: Sequence[int], fps_milli: int, bpm_milli: int) -> list[int]:
    """Frames of each clip cut to a whole number of beats, at least one: k = max(1, floor(d bpm / 60)).

    The joins are rounded from the count of beats so far, not clip by clip, so that none drifts off its beat.
    """
    cut, beats, before = [], 0, 0
    for length in lengths:
        beats += max(1, length * bpm_milli // (60 * fps_milli))
        after = (2 * beats * 60 * fps_milli + bpm_milli) // (2 * bpm_milli)
        cut.append(max(1, after - before))
        before = after
    return cut


def kinds(assets: Iterable[Asset]) -> tuple[AudioKind, ...]:
    """Kinds of sound in any of the assets, sorted."""
    return tuple(sorted({kind for asset in assets for kind in asset.audio}))


def union(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """All texts in order, each once."""
    return tuple(dict.fromkeys(text for group in groups for text in group))


def heard(text: str, needed_ms: int, given_ms: int) -> str:
    """What is heard of a text spoken in `needed_ms` when only `given_ms` are left: its beginning, whole words."""
    if needed_ms <= given_ms:
        return text
    if given_ms <= 0:
        return ""
    part = text[: len(text) * given_ms // needed_ms]
    words, space, _ = part.rpartition(" ")
    return words if space or " " in text else part

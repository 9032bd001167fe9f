"""Rhythm: do the cuts lie on the detected beats of the music?"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.types import Asset

TOLERANCE_S = 0.05
"""A frame at 24 a second and a little: a shot's length in whole frames misses a whole number of beats by rounding alone."""


def on_beat(record: Record) -> tuple[float, str]:
    """Share of cuts on the beat, over deliverables; 0 where nobody listened to the music that is heard.

    Both are the deliverable's own, whatever was done to it after it was cut: its cuts, and the tempo of its sound (of
    sound without a known tempo, what was detected). A cut is on the beat if its shot lasts a whole number of beats; the
    last shot may end anywhere.
    """
    values, reason = [], "every cut on the beat"
    for asset in record.delivered:
        bpm_milli = _tempo(asset, record)
        if not bpm_milli:
            values.append(0.0)
            reason = f"{asset.handle}: nobody detected the beats of the music in it"
            continue
        period, lengths = 60_000 / bpm_milli, asset.shot_lengths_s[:-1]
        good = sum(abs(length - max(1, round(length / period)) * period) <= TOLERANCE_S for length in lengths)
        values.append(good / len(lengths) if lengths else 1.0)
        if good < len(lengths):
            reason = f"{asset.handle}: {len(lengths) - good} of {len(lengths)} cuts off the beat"
    return sum(values) / max(len(values), record.asked.count or 1), reason


def _tempo(asset: Asset, record: Record) -> int:
    """Beats per 1000 minutes that a deliverable's shots are measured by; 0 where it is silent or nobody listened."""
    if not asset.audio:
        return 0
    for call in reversed(record.origins([asset])):
        beats, music = _asset(call.arguments.get("beats"), record), _asset(call.arguments.get("bgm"), record)
        if beats is None or music is None or not 0 <= beats.call < len(record.calls):
            continue
        detection = record.calls[beats.call]
        if beats.kind == "beats" and detection.arguments.get("audio") == music.handle:
            return asset.bpm_milli or beats.bpm_milli
    return 0


def _asset(handle: object, record: Record) -> Asset | None:
    return record.assets.get(handle) if isinstance(handle, str) else None

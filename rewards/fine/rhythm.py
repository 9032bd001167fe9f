"""Rhythm: do the cuts lie on the detected beats of the music?"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.types import Asset, CallRecord

TOLERANCE_FRAMES = 1
"""A shot's length in whole frames misses a whole number of beats by rounding alone."""


def on_beat(record: Record) -> tuple[float, str]:
    """Share of cuts on the beat, over deliverables; 0 where nobody listened to the music that was laid under.

    A cut is on the beat if its shot lasts a whole number of beats, to a frame; the last shot may end anywhere.
    """
    values, reason = [], "every cut on the beat"
    for asset in record.delivered:
        bpm_milli = _tempo(asset, record)
        if not bpm_milli:
            values.append(0.0)
            reason = f"{asset.handle}: not cut by the beats detected in its own music"
            continue
        period = 60_000 * asset.fps_milli / 1000 / bpm_milli
        lengths = [end - start for start, end in zip((0, *asset.cuts), asset.cuts, strict=False)]
        good = sum(abs(length - max(1, round(length / period)) * period) <= TOLERANCE_FRAMES for length in lengths)
        values.append(good / len(lengths) if lengths else 1.0)
        if good < len(lengths):
            reason = f"{asset.handle}: {len(lengths) - good} of {len(lengths)} cuts off the beat"
    return sum(values) / max(len(values), record.asked.count or 1), reason


def _tempo(asset: Asset, record: Record) -> int:
    """Beats per 1000 minutes by which a composite in the asset's provenance was cut; 0 where there is none."""
    for call in reversed(record.origins([asset])):
        heard = _asset(call, "beats", record)
        music = _asset(call, "bgm", record)
        if call.tool != "tool_video_composite" or heard is None or music is None or not 0 <= heard.call < len(record.calls):
            continue
        same = record.lineage(music.handle) & record.lineage(heard.handle)
        if record.calls[heard.call].tool == "tool_beat_detect" and same:
            return heard.bpm_milli or music.bpm_milli
    return 0


def _asset(call: CallRecord, argument: str, record: Record) -> Asset | None:
    handle = call.arguments.get(argument)
    return record.assets.get(handle) if isinstance(handle, str) else None

"""The state of one episode: assets by handle, provenance, attempts, notes, virtual clock and price."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from visgenenv.types import PREFIX, Asset, CallRecord, Modality, TaskInput


class Workspace:
    """What an episode has made so far; cheap to fork, since all assets are frozen."""

    __slots__ = (
        "assets",
        "attempts",
        "bare",
        "calls",
        "chance_seed",
        "clock_ms",
        "counters",
        "lent",
        "notes",
        "price_microusd",
        "ready_ms",
        "turn",
    )

    def __init__(self, chance_seed: int, inputs: Iterable[TaskInput] = ()) -> None:
        self.chance_seed = chance_seed
        self.assets: dict[str, Asset] = {}
        self.counters: dict[str, int] = {}
        self.attempts: dict[str, int] = {}
        self.notes: dict[str, Any] = {}
        self.bare: dict[str, tuple[Any, int]] = {}
        """Assets that have no file yet, by handle: the context of the call that made them, and the how manieth output they are."""
        self.lent: dict[str, int | None] = {}
        """The file that stands in for an asset, by handle; kept apart, so that no law can depend on it."""
        self.ready_ms: dict[str, int] = {}
        """Virtual time from which a tool that was over its rate limit serves again; an earlier call waits for it."""
        self.calls = 0
        self.turn = 0
        self.clock_ms = 0
        self.price_microusd = 0
        for given in inputs:
            self.mint(_asset_of(given), parents=(), turn=-1, call=-1)

    def mint(self, draft: Asset, *, parents: tuple[str, ...], turn: int, call: int) -> Asset:
        """Give a draft its handle and enter it."""
        prefix = PREFIX[draft.modality]
        number = self.counters.get(prefix, 0) + 1
        self.counters[prefix] = number
        handle = f"{prefix}_{number}"
        if draft.media_id is not None:
            self.lent[handle] = draft.media_id
        asset = msgspec.structs.replace(draft, handle=handle, parents=parents, turn=turn, call=call, media_id=None)
        self.assets[handle] = asset
        return asset

    def shown(self) -> Iterator[Asset]:
        """All assets with the files that stand in for them, as a record has them."""
        for handle, asset in self.assets.items():
            media_id = self.lent.get(handle)
            yield asset if media_id is None else msgspec.structs.replace(asset, media_id=media_id)

    def visible(self, handle: str) -> Asset | None:
        """The asset if it was made in an earlier turn (or came with the task)."""
        asset = self.assets.get(handle)
        return asset if asset is not None and asset.turn < self.turn else None

    def visible_handles(self) -> Iterator[str]:
        """Handles a call may name now."""
        return (handle for handle, asset in self.assets.items() if asset.turn < self.turn)

    def fork(self) -> Workspace:
        """An independent copy; assets are shared, being frozen."""
        twin = Workspace.__new__(Workspace)
        twin.chance_seed, twin.calls, twin.turn = self.chance_seed, self.calls, self.turn
        twin.clock_ms, twin.price_microusd = self.clock_ms, self.price_microusd
        twin.assets, twin.counters, twin.attempts = self.assets.copy(), self.counters.copy(), self.attempts.copy()
        twin.bare, twin.lent, twin.ready_ms = self.bare.copy(), self.lent.copy(), self.ready_ms.copy()
        twin.notes = copied(self.notes) if self.notes else {}
        return twin

    def end_turn(self, records: Iterable[CallRecord]) -> None:
        """Move on once a turn's calls have run side by side: it lasts as long as the last of them."""
        for record in records:
            end_ms = record.started_ms + record.latency_ms
            if end_ms > self.clock_ms:
                self.clock_ms = end_ms
            if record.fault is not None and record.fault.retry_after_ms is not None:
                ready_ms = end_ms + record.fault.retry_after_ms
                self.ready_ms[record.tool] = max(ready_ms, self.ready_ms.get(record.tool, 0))
        self.turn += 1


def copied(value: Any) -> Any:
    """An independent copy of a tool's notes: of plain values at once, of anything else as `copy.deepcopy` makes it."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else copy.deepcopy(value)


def _asset_of(given: TaskInput) -> Asset:
    duration_ms = int(given.duration_s * 1000 + 0.5)
    if given.modality == "video":
        frames = int(given.duration_s * 24 + 0.5)
        return Asset(
            modality="video",
            width=given.width or 1280,
            height=given.height or 720,
            frames=frames,
            fps_milli=24_000,
            duration_ms=duration_of(frames, 24_000),
            caption=given.caption,
        )
    if given.modality == "image":
        return Asset(modality="image", width=given.width or 1024, height=given.height or 1024, caption=given.caption)
    if given.modality == "audio":
        return Asset(modality="audio", duration_ms=duration_ms, audio=("music",), caption=given.caption)
    return Asset(modality="text", text=given.caption, caption=given.caption)


def duration_of(frames: int, fps_milli: int) -> int:
    """Milliseconds of a video: frames over frame rate, rounded half up."""
    return (frames * 2_000_000 + fps_milli) // (2 * fps_milli) if fps_milli else 0


SEEN: tuple[Modality, ...] = ("image", "video")
"""Modalities through which something of an input comes down: a sound made for a film, or a text about it, holds nothing of it."""


def ancestors(assets: Mapping[str, Asset], handle: str, through: Collection[Modality] | None = None) -> set[str]:
    """All handles an asset descends from, itself left out; handles unknown to `assets` are left out too.

    `through`: modalities whose own parents are followed further; None follows all.
    """
    found: set[str] = set()
    todo = [handle]
    while todo:
        asset = assets.get(todo.pop())
        for parent in asset.parents if asset else ():
            if parent not in found and (made := assets.get(parent)) is not None:
                found.add(parent)
                if made.parents and (through is None or made.modality in through):
                    todo.append(parent)
    return found

"""A bench for the tools: a workspace, all tools, a fake media index, and an asset of each sort to work on."""

from __future__ import annotations

from typing import Any

import msgspec

from visgenenv.backends.simulated import SimulatedBackend
from visgenenv.faults import FaultProfile
from visgenenv.tools.catalogue import toolset
from visgenenv.tools.execute import execute, lend_media
from visgenenv.types import Asset, CallRecord, ToolCall
from visgenenv.workspace import Workspace, duration_of

TOOLS = toolset()


class FakeIndex:
    """Lends any file; its number tells from which bits it was drawn."""

    def sample(self, modality: str, width: int, height: int, duration_ms: int, bits: int) -> int | None:
        return bits % 1000


class Bench:
    """One episode's workspace; every call is a turn of its own."""

    def __init__(self, seed: int = 7, faults: Any = "none") -> None:
        self.workspace = Workspace(seed)
        self.faults = FaultProfile(faults)
        self.backend = SimulatedBackend(FakeIndex())  # type: ignore[arg-type]

    def put(self, **attributes: Any) -> str:
        """Enter an asset of an earlier turn; returns its handle."""
        return self.workspace.mint(Asset(**attributes), parents=(), turn=-1, call=-1).handle

    def image(self, width: int = 1024, height: int = 1024, **more: Any) -> str:
        return self.put(modality="image", width=width, height=height, **more)

    def video(self, frames: int = 192, fps: int = 24, **more: Any) -> str:
        given = {"width": 1280, "height": 720, "audio": ("sound",), "caption": "a red ball", **more}
        return self.put(modality="video", frames=frames, fps_milli=1000 * fps, duration_ms=duration_of(frames, 1000 * fps), **given)

    def audio(self, duration_ms: int = 60_000, bpm: int = 120, **more: Any) -> str:
        return self.put(modality="audio", kind="music", duration_ms=duration_ms, bpm_milli=1000 * bpm, audio=("music",), **more)

    def record(self, name: str, **arguments: Any) -> CallRecord:
        record = execute(self.workspace, ToolCall(name=name, arguments=arguments), TOOLS, self.backend, self.faults)
        self.workspace.end_turn((record,))
        lend_media(self.workspace, self.backend)
        return record

    def media(self, handle: str) -> int | None:
        """The file that stands in for an asset."""
        return self.workspace.lent.get(handle)

    def call(self, name: str, **arguments: Any) -> Asset:
        """The first output of a call that must succeed."""
        record = self.record(name, **arguments)
        assert record.fault is None, record.fault
        return self.workspace.assets[record.outputs[0]]

    def refusal(self, name: str, **arguments: Any) -> str:
        """The message of a call that must be refused for its arguments."""
        record = self.record(name, **arguments)
        assert record.fault is not None, record.outputs
        assert record.fault.code == "bad_arguments", record.fault
        return record.fault.message


def stocked(seed: int = 7, faults: Any = "none") -> Bench:
    """A bench with images, a video, music, a storyboard and beats: enough for every tool."""
    bench = Bench(seed, faults)
    bench.image()
    bench.image(1344, 768, drawn=("SALE",))
    bench.video(cuts=(96,))
    bench.audio()
    shot = {"shot_id": 1, "duration": 5.0, "description": "a ball", "image_prompt": "a ball", "video_prompt": "a ball rolls"}
    bench.put(modality="text", kind="storyboard", text=msgspec.json.encode([shot]).decode())
    bench.put(modality="text", kind="beats", text='{"bpm":120}', bpm_milli=120_000)
    return bench

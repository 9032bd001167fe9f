"""The simulated backend: attributes by the tool's law, a media file sampled by modality and nearest shape."""

from __future__ import annotations

from typing import Any

from media_db.index import MediaIndex
from visgenenv.tools.spec import CallContext, ToolArgs, ToolSpec
from visgenenv.types import Asset, ToolResult


class SimulatedBackend:
    """Runs a tool's law and lends each output a sampled file to look at."""

    name = "simulated"

    def __init__(self, index: MediaIndex) -> None:
        self.index = index

    def run(self, spec: ToolSpec[Any], args: ToolArgs, context: CallContext) -> ToolResult:
        """Outputs of a checked call, by the tool's law; a price that the effect itself says goes before the tool's."""
        result = spec.effect(args, context)
        price = spec.price_microusd if isinstance(spec.price_microusd, int) else spec.price_microusd(args, context)
        if not price or result.price_microusd:
            return result
        return ToolResult(assets=result.assets, text=result.text, latency_ms=result.latency_ms, price_microusd=price, fault=result.fault)

    def lend(self, asset: Asset, bits: int) -> int | None:
        """A file of the asset's modality and nearest shape; the same bits, the same file."""
        return self.index.sample(asset.modality, asset.width, asset.height, asset.duration_ms, bits)

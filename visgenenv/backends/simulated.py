"""The simulated backend: attributes by the tool's law, a media file sampled by modality and nearest shape."""

from __future__ import annotations

from typing import Any

import msgspec

from media_db.index import MediaIndex
from visgenenv.tools.spec import CallContext, ToolArgs, ToolSpec
from visgenenv.types import ToolResult


class SimulatedBackend:
    """Runs a tool's law and lends each output a sampled file to look at."""

    name = "simulated"

    def __init__(self, index: MediaIndex) -> None:
        self.index = index

    def run(self, spec: ToolSpec[Any], args: ToolArgs, context: CallContext) -> ToolResult:
        """Outputs of a checked call; same key, same files."""
        result = spec.effect(args, context)
        price = spec.price_microusd
        assets = tuple(
            asset
            if asset.modality == "text" or asset.media_id is not None
            else msgspec.structs.replace(
                asset,
                media_id=self.index.sample(asset.modality, asset.width, asset.height, asset.duration_ms, context.bits(f"media{n}")),
            )
            for n, asset in enumerate(result.assets)
        )
        return msgspec.structs.replace(result, assets=assets, price_microusd=price if isinstance(price, int) else price(args, context))

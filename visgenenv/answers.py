"""What the environment answers: one JSON object a call, bounded in bytes, that never says what only looking may reveal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from visgenenv.types import Asset, JSONObject, ToolFault

MOST_BYTES = 4096
"""Of the answer to one call, and of that to a turn that does not parse."""
MOST_OUTPUTS = 20
"""Of a call whose outputs do not all fit; of the others only their number is told."""
_LIMITS = (1500, 1200, 900, 600, 300, 150, 60, 20)
"""Characters that one text may have in an answer; the first at which the whole is short enough."""


def answer(tool: str, outputs: tuple[Asset, ...], text: str, fault: ToolFault | None) -> str:
    """The JSON that a policy reads of one call."""
    usual = _of_pictures(tool, outputs) if fault is None and not text and len(outputs) <= MOST_OUTPUTS else None
    if usual is not None:
        return usual

    def body(limit: int) -> JSONObject:
        if fault is None:
            most = MOST_OUTPUTS if limit == _LIMITS[-1] else len(outputs)
            found: JSONObject = {"tool": shortened(tool, limit), "outputs": [describe(asset, limit) for asset in outputs[:most]]}
            found |= {"further_outputs": len(outputs) - most} if len(outputs) > most else {}
            return {**found, "text": shortened(text, limit)} if text else found
        found = {"tool": shortened(tool, min(limit, 100)), "error": fault.code, "message": shortened(fault.message, limit)}
        return found if fault.retry_after_ms is None else {**found, "retry_after_s": fault.retry_after_ms / 1000}

    # JSON reads `<\/` as `</`: whatever words come back, they cannot close the <tool_response> they stand in.
    return bounded(body).replace("</", "<\\/")


def unparsed(errors: Sequence[str]) -> str:
    """The JSON that a policy reads of a turn of which nothing ran."""
    return bounded(lambda limit: {"error": "turn_does_not_parse", "message": "; ".join(shortened(error, limit) for error in errors)})


def bounded(body: Callable[[int], JSONObject]) -> str:
    """The JSON of what `body` gives for the largest number of characters a text at which all of it is short enough."""
    text = ""
    for limit in _LIMITS:
        text = msgspec.json.encode(body(limit)).decode()
        # A tag grows by up to five bytes when it is written so that it closes nothing.
        if len(text) <= MOST_BYTES // 8 or len(text.encode()) + 5 * text.count("<") <= MOST_BYTES:
            break
    return text


def describe(asset: Asset, limit: int = _LIMITS[0]) -> JSONObject:
    """What a policy is told of an asset: handle and static attributes, never what the picture shows."""
    body: JSONObject = {"handle": asset.handle}
    if asset.width:
        body["size"] = f"{asset.width}x{asset.height}"
    if asset.modality in ("video", "audio"):
        body["seconds"] = asset.duration_ms / 1000
    if asset.modality == "video" and asset.audio:
        body["audio"] = list(asset.audio)
    if asset.modality == "text" and asset.text:
        body["text"] = shortened(asset.text, limit)
    return body | asset.claims if asset.claims else body


def shortened(text: str, limit: int) -> str:
    """A text, or its beginning and an ellipsis: at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _of_pictures(tool: str, outputs: tuple[Asset, ...]) -> str | None:
    """The answer of a call that made pictures, the commonest, without an encoder; None for any other."""
    told = []
    for asset in outputs:
        if asset.modality != "image" or asset.claims or not asset.width:
            return None
        told.append(f'{{"handle":"{asset.handle}","size":"{asset.width}x{asset.height}"}}')
    return f'{{"tool":"{tool}","outputs":[{",".join(told)}]}}' if tool.isidentifier() and tool.isascii() else None

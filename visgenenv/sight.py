"""Images in observations: what a turn made, as small pictures beside its answer, for policies that see.

Messages take OpenAI's form (a list of `text` and `image_url` parts); `for_qwen_vl` turns them into that of Qwen-VL. The
observation itself stays a text, and no picture is in a trajectory; that images were observed is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from visgenenv.errors import ConfigError, MissingExtra
from visgenenv.show.thumbnails import Thumbnails, encoded, open_library
from visgenenv.types import Asset, JSONObject

_CAPTION = re.compile(r"(?:img|vid)_\d+:")
MAX_SIDE = 256
"""Pixels of a thumbnail's longer side."""
MOST_PICTURES = 16
"""Pictures of one message; of more, the first."""


class Sight:
    """Thumbnails of the media that an environment's assets were lent."""

    def __init__(self, folder: str | None, version: str) -> None:
        library, reason = open_library(folder, version)
        if library is None:
            raise ConfigError(f"observe='images': {reason}; build the library, then make the environment with media='FOLDER'")
        if find_spec("PIL") is None:
            raise MissingExtra("PIL", "media")
        self._library: Thumbnails = library
        self._picture = lru_cache(maxsize=512)(self._draw)

    def __reduce__(self) -> Any:
        raise TypeError("an environment that observes images is not pickled; make it anew in the other process")

    def message(self, text: str, assets: Iterable[Asset]) -> JSONObject:
        """A user's message: the text, then for each picture or video its handle and a thumbnail in its shape.

        Raises `MediaError` where a file cannot be drawn: a policy that learns to see must not be shown nothing.
        """
        seen = [asset for asset in assets if asset.modality in ("image", "video") and asset.media_id is not None]
        if not seen:
            return {"role": "user", "content": text}
        parts: list[JSONObject] = [{"type": "text", "text": text}]
        for asset in seen[:MOST_PICTURES]:
            picture = self._picture(asset.media_id, asset.width, asset.height)
            parts += [{"type": "text", "text": f"{asset.handle}:"}, {"type": "image_url", "image_url": {"url": picture}}]
        return {"role": "user", "content": parts}

    def _draw(self, media_id: int, width: int, height: int) -> str:
        return encoded(self._library.thumbnail(media_id, MAX_SIDE, (width, height)))


def for_qwen_vl(messages: Sequence[Mapping[str, Any]]) -> list[JSONObject]:
    """Chat messages with every `image_url` part as Qwen-VL's processors take it: `{"type": "image", "image": url}`."""
    return [
        {**message, "content": [_qwen_part(part) for part in content] if isinstance(content := message["content"], list) else content}
        for message in messages
    ]


def _qwen_part(part: Mapping[str, Any]) -> JSONObject:
    return {"type": "image", "image": part["image_url"]["url"]} if part.get("type") == "image_url" else dict(part)


def text_of(message: Mapping[str, Any]) -> str:
    """The words of a message, whatever its form; pictures and the handles that name them are left out."""
    content = message["content"]
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content or () if part.get("type") == "text" and not _CAPTION.fullmatch(part["text"]))

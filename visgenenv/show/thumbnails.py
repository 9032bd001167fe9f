"""Where the pictures of a page come from: the media library, when there is one."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Protocol

from visgenenv.errors import MissingExtra


class Thumbnails(Protocol):
    """What a page needs of a media library."""

    def thumbnail(self, media_id: int, max_side: int = 320) -> bytes:
        """A JPEG of the file: the picture, a video's middle frame, a sound's wave."""
        ...


def open_library(folder: str | None = None) -> Thumbnails | None:
    """The library in `folder`; without one the default library where it has been built, else None.

    A library that was asked for by name and cannot be opened is an error; the default one is merely left out.
    """
    from media_db.library import Library

    if folder is not None:
        return Library.open(Path(folder))
    place = Path(os.environ.get("VISGEN_MEDIA") or "runs/media")
    if not place.exists():
        return None
    try:
        return Library.open(place)
    except MissingExtra:
        return None


def data_uri(library: Thumbnails | None, media_id: int, max_side: int = 320) -> str | None:
    """A thumbnail as a `data:` address, None where there is no library or no such file in it."""
    if library is None:
        return None
    try:
        picture = library.thumbnail(media_id, max_side=max_side)
    except (LookupError, OSError):
        return None
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()

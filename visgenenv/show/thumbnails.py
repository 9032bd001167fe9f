"""Where the pictures of a page come from: the media library, when there is one."""

from __future__ import annotations

import base64
from typing import Protocol

from visgenenv.errors import MediaError, MissingExtra, VisGenError


class Thumbnails(Protocol):
    """What a page needs of a media library."""

    def thumbnail(self, id: int, max_side: int, /) -> bytes:
        """A JPEG of the file: the picture, a video's middle frame, a sound's wave."""
        ...


def open_library(folder: str | None = None) -> Thumbnails | None:
    """The library in `folder`; without one the default library where it has been built, else None.

    A library that was asked for by name and cannot be opened is an error; the default one is merely left out.
    """
    from media_db.library import Library, default_folder

    if folder is not None:
        return Library.open(folder)
    if not default_folder().exists():
        return None
    try:
        return Library.open()
    except (MediaError, MissingExtra):
        return None


def data_uri(library: Thumbnails | None, media_id: int, max_side: int = 320) -> str | None:
    """A thumbnail as a `data:` address, None where there is no library or it cannot show the file."""
    if library is None:
        return None
    try:
        picture = library.thumbnail(media_id, max_side)
    except VisGenError:
        return None
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()

"""Where the pictures of a page come from: the media library, when there is one."""

from __future__ import annotations

import base64
from typing import Protocol

from visgenenv.errors import MediaError, MissingExtra, VisGenError


class Thumbnails(Protocol):
    """What a page needs of a media library."""

    def thumbnail(self, id: int, max_side: int, aspect: tuple[int, int] | None = None, /) -> bytes:
        """A JPEG of the file: the picture, a video's middle frame, a sound's wave; in a shape where one is asked for."""
        ...


def open_library(folder: str | None, version: str | None) -> tuple[Thumbnails | None, str]:
    """The library that an episode's pictures are of, and in words why there is none.

    `folder`: None for the default library, which may well not have been built. `version`: that of the media index the
    episode ran with; the pictures of another library would be other pictures, so they are left out. A library that was
    asked for by name and cannot be opened is an error.
    """
    from media_db.index import open_index
    from media_db.library import Library, default_folder

    place = default_folder() if folder is None else folder
    if folder is None and not default_folder().exists():
        return None, f"no pictures: there is no media library in {place}; `visgen media build` makes one"
    try:
        library, index = Library.open(place), open_index(place)
    except (MediaError, MissingExtra) as error:
        if folder is not None:
            raise
        return None, f"no pictures: {error}"
    if version is not None and index.version != version:
        return (
            None,
            f"no pictures: the episode ran with media index {version}, and {place} has {index.version}; name the library it ran with",
        )
    return library, ""


def data_uri(library: Thumbnails | None, media_id: int, max_side: int = 320, aspect: tuple[int, int] | None = None) -> str | None:
    """A thumbnail as a `data:` address, None where there is no library or it cannot show the file."""
    if library is None:
        return None
    try:
        picture = library.thumbnail(media_id, max_side) if aspect is None else library.thumbnail(media_id, max_side, aspect)
    except VisGenError:
        return None
    return encoded(picture)


def encoded(picture: bytes) -> str:
    """A JPEG as a `data:` address."""
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()

"""The sampler: which file stands in for an output, from a memory-mapped table that processes share.

An index file is one line of magic, one line of JSON (rows, version, arrays with their places), then the arrays, each on a multiple
of 64 bytes: columns sorted by id, the ids grouped by cell, and for each modality a table of cells. A cell is an aspect (steps of
1/8 octave of width / height) and a duration (steps of 1/8 octave); the table names for every cell the nearest one that holds files.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import tempfile
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from media_db.errors import MediaError

MODALITIES = ("image", "video", "audio")
INDEX_NAME = "media.index"
"""Name of the index file in a library's folder."""
BUNDLED = Path(__file__).parent / "data" / INDEX_NAME
_MAGIC = b"visgenenv media index 1\n"
_ALIGN = 64
_ASPECTS = 33
"""Cells from 1:4 to 4:1; the middle one is square."""
_DURATIONS = 113
"""Cells from 1/8 s to 2048 s; the first also holds what has no duration."""
_LIMIT = {"id": 2**32, "width": 2**32, "height": 2**32, "duration_ms": 2**32}


class MediaRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the index keeps of a file."""

    id: int
    """The asset's id in its library."""
    modality: str
    """image, video or audio."""
    width: int = 0
    """Pixels; 0 for sound."""
    height: int = 0
    """Pixels; 0 for sound."""
    duration_ms: int = 0
    """0 for an image."""
    caption: str = ""


def _aspect_cell(width: int, height: int) -> int:
    if width <= 0 or height <= 0:
        return _ASPECTS // 2
    return min(max(_ASPECTS // 2 + math.floor(math.log2(width / height) * 8 + 0.5), 0), _ASPECTS - 1)


def _duration_cell(duration_ms: int) -> int:
    if duration_ms <= 125:
        return 0
    return min(math.floor(math.log2(duration_ms / 125) * 8 + 0.5), _DURATIONS - 1)


class MediaIndex:
    """An open index; forks and threads may share it. Use `open_index`, `bundled` or `write_index` to get one."""

    def __init__(self, columns: dict[str, Any], version: str) -> None:
        self.version = version
        """Hash of the content, 16 hexadecimal digits; part of every trajectory's versions."""
        self._columns = columns
        self._ids = columns["id"]
        self._order = columns["order"]
        # Plain lists: reading one costs a third of a numpy scalar, and there are few cells.
        tables = columns["cells"].reshape(len(MODALITIES), _ASPECTS * _DURATIONS, 2)
        self._cells = {name: list(map(tuple, tables[n].tolist())) for n, name in enumerate(MODALITIES)}

    def __len__(self) -> int:
        return len(self._ids)

    def sample(self, modality: str, width: int, height: int, duration_ms: int, bits: int) -> int | None:
        """The id of a file of this modality, of nearest aspect, then of nearest duration; None where there is none.

        Among the files of one cell each is as likely as any other; `bits`, an integer of 64 bits, chooses.
        """
        cells = self._cells.get(modality)
        if cells is None:
            return None
        start, count = cells[_aspect_cell(width, height) * _DURATIONS + _duration_cell(duration_ms)]
        return int(self._order[start + (bits * count >> 64)]) if count else None

    def row(self, id: int) -> MediaRow:
        """What is known of a file; raises `MediaError` for an id that the index does not hold."""
        place = int(np.searchsorted(self._ids, id)) if 0 <= id < _LIMIT["id"] else len(self)
        if place == len(self) or int(self._ids[place]) != id:
            raise MediaError(f"id {id!r} is not in this media index of {len(self)} files (version {self.version})")
        columns = self._columns
        first, last = int(columns["caption_at"][place]), int(columns["caption_at"][place + 1])
        return MediaRow(
            id=id,
            modality=MODALITIES[int(columns["modality"][place])],
            width=int(columns["width"][place]),
            height=int(columns["height"][place]),
            duration_ms=int(columns["duration_ms"][place]),
            caption=columns["captions"][first:last].tobytes().decode(),
        )

    def rows(self) -> list[MediaRow]:
        """All rows, by id."""
        return [self.row(int(id)) for id in self._ids]


def _nearest(cells: np.ndarray[Any, Any]) -> None:
    """Fill each empty cell of (aspects, durations, 2) with the nearest full one: aspect first, then duration."""
    full = cells[:, :, 1] > 0
    aspects = np.flatnonzero(full.any(axis=1))
    if not len(aspects):
        return
    filled = cells.copy()
    for aspect in range(cells.shape[0]):
        source = aspects[np.argmin(np.abs(aspects - aspect))]
        durations = np.flatnonzero(full[source])
        near = durations[np.argmin(np.abs(durations[None, :] - np.arange(cells.shape[1])[:, None]), axis=1)]
        filled[aspect] = cells[source, near]
    cells[:] = filled


def _columns(rows: list[MediaRow]) -> dict[str, Any]:
    for row in rows:
        if row.modality not in MODALITIES:
            raise MediaError(f"row {row.id}: modality {row.modality!r}; expected one of {', '.join(MODALITIES)}")
        for name, limit in _LIMIT.items():
            if not 0 <= getattr(row, name) < limit:
                raise MediaError(f"row {row.id}: {name}={getattr(row, name)!r}; expected an integer from 0 to {limit - 1}")
    rows = sorted(rows, key=lambda row: row.id)
    ids = np.array([row.id for row in rows], dtype="<u4")
    if len(np.unique(ids)) != len(ids):
        raise MediaError("two rows have the same id; expected each file once")
    kinds = np.array([MODALITIES.index(row.modality) for row in rows], dtype="u1")
    keys = np.array(
        [
            (kind * _ASPECTS + _aspect_cell(row.width, row.height)) * _DURATIONS + _duration_cell(row.duration_ms)
            for kind, row in zip(kinds.tolist(), rows, strict=True)
        ],
        dtype=np.int64,
    )
    places = np.argsort(keys, kind="stable")
    counts = np.bincount(keys, minlength=len(MODALITIES) * _ASPECTS * _DURATIONS)
    cells = np.stack([np.cumsum(counts) - counts, counts], axis=1).astype("<u4").reshape(len(MODALITIES), _ASPECTS, _DURATIONS, 2)
    for table in cells:
        _nearest(table)
    captions = [row.caption.encode("utf-8", "replace") for row in rows]
    return {
        "id": ids,
        "modality": kinds,
        "width": np.array([row.width for row in rows], dtype="<u4"),
        "height": np.array([row.height for row in rows], dtype="<u4"),
        "duration_ms": np.array([row.duration_ms for row in rows], dtype="<u4"),
        "order": ids[places],
        "cells": cells.reshape(-1),
        "caption_at": np.cumsum([0, *map(len, captions)], dtype="<u8"),
        "captions": np.frombuffer(b"".join(captions), dtype="u1"),
    }


def write_index(path: str | os.PathLike[str], rows: Iterable[MediaRow]) -> MediaIndex:
    """Write an index, whole or not at all, and open it; the same rows give the same bytes. Raises `MediaError`."""
    columns = _columns(list(rows))
    places, body = {}, bytearray()
    for name, array in columns.items():
        body += b"\0" * (-len(body) % _ALIGN)
        places[name] = [array.dtype.str, len(array), len(body)]
        body += array.tobytes()
    header = {"rows": len(columns["id"]), "version": blake2b(body, digest_size=8).hexdigest(), "bytes": len(body), "arrays": places}
    line = json.dumps(header).encode()
    line += b" " * (-(len(_MAGIC) + len(line) + 1) % _ALIGN) + b"\n"
    target = Path(path)
    temporary: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + line + body)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise MediaError(f"cannot write the media index {target}: {error.strerror}; free space, or choose another path") from error
    finally:
        if temporary is not None:
            os.unlink(temporary)
    return open_index(target)


def open_index(path: str | os.PathLike[str]) -> MediaIndex:
    """Open an index file, or the one in a library's folder; raises `MediaError` if it is missing, damaged or something else."""
    target = Path(path)
    if target.is_dir():
        target = target / INDEX_NAME
    try:
        with open(target, "rb") as file:
            if file.readline(len(_MAGIC)) != _MAGIC:
                raise MediaError(f"{target} is no media index (its first line is not {_MAGIC.decode().strip()!r}); name one that {_MAKES}")
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise MediaError(f"cannot open the media index {target}: {error.strerror}; name one that {_MAKES}") from error
    damaged = MediaError(f"the media index {target} is damaged; write it again: {_MAKES}")
    try:
        start = data.find(b"\n", len(_MAGIC)) + 1
        header = json.loads(data[len(_MAGIC) : start])
        body = memoryview(data)[start:]
        whole = len(body) == header["bytes"] and blake2b(body, digest_size=8).hexdigest() == header["version"]
        columns = {
            name: np.frombuffer(data, dtype=dtype, count=count, offset=start + place)
            for name, (dtype, count, place) in header["arrays"].items()
        }
        if whole:
            return MediaIndex(columns, header["version"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged from error
    raise damaged


_MAKES = "`visgen media build` makes"


@cache
def bundled() -> MediaIndex:
    """The small index that comes with the package: the rows of the starter library of seed 0 at its default size."""
    return open_index(BUNDLED)

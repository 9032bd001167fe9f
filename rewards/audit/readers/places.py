"""Files among several: their names, so that samples of one are not taken for those of another, and which of them are copies."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rewards.audit.readers.lines import opened


def prefixes(files: Sequence[Path]) -> list[str]:
    """What stands before ids and groups of each file: its path below the folder that all share; nothing where it is alone."""
    if len(files) == 1:
        return [""]
    return [f"{path.as_posix()}:" for path in below(files)]


def below(files: Sequence[Path]) -> list[Path]:
    """Each file's path below the folder that all share."""
    whole = [Path(os.path.abspath(path)) for path in files]
    root = os.path.commonpath([path.parent for path in whole])
    return [path.relative_to(root) for path in whole]


def once(files: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """The files without those that stand there already, under the same name or as a copy to the last byte; and notes that say so.

    Read twice, a file would count for two: its samples would be compared with themselves. Raises `ConfigError` where one cannot be read.
    """
    kept: list[Path] = []
    notes = []
    by_place: dict[str, Path] = {}
    by_content: dict[tuple[int, str], Path] = {}
    sizes = Counter(_size(path) for path in {Path(os.path.realpath(path)) for path in files})
    for path in files:
        place = os.path.realpath(path)
        size = _size(path)
        content = (size, _digest(path) if sizes[size] > 1 else "")
        if place in by_place:
            notes.append(f"{path}: named more than once; read once")
        elif content in by_content:
            notes.append(f"{path}: the same to the last byte as {by_content[content]}; read once")
        else:
            kept.append(path)
            by_content[content] = path
        by_place.setdefault(place, path)
    return kept, list(dict.fromkeys(notes))


def _size(path: Path) -> int:
    with opened(path) as file:
        return os.fstat(file.fileno()).st_size


def _digest(path: Path) -> str:
    with opened(path) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()

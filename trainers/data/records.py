"""Records of training data, and the files they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from visgenenv.errors import ConfigError
from visgenenv.trajectories import replacing
from visgenenv.types import Wire

SHARD = 500
"""Records of one file; what was interrupted goes on at the first file that is missing."""


class Record(Wire, frozen=True, kw_only=True):
    """One conversation to learn from: a line of a data file."""

    kind: str
    """Task type of a demonstration, or kind of a general task."""
    seed: int
    messages: tuple[dict[str, str], ...]
    flaws: tuple[str, ...] = ()
    """Held by this demonstration."""
    unlearned: tuple[int, ...] = ()
    """Numbers of messages of the policy that are seen and not learned: slips, learned from by what comes after them."""
    reward: float | None = None
    success: bool | None = None


_DECODER = msgspec.json.Decoder(Record)


def write_shards(
    folder: Path, name: str, count: int, make: Callable[[int, int], Sequence[Record]], progress: Callable[[int], object] | None = None
) -> list[Path]:
    """Files `name-00000.jsonl`, … of `count` records made by `make(first, how_many)`; those that stand are kept."""
    paths = []
    for first in range(0, count, SHARD):
        path = folder / f"{name}-{first:06d}.jsonl"
        size = min(SHARD, count - first)
        if not path.exists():
            records = make(first, size)
            with replacing(path) as file:
                file.writelines(msgspec.json.encode(record) + b"\n" for record in records)
        if progress is not None:
            progress(size)
        paths.append(path)
    return paths


def read_shards(folder: Path, name: str) -> list[Record]:
    """All records of a name, in order. Raises `ConfigError` naming file and line."""
    found = []
    for path in sorted(folder.glob(f"{name}-*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                found.append(_DECODER.decode(line))
            except msgspec.DecodeError as error:
                raise ConfigError(f"{path}, line {number}: no record of training data: {error}; delete the file and run again") from error
    return found

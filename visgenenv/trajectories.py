"""Trajectories on disk: one a line of JSON, written beside and renamed; and their hash."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import IO

import msgspec

from visgenenv.errors import ConfigError, SaveError
from visgenenv.types import Trajectory

_DECODER = msgspec.json.Decoder(Trajectory)
_PACK = msgspec.msgpack.Encoder(order="sorted")
_HAPPENED = tuple(name for name in Trajectory.__struct_fields__ if name != "step")
_BLANK: dict[str, object] = {"id": "", "reward": None, "hash": "", "failure": None, "versions": {}}


def trajectory_hash(trajectory: Trajectory) -> str:
    """128 bits over everything that happened; id, reward, hash, training step and versions left out."""
    bare = {name: getattr(trajectory, name) for name in _HAPPENED} | _BLANK
    return blake2b(_PACK.encode(bare), digest_size=16).hexdigest()


@contextmanager
def replacing(path: str | os.PathLike[str], mode: str = "wb") -> Iterator[IO[bytes]]:
    """A file to write that takes its name only when it is whole; raises `SaveError`, and then nothing has changed."""
    target = Path(path)
    temporary: str | None = None
    try:
        if _is_stream(target):
            with open(target, mode) as stream:
                yield stream
            return
        target = Path(os.path.realpath(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = _beside(target)
        with os.fdopen(handle, mode) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        reason = error.strerror or str(error)
        raise SaveError(f"cannot write {target}: {reason}; nothing was changed there: free space, or choose another path") from error
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


def _beside(target: Path) -> tuple[int, str]:
    """A new file beside the target, with the rights that the user's umask gives (those of `tempfile` are for its owner alone)."""
    for number in count():
        path = target.parent / f".{target.name}.{os.getpid()}-{number}"
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), str(path)
        except FileExistsError:
            continue
    raise AssertionError("count() never ends")


def _is_stream(path: Path) -> bool:
    """Whether a path is a device or a pipe (/dev/stdout), which is written to and never replaced."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(kind) and not stat.S_ISDIR(kind)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise `SaveError` now, before hours of work, if `path` could not be written in the end; nothing stays behind."""
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(None, "it is a folder, expected a file's name")
        if _is_stream(target):
            return
        target = Path(os.path.realpath(target))
        there = next(folder for folder in target.parents if folder.exists())
        with tempfile.NamedTemporaryFile(prefix=f".{target.name}.", dir=there):
            pass
    except OSError as error:
        raise SaveError(f"cannot write {target}: {error.strerror or error}; choose another path") from error


def save(path: str | os.PathLike[str], trajectories: Iterable[Trajectory]) -> int:
    """Write trajectories (or one) as JSON lines, whole or not at all; returns how many."""
    if isinstance(trajectories, Trajectory):
        trajectories = (trajectories,)
    written = 0
    with replacing(path) as file:
        for trajectory in trajectories:
            file.write(msgspec.json.encode(trajectory) + b"\n")
            written += 1
    return written


def load(path: str | os.PathLike[str]) -> list[Trajectory]:
    """Read trajectories from JSON lines; raises `ConfigError` naming file, line and field.

    Of a folder, all its files of JSON lines by name, or those of its `trajectories/`, as a training run keeps them.
    """
    if Path(path).is_dir():
        folder = Path(path) / "trajectories" if (Path(path) / "trajectories").is_dir() else Path(path)
        files = sorted(folder.glob("*.jsonl"))
        if not files:
            raise ConfigError(f"cannot read {path}: a folder without *.jsonl; expected what `visgen rollout` or training writes")
        return _once({file.name: _load(file) for file in files}, folder)
    return _load(path)


def _once(read: Mapping[str, list[Trajectory]], folder: Path) -> list[Trajectory]:
    """All of them; a file whose episodes all stand in another one is a copy, or the same scored again, and would count twice."""
    held = {name: {(one.id, one.step, one.hash) for one in trajectories if one.hash} for name, trajectories in read.items()}
    for name, own in held.items():
        twin = next((other for other, more in held.items() if other != name and own and own <= more), None)
        if twin is not None:
            raise ConfigError(
                f"{folder}: every episode of {name} stands in {twin} too and would count twice; give one file, or move one away"
            )
    return [trajectory for trajectories in read.values() for trajectory in trajectories]


def _load(path: str | os.PathLike[str]) -> list[Trajectory]:
    found = []
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        found.append(_DECODER.decode(line))
                    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                        raise ConfigError(
                            f"{path}, line {number}: not a trajectory: {error}; expected what `visgen rollout` writes"
                        ) from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; expected a file that `visgen rollout` wrote") from error
    return found

"""A run on disk: a folder with its configuration, versions, metrics, checkpoints and trajectories."""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

import policies
from trainers.config import as_json
from visgenenv.errors import ConfigError, SaveError, VisGenError
from visgenenv.trajectories import replacing, save
from visgenenv.types import Trajectory
from visgenenv.versions import VERSIONS

_PACKAGES = ("accelerate", "datasets", "gymnasium", "numpy", "tokenizers", "torch", "transformers", "trl")
_START = ("model", "model.folder")
"""Where a configuration names the model it starts from."""
_COMPLETE = "complete"
"""Name of the empty file that a checkpoint gets when it is whole."""


class Run:
    """One run's folder: `config.json`, `versions.json`, `metrics.jsonl`, `checkpoints/`, `trajectories/`.

    Opened again with the same configuration, versions and start it goes on; where one of them is another it raises
    `ConfigError` and names what differs: half of a run made with one thing and half with another is a run of nothing.

    `start`: the model it starts from, if it does; told by its content, since a path may come to hold another one, and one
    model has many paths: what the configuration calls it plays no part.
    `reward`: the version of the reward it trains on, if it does: a component of one's own may have been edited since.
    """

    def __init__(self, folder: str | Path, config: Any, start: Path | None = None, reward: str | None = None) -> None:
        self.folder = Path(folder)
        self.checkpoints = self.folder / "checkpoints"
        self._metrics = self.folder / "metrics.jsonl"
        made_with = versions()
        if start is not None:
            made_with["start"] = fingerprint(start)
        if reward is not None:
            made_with["reward"] = reward
        for what, name, given in (("configuration", "config.json", as_json(config)), ("version", "versions.json", made_with)):
            path = self.folder / name
            if not path.exists():
                write_json(path, given)
                continue
            differing = {key: pair for key, pair in _differing(_read(path), given).items() if start is None or key not in _START}
            if differing:
                told = ", ".join(f"{key} is {held!r} there, {now!r} here" for key, (held, now) in differing.items())
                raise ConfigError(f"{self.folder} holds a run of another {what} ({told}); use another folder")

    def log(self, row: dict[str, Any]) -> None:
        """Append a row to the metrics."""
        try:
            with self._metrics.open("ab") as file:
                file.write(msgspec.json.encode(row) + b"\n")
        except OSError as error:
            raise SaveError(f"cannot append to {self._metrics}: {error.strerror}; free space and run it again to go on") from error

    def metrics(self) -> list[dict[str, Any]]:
        """All rows of the metrics."""
        return read_metrics(self.folder)

    def rewind(self, stage: str, step: int) -> None:
        """Forget what a stage did after a step: rows of the metrics and trajectories; a checkpoint goes on from there."""
        kept = [row for row in self.metrics() if row.get("stage") != stage or row["step"] <= step]
        with replacing(self._metrics) as file:
            file.writelines(msgspec.json.encode(row) + b"\n" for row in kept)
        for path in (self.folder / "trajectories").glob(f"{stage}-*.jsonl"):
            if int(path.stem.rsplit("-", 1)[1]) > step:
                path.unlink()

    def keep(self, stage: str, step: int, trajectories: list[Trajectory]) -> None:
        """Store the trajectories of a step."""
        save(self.folder / "trajectories" / f"{stage}-{step:05d}.jsonl", trajectories)

    def last_checkpoint(self, stage: str) -> tuple[Path | None, int]:
        """The newest whole checkpoint of a stage and its step (None and 0 without one); half-written ones are removed."""
        found: list[tuple[int, Path]] = []
        for path in sorted((self.checkpoints / stage).glob("checkpoint-*")):
            if (path / _COMPLETE).exists():
                found.append((int(path.name.rsplit("-", 1)[1]), path))
            else:
                shutil.rmtree(path)
        step, newest = max(found, default=(0, None))
        return newest, step

    def finished(self, stage: str) -> Path | None:
        """The model folder of a finished stage."""
        path = self.folder / stage
        return path if (path / _COMPLETE).exists() else None

    @contextmanager
    def saving(self, stage: str) -> Iterator[None]:
        """Let a trainer write its checkpoints; raises `SaveError` where it cannot, and then removes the half-written one."""
        try:
            yield
        except BaseException as error:
            reason = _unwritten(error)
            if reason is None:
                raise
            self.last_checkpoint(stage)
            where = self.checkpoints / stage
            raise SaveError(f"cannot write a checkpoint into {where}: {reason}; free space and run it again to go on") from error

    def finish(self, stage: str, write: Any) -> Path:
        """Let `write(folder)` save a stage's model, and name it only when it is whole.

        Raises `SaveError` where the disk is full or may not be written; nothing half-written remains.
        """
        target, beside = self.folder / stage, self.folder / f".{stage}"
        for path in (target, beside):
            shutil.rmtree(path, ignore_errors=True)
        try:
            write(beside)
            mark_complete(beside)
            beside.rename(target)
        except BaseException as error:
            shutil.rmtree(beside, ignore_errors=True)
            reason = _unwritten(error)
            if reason is not None:
                raise SaveError(f"cannot write {target}: {reason}; free space and run it again to go on") from error
            raise
        return target


def _unwritten(error: BaseException) -> str | None:
    """Why a file could not be written, in words, if that is what an error says; torch and safetensors have errors of their own."""
    if isinstance(error, VisGenError):
        return None
    if isinstance(error, OSError):
        return error.strerror or str(error)
    of_torch = isinstance(error, RuntimeError) and ("PytorchStreamWriter" in str(error) or "inline_container" in str(error))
    return str(error).splitlines()[0] if of_torch or type(error).__name__ == "SafetensorError" else None


def read_metrics(folder: str | Path) -> list[dict[str, Any]]:
    """All rows of a run's metrics; a last line that was cut off does not count."""
    path = Path(folder) / "metrics.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [msgspec.json.decode(line) for line in lines]


def mark_complete(folder: Path) -> None:
    """Say that a folder is whole."""
    (folder / _COMPLETE).touch()


def fingerprint(folder: Path) -> str:
    """A hash of a model's folder: its configuration, tokenizer and weights."""
    digest = blake2b(digest_size=16)
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of all that a training run's numbers hang on; `code` is a hash of the sources that teach, act and update."""
    found = {**VERSIONS, "code": _code(), "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@cache
def _code() -> str:
    digest = blake2b(digest_size=8)
    for package in (Path(policies.__file__).parent, Path(__file__).parent):
        for path in sorted(path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            digest.update(f"{package.name}/{path.relative_to(package).as_posix()}".encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all."""
    with replacing(path) as file:
        file.write(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n")


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}; expected what an earlier run wrote there: use another folder") from error


def _differing(held: Any, given: Any, name: str = "") -> dict[str, tuple[Any, Any]]:
    """Values by dotted name that are not the same in two nested mappings."""
    if held == given:
        return {}
    if not (isinstance(held, dict) and isinstance(given, dict)):
        return {name: (held, given)}
    found: dict[str, tuple[Any, Any]] = {}
    for key in sorted({*held, *given}):
        found |= _differing(held.get(key), given.get(key), f"{name}.{key}" if name else key)
    return found

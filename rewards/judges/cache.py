"""Answers of a judge on disk: one file an answer, whole or not there, safe for many processes."""

from __future__ import annotations

import os
import warnings
from hashlib import blake2b
from pathlib import Path

from visgenenv.errors import ConfigError, SaveError
from visgenenv.trajectories import replacing

ENVIRONMENT = "VISGEN_JUDGE_CACHE"
DEFAULT_FOLDER = Path("runs/judge")


def default_folder() -> Path:
    """Where answers are kept: $VISGEN_JUDGE_CACHE, else runs/judge under the current folder."""
    return Path(os.environ.get(ENVIRONMENT) or DEFAULT_FOLDER)


def key_of(*parts: str) -> str:
    """128 bits over texts, their boundaries included, as hexadecimal digits."""
    found = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        found.update(len(data).to_bytes(8, "little") + data)
    return found.hexdigest()


class Cache:
    """A folder of answers by key; the first two digits of a key are its subfolder."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).absolute()
        if self.folder.exists() and not self.folder.is_dir():
            raise ConfigError(f"cache={str(folder)!r}: is a file; expected a folder, or None for no cache")
        self._warned = False

    def get(self, key: str) -> bytes | None:
        """What is kept under a key; whoever reads it checks it, a damaged file is no answer."""
        try:
            return self._path(key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, answer: bytes) -> None:
        """Keep an answer; a folder that cannot be written costs the answers of later runs, not this one: it is warned of once."""
        try:
            with replacing(self._path(key)) as file:
                file.write(answer)
        except SaveError as error:
            if not self._warned:
                self._warned = True
                warnings.warn(f"the judge's answers are not kept: {error}", RuntimeWarning, stacklevel=2)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

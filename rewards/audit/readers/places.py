"""Names of files among several, so that samples of one are not taken for those of another."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


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

"""JSON and JSON lines as other programs write them, NaN included; an error names file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from visgenenv.errors import ConfigError


def rows(path: Path, notes: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers, from 1, and JSON objects; a last line that is still being written is left out, with a note.

    Raises `ConfigError` for a line that is no JSON object.
    """
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                if not line.endswith(b"\n"):
                    notes.append(f"{path}, line {number}: the last line breaks off and is left out")
                    return
                raise ConfigError(f"{path}, line {number}: not JSON: {error}; found {line[:80]!r}, expected one object a line") from error
            if not isinstance(row, dict):
                raise ConfigError(f"{path}, line {number}: found {type(row).__name__} {str(row)[:80]!r}, expected one JSON object a line")
            yield number, row


def opened(path: Path) -> Any:
    """A file to read; raises `ConfigError`."""
    try:
        return open(path, "rb")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; expected a file of rollouts or a folder of them") from error


def whole(path: Path, data: bytes, what: str) -> dict[str, Any]:
    """One JSON object out of `data`; raises `ConfigError` that says where `what` breaks off."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: {what} is not JSON: {error}; expected one JSON object") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: {what} is {type(found).__name__}, expected one JSON object")
    return found


def number(value: object, where: str) -> float | None:
    """A float, or None for null; raises `ConfigError` for anything else."""
    if value is None:
        return None
    if isinstance(value, int | float):
        with suppress(OverflowError):
            return float(value)
    raise ConfigError(f"{where} is {str(value)[:80]!r}: expected a number or null")


def count(value: object, where: str) -> int | None:
    """A whole number that is not negative, or None for null; raises `ConfigError` for anything else."""
    found = number(value, where)
    if found is None:
        return None
    if not 0 <= found < 1e15 or not found.is_integer():
        raise ConfigError(f"{where} is {value!r}: expected a whole number, 0 or more, or null")
    return int(found)


def truth(value: object) -> bool | None:
    """A bool, or None for whatever is none."""
    return value if isinstance(value, bool) else None

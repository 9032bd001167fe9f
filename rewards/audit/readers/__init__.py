"""Rollouts out of files, whoever wrote them: a format is told by what a file holds, not by its name."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from rewards.audit.readers import inspect_logs, ours, trl, verifiers
from rewards.audit.readers.lines import opened
from rewards.audit.readers.places import once
from rewards.audit.samples import Rollouts
from visgenenv.errors import ConfigError

FORMATS = (ours, verifiers, trl, inspect_logs)
_LINES = (ours, verifiers, trl)
"""Formats told by their first line."""
_SUFFIXES = (".jsonl", ".json", ".parquet", ".eval")
_HEAD = 65_536


def read(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> Rollouts:
    """All samples of a file, of several files, or of a folder and what lies in it.

    Raises `ConfigError` where a file cannot be read or is of no known format, and `MissingExtra` where reading it needs one.
    In a folder, files of no known format are passed over. A file that is named twice, and a copy of another one, is read once, with a
    note.
    """
    named = _named(path)
    found: dict[str, list[Path]] = {}
    seen = []
    for one in named:
        inside = _inside(one)
        for file in inside:
            seen.append(file.name)
            name = _format(file)
            if name is not None:
                found.setdefault(name, []).append(file)
            elif not one.is_dir():
                raise ConfigError(f"{file}: found {_told(file)}; {_known()}")
    if not found:
        raise ConfigError(f"{named[0]}: no rollouts in {', '.join(seen[:8]) or 'an empty folder'}; {_known()}")
    if len(found) > 1:
        told = "; ".join(f"{name}: {', '.join(file.name for file in files[:3])}" for name, files in found.items())
        raise ConfigError(f"{named[0]}: files of several formats ({told}); audit them one after the other")
    name, files = next(iter(found.items()))
    files, notes = once(files)
    form = next(form for form in FORMATS if name == form.NAME)
    samples = form.read(files, notes)
    if not samples:
        raise ConfigError(f"{files[0]}: holds no sample; expected at least one")
    return Rollouts(
        format=name,
        summed=form in (verifiers, trl),
        tells_errors=form is not trl,
        samples=tuple(samples),
        files=tuple(map(str, files)),
        notes=tuple(notes),
    )


def _named(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    given = [path] if isinstance(path, str | os.PathLike) else list(path) if isinstance(path, Iterable) else [path]
    wrong = [one for one in given if not isinstance(one, str | os.PathLike)]
    if wrong or not given:
        what = repr(wrong[0]) if wrong else "no file was given"
        raise ConfigError(f"{what}: expected the path of a file of rollouts, or of a folder of them, or several such paths")
    return [Path(one) for one in given]


def _inside(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())


def _format(path: Path) -> str | None:
    with opened(path) as file:
        head = file.read(_HEAD)
        if head[:4] == b"PAR1":
            return trl.NAME if trl.recognises(dict.fromkeys(trl.columns(path))) else None
        if head[:4] == b"PK\x03\x04":
            return inspect_logs.NAME if zipfile.is_zipfile(path) and inspect_logs.holds(zipfile.ZipFile(path).namelist()) else None
        if inspect_logs.begins(head):
            return inspect_logs.NAME
        file.seek(0)
        line = next((line for line in file if line.strip()), b"")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return next((form.NAME for form in _LINES if form.recognises(row)), None) if isinstance(row, dict) else None


def _told(path: Path) -> str:
    with opened(path) as file:
        head = file.read(_HEAD)
    if not head:
        return "an empty file"
    if head[:4] == b"PAR1":
        return f"a parquet file with the columns {', '.join(sorted(trl.columns(path)))}"
    if head[:4] == b"PK\x03\x04":
        return "a zip file that is no log of Inspect"
    try:
        row = json.loads(head.lstrip().split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        return repr(head[:80])
    return f"JSON with the keys {', '.join(list(row)[:12])}" if isinstance(row, dict) else repr(head[:80])


def _known() -> str:
    return "what is read: " + "; ".join(form.EXPECTED for form in FORMATS)

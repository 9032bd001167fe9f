"""What TRL writes with `log_completions=True`: `completions_*.parquet`, or the same rows as JSON lines (TRL 1.16, `grpo_trainer.py`)."""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rewards.audit.check import listed
from rewards.audit.readers.lines import count, number, rows
from rewards.audit.readers.messages import asked, written
from rewards.audit.readers.places import prefixes
from rewards.audit.samples import RunSample
from visgenenv.errors import ConfigError, MissingExtra

NAME = "TRL"
EXPECTED = "completions_*.parquet of TRL, or its rows as JSON lines (step, prompt, completion, one column a reward function, advantage)"
_OWN = ("step", "prompt", "completion", "advantage", "reward")
_BESIDE = re.compile(
    r"(?:(?:example|prompt|completion|generation|sample|rollout|group|batch|row|task|question|problem|data|dataset)_)?(?:id|uid|idx|index)"
    r"|row|(?:.*_)?seed|epoch|global_step|train_step|iteration|timestamp|.*_(?:ms|seconds)"
)
"""Numbers that say where, when or which, as whoever adds columns (`log_extra`) writes them; hardly a reward function is called so."""
_SIZE = re.compile(r"(?:num|n|total)_(?:tokens|chars|words|turns)|(?:.*_)?(?:length|len|tokens|token_count|chars)")
"""Sizes, where the numbers are counts; a reward function may be called so too, but hardly gives whole numbers from 0 up to more than 9."""
_LARGEST = 1e15
"""NaN and what lies beyond are no counts."""
Row = tuple[str, dict[str, Any]]
"""Where it stands, and the row."""
Group = tuple[str, list[Row]]
"""What stands before its id and those of its members, and the members."""


def recognises(row: dict[str, Any]) -> bool:
    """Whether the first row is one of these."""
    return {"prompt", "completion"} <= row.keys() and not row.keys().isdisjoint(("advantage", "reward", "step"))


def columns(path: Path) -> set[str]:
    """Names of a parquet file's columns; raises `MissingExtra` without pyarrow and `ConfigError` for a damaged file."""
    return set(_table(path, "read_schema").names)


def read(files: Sequence[Path], notes: list[str]) -> list[RunSample]:
    """All completions; a group is one prompt at one step, within one file.

    TRL writes its last batch of generations at every logging step, again where none was generated between: such repeated
    groups are left out, with a note.
    """
    found: list[Group] = []
    before: set[str] = set()
    repeated = 0
    for path, prefix in zip(files, prefixes(files), strict=True):
        steps: dict[int | None, dict[str, list[Row]]] = {}
        for where, row in _rows(path, notes):
            if not recognises(row):
                raise ConfigError(f"{where}: found the columns {', '.join(map(str, row))}; expected {EXPECTED}")
            groups = steps.setdefault(count(row.get("step"), f"{where}: step"), {})
            groups.setdefault(asked(row["prompt"]), []).append((where, row))
        for groups in steps.values():
            marks = {prompt: repr([{**row, "step": None} for _, row in members]) for prompt, members in groups.items()}
            for prompt, members in groups.items():
                if marks[prompt] in before:
                    repeated += len(members)
                else:
                    found.append((prefix, members))
            before = set(marks.values())
    if repeated:
        notes.append(f"{repeated} rows repeat the batch of the step before, as TRL logs it again; counted once")
    parts, beside = _parts(row for _, members in found for _, row in members)
    if beside:
        notes.append(f"numbers that are no components: {listed(beside)}, by their names; rename what was a reward function after all")
    return [sample for group in found for sample in _group(group, parts)]


def _rows(path: Path, notes: list[str]) -> Iterable[Row]:
    if path.suffix != ".parquet":
        return ((f"{path}, line {line}", row) for line, row in rows(path, notes))
    return ((f"{path}, row {at}", row) for at, row in enumerate(_table(path, "read_table").to_pylist()))


def _table(path: Path, function: str) -> Any:
    try:
        parquet = importlib.import_module("pyarrow.parquet")
        arrow = importlib.import_module("pyarrow")
    except ImportError as error:
        raise MissingExtra("pyarrow", "train") from error
    try:
        return getattr(parquet, function)(path)
    except (OSError, arrow.ArrowException) as error:
        raise ConfigError(f"{path}: not a parquet file that can be read: {error}; expected {EXPECTED}") from error


def _parts(found: Iterable[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """The columns that hold numbers alone, components and others; texts are what a reward function logged beside them."""
    numbers: dict[str, list[float]] = {}
    other = set()
    for row in found:
        for name, value in row.items():
            if name in _OWN or value is None:
                continue
            if isinstance(value, int | float):
                numbers.setdefault(name, []).append(value)
            else:
                other.add(name)
    columns = [name for name in numbers if name not in other]
    beside = [name for name in columns if _beside(name, numbers[name])]
    if len(beside) == len(columns):  # a run has a reward function at least
        return columns, []
    return [name for name in columns if name not in beside], beside


def _beside(name: str, values: Sequence[float]) -> bool:
    """Whether a column is no component, by its name and, for a size, by its numbers."""
    low = name.lower()
    if any(word in low for word in ("reward", "score", "penalty")):
        return False
    if _SIZE.fullmatch(low):
        finite = [value for value in values if abs(value) < _LARGEST]
        return max(finite, default=0) > 9 and all(value >= 0 and value == int(value) for value in finite)
    return _BESIDE.fullmatch(low) is not None


def _group(group: Group, parts: Sequence[str]) -> list[RunSample]:
    before, members = group
    found = []
    for where, row in members:
        values = {name: _applies(number(row.get(name), f"{where}: {name}")) for name in parts}
        text, turns, conversation = written(row["completion"])
        step = count(row.get("step"), f"{where}: step")
        prompt = asked(row["prompt"])
        place = where.rsplit(" ", 1)[1]
        reward = number(row["reward"], f"{where}: reward") if "reward" in row else None
        found.append(
            RunSample(
                id=before + (f"{step}/{place}" if step is not None else place),
                group=f"{before}{step}/{prompt}",
                file=before,
                case=str(step),
                step=step,
                prompt=prompt,
                completion=text,
                turns=turns,
                reward=reward,
                parts=values,
                advantage=number(row.get("advantage"), f"{where}: advantage"),
                masked=bool(values) and all(value is None for value in values.values()),
                conversation=conversation,
            )
        )
    return found


def _applies(value: float | None) -> float | None:
    """NaN is how TRL writes that a reward function gave None; such a row's advantage is 0, and it moves no baseline."""
    return None if value is None or math.isnan(value) else value

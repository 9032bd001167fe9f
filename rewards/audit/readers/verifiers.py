"""What `verifiers` saves: `results.jsonl` beside `metadata.json` (verifiers 0.1.14, `utils/save_utils.py`).

Older versions save no `metrics`: every metric is a column of its own, and so is whatever else of the state was asked for; the
oldest call `example_id` plainly `id`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rewards.audit.check import many
from rewards.audit.readers.lines import count, number, rows, truth
from rewards.audit.readers.messages import asked, written
from rewards.audit.readers.places import prefixes
from rewards.audit.samples import RunSample

NAME = "verifiers"
EXPECTED = "results.jsonl of verifiers (example_id, prompt, completion, reward, metrics)"


def recognises(row: dict[str, Any]) -> bool:
    """Whether the first line is one of these."""
    if not {"completion", "reward"} <= row.keys():
        return False
    if isinstance(row.get("metrics"), dict):
        return "example_id" in row
    # TRL's rows hold a step or an advantage, and may have an `example_id` that somebody added.
    return row.keys().isdisjoint(("step", "advantage")) and ("example_id" in row or {"id", "generation_ms"} <= row.keys())


def read(files: Sequence[Path], notes: list[str]) -> list[RunSample]:
    """All rollouts; members of a group share `example_id`, within one file."""
    found = []
    bare = 0
    for path, before in zip(files, prefixes(files), strict=True):
        seen: Counter[str] = Counter()
        for line, row in rows(path, notes):
            example = _example(row)
            found.append(_sample(row, before, seen[example], f"{path}, line {line}"))
            seen[example] += 1
            bare += not isinstance(row.get("metrics"), dict)
    if bare:
        notes.append(
            f"{many(bare, 'row')} without `metrics`: which other columns are components is not said, so that none is taken for one"
        )
    return found


def _sample(row: dict[str, Any], before: str, nth: int, where: str) -> RunSample:
    example = before + _example(row)
    text, turns, conversation = written(row.get("completion"))
    metrics = row.get("metrics")
    usage = row.get("token_usage")
    output = usage.get("output_tokens") if isinstance(usage, dict) else None
    return RunSample(
        id=f"{example}#{nth}",
        group=example,
        file=before,
        case=_example(row),
        prompt=asked(row.get("prompt")),
        completion=text,
        turns=turns,
        reward=number(row.get("reward"), f"{where}: reward"),
        parts={name: number(value, f"{where}: metrics.{name}") for name, value in (metrics if isinstance(metrics, dict) else {}).items()},
        advantage=number(row.get("advantage"), f"{where}: advantage"),
        error=_error(row.get("error")),
        truncated=truth(row.get("is_truncated")),
        tokens=count(output, f"{where}: token_usage.output_tokens"),
        conversation=conversation,
    )


def _example(row: dict[str, Any]) -> str:
    return str(row.get("example_id", row.get("id")))


def _error(error: Any) -> str | None:
    """A crash in words; None for null and for an empty text or object."""
    if isinstance(error, dict):
        error = error.get("error_chain_repr") or error.get("error") or error
    return str(error) if error else None

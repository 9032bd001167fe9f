"""Logs of Inspect, `.eval` and `.json` (inspect-ai 0.3.285, `log/_log.py`); scores become numbers as its `value_to_float` makes them."""

from __future__ import annotations

import importlib
import math
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from rewards.audit.readers.lines import number, opened, whole
from rewards.audit.readers.messages import asked, written
from rewards.audit.readers.places import prefixes
from rewards.audit.samples import RunSample
from visgenenv.errors import ConfigError

NAME = "Inspect"
EXPECTED = "a log of Inspect, .eval or .json (eval, samples, scores)"
_BEGINS = re.compile(rb'^\s*\{\s*"version":\s*\d+,\s*"status":\s*"\w+",\s*"eval":')
_ZSTANDARD = 93
"""Inspect's way to compress, which a zip file names by this number."""
_GRADES = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_CONVERT = "or write the log as JSON: inspect log convert --to json --output-dir DIR LOG"


class _Choice(msgspec.Struct):
    stop_reason: str | None = None


class _Output(msgspec.Struct):
    completion: str = ""
    choices: list[_Choice] | None = None


class _Score(msgspec.Struct):
    value: Any = None


class _Error(msgspec.Struct):
    message: str = ""


class _Usage(msgspec.Struct):
    output_tokens: Annotated[int, msgspec.Meta(ge=0, lt=10**15)] = 0


class _Sample(msgspec.Struct):
    """What of a sample is read; Inspect leaves out what is null."""

    id: int | str
    epoch: int
    input: str | list[dict[str, Any]]
    messages: list[dict[str, Any]] | None = None
    output: _Output | None = None
    scores: dict[str, _Score] | None = None
    error: _Error | None = None
    limit: dict[str, Any] | None = None
    invalidation: dict[str, Any] | None = None
    attachments: dict[str, str] | None = None
    model_usage: dict[str, _Usage] | None = None


def begins(head: bytes) -> bool:
    """Whether a text begins as a log written as JSON."""
    return _BEGINS.match(head) is not None


def holds(names: Sequence[str]) -> bool:
    """Whether a zip file of these members is a log."""
    return "header.json" in names or "_journal/start.json" in names


def read(files: Sequence[Path], notes: list[str]) -> list[RunSample]:
    """All samples; members of a group are the epochs of one sample of one log. The reward is the first scorer's value."""
    found = []
    for path, before in zip(files, prefixes(files), strict=True):
        for sample in _samples(path, notes):
            where = f"{path}, sample {sample.get('id')!r}"
            try:
                checked = msgspec.convert(sample, _Sample)
            except (msgspec.ValidationError, UnicodeError) as error:
                raise ConfigError(f"{where}: {error}; expected a sample as Inspect writes it") from error
            found.append(_sample(checked, before, where))
    return found


def _samples(path: Path, notes: list[str]) -> Iterator[dict[str, Any]]:
    if zipfile.is_zipfile(path):
        yield from _zipped(path, notes)
        return
    with opened(path) as file:
        log = whole(path, file.read(), "the log")
    samples = log.get("samples")
    if not isinstance(samples, list) or not all(isinstance(sample, dict) for sample in samples):
        raise ConfigError(f"{path}: the log holds no samples (samples is {type(samples).__name__}); write it with its samples")
    yield from samples


def _zipped(path: Path, notes: list[str]) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(path) as log, opened(path) as raw:
        if "header.json" not in log.namelist():
            notes.append(f"{path}: the log has no end: the run broke off or still goes on")
        for member in log.infolist():
            if not member.filename.startswith("samples/") or not member.filename.endswith(".json"):
                continue
            if member.filename.count("/") > 1:
                raise ConfigError(f"{path}: {member.filename} is a sample in chunks, which are not read; {_CONVERT}")
            yield whole(path, _unpacked(path, log, member, raw), member.filename)


def _unpacked(path: Path, log: zipfile.ZipFile, member: zipfile.ZipInfo, raw: Any) -> bytes:
    """One member of a log; the standard library knows Zstandard from Python 3.14 on, so that its bytes are unpacked here."""
    try:
        if member.compress_type != _ZSTANDARD:
            return log.read(member)
        raw.seek(member.header_offset)
        header = raw.read(30)
        raw.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
        return _zstandard(raw.read(member.compress_size), path)
    except (OSError, zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise ConfigError(f"{path}: {member.filename} cannot be unpacked: {error}; {_CONVERT}") from error


def _zstandard(data: bytes, path: Path) -> bytes:
    try:
        arrow = importlib.import_module("pyarrow")
    except ImportError as error:
        raise ConfigError(
            f"{path}: the log is compressed with Zstandard, which needs pyarrow: pip install 'visgenenv[train]', {_CONVERT}"
        ) from error
    with arrow.input_stream(arrow.BufferReader(data), compression="zstd") as stream:
        unpacked: bytes = stream.read()
    return unpacked


def _sample(sample: _Sample, before: str, where: str) -> RunSample:
    attachments = sample.attachments or {}
    messages = sample.messages or []
    own = (at for at, message in enumerate(messages) if message.get("role") == "assistant" and message.get("source") != "input")
    output = sample.output or _Output()
    text, turns, conversation = written(_resolved(messages[next(own, len(messages)) :], attachments) or output.completion)
    parts = dict(_parts(sample.scores or {}, where))
    stopped = {choice.stop_reason for choice in output.choices or ()}
    reward = next(iter(parts.values()), None)
    return RunSample(
        id=f"{before}{sample.id}/{sample.epoch}",
        group=f"{before}{sample.id}",
        file=before,
        case=str(sample.id),
        prompt=asked(_resolved(sample.input, attachments)),
        completion=text,
        turns=turns,
        reward=reward,
        parts=parts,
        error=None if sample.error is None else sample.error.message,
        truncated=sample.limit is not None or not stopped.isdisjoint(("max_tokens", "model_length")),
        masked=sample.invalidation is not None or reward is None,
        tokens=sum(one.output_tokens for one in sample.model_usage.values()) if sample.model_usage else None,
        conversation=conversation,
    )


def _resolved(value: Any, attachments: dict[str, Any]) -> Any:
    """Long texts stand aside, behind `attachment://` and their name."""
    if isinstance(value, str) and value.startswith("attachment://"):
        return attachments.get(value.removeprefix("attachment://"), value)
    if isinstance(value, list):
        return [_resolved(one, attachments) for one in value]
    return {key: _resolved(one, attachments) for key, one in value.items()} if isinstance(value, dict) else value


def _parts(scores: dict[str, _Score], where: str) -> Iterator[tuple[str, float | None]]:
    """Values by scorer, and by scorer and key where a scorer gives several."""
    for name, score in scores.items():
        value = score.value
        many = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
        if many is None:
            yield name, _graded(value, f"{where}: scores.{name}")
        else:
            for key, one in many:
                yield f"{name}.{key}", _graded(one, f"{where}: scores.{name}.{key}")


def _graded(value: Any, where: str) -> float | None:
    """A score as a number; NaN is how Inspect writes that a scorer could not say, and its own means leave it out."""
    if isinstance(value, str):
        known = _GRADES.get(value, _GRADES.get(value.lower()) if len(value) > 1 else None)
        if known is not None:
            return known
        try:
            value = float(value)
        except ValueError:
            raise ConfigError(f"{where} is {value!r}: expected a number, a bool, C, I, P or N") from None
    found = number(value, where)
    return None if found is None or math.isnan(found) else found

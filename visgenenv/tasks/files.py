"""Task files that people have: our own JSON and JSON lines, a PartiPrompts table, StoryBench stories.

The format is told by what is in the file, never by its name. Requirements that a file does not state are taken from the
words by rule (`tasks.words`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from visgenenv.errors import TaskFileError
from visgenenv.tasks.check import wrong
from visgenenv.tasks.words import content_words
from visgenenv.types import Requirements, Task

STORYBENCH_FPS = 8
"""Frames per second of `exact_frames_per_prompt` (StoryBench, 8 fps clips)."""
_EXPECTED = "our own tasks as JSON or JSON lines, a PartiPrompts table (Prompt, Category, …), or StoryBench JSON (texts, …)"


def load_tasks(path: str | os.PathLike[str]) -> list[Task]:
    """The tasks of a file, in its order, each with an id of its own.

    Raises `TaskFileError` naming the file, the entry or line, the field, and what was expected.
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise TaskFileError(f"cannot read {file}: {error.strerror}; expected {_EXPECTED}") from error
    except UnicodeDecodeError as error:
        raise TaskFileError(f"{file}: byte {error.start} is no UTF-8; expected {_EXPECTED}") from error
    tasks = list(_tasks(file, text))
    if not tasks:
        raise TaskFileError(f"{file}: no task in it; expected {_EXPECTED}")
    _check_ids(file, tasks)
    return tasks


def _tasks(file: Path, text: str) -> Iterator[Task]:
    first = text.lstrip()[:1]
    if first == "[":
        entries = _json(file, text, "the whole file")
        story = bool(entries) and isinstance(entries[0], dict) and "texts" in entries[0]
        for number, entry in enumerate(entries):
            where = f"entry {number}"
            yield _story(file, where, number, entry) if story else _own(file, where, number, entry)
    elif first == "{":
        yield from _from_objects(file, text)
    elif "\t" in text.partition("\n")[0]:
        yield from _from_table(file, text)
    else:
        raise TaskFileError(f"{file}, line 1: {text[:60]!r} is no task; expected {_EXPECTED}")


def _json(file: Path, text: str, where: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise TaskFileError(f"{file}, {where}: not JSON: {error}; expected {_EXPECTED}") from error


def _from_objects(file: Path, text: str) -> Iterator[Task]:
    """One task, `{"tasks": […]}`, or a task a line."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    try:
        whole = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        whole = None
    if isinstance(whole, dict):
        inner = whole.get("tasks", [whole])
        if not isinstance(inner, list):
            raise TaskFileError(f"{file}, field tasks: {str(inner)[:60]!r}; expected a list of tasks")
        for number, entry in enumerate(inner):
            yield _own(file, f"entry {number}", number, entry)
        return
    for number, line in lines:
        yield _own(file, f"line {number}", number, _json(file, line, f"line {number}"))


def _own(file: Path, where: str, number: int, entry: Any) -> Task:
    try:
        task = msgspec.convert(entry, Task)
    except msgspec.ValidationError as error:
        raise TaskFileError(f"{file}, {where}: {error}; expected a task with at least 'prompt' and 'modality'") from error
    reason = wrong(task)
    if reason is not None:
        raise TaskFileError(f"{file}, {where}, {reason}")
    return task if task.id else msgspec.structs.replace(task, id=f"{file.stem}/{number}")


def _from_table(file: Path, text: str) -> Iterator[Task]:
    """A table with tabs between its columns and a column `Prompt`: a picture for each of its rows."""
    # Lines end where the file says so, not at every sign that Unicode counts as an end (U+2028 in a prompt).
    rows = (line.split("\t") for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    header = next(rows)
    if "Prompt" not in header:
        raise TaskFileError(f"{file}, line 1: columns {header!r}; expected one named 'Prompt'")
    column = header.index("Prompt")
    for number, row in enumerate(rows, 2):
        if row == [""]:
            continue
        prompt = row[column].strip() if column < len(row) else ""
        if not prompt:
            raise TaskFileError(f"{file}, line {number}, field Prompt: blank; expected the words of a picture")
        yield Task(
            id=f"{file.stem}/{number - 2}",
            task_type="prompt",
            modality="image",
            language=_language(prompt),
            prompt=prompt,
            requirements=Requirements(count=1, entities=content_words(prompt) or None),
        )


def _story(file: Path, where: str, number: int, entry: Any) -> Task:
    """A story: a shot for each text, as long as its frames at 8 frames a second."""
    texts = _field(file, where, entry, "texts", str)
    frames = _field(file, where, entry, "exact_frames_per_prompt", int)
    if len(texts) != len(frames) or not texts:
        counts = f"{len(texts)} texts, {len(frames)} exact_frames_per_prompt"
        raise TaskFileError(f"{file}, {where}: {counts}; expected as many of each, and at least one")
    wrong = next((n for n, count in enumerate(frames) if count < 1), None)
    if wrong is not None:
        raise TaskFileError(f"{file}, {where}, field exact_frames_per_prompt[{wrong}]: {frames[wrong]!r}; expected at least 1")
    seconds = [count / STORYBENCH_FPS for count in frames]
    total = sum(seconds)
    shots = [" ".join(text.split()) for text in texts]
    lines = [f"Shot {n}, {length:g} s: {text}" for n, (text, length) in enumerate(zip(shots, seconds, strict=True), 1)]
    plural = "s" if len(lines) != 1 else ""
    return Task(
        id=f"{file.stem}/{number}",
        task_type="story",
        modality="video",
        language=_language(shots[0]),
        prompt="\n".join([f"Make one video of {len(lines)} shot{plural}, {total:g} s in total.", *lines]),
        requirements=Requirements(
            count=1,
            duration_s=total,
            shots=len(lines),
            entities=content_words(*shots) or None,
        ),
    )


def _field(file: Path, where: str, entry: Any, name: str, kind: type) -> list[Any]:
    value = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(value, list) or any(type(item) is not kind for item in value):
        raise TaskFileError(f"{file}, {where}, field {name}: {str(value)[:60]!r}; expected a list of {kind.__name__}")
    return value


def _language(text: str) -> str:
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "en"


def _check_ids(file: Path, tasks: Iterable[Task]) -> None:
    seen: dict[str, int] = {}
    for number, task in enumerate(tasks):
        if task.id in seen:
            raise TaskFileError(f"{file}: entries {seen[task.id]} and {number} have the same id {task.id!r}; expected ids of their own")
        seen[task.id] = number

"""Where an episode's task comes from: a task, a registered source, or "module:attribute"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from visgenenv import plugins
from visgenenv.errors import ConfigError
from visgenenv.tasks.check import wrong
from visgenenv.tools.explain import explain
from visgenenv.types import JSONObject, Task

TaskSource = Callable[[int], Task]
"""From an episode's seed to its task; the same seed gives the same task."""


def resolve_source(task: JSONObject | Task | str | None, task_types: Sequence[str] | None) -> TaskSource:
    """A source for what `gymnasium.make` was given; None is the seeded generator over `task_types` (all generated ones)."""
    if isinstance(task_types, str):
        raise ConfigError(f"task_types={task_types!r}: expected a list of types, such as [{task_types!r}]")
    if task is None or isinstance(task, str):
        factory = plugins.load("tasks", task or "generated")
        if isinstance(factory, Task):
            return Fixed(factory)
        if task_types is None:
            return factory  # type: ignore[no-any-return]
        if not hasattr(factory, "only"):
            raise ConfigError(f"task_types={list(task_types)!r}: the source {task!r} has no types to choose from")
        return factory.only(tuple(task_types))  # type: ignore[no-any-return]
    if callable(task):
        raise ConfigError(f"task={task!r}: a source is given by name, 'module:attribute', so that workers can load it too")
    if task_types is not None:
        raise ConfigError(f"task_types={list(task_types)!r} beside a task: give one of them")
    return Fixed(task)


class Fixed:
    """Always the same task."""

    sound = True
    """Its task has been checked."""

    def __init__(self, task: JSONObject | Task) -> None:
        self._task = as_task(task)

    def __call__(self, seed: int) -> Task:
        return self._task


def as_task(value: JSONObject | Task | Any) -> Task:
    """A task, or its JSON, as a Task with an id; raises `ConfigError` naming the field of one that cannot be played."""
    try:
        task = value if isinstance(value, Task) else msgspec.convert(value, Task)
    except msgspec.ValidationError as error:
        if isinstance(value, dict):
            raise ConfigError(f"task: {explain(str(error), value, Task)}") from error
        raise ConfigError(
            f"task={str(value)[:80]!r}: {error}; expected a vg.Task or a dict with at least 'prompt' and 'modality'"
        ) from error
    reason = wrong(task)
    if reason is not None:
        raise ConfigError(f"task {getattr(task, 'id', '')!r}: {reason}")
    return task if task.id else msgspec.structs.replace(task, id=f"{task.task_type}-{task.language}")

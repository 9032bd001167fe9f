"""Our own trajectories: what `visgen rollout` writes, and the folder `trajectories/` of a training run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from rewards.audit.readers.messages import digest
from rewards.audit.readers.places import below, prefixes
from rewards.audit.samples import RunSample
from rewards.signs import grouped
from visgenenv.trajectories import load
from visgenenv.types import Trajectory

NAME = "trajectories"
EXPECTED = "trajectories of `visgen rollout` (task, seed, turns, reward)"
_STEP = re.compile(r"-(\d{5})$")
"""How a training run ends the names of its files."""


def recognises(row: dict[str, Any]) -> bool:
    """Whether the first line is one of these."""
    return {"task", "seed", "chance_seed"} <= row.keys()


def read(files: Sequence[Path], notes: list[str]) -> list[RunSample]:
    """All episodes; members of a group stand in one folder and share what `rewards.signs.grouped` says."""
    found: list[RunSample] = []
    runs: dict[str, tuple[list[int], list[Trajectory]]] = {}
    for path, place, before in zip(files, below(files), prefixes(files), strict=True):
        named = _STEP.search(path.stem)
        indices, bare = runs.setdefault(place.parent.as_posix(), ([], []))
        for trajectory in load(path):
            step = trajectory.step if trajectory.step is not None else int(named[1]) if named else None
            indices.append(len(found))
            bare.append(Trajectory(id="", task=trajectory.task, seed=0, chance_seed=trajectory.chance_seed, step=step))
            found.append(_sample(trajectory, before, step))
    for run, (indices, bare) in runs.items():
        for index, number in zip(indices, grouped(bare).groups, strict=True):
            found[index] = msgspec.structs.replace(found[index], group=f"{run}:{number}")
    return found


def _sample(trajectory: Trajectory, before: str, step: int | None) -> RunSample:
    """`step` is what the trajectory or its file's name says; what the reward says comes first. Its group is not known yet."""
    turns = trajectory.turns
    reward = trajectory.reward
    return RunSample(
        id=before + trajectory.id,
        group="",
        file=before,
        case=f"{trajectory.task.id}/{trajectory.chance_seed}/{step}",
        step=step if reward is None or reward.step is None else reward.step,
        prompt=trajectory.task.prompt,
        completion="\n".join(turn.text for turn in turns),
        turns=len(turns),
        reward=None if reward is None else reward.total,
        parts={} if reward is None else {name: None if part is None else part.value for name, part in reward.parts.items()},
        expression=None if reward is None else reward.expression,
        error=trajectory.failure,
        truncated=trajectory.truncated,
        masked=trajectory.failure is not None or reward is None,
        conversation=digest(trajectory.opening, *(text for turn in turns for text in (turn.text, turn.observation))),
        success=trajectory.success,
        versions=trajectory.versions,
    )

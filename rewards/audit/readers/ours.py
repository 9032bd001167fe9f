"""Our own trajectories: what `visgen rollout` writes, and the folder `trajectories/` of a training run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from rewards.audit.readers.messages import digest
from rewards.audit.samples import RunSample
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
    """All episodes; members of a group share task and step."""
    found = []
    for path in files:
        step = _STEP.search(path.stem)
        before = f"{path.stem}:" if len(files) > 1 else ""
        found += [_sample(trajectory, before, int(step[1]) if step else None) for trajectory in load(path)]
    return found


def _sample(trajectory: Trajectory, before: str, step: int | None) -> RunSample:
    """`step` is what the file's name says; the record's own word comes first."""
    turns = trajectory.turns
    reward = trajectory.reward
    told = (None if reward is None else reward.step, trajectory.step, step)
    step = next((one for one in told if one is not None), None)
    task = blake2b(msgspec.json.encode(trajectory.task), digest_size=8).hexdigest()
    return RunSample(
        id=before + trajectory.id,
        group=f"{step}/{task}",
        step=step,
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

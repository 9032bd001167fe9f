"""Policies measured on the same tasks with the same luck; finished ones are kept, so that a run goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from tqdm import tqdm

from benchmarks.stats import Interval, paired_difference
from benchmarks.summary import Summary, summarise
from rewards import reward
from trainers.runs import fingerprint as weights
from trainers.runs import versions
from visgenenv.episodes import Policy, rollout
from visgenenv.errors import ConfigError
from visgenenv.policy import load_policy
from visgenenv.trajectories import load, replacing, save
from visgenenv.types import Task, Trajectory


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`after` minus `before`, task by task."""

    before: str
    after: str
    reward: Interval | None
    success: Interval | None


def measure(
    folder: Path,
    policies: Mapping[str, Callable[[], Policy] | str],
    *,
    episodes: int,
    seed: int,
    tasks: Sequence[Task] | None = None,
    batch: int = 64,
    fingerprints: Mapping[str, str] | None = None,
    step: int | None = None,
    **environment: Any,
) -> dict[str, list[Trajectory]]:
    """Trajectories by policy, one for each seed from `seed` on; each policy meets the same tasks and the same luck.

    They are kept as `folder/NAME.jsonl` with what they answer beside them (`NAME.key.json`): tasks, seed, environment,
    versions and the policy's fingerprint. What stands is read back where all of this is the same, else played again.

    `policies`: by the name they get in tables, what makes each, or its name as on the command line, such as a model's folder.
    `fingerprints` tell one policy of a name from another, such as a hash of its weights; by default it is the place where
    a class is defined. What a function makes may hold anything, so without a fingerprint it is always played again.

    `step`: the training step, which a reward with a schedule needs. `environment`: arguments of `gymnasium.make("VisGenEnv-v0")`.
    """
    count = episodes if tasks is None else len(tasks)
    judged = reward(environment.get("reward", "ltr"), judge=environment.get("judge", "rules"))
    made_with = versions() | {"reward": judged.version}
    found: dict[str, list[Trajectory]] = {}
    for name, make_policy in policies.items():
        path, beside = folder / f"{name}.jsonl", folder / f"{name}.key.json"
        fingerprint = (fingerprints or {}).get(name) or _identity(make_policy)
        key = {
            "policy": fingerprint,
            "episodes": count,
            "seed": seed,
            "tasks": None if tasks is None else blake2b(msgspec.json.encode(tasks), digest_size=16).hexdigest(),
            "environment": environment,
            "versions": made_with,
            **({} if step is None else {"step": step}),
        }
        if (
            fingerprint is not None
            and path.exists()
            and beside.exists()
            and json.loads(beside.read_bytes()) == json.loads(msgspec.json.encode(key))
        ):
            found[name] = load(path)
            continue
        with tqdm(total=count, desc=f"measuring {name}", unit="episode") as bar:
            policy = load_policy(make_policy) if isinstance(make_policy, str) else make_policy()
            found[name] = rollout(policy, count, seed, tasks=tasks, batch=batch, progress=partial(_advance, bar), step=step, **environment)
        beside.unlink(missing_ok=True)
        save(path, found[name])
        write_json(beside, key)
    return found


def _identity(make_policy: Any) -> str | None:
    """What tells a policy from another: the content of a model's folder, a registered name, the place where a class is
    defined with what was bound to it; None for a function and for one's own "module:attribute", which may hold anything.
    """
    if isinstance(make_policy, str):
        return weights(Path(make_policy)) if Path(make_policy).is_dir() else None if ":" in make_policy else make_policy
    if isinstance(make_policy, partial):
        place = _identity(make_policy.func)
        return None if place is None else f"{place}{make_policy.args}{make_policy.keywords}"
    return f"{make_policy.__module__}:{make_policy.__qualname__}" if isinstance(make_policy, type) else None


def _advance(bar: Any, _: int) -> None:
    bar.update()


def paired(before: Sequence[Trajectory], after: Sequence[Trajectory]) -> list[tuple[Trajectory, Trajectory]]:
    """The tasks that both sides scored; raises `ConfigError` where the two are not about the same tasks and luck."""
    for a, b in zip(before, after, strict=True):
        if a.task != b.task or a.chance_seed != b.chance_seed:
            raise ConfigError(f"{a.id} and {b.id} are not about the same task and luck: the comparison would not be paired")
    return [(a, b) for a, b in zip(before, after, strict=True) if a.reward and b.reward]


def value(trajectory: Trajectory, what: str) -> float:
    """`reward` or `success` of a scored trajectory as a number."""
    assert trajectory.reward is not None
    return float(trajectory.success) if what == "success" else trajectory.reward.total


def compare(before: str, after: str, trajectories: Mapping[str, Sequence[Trajectory]]) -> Comparison:
    """Paired differences over the tasks that both scored."""
    pairs = paired(trajectories[before], trajectories[after])
    gains = {
        what: paired_difference([value(a, what) for a, _ in pairs], [value(b, what) for _, b in pairs]) for what in ("reward", "success")
    }
    return Comparison(before=before, after=after, reward=gains["reward"], success=gains["success"])


def summaries(trajectories: Mapping[str, Sequence[Trajectory]]) -> list[Summary]:
    """A summary a policy, in the order given."""
    return [summarise(name, found) for name, found in trajectories.items()]


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, whole or not at all."""
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")

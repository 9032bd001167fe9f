"""`visgen score`: saved runs scored again, under any reward."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from tqdm import tqdm

from rewards.ltr import LtrReward, reward
from visgenenv.commands import training_step
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.masked import failures, told
from visgenenv.overlap import overlapped
from visgenenv.trajectories import load, save
from visgenenv.types import Trajectory

RESAMPLES = 1000


def score(parser: argparse.ArgumentParser) -> None:
    """Score saved trajectories again and print the mean of each part, with 95 % bootstrap intervals; exits 1 where none is scored."""
    parser.add_argument("file", help="trajectories as JSON lines, as `visgen rollout` writes them, or a run's folder")
    parser.add_argument("--reward", default="ltr", metavar="EXPR", help='an expression, e.g. "plan * mean(format, result)" (default: ltr)')
    parser.add_argument("--judge", default="rules", help='who reads the plans: rules, a registered judge, or "module:attribute"')
    parser.add_argument(
        "--step", type=training_step, metavar="N", help="training step of those that hold none, for a reward that changes with it"
    )
    parser.add_argument("--out", metavar="FILE", help="write the trajectories with their new rewards here; without it no file changes")
    parser.add_argument("--masked", action="store_true", help="score masked samples, too; without it they stay masked")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    engine = reward(options.reward, judge=options.judge)
    trajectories = load(options.file)
    if not trajectories:
        raise ConfigError(f"{options.file}: holds no trajectory; expected what `visgen rollout` writes")
    _tell_judges(trajectories, options.judge)
    judge = {} if options.judge == "rules" else {"judge": options.judge}
    work = overlapped(lambda one: _score(at_step(one, options.step), engine, judge, options.masked), trajectories, engine.concurrency)
    scored = list(tqdm(work, total=len(trajectories), desc="score", disable=None, file=sys.stderr))
    if engine.usage is not None:
        print(f"judge: {engine.usage}", file=sys.stderr)
    if options.out is not None:
        save(options.out, scored)
    figures = summary(scored, engine, options.seed)
    print(msgspec.json.encode(figures).decode() if options.json else table(figures))
    return 0 if figures["scored"] else 1


def _tell_judges(trajectories: Sequence[Trajectory], judge: str) -> None:
    """Say where the plans were read by another judge than they are now."""
    stored = [one.versions.get("judge", "rules") for one in trajectories if one.reward is not None]
    for name in sorted({*stored} - {judge}):
        counted = f"{stored.count(name)} of {len(trajectories)} were scored with --judge {name}"
        print(f"{counted}, and are scored with --judge {judge} here", file=sys.stderr)


def at_step(trajectory: Trajectory, step: int | None) -> Trajectory:
    """A trajectory with the step given, where it has none of its own."""
    return trajectory if step is None or trajectory.step is not None else msgspec.structs.replace(trajectory, step=step)


def _score(trajectory: Trajectory, engine: LtrReward, judge: dict[str, str], masked: bool) -> Trajectory:
    if trajectory.failure is not None and not masked:
        return trajectory
    earlier = {name: version for name, version in trajectory.versions.items() if name != "judge"}
    versions = {**earlier, "reward": engine.version, **judge}
    try:
        return msgspec.structs.replace(trajectory, reward=engine(trajectory), failure=None, versions=versions)
    except RewardUnavailable as error:
        return msgspec.structs.replace(trajectory, reward=None, failure=str(error), versions=versions)


def summary(trajectories: Sequence[Trajectory], engine: LtrReward, seed: int) -> dict[str, Any]:
    """Means of the total and of each part over what was scored; a part's `n` is the number of tasks it applies to."""
    breakdowns = [trajectory.reward for trajectory in trajectories if trajectory.reward is not None]
    values: dict[str, list[float]] = {"total": [breakdown.total for breakdown in breakdowns]}
    for breakdown in breakdowns:
        for name, part in breakdown.parts.items():
            values.setdefault(name, []).extend(() if part is None else (part.value,))
    generator = np.random.default_rng(seed)
    return {
        "expression": engine.expression,
        "version": engine.version,
        "scored": len(breakdowns),
        "masked": len(trajectories) - len(breakdowns),
        "failures": failures(trajectories),
        "parts": {name: _interval(found, generator) for name, found in values.items() if found},
    }


def _interval(values: list[float], generator: np.random.Generator) -> dict[str, float | int]:
    data = np.array(values)
    means = data[generator.integers(len(data), size=(RESAMPLES, len(data)))].mean(axis=1) if len(data) <= 10_000 else None
    if means is None:  # a normal interval says the same of so many, and needs no memory
        half = 1.96 * data.std() / np.sqrt(len(data))
        low, high = data.mean() - half, data.mean() + half
    else:
        low, high = np.quantile(means, (0.025, 0.975))
    return {"mean": float(data.mean()), "low": float(low), "high": float(high), "n": len(values)}


def table(figures: dict[str, Any]) -> str:
    """The summary as lines of text."""
    lines = [f"{figures['expression']}  (version {figures['version']})", f"{figures['scored']} scored, {figures['masked']} masked"]
    lines += [*told(figures["failures"]), ""]
    lines.append(f"{'part':<22}{'mean':>8}{'95 % interval':>20}{'n':>8}")
    for name, figure in figures["parts"].items():
        interval = f"{figure['low']:.3f} to {figure['high']:.3f}"
        lines.append(f"{name:<22}{figure['mean']:>8.3f}{interval:>20}{figure['n']:>8}")
    return "\n".join(lines)

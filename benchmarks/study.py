"""`visgen bench training`: the full training over several seeds, with intervals over seeds and tasks."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.side_by_side import Stage, clocked, side_by_side
from benchmarks.stats import Interval
from visgenenv.commands import positive
from visgenenv.errors import ConfigError

BARS = {
    "success, greedy": 0.20,
    "reward, greedy": 0.05,
    "reward, T = 1": 0.0,
}
"""Least gain from PST to PST + GRPO by comparison; each interval must also lie above zero."""


STAGES = ("pst", "grpo", "measure")
"""Of a seed, in their order; each is a process of its own. Three seeds at a time share two cores evenly to the end."""


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """Several seeds of one experiment; what `--out` holds."""

    command: str
    machine: str
    versions: dict[str, str]
    config: dict[str, Any]
    seeds: list[int]
    episodes: int
    minutes: float
    """Wall-clock of all invocations on these runs together, so that an interrupted study looks no faster than it was."""
    gains: dict[str, Interval]
    """By comparison: mean gain over seeds and tasks, both resampled."""
    by_seed: dict[str, dict[str, Any]]
    """By seed: every policy's reward and success, and the paired gains."""
    final_success: Interval
    """Greedy success of PST + GRPO over all seeds."""


def training(parser: argparse.ArgumentParser) -> None:
    """Run the full training for several seeds, some side by side, and pool their results."""
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], metavar="S")
    parser.add_argument("--seed", type=int, default=None, help="one seed, in place of --seeds")
    parser.add_argument("--jobs", type=positive, default=3, metavar="N", help="stages of seeds side by side, a thread each (default 3)")
    parser.add_argument("--config", metavar="FILE", help="JSON or TOML laid over the full configuration")
    parser.add_argument("--runs", default="runs/training", metavar="DIR", help="folder of the runs (default runs/training)")
    parser.add_argument("--out", metavar="FILE", help="JSON of the pooled results (default: study.json beside the runs)")
    parser.add_argument("--json", action="store_true", help="the pooled results on standard output")
    parser.add_argument("--only", choices=STAGES, help=argparse.SUPPRESS)
    parser.set_defaults(run=_training, resumes=True)


def _training(options: argparse.Namespace) -> int:
    from benchmarks.evaluation import write_json
    from benchmarks.experiment import ExperimentConfig, begin, practise, run
    from benchmarks.quickstart import seeded
    from trainers.config import read_config

    seeds = [options.seed] if options.seed is not None else options.seeds
    if len(set(seeds)) < len(seeds):
        raise ConfigError(f"--seeds {' '.join(map(str, seeds))}: a seed is given twice; a run has one folder")
    folder = Path(options.runs)
    config = read_config(ExperimentConfig, options.config, full_config())
    if options.only:
        stages: dict[str, Callable[[Any, Path], object]] = {"pst": begin, "grpo": practise, "measure": run}
        stages[options.only](seeded(config, seeds[0]), folder / f"seed{seeds[0]}")
        return 0
    begun = time.monotonic()
    try:
        good = side_by_side(_stages(seeds, options), options.jobs)
    finally:
        minutes = clocked(folder / "study_clock.json", time.monotonic() - begun)
    if not good:
        return 1
    study = _pool(config, folder, seeds, minutes, shlex.join(["visgen", *sys.argv[1:]]))
    write_json(Path(options.out) if options.out else folder / "study.json", study)
    if options.json:
        print(msgspec.json.encode(study).decode())
    for name, gain in study.gains.items():
        met = "met" if gain.mean >= BARS[name] and gain.low > 0 else "missed"
        asked = f"asked: {BARS[name]:+.2f} or more and an interval above zero: {met}"
        print(f"{name}: {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] ({asked})", file=sys.stderr)
    final = study.final_success
    print(f"final greedy success: {final.mean:.3f} [{final.low:.3f}, {final.high:.3f}]", file=sys.stderr)
    return 0


def full_config() -> Any:
    """What the study trains: sized for three seeds in ninety minutes on two cores, a thread each."""
    from benchmarks.experiment import ExperimentConfig
    from trainers import DataConfig, GrpoConfig, PstConfig

    return ExperimentConfig(
        pst=PstConfig(
            data=DataConfig(demonstrations=38_000, general=10_000, copying=8000),
            first_general=8000,
            first_visual=11_000,
            second_general=2000,
            second_visual=27_000,
            tokens_per_step=2048,
            threads=1,
        ),
        grpo=GrpoConfig(steps=60, prompts=12, max_length=768, threads=1),
        episodes=408,
    )


def _stages(seeds: Sequence[int], options: argparse.Namespace) -> list[Stage]:
    """Each stage of each seed, a seed a line."""
    common = ("bench", "training", "--runs", options.runs, *(("--config", options.config) if options.config else ()))
    return [Stage(line=f"seed {seed}", arguments=(*common, "--only", stage, "--seed", str(seed))) for stage in STAGES for seed in seeds]


def _pool(config: Any, folder: Path, seeds: Sequence[int], minutes: float, command: str) -> Study:
    from benchmarks.evaluation import paired, value
    from benchmarks.experiment import COMPARISONS, END, Outcome
    from benchmarks.stats import crossed_interval
    from visgenenv.trajectories import load

    outcomes = {seed: msgspec.json.decode((folder / f"seed{seed}" / "results.json").read_bytes(), type=Outcome) for seed in seeds}
    first = next(iter(outcomes.values()))
    policies = tuple(dict.fromkeys(policy for _, before, after in COMPARISONS for policy in (before, after)))
    found = {(seed, name): load(folder / f"seed{seed}" / "trajectories" / f"{name}.jsonl") for name in policies for seed in seeds}
    scored = [
        i for i in range(first.episodes) if all(found[seed, name][i].reward is not None for seed in seeds for name in policies)
    ]  # the same tasks for every seed and policy: the intervals are crossed

    def values(name: str, what: str) -> list[list[float]]:
        return [[value(found[seed, name][i], what) for i in scored] for seed in seeds]

    gains = {}
    for label, before, after in COMPARISONS:
        what = "success" if "success" in label else "reward"
        for seed in seeds:
            paired(found[seed, before], found[seed, after])
        rows = zip(values(before, what), values(after, what), strict=True)
        gain = crossed_interval([[b - a for a, b in zip(old, new, strict=True)] for old, new in rows])
        if gain is None:
            raise ConfigError(f"{folder}: no task was scored for every seed and policy; look at `failure` in its trajectories")
        gains[label] = gain
    final = crossed_interval(values(f"{END} greedy", "success"))
    assert final is not None, "there is a gain"
    return Study(
        command=command,
        machine=first.machine,
        versions=first.versions,
        config=msgspec.to_builtins(config),
        seeds=list(seeds),
        episodes=first.episodes,
        minutes=minutes,
        gains=gains,
        by_seed={
            str(seed): {
                "policies": {
                    s.policy: {"reward": s.reward, "success": s.success, "parts": {name: part.mean for name, part in s.parts.items()}}
                    for s in outcome.summaries
                },
                "gains": outcome.comparisons,
                "clock": outcome.clock,
            }
            for seed, outcome in outcomes.items()
        },
        final_success=final,
    )

"""The main experiment: a policy gets its start, is made better, and is measured on tasks it has not seen."""

from __future__ import annotations

import dataclasses
import json
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from tqdm import tqdm

from benchmarks.evaluation import Comparison, compare, measure, summaries, write_json
from benchmarks.report.page import Report, pick_pair, render
from benchmarks.summary import Summary, table
from policies import AutoPipeline, Expert, RandomPolicy, SingleImage
from rewards import reward
from trainers import GrpoConfig, PstConfig, run_grpo, run_pst
from trainers.config import require
from trainers.runs import fingerprint, versions
from visgenenv.errors import ConfigError
from visgenenv.trajectories import replacing
from visgenenv.types import Trajectory

MEASURE_SEED = 7_000_000
"""Seed of the first held-out task; the same for every training seed, so that seeds can be compared."""
START, END = "PST", "PST + GRPO"
COMPARISONS = (
    ("success, greedy", f"{START} greedy", f"{END} greedy"),
    ("reward, greedy", f"{START} greedy", f"{END} greedy"),
    ("reward, T = 1", f"{START} T=1", f"{END} T=1"),
)


@dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """A start, its improvement and their measure."""

    pst: PstConfig = field(default_factory=PstConfig)
    grpo: GrpoConfig = field(default_factory=GrpoConfig)
    episodes: int = 400
    """Held-out tasks a policy is measured on."""
    baselines: bool = True
    """Measure random, the single-call baselines and the expert too."""

    def __post_init__(self) -> None:
        require(self, "at least 1", "episodes", least=1)
        for name, source in (("pst.data", self.pst.data.tasks), ("grpo", self.grpo.tasks)):
            if source != "train" and ":" not in source:
                raise ConfigError(f"{name}.tasks={source!r}: may hold what is measured on; expected 'train' or a source of your own")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an experiment came to; `results.json`."""

    seed: int
    episodes: int
    summaries: tuple[Summary, ...]
    comparisons: dict[str, Comparison]
    versions: dict[str, str]
    machine: str
    clock: dict[str, float]
    """Wall-clock seconds by stage, over all invocations that went on with this folder; one that was killed left none."""


def run(config: ExperimentConfig, folder: Path, media: Path | None = None) -> Outcome:
    """Train and measure in `folder`, going on where an earlier run was; writes results.json, metrics.jsonl and report.html.

    `media`: folder of the media library whose pictures the report shows; None shows placeholders.
    """
    clock = _Clock(folder)
    pst, grpo = practise(config, folder)
    with clock.stage("measure"):
        trajectories = _measure(config, folder / "trajectories", pst, grpo)
    outcome = Outcome(
        seed=config.pst.seed,
        episodes=config.episodes,
        summaries=tuple(summaries(trajectories)),
        comparisons={label: compare(before, after, trajectories) for label, before, after in COMPARISONS},
        versions=versions(),
        machine=machine(),
        clock=clock.seconds | {"all": round(sum(clock.seconds.values()), 1)},
    )
    _write(config, folder, outcome, trajectories, media)
    tqdm.write(table(outcome.summaries), file=sys.stderr)
    return outcome


def begin(config: ExperimentConfig, folder: Path) -> Path:
    """The first stage of `run` alone, supervised training; returns the model's folder."""
    if config.grpo.model:
        raise ConfigError(f"grpo.model={config.grpo.model!r}: an experiment starts from the model its own PST made; leave it out")
    with _Clock(folder).stage("pst"):
        return run_pst(config.pst, folder / "pst")


def practise(config: ExperimentConfig, folder: Path) -> tuple[Path, Path]:
    """`run` up to its second stage, reinforcement; returns the folders of the start and of what became of it."""
    start = begin(config, folder)
    with _Clock(folder).stage("grpo"):
        return start, run_grpo(dataclasses.replace(config.grpo, model=str(start)), folder / "grpo")


def machine() -> str:
    """Processor, cores and system, in words."""
    import os

    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _measure(config: ExperimentConfig, folder: Path, pst: Path, grpo: Path) -> dict[str, list[Trajectory]]:
    from policies.language_model import from_folder

    policies: dict[str, Any] = {}
    if config.baselines:
        policies = {
            "random": partial(RandomPolicy, config.pst.seed),
            "one image": SingleImage,
            "auto pipeline": AutoPipeline,
        }
    for name, model in ((START, pst), (END, grpo)):
        for label, temperature in (("greedy", 0.0), ("T=1", 1.0)):

            def load(model: Path = model, temperature: float = temperature) -> Any:
                return from_folder(
                    model,
                    temperature=temperature,
                    seed=config.pst.seed,
                    max_turn_tokens=config.grpo.max_turn_tokens,
                    max_length=config.grpo.max_length,
                )

            policies[f"{name} {label}"] = load
    if config.baselines:
        policies["expert"] = Expert
    hashes = {START: fingerprint(pst), END: fingerprint(grpo)}
    scheduled = reward(config.grpo.reward, judge=config.grpo.judge).scheduled
    return measure(
        folder,
        policies,
        fingerprints={f"{name} {label}": weights for name, weights in hashes.items() for label in ("greedy", "T=1")},
        episodes=config.episodes,
        seed=MEASURE_SEED,
        task="heldout",
        step=config.grpo.steps - 1 if scheduled else None,  # start and end alike under the reward of the last step, counted from 0
        reward=config.grpo.reward,
        judge=config.grpo.judge,
        faults=config.grpo.faults,
        system_prompt="none",
        max_turns=config.grpo.max_turns,
    )


def _write(config: ExperimentConfig, folder: Path, outcome: Outcome, trajectories: dict[str, list[Trajectory]], media: Path | None) -> None:
    metrics = {stage: _metrics(folder / stage) for stage in ("pst", "grpo")}
    with replacing(folder / "metrics.jsonl") as file:
        for rows in metrics.values():
            file.writelines(msgspec.json.encode(row) + b"\n" for row in rows)
    write_json(folder / "config.json", msgspec.to_builtins(config))
    write_json(folder / "versions.json", outcome.versions)
    write_json(folder / "results.json", outcome)
    library = None
    if media is not None:
        from media_db.library import Library

        library = Library.open(media)
    before, after = f"{START} greedy", f"{END} greedy"
    pair = pick_pair(trajectories[before], trajectories[after])
    report = Report(
        heading="From a task to a trained agent",
        facts={
            "seed": str(outcome.seed),
            "trained on": ", ".join(dict.fromkeys((config.pst.data.tasks, config.grpo.tasks))),
            "measured on": f"{outcome.episodes} held-out tasks",
            "faults": config.grpo.faults,
            "reward": config.grpo.reward,
            "machine:": outcome.machine,
            "torch": outcome.versions.get("torch", "?"),
            "trl": outcome.versions.get("trl", "?"),
            "minutes:": ", ".join(f"{name} {seconds / 60:.1f}" for name, seconds in outcome.clock.items()),
        },
        comparisons=tuple(outcome.comparisons.items()),
        summaries=outcome.summaries,
        pst=tuple(metrics["pst"]),
        grpo=tuple(metrics["grpo"]),
    )
    page = render(report, trajectories, None if pair is None else (before, pair[0], after, pair[1]), library)
    with replacing(folder / "report.html") as file:
        file.write(page.encode())


def _metrics(folder: Path) -> list[dict[str, Any]]:
    path = folder / "metrics.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class _Clock:
    """Seconds of each stage of an experiment, over all invocations; kept in `clock.json`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "clock.json"

    @property
    def seconds(self) -> dict[str, float]:
        return dict(json.loads(self._path.read_bytes())) if self._path.exists() else {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        finally:
            if self._path.parent.exists():
                taken = self.seconds.get(name, 0.0) + time.monotonic() - begun
                write_json(self._path, self.seconds | {name: round(taken, 1)})

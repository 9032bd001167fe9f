"""`visgen quickstart`: the main job in small, from an empty folder to a report, in under twenty minutes on two cores."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import msgspec


def quickstart(parser: argparse.ArgumentParser) -> None:
    """Build the media library, make demonstrations, give a small policy its start (PST), improve it (GRPO), measure it, report."""
    parser.add_argument("--seed", type=int, help="of data, weights and sampling, over what --config says (default 0)")
    parser.add_argument("--out", default="runs/quickstart", metavar="DIR", help="the run's folder (default runs/quickstart)")
    parser.add_argument("--config", metavar="FILE", help="JSON or TOML laid over the quickstart's own configuration")
    parser.add_argument("--json", action="store_true", help="the results as JSON on standard output")
    parser.set_defaults(run=_quickstart, resumes=True)


def _quickstart(options: argparse.Namespace) -> int:
    from benchmarks.experiment import ExperimentConfig, run
    from trainers.config import read_config

    # Threads that spin while they wait for each other make the tiny model's steps 1.6 times as fast as one thread does;
    # passive ones, slower than one. OpenMP reads this when torch is loaded, which is later.
    os.environ.setdefault("OMP_WAIT_POLICY", "ACTIVE")
    folder = Path(options.out)
    config = read_config(ExperimentConfig, options.config, quickstart_config())
    if options.seed is not None:
        config = seeded(config, options.seed)
    media = _media()
    outcome = run(config, folder, media)
    if options.json:
        print(msgspec.json.encode(outcome).decode())
    print(
        f"the report: {folder / 'report.html'}; look at an episode: visgen show {folder / 'trajectories' / 'expert.jsonl'}", file=sys.stderr
    )
    return 0


def quickstart_config() -> Any:
    """The full training's shape with less of everything: sized for twenty minutes on two idle cores, installing included."""
    from benchmarks.experiment import ExperimentConfig
    from trainers import DataConfig, GrpoConfig, PstConfig

    return ExperimentConfig(
        pst=PstConfig(
            data=DataConfig(demonstrations=16_500, general=6000, copying=5000),
            first_general=5000,
            first_visual=5000,
            second_general=1000,
            second_visual=11_500,
            tokens_per_step=2048,
            threads=2,
        ),
        grpo=GrpoConfig(steps=18, prompts=12, max_length=768, threads=2),
        episodes=200,
    )


def seeded(config: Any, seed: int) -> Any:
    """An experiment's configuration with another seed throughout."""
    return dataclasses.replace(config, pst=dataclasses.replace(config.pst, seed=seed), grpo=dataclasses.replace(config.grpo, seed=seed))


def _media() -> Path:
    """The media library, built where it is missing; its seed is fixed, so that pages show what the bundled index names."""
    from tqdm import tqdm

    from media_db.library import build, default_folder

    folder = default_folder()
    with tqdm(desc="media library", unit="file") as bar:

        def progress(done: int, total: int, caption: str) -> None:
            bar.total = total
            bar.update(done - bar.n)

        build(folder, progress=progress)
    return folder

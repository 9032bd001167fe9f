"""`visgen ablate`: one start improved under several rewards, all measured on the same held-out tasks with the same luck."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.side_by_side import Stage, clocked, side_by_side
from benchmarks.variants import DECODINGS, START, YARDSTICK, Variant, read_variants
from visgenenv.commands import positive
from visgenenv.errors import ConfigError

DEFAULT = ("RL1", "RL2", "ltr")
STEPS = 50
"""Of practice: five sixths of the full training's, so that three rewards with three seeds end well within ninety minutes."""


def ablate(parser: argparse.ArgumentParser) -> None:
    """Train one start under several rewards, with the same practice and luck, and say which differences are more than noise."""
    add = parser.add_argument
    add(
        "--reward",
        action="append",
        metavar="[NAME=]EXPR",
        help=f'a name or an expression, such as RL1 or mine="mean(plan, fine)"; may be repeated (default {" ".join(DEFAULT)})',
    )
    add("--seeds", type=positive, default=3, metavar="N", help="training seeds a reward (default 3)")
    add("--seed", type=int, default=0, metavar="S", help="the first of them (default 0)")
    add("--start", metavar="FOLDER", help="the model that all start from (default: made by supervised training, as the full training does)")
    add(
        "--config",
        metavar="FILE",
        help=f"JSON or TOML laid over the configuration of GRPO, which is the full training's with {STEPS} steps",
    )
    add("--episodes", type=positive, default=408, metavar="N", help="held-out tasks (default 408)")
    add("--jobs", type=positive, default=3, metavar="N", help="runs side by side, a thread each (default 3)")
    add("--runs", default="runs/ablation", metavar="DIR", help="folder of the runs (default runs/ablation)")
    add("--out", metavar="FILE", help="JSON of all figures (default: ablation.json beside the runs)")
    add("--page", metavar="FILE", help="the table, the curves and the signs as one page (default: report.html beside the runs)")
    add("--json", action="store_true", help="all figures on standard output")
    add("--only", choices=("pst", "run", "start"), help=argparse.SUPPRESS)
    parser.set_defaults(run=_ablate, resumes=True)


def _ablate(options: argparse.Namespace) -> int:
    from benchmarks.ablation_table import table
    from benchmarks.evaluation import write_json
    from benchmarks.experiment import ExperimentConfig
    from benchmarks.report.ablation_page import render
    from benchmarks.study import full_config
    from trainers.config import read_config
    from visgenenv.trajectories import check_writable, replacing

    full = full_config()
    usual = dataclasses.replace(full.grpo, steps=STEPS)
    grpo = _unsettled(read_config(type(usual), options.config, usual), usual, str(options.config))
    variants = read_variants(options.reward or DEFAULT, grpo.judge)
    ExperimentConfig(grpo=dataclasses.replace(grpo, seed=options.seed), episodes=options.episodes)  # refuses practice on what is measured
    folder = Path(options.runs)
    start = Path(options.start) if options.start else folder / START / "model"
    if options.start and not (start / "config.json").is_file():
        raise ConfigError(f"--start {options.start}: no model there; name a folder such as the `model` in a run's folder")
    if options.only:
        _one(options, variants[0], grpo, full.pst, start)
        return 0
    out = Path(options.out) if options.out else folder / "ablation.json"
    page = Path(options.page) if options.page else folder / "report.html"
    for path in (out, page):
        check_writable(path)
    begun, found = time.monotonic(), None
    try:
        if _train(options, variants):
            found = _pool(options, variants, grpo, start)
    finally:
        minutes = clocked(folder / "ablation_clock.json", time.monotonic() - begun)
    if found is None:
        return 1
    found = msgspec.structs.replace(found, minutes=minutes)
    write_json(out, found)
    with replacing(page) as file:
        file.write(render(found).encode())
    print(msgspec.json.encode(found).decode() if options.json else table(found))
    return 0


def _unsettled(config: Any, base: Any, where: str) -> Any:
    """A configuration that leaves alone what the command itself settles."""
    for name, flag in (("reward", "--reward"), ("seed", "--seed and --seeds"), ("model", "--start")):
        if getattr(config, name) != getattr(base, name):
            raise ConfigError(f"{where}: {name}={getattr(config, name)!r}: an ablation takes it from {flag}; leave it out of the file")
    return config


def _train(options: argparse.Namespace, variants: tuple[Variant, ...]) -> bool:
    """The start where it is to be made, then all runs side by side; each goes on where an earlier one of it was."""
    common = ["ablate", "--runs", options.runs, "--episodes", str(options.episodes), "--seeds", str(options.seeds)]
    common += ["--config", options.config] if options.config else []
    common += ["--start", options.start] if options.start else []
    if not options.start and not side_by_side([Stage(line=START, arguments=(*common, "--only", "pst"))], options.jobs):
        return False
    stages = [
        Stage(
            line=f"{variant.name}, seed {seed}",
            arguments=(*common, "--only", "run", "--seed", str(seed), f"--reward={variant.name}={variant.given}"),
        )
        for seed in seeds_of(options)
        for variant in variants
    ]
    # The start is measured last: it is the shortest, and fills what the runs leave.
    return side_by_side([*stages, Stage(line=START, arguments=(*common, "--only", START, "--seed", str(options.seed)))], options.jobs)


def seeds_of(options: argparse.Namespace) -> list[int]:
    """The training seeds that are asked for."""
    return list(range(options.seed, options.seed + options.seeds))


def _one(options: argparse.Namespace, variant: Variant, grpo: Any, pst: Any, start: Path) -> None:
    """One process's work: the start, or one run and its measure, or the measure of the start."""
    from trainers import run_grpo, run_pst

    if options.only == "pst":
        run_pst(pst, Path(options.runs) / START)
    elif options.only == START:
        measured(
            Path(options.runs) / START, start, grpo, options.episodes, {"greedy": 0, **{f"T=1 seed {s}": s for s in seeds_of(options)}}
        )
    else:
        folder = Path(options.runs) / variant.name / f"seed{options.seed}"
        config = dataclasses.replace(grpo, reward=variant.given, seed=options.seed, model=str(start))
        measured(folder, run_grpo(config, folder), grpo, options.episodes, dict.fromkeys(DECODINGS, options.seed))


def measured(folder: Path, model: Path, grpo: Any, episodes: int, named: dict[str, int]) -> Any:
    """Trajectories of a model on the held-out tasks, kept in `folder/measured`; by name (greedy… or T=1…) its seed of sampling."""
    from benchmarks.evaluation import measure
    from benchmarks.experiment import MEASURE_SEED
    from policies.language_model import from_folder
    from trainers.runs import fingerprint

    def policy(name: str, seed: int) -> Any:
        temperature = 0.0 if name.startswith("greedy") else 1.0
        lengths = {"max_turn_tokens": grpo.max_turn_tokens, "max_length": grpo.max_length}
        return partial(from_folder, model, temperature=temperature, seed=seed, **lengths)

    weights = fingerprint(model)
    return measure(
        folder / "measured",
        {name: policy(name, seed) for name, seed in named.items()},
        fingerprints={name: f"{weights}, seed {seed}" for name, seed in named.items()},
        episodes=episodes,
        seed=MEASURE_SEED,
        task="heldout",
        reward=YARDSTICK,
        judge=grpo.judge,
        faults=grpo.faults,
        system_prompt="none",
        max_turns=grpo.max_turns,
    )


def _pool(options: argparse.Namespace, variants: tuple[Variant, ...], grpo: Any, start: Path) -> Any:
    from benchmarks.ablation_table import Facts, pool
    from benchmarks.experiment import machine
    from trainers.config import as_json
    from trainers.runs import fingerprint, versions

    facts = Facts(
        command=shlex.join(["visgen", *sys.argv[1:]]),
        machine=machine(),
        versions=versions(),
        config=as_json(grpo),
        start=fingerprint(start),
        seeds=seeds_of(options),
        episodes=options.episodes,
    )
    return pool(Path(options.runs), variants, facts)

"""The stages of the main job, each a function of a configuration and a folder that may be run again at any time."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from rewards import reward
from trainers.config import SEED_STRIDE, GrpoConfig, PstConfig
from trainers.data.demonstrations import FlawedTeacher, demonstrate
from trainers.data.general import echoes, general
from trainers.data.records import Record, write_shards
from trainers.runs import Run
from visgenenv.errors import ConfigError, MissingExtra
from visgenenv.faults import FaultProfile
from visgenenv.tasks.sources import resolve_source


def run_demonstrations(config: PstConfig, folder: str | Path) -> Path:
    """Make the training data of a configuration in `folder/data` and return that folder; what stands is kept."""
    run = _pst_run(config, folder)
    target = run.folder / "data"
    data = config.data

    def visual(first: int, count: int) -> Sequence[Record]:
        return demonstrate(
            count,
            config.seed,
            first=config.seed * SEED_STRIDE + first,
            tasks=data.tasks,
            flaws=data.flaws,
            flaw_rate=data.flaw_rate,
            made_up=data.made_up,
            slips=data.slips,
            faults=data.faults,
        )

    with tqdm(total=data.demonstrations + data.copying + data.general, desc="training data", unit="record") as bar:
        write_shards(target, "demonstrations", data.demonstrations, visual, bar.update)
        write_shards(target, "copying", data.copying, lambda first, count: echoes(count, config.seed, first), bar.update)
        write_shards(target, "general", data.general, lambda first, count: general(count, config.seed, first), bar.update)
    return target


def run_pst(config: PstConfig, folder: str | Path) -> Path:
    """Supervised training in `folder`; returns the model's folder. Makes the data where they are missing."""
    _ready_to_train()
    from trainers.pst import train_pst

    _check_counts(config)
    run = _pst_run(config, folder)
    return run.finished("model") or train_pst(config, run, run_demonstrations(config, folder))


def run_grpo(config: GrpoConfig, folder: str | Path) -> Path:
    """Reinforcement from `config.model` in `folder`; returns the model's folder."""
    _ready_to_train()
    start = _model("model", config.model)
    _playable(config.tasks, config.faults)
    from trainers.vrl.trl import train_grpo

    run = Run(folder, config, start=start, reward=reward(config.reward, judge=config.judge).version)
    return run.finished("model") or train_grpo(config, run)


def _pst_run(config: PstConfig, folder: str | Path) -> Run:
    start = None if config.model.folder is None else _model("model.folder", config.model.folder)
    _playable(config.data.tasks, config.data.faults)
    FlawedTeacher(config.data.flaws, config.data.flaw_rate)
    return Run(folder, config, start=start)


def _playable(tasks: str, faults: str) -> None:
    """Raise `ConfigError` or `PluginError` for a wrong name before a folder is claimed for it."""
    resolve_source(tasks, None)
    FaultProfile(faults)


def _model(name: str, folder: str) -> Path:
    """The folder, if a model is in it; a run's folder, which has a config.json too, is none."""
    try:
        found = json.loads((Path(folder) / "config.json").read_bytes()) if folder else {}
    except (OSError, ValueError):
        found = {}
    if "model_type" not in found:
        raise ConfigError(
            f"{name}={folder!r}: no model there; name a folder that transformers wrote, such as the `model` in a run's folder"
        )
    return Path(folder)


def _check_counts(config: PstConfig) -> None:
    for name, made, wanted in (
        ("general", config.data.general, config.first_general + config.second_general),
        ("demonstrations", config.data.demonstrations, config.first_visual + config.second_visual),
    ):
        if made < wanted:
            raise ConfigError(f"data.{name}={made}: the two stages want {wanted}; make as many, or ask for fewer")


def _ready_to_train() -> None:
    """Raise where one process with the training stack is not what runs."""
    processes = os.environ.get("WORLD_SIZE", "1")
    if processes != "1":
        raise ConfigError(f"WORLD_SIZE={processes!r}: one process trains one folder; start it with python, not with torchrun or accelerate")
    try:
        import datasets  # noqa: F401
        import torch  # noqa: F401
        import trl  # noqa: F401
    except ImportError as error:
        raise MissingExtra(error.name or "trl", "train") from error

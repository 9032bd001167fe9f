"""The stages of the main job, each a function of a configuration and a folder that may be run again at any time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from rewards import reward
from trainers.config import SEED_STRIDE, GrpoConfig, PstConfig
from trainers.data.demonstrations import demonstrate
from trainers.data.general import echoes, general
from trainers.data.records import Record, write_shards
from trainers.runs import Run
from visgenenv.errors import ConfigError, MissingExtra


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
    _needs_training_stack()
    from trainers.pst import train_pst

    _check_counts(config)
    run = _pst_run(config, folder)
    return run.finished("model") or train_pst(config, run, run_demonstrations(config, folder))


def run_grpo(config: GrpoConfig, folder: str | Path) -> Path:
    """Reinforcement from `config.model` in `folder`; returns the model's folder."""
    _needs_training_stack()
    if not (Path(config.model) / "config.json").exists():
        raise ConfigError(f"model={config.model!r}: no model there; name the folder that supervised training left")
    from trainers.vrl.trl import train_grpo

    run = Run(folder, config, start=Path(config.model), reward=reward(config.reward).version)
    return run.finished("model") or train_grpo(config, run)


def _pst_run(config: PstConfig, folder: str | Path) -> Run:
    start = config.model.folder
    if start is not None and not (Path(start) / "config.json").exists():
        raise ConfigError(f"model.folder={start!r}: no model there; name a folder that transformers wrote")
    return Run(folder, config, start=None if start is None else Path(start))


def _check_counts(config: PstConfig) -> None:
    for name, made, wanted in (
        ("general", config.data.general, config.first_general + config.second_general),
        ("demonstrations", config.data.demonstrations, config.first_visual + config.second_visual),
    ):
        if made < wanted:
            raise ConfigError(f"data.{name}={made}: the two stages want {wanted}; make as many, or ask for fewer")


def _needs_training_stack() -> None:
    try:
        import datasets  # noqa: F401
        import torch  # noqa: F401
        import trl  # noqa: F401
    except ImportError as error:
        raise MissingExtra(error.name or "trl", "train") from error

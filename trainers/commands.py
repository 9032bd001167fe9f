"""`visgen train`: supervised start and reinforcement, from a configuration file and flags."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from trainers.config import GrpoConfig, PstConfig, read_config
from visgenenv.commands import Once
from visgenenv.errors import MissingExtra

_ALGORITHMS: dict[str, tuple[type[Any], str]] = {"pst": (PstConfig, "runs/pst"), "grpo": (GrpoConfig, "runs/grpo")}
"""By name: the configuration, and the folder where none is given."""


def train(parser: argparse.ArgumentParser) -> None:
    """Train a policy: `pst` makes demonstrations and learns from them, `grpo` makes a model better by its own practice.

    A run is its folder (--out): config.json, versions.json, metrics.jsonl, checkpoints/, trajectories/, model/.
    Interrupted and run again with the same configuration, it goes on. --config FILE (JSON or TOML) is laid over the
    defaults, flags over both; `visgen train pst --help` lists them.
    """
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("algorithm", choices=tuple(_ALGORITHMS))
    parser.add_argument("flags", nargs=argparse.REMAINDER, help="--config FILE, --out DIR, --json, --seed N and every other flag")
    parser.set_defaults(run=_train, resumes=True)


def _train(options: argparse.Namespace) -> int:
    try:
        import tyro
    except ImportError as error:
        raise MissingExtra("tyro", "train") from error
    kind, folder = _ALGORITHMS[options.algorithm]
    own = argparse.ArgumentParser(prog=f"visgen train {options.algorithm}", add_help=False, allow_abbrev=False)
    own.register("action", None, Once)
    own.add_argument("--config")
    own.add_argument("--out", default=folder)
    own.add_argument("--json", action="store_true")
    given, rest = own.parse_known_args(options.flags)
    description = f"{(kind.__doc__ or '').strip()} Further: --config FILE, --out DIR (default {folder}), --json."
    config = tyro.cli(
        kind, args=rest, default=read_config(kind, given.config), prog=f"visgen train {options.algorithm}", description=description
    )
    model = _runner(options.algorithm)(config, given.out)
    print(json.dumps({"model": str(model), "metrics": _last(given.out)}) if given.json else model)
    return 0


def _runner(algorithm: str) -> Callable[[Any, str], Any]:
    from trainers.stages import run_grpo, run_pst

    print(f"visgen train {algorithm}: loading the training stack", file=sys.stderr)
    return run_pst if algorithm == "pst" else run_grpo


def _last(folder: str) -> dict[str, Any] | None:
    from trainers.runs import read_metrics

    rows = read_metrics(folder)
    return rows[-1] if rows else None

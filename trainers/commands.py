"""`visgen train`: the supervised start and reinforcement, each from a configuration file and flags."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trainers.config import GrpoConfig, PstConfig, overlay, read_config
from trainers.stages import run_grpo, run_pst
from visgenenv.errors import ConfigError

_STAGES: tuple[tuple[str, type[Any], Callable[[Any, str], Path], str], ...] = (
    ("pst", PstConfig, run_pst, "Give a policy its start: demonstrations and general tasks, then two stages of supervised training."),
    ("grpo", GrpoConfig, run_grpo, "Improve a policy by GRPO in the environment, from the model that `visgen train pst` left."),
)


def train(parser: argparse.ArgumentParser) -> None:
    """Train a policy: `pst` gives it its start, `grpo` makes it better. A run is its folder; run it again to go on."""
    stages = parser.add_subparsers(dest="stage", required=True)
    for name, kind, run, words in _STAGES:
        stage = stages.add_parser(name, help=words, description=words, epilog="values of --set are JSON, or plain text")
        stage.add_argument("--config", metavar="FILE", help="JSON or TOML; what it leaves out has its default")
        stage.add_argument("--out", metavar="DIR", default=f"runs/{name}", help=f"the run's folder (default runs/{name})")
        stage.add_argument("--seed", type=int, help="of data, weights and sampling (default 0, or the file's)")
        stage.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="e.g. steps=20 data.flaw_rate=0.5")
        stage.add_argument("--defaults", action="store_true", help="print the whole configuration as JSON, and stop")
        stage.add_argument("--json", action="store_true", help="folder and last metrics as JSON on standard output")
        stage.set_defaults(run=_runner(kind, run))


def _runner(kind: type[Any], run: Callable[[Any, str], Path]) -> Callable[[argparse.Namespace], int]:
    def command(options: argparse.Namespace) -> int:
        config = configured(kind, options.config, options.set, options.seed)
        if options.defaults:
            print(msgspec.json.format(msgspec.json.encode(config), indent=2).decode())
            return 0
        model = run(config, options.out)
        if options.json:
            rows = (Path(options.out) / "metrics.jsonl").read_text().splitlines()
            print(json.dumps({"model": str(model), "last": json.loads(rows[-1]) if rows else None}))
        print(f"the model: {model}; play it: visgen rollout --policy {model} --task heldout --out played.jsonl", file=sys.stderr)
        return 0

    return command


def configured(kind: type[Any], path: str | None, changes: Sequence[str], seed: int | None) -> Any:
    """A configuration from a file, `key=value` changes and a seed, in this order."""
    config = read_config(kind, path)
    for change in changes:
        key, found, text = change.partition("=")
        if not found:
            raise ConfigError(f"--set {change!r}: expected KEY=VALUE, such as steps=20")
        value: Any
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        for name in reversed(key.split(".")):
            value = {name: value}
        config = overlay(config, value, "--set")
    return config if seed is None else dataclasses.replace(config, seed=seed)

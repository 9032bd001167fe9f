"""`visgen bench`: how good, and how fast."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks.baselines import baselines, real
from benchmarks.discrimination import discrimination
from benchmarks.exactness import exactness
from benchmarks.expert import expert
from benchmarks.exploit_search import exploits
from benchmarks.luck import luck
from benchmarks.plots import plots
from benchmarks.recompute import recompute
from benchmarks.soak import soak
from benchmarks.speed.commands import speed
from benchmarks.speed.peer import peer
from benchmarks.study import training

SUBCOMMANDS: tuple[tuple[str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("baselines", baselines),
    ("discrimination", discrimination),
    ("exactness", exactness),
    ("expert", expert),
    ("exploits", exploits),
    ("luck", luck),
    ("peer", peer),
    ("plots", plots),
    ("real", real),
    ("recompute", recompute),
    ("soak", soak),
    ("speed", speed),
    ("training", training),
)
"""Each adds its arguments and sets `run`, as a command of `visgenenv.cli` does; its docstring is its help."""


def bench(parser: argparse.ArgumentParser) -> None:
    """Measure: how good a policy is, and how fast the environment."""
    commands = parser.add_subparsers(dest="benchmark", required=True)
    for name, add in SUBCOMMANDS:
        words = (add.__doc__ or "").strip()
        add(commands.add_parser(name, help=words.splitlines()[0] if words else None, description=words))

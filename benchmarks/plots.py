"""`visgen bench plots`: do plans that follow a plot outrank those that miss a point of it or swap two?"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from benchmarks.stats import share_interval
from rewards import Judge, Question
from rewards.judges import FACETS
from rewards.judges.named import named_judge
from visgenenv.commands import positive
from visgenenv.errors import ConfigError
from visgenenv.tools.catalogue import toolset
from visgenenv.types import Plan, PlanStep, Requirements, Task

CLIP, JOIN = "tool_text2video_veo", "tool_video_composite"
BAR = 0.95
LISTED = 10
"""Pairs that are listed of those not told apart; `--json` has all."""


class _Plot(msgspec.Struct, frozen=True):
    prompt_en: str
    auxiliary_info: Annotated[list[str], msgspec.Meta(min_length=2)]
    """Its checkpoints; one alone can be swapped with none."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A plot's whole plan beside a damaged one."""

    plot: int
    damage: str
    """`missing 2` or `swapped 1 and 3`, counted from 1."""
    whole: float
    """Mean of the four facets."""
    damaged: float

    @property
    def right(self) -> bool:
        """Whether the whole plan outranks the damaged one."""
        return self.whole > self.damaged


def plots(parser: argparse.ArgumentParser) -> None:
    """Judge plans of human-checked plots: whole, with a point missing, with two points swapped; exits 1 under 95 in 100."""
    parser.add_argument(
        "--data", required=True, metavar="FILE", help="VBench-2's Complex_Plot: prompt_en and its checkpoints, auxiliary_info"
    )
    parser.add_argument("--judge", default="rules", help='who reads the plans: rules, a registered judge, or "module:attribute"')
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first plots (a judge behind an endpoint costs money)")
    parser.add_argument("--seed", type=int, default=0, help="takes part in nothing here; every command has it")
    parser.add_argument("--json", action="store_true", help="figures and failures as JSON on standard output")
    parser.set_defaults(run=_plots)


def _plots(options: argparse.Namespace) -> int:
    judge = named_judge(options.judge)
    found = list(pairs(read(options.data)[: options.limit], judge))
    figures: dict[str, Any] = {"judge": judge.version, "plots": len({pair.plot for pair in found})}
    for kind in ("missing", "swapped", ""):
        own = [pair for pair in found if pair.damage.startswith(kind)]
        right = sum(pair.right for pair in own)
        interval = share_interval(right, len(own))
        assert interval is not None, "there are pairs"
        figures[kind or "all"] = {"pairs": len(own), "right": right, "share": right / len(own), "interval": [interval.low, interval.high]}
    figures["wrong"] = [msgspec.to_builtins(pair) for pair in found if not pair.right]
    if options.json:
        print(json.dumps(figures))
    else:
        for kind in ("missing", "swapped", "all"):
            low, high = figures[kind]["interval"]
            print(
                f"{kind:<8} {figures[kind]['right']:>5} of {figures[kind]['pairs']:<5} {figures[kind]['share']:.1%} [{low:.1%}, {high:.1%}]"
            )
        for pair in [pair for pair in found if not pair.right][:LISTED]:
            print(f"not told apart: plot {pair.plot + 1}, {pair.damage}: {pair.whole:.4f} and {pair.damaged:.4f}", file=sys.stderr)
    return 0 if figures["all"]["share"] >= BAR else 1


def read(path: str | Path) -> list[tuple[str, list[str]]]:
    """Plots and their checkpoints; raises `ConfigError` where there are none, or a plot has fewer than two."""
    try:
        rows = msgspec.convert(json.loads(Path(path).read_bytes()), list[_Plot])
    except (OSError, ValueError) as error:
        told = f"{path}: {error!r}; expected a JSON list of objects with prompt_en and in auxiliary_info two checkpoints or more"
        raise ConfigError(told) from error
    if not rows:
        raise ConfigError(f"{path}: holds no plot; expected one or more")
    return [(row.prompt_en, row.auxiliary_info) for row in rows]


def pairs(plots: Sequence[tuple[str, list[str]]], judge: Judge) -> Iterator[Pair]:
    """Every plot's whole plan beside each plan that misses one checkpoint and each that swaps two."""
    for number, (prompt, points) in enumerate(plots):
        task = Task(id=f"plot/{number}", modality="video", prompt=prompt, requirements=Requirements(count=1))
        whole = worth(points, task, judge)
        for gone in range(len(points)):
            damaged = worth([*points[:gone], *points[gone + 1 :]], task, judge)
            yield Pair(plot=number, damage=f"missing {gone + 1}", whole=whole, damaged=damaged)
        for one, two in itertools.combinations(range(len(points)), 2):
            swapped = list(points)
            swapped[one], swapped[two] = points[two], points[one]
            yield Pair(plot=number, damage=f"swapped {one + 1} and {two + 1}", whole=whole, damaged=worth(swapped, task, judge))


def worth(points: Sequence[str], task: Task, judge: Judge) -> float:
    """Mean of the four facets of a plan with a clip for each point, and their joining."""
    clips = [PlanStep(id=number, tool=CLIP, goal=point) for number, point in enumerate(points, 1)]
    join = PlanStep(id=len(clips) + 1, tool=JOIN, goal="join the clips", after=tuple(step.id for step in clips))
    plan = Plan(steps=(*clips, join))
    scores = judge([Question(facet, plan, task, dict(toolset())) for facet in FACETS])
    return sum(score.value for score in scores) / len(scores)

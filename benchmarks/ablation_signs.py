"""What the parts of a reward did in practice: curves over training steps, and the signs of advantages that hung on them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from tqdm import tqdm

from benchmarks.variants import Variant
from rewards import PARTS, LtrReward, reward
from rewards.signs import Signs, grouped, signs, signs_without, without
from trainers.runs import read_metrics
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.masked import failures
from visgenenv.trajectories import load
from visgenenv.types import Trajectory

CURVES = ("success", "plan", "format", "tool", "result", "coherence", "consistency")
"""Of the samples, a figure a step each, besides the reward trained on and the yardstick."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How many members of practice groups changed the sign of their advantage; see `rewards.signs.Signs`."""

    compared: int
    changed: int
    becomes_zero: int
    leaves_zero: int
    gone: int
    share: float | None
    """Changed, of those compared; None of none."""
    by_seed: tuple[float | None, ...]
    """The share of each training seed."""


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """What the kept samples of all runs say."""

    curves: dict[str, dict[str, tuple[tuple[float | None, ...], ...]]]
    """By variant and figure: a row a seed, a value a step; `own` is the reward trained on, `yardstick` the common one."""
    without: dict[str, dict[str, Share]]
    """By variant and part: without the part, on the variant's own practice."""
    between: dict[str, Share]
    """By variant after the first: under its reward, on the practice of the first variant."""
    masked: dict[str, float] = {}
    """By variant: the share of its samples that were masked, from which nothing was learnt."""
    failures: dict[str, str] = {}
    """By variant with masked samples: the commonest reason."""

    @property
    def parts(self) -> list[str]:
        """All parts that are left out somewhere, in the order of a breakdown, those of one's own last."""
        known = {name for own in self.without.values() for name in own}
        return [*(name for name in PARTS if name in known), *sorted(known.difference(PARTS))]


@dataclass(frozen=True, slots=True)
class _Run:
    """One run's samples, step by step."""

    figures: dict[str, tuple[float | None, ...]]
    without: list[dict[str, Signs]]
    """Of a step, by part that applies to some of its tasks."""
    unchanged: list[Signs]
    """Of a step: what leaving out a part does that applies to none of its tasks."""
    under: dict[str, list[Signs]]
    """By another variant, a step each."""
    tasks: list[list[bytes]]
    """Of a step, the tasks and luck of its samples."""
    failures: Counter[str]
    """Why samples were masked, and how many."""


def practised(folder: Path, variants: Sequence[Variant], seeds: Sequence[int], yardstick: str, judge: str = "rules") -> Practice:
    """Read the samples of every run, a step at a time.

    Raises `ConfigError` where a run has kept none, or two variants did not practise on the same tasks with the same luck.
    """
    common = reward(yardstick).expression
    others = {variant.name: reward(variant.given, judge=judge) for variant in variants[1:]}
    runs: dict[str, list[_Run]] = {}
    for number, variant in enumerate(variants):
        runs[variant.name] = [_run(folder / variant.name / f"seed{seed}", common, {} if number else others) for seed in seeds]
    first, *rest = runs.values()
    for name, other in zip(others, rest, strict=True):
        if [run.tasks for run in other] != [run.tasks for run in first]:
            raise ConfigError(f"{folder}: {variants[0].name} and {name} did not practise on the same tasks and luck; use another folder")
    masked = {name: sum((run.failures for run in own), Counter[str]()) for name, own in runs.items()}
    return Practice(
        curves={name: {figure: tuple(run.figures[figure] for run in own) for figure in own[0].figures} for name, own in runs.items()},
        without={name: _left_out(own) for name, own in runs.items()},
        between={name: pooled([run.under[name] for run in first]) for name in others},
        masked={name: why.total() / sum(len(step) for run in runs[name] for step in run.tasks) for name, why in masked.items()},
        failures={name: why.most_common(1)[0][0] for name, why in masked.items() if why},
    )


def _run(folder: Path, common: str, others: Mapping[str, LtrReward]) -> _Run:
    paths = sorted((folder / "trajectories").glob("grpo-*.jsonl"))
    if not paths:
        raise ConfigError(f"{folder}: holds no trajectories of its practice; expected trajectories/grpo-00001.jsonl and on")
    yardstick: list[float | None] = []
    found = _Run({}, [], [], {name: [] for name in others}, [], Counter())
    for path in tqdm(paths, desc=f"practice in {folder.parent.name}/{folder.name}", unit="step", file=sys.stderr):
        samples = load(path)
        found.failures.update(failures(samples))
        breakdowns = [sample.reward for sample in samples]
        paid = [None if breakdown is None else breakdown.total for breakdown in breakdowns]
        grouping = grouped(samples)
        found.without.append({name: _bare(one) for name, one in signs_without(breakdowns, samples, grouping).items()})
        found.unchanged.append(signs(paid, paid, samples, grouping))
        for name, engine in others.items():
            found.under[name].append(_bare(signs(paid, _under(engine, samples), samples, grouping)))
        scored = [breakdown for breakdown in breakdowns if breakdown is not None]
        yardstick.append(_mean([without(msgspec.structs.replace(one, expression=common, step=None)) for one in scored]))
        found.tasks.append([msgspec.json.encode((sample.task, sample.chance_seed)) for sample in samples])
    found.figures.update(_figures(folder, yardstick))
    return found


def _bare(found: Signs) -> Signs:
    """Counts alone: a run has thousands of members."""
    return msgspec.structs.replace(found, members=())


def _left_out(runs: Sequence[_Run]) -> dict[str, Share]:
    """By part; a step to none of whose tasks it applies counts with all its members, none of which changed."""
    names = dict.fromkeys(name for run in runs for step in run.without for name in step)
    return {
        name: pooled([[step.get(name, same) for step, same in zip(run.without, run.unchanged, strict=True)] for run in runs])
        for name in names
    }


def pooled(by_seed: Sequence[Sequence[Signs]]) -> Share:
    """The counts of all steps of all seeds together."""
    steps = [one for own in by_seed for one in own]
    compared, changed = sum(one.compared for one in steps), sum(one.changed for one in steps)
    return Share(
        compared=compared,
        changed=changed,
        becomes_zero=sum(one.becomes_zero for one in steps),
        leaves_zero=sum(one.leaves_zero for one in steps),
        gone=sum(one.gone for one in steps),
        share=_part(changed, compared),
        by_seed=tuple(_part(sum(one.changed for one in own), sum(one.compared for one in own)) for own in by_seed),
    )


def _under(engine: LtrReward, samples: Sequence[Trajectory]) -> list[float | None]:
    """What another reward pays for samples; None for one that is masked, there or here."""
    scored = iter(engine.score_many(sample for sample in samples if sample.reward is not None))
    found = [next(scored) if sample.reward is not None else None for sample in samples]
    return [None if one is None or isinstance(one, RewardUnavailable) else one.total for one in found]


def _figures(folder: Path, yardstick: Sequence[float | None]) -> dict[str, tuple[float | None, ...]]:
    """A run's curves: from its metrics, and the yardstick as it was worked out here."""
    rows = [row for row in read_metrics(folder) if row.get("stage") == "grpo"]
    if len(rows) != len(yardstick):
        raise ConfigError(
            f"{folder}: {len(rows)} steps in metrics.jsonl, samples of {len(yardstick)}: expected the same; run it again to go on"
        )
    found: dict[str, tuple[float | None, ...]] = {
        "own": tuple(_short(row.get("reward")) for row in rows),
        "yardstick": tuple(_short(value) for value in yardstick),
    }
    for name in CURVES:
        found[name] = tuple(_short(_of(row, name)) for row in rows)
    return found


def _of(row: Mapping[str, object], name: str) -> object:
    parts = row.get("parts")
    return row.get(name) if name == "success" else parts.get(name) if isinstance(parts, dict) else None


def _short(value: object) -> float | None:
    return round(float(value), 5) if isinstance(value, int | float) else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _part(some: int, of: int) -> float | None:
    return some / of if of else None

"""The result of an ablation: its table in the form of VisionCreator's Table 4, and what of it is more than noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.ablation_signs import Practice, Share, practised
from benchmarks.crossed import Cells, Difference, Resamples, holm
from benchmarks.stats import LEVEL, Interval
from benchmarks.variants import DECODINGS, START, YARDSTICK, Variant
from rewards import LtrReward, reward
from visgenenv.commands import columns
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.trajectories import load
from visgenenv.types import Score, Trajectory

DIMENSIONS = ("match", "object", "scene", "style", "variety", "amount", "duration", "storyboard")
"""Those of VisionCreator's nine that this environment measures by its own checks; `creative` needs a grader that sees pictures."""
PARTS = ("plan", "format", "tool", "result", "coherence", "consistency")
TABLES = (("success", "overall", *DIMENSIONS), (YARDSTICK, *PARTS))
"""The columns as they are shown: VisionCreator's, then our own."""
COLUMNS = tuple(column for columns in TABLES for column in columns)
"""`overall`: the plain mean of success and the dimensions, as O-Score is; `ltr`: the common yardstick."""
MAIN = ("success", YARDSTICK)
"""What the paired tests in the text are about; those of the other columns are in the JSON."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """How an ablation was made."""

    command: str
    machine: str
    versions: dict[str, str]
    config: dict[str, Any]
    """Of GRPO; reward, seed and model are each run's own."""
    start: str
    """Fingerprint of the model that all start from."""
    seeds: list[int]
    episodes: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the table."""

    name: str
    cells: dict[str, Interval | None]
    """By column; None where no held-out task asks for it."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """`after` minus `before`, by column."""

    before: str
    after: str
    columns: dict[str, Difference]


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """Of a variant, the reward that it was trained on: before and after training."""

    start: Interval
    trained: Interval
    gain: Difference


class Ablation(msgspec.Struct, frozen=True, kw_only=True):
    """All that an ablation came to; what `--out` holds."""

    facts: Facts
    yardstick: str
    """The reward that all are compared under, besides success."""
    variants: tuple[Variant, ...]
    scored: int
    """Held-out tasks that every model was scored on; the table is about these."""
    rows: dict[str, tuple[Row, ...]]
    """By decoding (greedy, T=1): the start, then the variants."""
    pairs: dict[str, tuple[Pair, ...]]
    """By decoding: each variant against each before it, and each against the start."""
    own: dict[str, dict[str, Own]]
    """By decoding and variant."""
    practice: Practice
    notes: tuple[str, ...]
    """How much of this is noise, in words."""
    minutes: float = 0.0
    """Wall-clock of all invocations on these runs together, so that an interrupted one looks no faster than it was."""


Measures = list[dict[str, float | None] | None]
"""Of one model's trajectories, by column; None for one that is masked."""


def pool(folder: Path, variants: Sequence[Variant], facts: Facts) -> Ablation:
    """Read what the runs left; raises `ConfigError` where their tasks or luck differ, or nothing was scored by all."""
    judge = str(facts.config.get("judge", "rules"))
    engines = {variant.name: reward(variant.given, judge=judge) for variant in variants}
    last = int(facts.config["steps"]) - 1
    found: dict[tuple[str, str], list[Measures]] = {}
    keys: list[list[bytes]] = []
    for decoding in DECODINGS:
        for name in (START, *engines):
            scorers = engines if name == START else {name: engines[name]}
            found[decoding, name] = [_read(path, scorers, last, keys) for path in _paths(folder, name, decoding, facts.seeds)]
    if any(other != keys[0] for other in keys):
        raise ConfigError(f"{folder}: its models were measured on different tasks or luck; use another folder")
    everything = [measures for models in found.values() for measures in models]
    scored = [i for i in range(len(keys[0])) if all(measures[i] is not None for measures in everything)]
    if not scored:
        raise ConfigError(f"{folder}: no task was scored for every model; look at `failure` in its trajectories")

    def cells(decoding: str, name: str, column: str) -> list[list[float | None]]:
        return [[(measures[i] or {}).get(column) for i in scored] for measures in found[decoding, name]]

    resamples = Resamples(len(facts.seeds), len(scored))
    names = [variant.name for variant in variants]
    against = [*combinations(names, 2), *((START, name) for name in names)]
    pairs = {
        decoding: _corrected(
            [Pair(before=before, after=after, columns=_differences(resamples, decoding, before, after, cells)) for before, after in against]
        )
        for decoding in DECODINGS
    }
    rows = {
        decoding: tuple(Row(name=name, cells=_row(resamples, decoding, name, cells)) for name in (START, *names)) for decoding in DECODINGS
    }
    practice = practised(folder, variants, facts.seeds, YARDSTICK, judge)
    return Ablation(
        facts=facts,
        yardstick=YARDSTICK,
        variants=tuple(variants),
        scored=len(scored),
        rows=rows,
        pairs=pairs,
        own={decoding: _own(resamples, decoding, names, cells) for decoding in DECODINGS},
        practice=practice,
        notes=(*_masked(practice), *_notes(facts, len(scored), rows, pairs)),
    )


def _paths(folder: Path, name: str, decoding: str, seeds: Sequence[int]) -> list[Path]:
    """Of a model, the trajectories a training seed each; the greedy start, which has no seed, stands for each of them."""
    if name == START:
        measured = folder / START / "measured"
        return [measured / ("greedy.jsonl" if decoding == "greedy" else f"{decoding} seed {seed}.jsonl") for seed in seeds]
    return [folder / name / f"seed{seed}" / "measured" / f"{decoding}.jsonl" for seed in seeds]


def _read(path: Path, engines: Mapping[str, LtrReward], last: int, keys: list[list[bytes]]) -> Measures:
    trajectories = load(path)
    keys.append([msgspec.json.encode((trajectory.task, trajectory.chance_seed)) for trajectory in trajectories])
    scored = [trajectory for trajectory in trajectories if trajectory.reward is not None]
    # A reward that changes over training is that of its last step.
    at_the_end = [msgspec.structs.replace(trajectory, step=last) for trajectory in scored]
    own = {f"own {name}": iter(engine.score_many(at_the_end)) for name, engine in engines.items()}

    def paid(column: str) -> float | None:
        one = next(own[column])
        return None if isinstance(one, RewardUnavailable) else one.total

    return [
        None if trajectory.reward is None else {**measures(trajectory), **{column: paid(column) for column in own}}
        for trajectory in trajectories
    ]


def measures(trajectory: Trajectory) -> dict[str, float | None]:
    """The columns of one scored trajectory but `overall`; None where the task does not ask for it.

    `match` is what the pictures are said to show (the requirements `entities` and `each`); object, scene and style are
    consistency where the task asks for that kind; amount is the number of deliverables, storyboard that of shots.
    """
    assert trajectory.reward is not None
    parts = trajectory.reward.parts
    matched = [value for name in ("entities", "each") if (value := _value(parts.get(f"result.{name}"))) is not None]
    asked = trajectory.task.requirements.consistency
    consistency = _value(parts.get("consistency"))
    return {
        "success": float(trajectory.success),
        YARDSTICK: trajectory.reward.total,
        "match": sum(matched) / len(matched) if matched else None,
        **{kind: consistency if asked == kind else None for kind in ("object", "scene", "style")},
        "variety": _value(parts.get("result.variety")),
        "amount": _value(parts.get("result.count")),
        "duration": _value(parts.get("result.duration_s")),
        "storyboard": _value(parts.get("result.shots")),
        **{name: _value(parts.get(name)) for name in PARTS},
    }


def _value(score: Score | None) -> float | None:
    return None if score is None else score.value


def _row(resamples: Resamples, decoding: str, name: str, cells: Any) -> dict[str, Interval | None]:
    found = {column: resamples.interval(cells(decoding, name, column)) for column in COLUMNS if column != "overall"}
    overall = resamples.overall([cells(decoding, name, column) for column in ("success", *DIMENSIONS)])
    return {column: overall if column == "overall" else found[column] for column in COLUMNS}


def _differences(resamples: Resamples, decoding: str, before: str, after: str, cells: Any) -> dict[str, Difference]:
    found = {}
    for column in COLUMNS:
        if column != "overall":
            difference = resamples.difference(cells(decoding, before, column), cells(decoding, after, column))
            if difference is not None:
                found[column] = difference
    return found


def _corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """With `p_holm`: over the pairs of a column."""
    by_column = {
        column: holm({str(number): pair.columns[column].p for number, pair in enumerate(pairs) if column in pair.columns})
        for column in COLUMNS
    }
    return tuple(
        msgspec.structs.replace(
            pair,
            columns={
                column: msgspec.structs.replace(difference, p_holm=by_column[column][str(number)])
                for column, difference in pair.columns.items()
            },
        )
        for number, pair in enumerate(pairs)
    )


def _own(resamples: Resamples, decoding: str, names: Sequence[str], cells: Any) -> dict[str, Own]:
    found = {}
    for name in names:
        column = f"own {name}"
        before: Cells = cells(decoding, START, column)
        after: Cells = cells(decoding, name, column)
        start, trained, gain = resamples.interval(before), resamples.interval(after), resamples.difference(before, after)
        if start is not None and trained is not None and gain is not None:
            found[name] = Own(start=start, trained=trained, gain=gain)
    return found


def _masked(practice: Practice) -> list[str]:
    return [
        f"{name}: {practice.masked[name]:.1%} of its practice was masked, and taught it nothing; most often because: {why[:300]}"
        for name, why in practice.failures.items()
    ]


def _notes(facts: Facts, scored: int, rows: Mapping[str, Sequence[Row]], pairs: Mapping[str, Sequence[Pair]]) -> tuple[str, ...]:
    seeds = len(facts.seeds)
    found = [
        f"All models were measured on the same {scored} held-out tasks with the same luck, and compared under success and "
        f"{YARDSTICK}, whatever they were trained on."
    ]
    if seeds == 1:
        found.append("One training seed: the intervals are over tasks alone and say nothing of another training.")
    elif seeds < 10:
        found.append(f"{seeds} training seeds are few: intervals over so few are rather too narrow than too wide.")
    for decoding, compared in pairs.items():
        for column in MAIN:
            least = [value for pair in compared if pair.before != START and (value := pair.columns[column].detectable) is not None]
            if least:
                below = f"below about {max(least):.3f}" if max(least) < 1 else "of any size"
                found.append(
                    f"{column}, {decoding}: a true difference between two variants {below} is missed in more than one of five such studies."
                )
    missing = [column for column in DIMENSIONS if rows[DECODINGS[0]][0].cells[column] is None]
    asked = f" Asked for by none of these tasks: {', '.join(missing)}." if missing else ""
    found.append(f"Creative, the ninth of the paper's dimensions, is not measured: it needs a grader that sees pictures.{asked}")
    found.append(
        "p takes the trained models as they are, p (Holm) is it corrected over the pairs of a column, not over columns; p (runs) is for "
        "another training with other seeds. A difference is called one where both are below 0.05 and the interval does not hold zero."
    )
    return tuple(found)


def verdict(difference: Difference) -> str:
    """A difference in a word or a few."""
    if difference.interval.low <= 0 <= difference.interval.high:
        return "interval holds zero"
    if difference.p_holm is None or difference.p_holm >= 1 - LEVEL:
        return "not clear after Holm"
    if not difference.shown:
        return "seeds too few to tell"
    return "more" if difference.interval.mean > 0 else "less"


def table(found: Ablation) -> str:
    """The ablation as lines of text; ± is half the 95 % interval over seeds and tasks."""
    lines = [f"{variant.name:<12} {variant.expression}" for variant in found.variants]
    for decoding, rows in found.rows.items():
        for named in TABLES:
            shown = [column for column in named if any(row.cells[column] for row in rows)]
            lines += ["", columns([[decoding, *shown], *([row.name, *(_cell(row.cells[column]) for column in shown)] for row in rows)])]
    head = ["pair", "measure", "difference", "95 % interval", "by seed", "p", "p (Holm)", "p (runs)", "detectable", ""]
    body = [
        _pair_line(pair, column, decoding, difference)
        for decoding, compared in found.pairs.items()
        for pair in compared
        for column in MAIN
        if (difference := pair.columns.get(column)) is not None
    ]
    lines += ["", columns([head, *body]), "", *_sign_lines(found.practice), "", *found.notes]
    return "\n".join(lines)


def _pair_line(pair: Pair, column: str, decoding: str, difference: Difference) -> list[str]:
    interval = difference.interval
    least = "-" if difference.detectable is None else f"{difference.detectable:.3f}"
    by_seed = " ".join(f"{value:+.3f}" for value in difference.by_seed)
    return [
        f"{pair.after} - {pair.before}",
        f"{column}, {decoding}",
        f"{interval.mean:+.3f}",
        f"[{interval.low:+.3f}, {interval.high:+.3f}]",
        by_seed,
        *("-" if value is None else chance(value) for value in (difference.p, difference.p_holm, difference.p_runs)),
        least,
        verdict(difference),
    ]


def chance(p: float) -> str:
    """A probability as tables say it: never 0."""
    return f"{p:.4f}" if p >= 0.00005 else "<0.0001"


def _sign_lines(practice: Practice) -> list[str]:
    names = practice.parts
    head = ["signs of advantages that change without", *practice.without]
    lines = [columns([head, *([name, *(_share(own.get(name)) for own in practice.without.values())] for name in names)])]
    first = next(iter(practice.without))
    lines += [f"on the practice of {first}, signs that change under {name}: {_share(share)}" for name, share in practice.between.items()]
    return lines


def _share(share: Share | None) -> str:
    return "-" if share is None or share.share is None else f"{100 * share.share:.1f} %"


def _cell(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.mean:.3f}±{(interval.high - interval.low) / 2:.3f}"

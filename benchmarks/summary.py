"""What a set of trajectories says of its policy: reward, success and every part, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from benchmarks.stats import Interval, mean_interval
from visgenenv.types import Trajectory

COLUMNS = ("plan", "fine", "format", "tool", "result", "coherence", "consistency")
"""Parts shown in tables; every part is in the JSON."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One policy on one list of tasks."""

    policy: str
    episodes: int
    masked: int
    """Episodes whose reward was unavailable; they enter no mean."""
    reward: Interval | None
    success: Interval | None
    parts: dict[str, Interval]
    """By part; over the tasks it applies to."""
    turns: float | None
    calls: float | None
    failed_calls: float | None
    """Per scored episode; None where there is none."""


def summarise(policy: str, trajectories: Sequence[Trajectory]) -> Summary:
    """Means over scored episodes; success over the same ones."""
    scored = [t for t in trajectories if t.reward is not None]
    names = sorted({name for t in scored if t.reward for name in t.reward.parts})
    parts = {}
    for name in names:
        values = [score.value for t in scored if t.reward and (score := t.reward.parts.get(name)) is not None]
        interval = mean_interval(values)
        if interval is not None:
            parts[name] = interval
    return Summary(
        policy=policy,
        episodes=len(trajectories),
        masked=len(trajectories) - len(scored),
        reward=mean_interval([t.reward.total for t in scored if t.reward]),
        success=mean_interval([float(t.success) for t in scored]),
        parts=parts,
        turns=_mean([len(t.turns) for t in scored]),
        calls=_mean([len(t.calls) for t in scored]),
        failed_calls=_mean([sum(call.fault is not None for call in t.calls) for t in scored]),
    )


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) if values else None


def by_type(trajectories: Sequence[Trajectory]) -> Mapping[str, Summary]:
    """A summary for each task type."""
    types = sorted({t.task.task_type for t in trajectories})
    return {name: summarise(name, [t for t in trajectories if t.task.task_type == name]) for name in types}


def table(summaries: Sequence[Summary], columns: Sequence[str] = COLUMNS) -> str:
    """A plain-text table, one policy a line; intervals are 95 % bootstrap."""
    head = ["policy", "episodes", "reward", "success", *columns, "calls"]
    rows = [head]
    for s in summaries:
        cells = [s.policy, str(s.episodes) + (f" ({s.masked} masked)" if s.masked else ""), _cell(s.reward), _cell(s.success)]
        rows.append([*cells, *(_short(s.parts.get(name)) for name in columns), "-" if s.calls is None else f"{s.calls:.1f}"])
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _cell(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.mean:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _short(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.mean:.3f}"

"""Charts of a report as SVG text, drawn by matplotlib; same numbers, same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.summary import Summary
from visgenenv.errors import MissingExtra

INK, GRID = "#7b8496", "#8b93a540"
COLOURS = ("#3b74e8", "#d97706", "#12966a", "#db2777", "#8b5cf6", "#0891b2", "#a16207", "#6b7280")
"""Distinct in hue, and readable on a light and on a dark page."""


def smoothed(values: Sequence[float | None], window: int = 5) -> list[float | None]:
    """Trailing mean over up to `window` values, missing ones left out; None where all of them are missing."""
    found: list[float | None] = []
    for i in range(len(values)):
        recent = [v for v in values[max(0, i - window + 1) : i + 1] if v is not None]
        found.append(sum(recent) / len(recent) if recent else None)
    return found


def curves(
    series: Mapping[str, Sequence[float | None]],
    *,
    x_label: str,
    y_label: str = "",
    window: int = 5,
    unit_interval: bool = True,
    size: tuple[float, float] = (6.4, 3.4),
) -> str:
    """Lines over training steps: the trailing mean bold, the single values faint behind it."""
    figure, axes = _figure(size)
    for i, (name, values) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        steps = range(1, len(values) + 1)
        if window > 1:
            axes.plot(steps, [_gap(v) for v in values], color=colour, alpha=0.25, linewidth=0.8)
        axes.plot(steps, [_gap(v) for v in smoothed(values, window)], color=colour, linewidth=2, label=name)
    axes.set_xlabel(x_label, fontsize=9, color=INK)
    axes.set_ylabel(y_label, fontsize=9, color=INK)
    if unit_interval:
        axes.set_ylim(0, 1.02)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=INK, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return _svg(figure)


def bands(
    series: Mapping[str, Sequence[Sequence[float | None]]],
    *,
    x_label: str,
    window: int = 5,
    size: tuple[float, float] = (4.6, 2.9),
) -> str:
    """Lines over training steps, of several runs each: the mean of their trailing means bold, from least to greatest shaded."""
    figure, axes = _figure(size)
    for i, (name, runs) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        columns = [[v for v in column if v is not None] for column in zip(*(smoothed(run, window) for run in runs), strict=True)]
        steps = range(1, len(columns) + 1)
        axes.plot(steps, [_gap(sum(c) / len(c) if c else None) for c in columns], color=colour, linewidth=2, label=name)
        low, high = [_gap(min(c, default=None)) for c in columns], [_gap(max(c, default=None)) for c in columns]
        axes.fill_between(steps, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.set_xlabel(x_label, fontsize=9, color=INK)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=INK, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return _svg(figure)


def bars_with_intervals(groups: Sequence[tuple[str, Sequence[Summary]]], *, what: str) -> str:
    """Horizontal bars with 95 % intervals: a group of bars for each (label, summaries), a colour for each policy."""
    names = list(dict.fromkeys(s.policy for _, summaries in groups for s in summaries))
    figure, axes = _figure((6.4, 0.55 + 0.24 * sum(len(s) + 0.6 for _, s in groups)))
    y, ticks, labels = 0.0, [], []
    for label, summaries in groups:
        start = y
        for s in summaries:
            interval = s.success if what == "success" else s.reward
            if interval is not None:
                colour = COLOURS[names.index(s.policy) % len(COLOURS)]
                error = [[interval.mean - interval.low], [interval.high - interval.mean]]
                axes.barh(y, interval.mean, height=0.8, color=colour, xerr=error, error_kw={"ecolor": INK, "elinewidth": 0.8})
            y += 1
        ticks.append((start + y - 1) / 2)
        labels.append(label)
        y += 0.6
    axes.set_yticks(ticks, labels, fontsize=8.5, color=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.02)
    handles = [_patch(COLOURS[i % len(COLOURS)], name) for i, name in enumerate(names)]
    axes.legend(handles=handles, frameon=False, labelcolor=INK, fontsize=8.5, ncols=len(names), loc="upper left", bbox_to_anchor=(0, -0.06))
    return _svg(figure)


def _figure(size: tuple[float, float]) -> tuple[Any, Any]:
    try:
        import matplotlib
    except ImportError as error:
        raise MissingExtra("matplotlib", "train") from error
    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.subplots()
    axes.patch.set_alpha(0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GRID)
    axes.tick_params(colors=INK, labelsize=8.5, length=0)
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    return figure, axes


def _patch(colour: str, name: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(color=colour, label=name)


def _svg(figure: Any) -> str:
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "visgenenv", "svg.fonttype": "none", "font.family": "sans-serif"}):
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def _gap(value: float | None) -> float:
    return float("nan") if value is None else value

"""The report as one self-contained page: what was gained, how it grew, who was compared, and one task before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import msgspec

from benchmarks.evaluation import Comparison
from benchmarks.report.charts import bars_with_intervals, curves
from benchmarks.stats import Interval
from benchmarks.summary import COLUMNS, Summary, by_type
from visgenenv.show.blocks import Gallery
from visgenenv.show.page import side_by_side, style
from visgenenv.show.thumbnails import Thumbnails
from visgenenv.types import Trajectory

PARTS = ("plan", "format", "tool", "result", "coherence", "consistency")
_STYLE = """
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem; margin: 1.25rem 0; }
.headline .figure { font-size: 1.9rem; font-weight: 700; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.headline .arrow { color: var(--faint); font-weight: 400; padding: 0 .3rem; }
.gain.up { color: var(--good); } .gain.down { color: var(--bad); } .gain { font-weight: 600; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1rem; margin: 1rem 0; }
.charts svg { width: 100%; height: auto; display: block; }
@media (min-width: 66rem) { .charts > :nth-child(5) { grid-column: 2; grid-row: 2 / span 2; } }
table { border-collapse: collapse; width: 100%; font-size: .86rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--faint); font-weight: 600; } th:first-child, td:first-child { text-align: left; }
td small { color: var(--faint); } .scroll { overflow-x: auto; } section.wide { margin: 1rem 0; }
h1 + p { color: var(--soft); margin: .2rem 0 0; max-width: 60rem; }
"""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a report shows."""

    heading: str
    facts: dict[str, str]
    """What was run, in order: seed, machine, versions, minutes."""
    comparisons: tuple[tuple[str, Comparison], ...]
    """Label and difference, most important first."""
    summaries: tuple[Summary, ...]
    pst: tuple[dict[str, Any], ...]
    """Records of the two stages of supervised training, a step each: `stage` (its name), `step`, `loss`."""
    grpo: tuple[dict[str, Any], ...]
    """Records of GRPO, a step each: `reward`, `success`, `parts`, `kl`, `entropy`."""


def render(
    report: Report,
    trajectories: Mapping[str, Sequence[Trajectory]],
    before_after: tuple[str, Trajectory, str, Trajectory] | None,
    library: Thumbnails | None,
) -> str:
    """The page as HTML; `trajectories` by policy feed the chart by task type."""
    gallery = Gallery(library)
    pair = ""
    if before_after is not None:
        name, before, other, after = before_after
        columns = side_by_side((before, after), gallery, titles=(name, other))
        pair = (
            '<section class="wide"><h2>One task, before and after</h2><p class="meta">The same held-out task with the same luck, chosen '
            "for the largest gain among those that failed before and succeed after. Pictures are stand-ins from the media library: "
            f"shape and length follow the call, the picture does not.</p></section>{columns}"
        )
    parts = [
        f"<header><h1>{escape(report.heading)}</h1><p>{_facts(report.facts)}</p></header>",
        f'<div class="headline">{"".join(_headline(label, c, report.summaries) for label, c in report.comparisons)}</div>',
        f'<div class="charts">{"".join(_charts(report, trajectories))}</div>',
        f'<section class="card wide"><h3>All policies on the same held-out tasks</h3><div class="scroll">{_table(report.summaries)}</div>'
        '<p class="meta">Mean with 95 % bootstrap interval. The expert reads the requirements; all others only the words.</p></section>',
        pair,
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.heading)}</title>\n<style>\n{style()}{_STYLE}{gallery.style()}</style>\n</head>\n"
        f'<body>\n<main class="several">\n{"".join(parts)}\n</main>\n</body>\n</html>\n'
    )


def pick_pair(before: Sequence[Trajectory], after: Sequence[Trajectory]) -> tuple[Trajectory, Trajectory] | None:
    """The task that shows the difference best: failed before, succeeded after, the largest gain in reward, few turns."""
    pairs = [
        (b.reward.total - a.reward.total - 0.01 * len(b.turns), number, a, b)
        for number, (a, b) in enumerate(zip(before, after, strict=True))
        if a.reward and b.reward and b.success and not a.success and a.answer is not None
    ]
    if not pairs:
        return None
    _, _, a, b = max(pairs, key=lambda pair: (pair[0], -pair[1]))
    return a, b


def _facts(facts: Mapping[str, str]) -> str:
    return " · ".join(f"{escape(name)} {escape(value)}" for name, value in facts.items())


def _headline(label: str, comparison: Comparison, summaries: Sequence[Summary]) -> str:
    by_name = {s.policy: s for s in summaries}
    before, after = by_name.get(comparison.before), by_name.get(comparison.after)
    what = "success" if "success" in label else "reward"
    gain: Interval | None = getattr(comparison, what)
    first: Interval | None = getattr(before, what, None)
    last: Interval | None = getattr(after, what, None)
    if gain is None or first is None or last is None:
        return ""
    tone = "up" if gain.low > 0 else "down" if gain.high < 0 else ""
    scale, unit = (100, " points") if what == "success" else (1, "")
    digits = 0 if what == "success" else 3
    return (
        f'<section class="card"><h3>{escape(label)}</h3><div class="figure">{_number(first.mean, what)}<span class="arrow">→</span>'
        f'{_number(last.mean, what)}</div><div><span class="gain {tone}">{gain.mean * scale:+.{digits}f}{unit}</span> '
        f'<span class="meta">95 % interval [{gain.low * scale:+.{digits}f}, {gain.high * scale:+.{digits}f}], '
        f"{gain.n} tasks, paired</span></div></section>"
    )


def _number(value: float, what: str) -> str:
    return f"{100 * value:.0f} %" if what == "success" else f"{value:.3f}"


def _charts(report: Report, trajectories: Mapping[str, Sequence[Trajectory]]) -> list[str]:
    found = []
    if report.grpo:
        steps = report.grpo
        found.append(
            _card(
                "GRPO: reward and success of its samples",
                curves({n: [s.get(n) for s in steps] for n in ("reward", "success")}, x_label="step"),
            )
        )
        names = [name for name in PARTS if any((s.get("parts") or {}).get(name) is not None for s in steps)]
        parts = {name: [(s.get("parts") or {}).get(name) for s in steps] for name in names}
        found.append(_card("GRPO: parts of the reward", curves(parts, x_label="step")))
        kl = {"KL to the PST checkpoint (nats a token)": [s.get("kl") for s in steps]}
        found.append(_card("GRPO: distance from its start", curves(kl, x_label="step", unit_interval=False)))
    if report.pst:
        trained = dict.fromkeys(str(s.get("stage")) for s in report.pst)
        stages = {name: [s.get("loss") for s in report.pst if s.get("stage") == name] for name in trained}
        window = max(1, max(map(len, stages.values())) // 40)
        found.append(_card("PST: loss (nats a token)", curves(stages, x_label="step of its stage", window=window, unit_interval=False)))
    chosen = [name for name in trajectories if "greedy" in name]
    if chosen:
        split = {name: by_type(trajectories[name]) for name in chosen}
        types = sorted({kind for found_types in split.values() for kind in found_types})
        groups = [
            (kind.replace("_", " "), [msgspec.structs.replace(split[n][kind], policy=n) for n in chosen if kind in split[n]])
            for kind in types
        ]
        found.append(_card("Success by task type", bars_with_intervals(groups, what="success")))
    return found


def _card(title: str, svg: str) -> str:
    return f'<section class="card"><h3>{escape(title)}</h3>{svg}</section>'


def _table(summaries: Sequence[Summary]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in ("policy", "tasks", "reward", "success", *COLUMNS, "calls", "failed calls"))
    rows = []
    for s in summaries:
        cells = [f"<td>{escape(s.policy)}</td><td>{s.episodes}{f' <small>({s.masked} masked)</small>' if s.masked else ''}</td>"]
        cells += [_cell(s.reward, "reward"), _cell(s.success, "success")]
        cells += [f"<td>{f'{part.mean:.3f}' if (part := s.parts.get(name)) else '–'}</td>" for name in COLUMNS]
        counts = ((s.calls, 1), (s.failed_calls, 2))
        cells += ["<td>-</td>" if count is None else f"<td>{count:.{digits}f}</td>" for count, digits in counts]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(interval: Interval | None, what: str) -> str:
    if interval is None:
        return "<td>–</td>"
    return f"<td>{_number(interval.mean, what)} <small>[{_number(interval.low, what)}, {_number(interval.high, what)}]</small></td>"

"""An ablation as one self-contained page: the table, what of it is more than noise, the curves, and the signs of advantages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from benchmarks.ablation_signs import CURVES, Share
from benchmarks.ablation_table import MAIN, TABLES, Ablation, Pair, Row, chance, verdict
from benchmarks.report.charts import bands
from benchmarks.stats import Interval
from benchmarks.variants import YARDSTICK
from visgenenv.show.page import style

_STYLE = """
main { max-width: 86rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; margin: 1rem 0; }
.charts svg { width: 100%; height: auto; display: block; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; font-variant-numeric: tabular-nums; }
table + table { margin-top: 1rem; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--faint); font-weight: 600; } th:first-child, td:first-child { text-align: left; }
td small { color: var(--faint); display: block; } .scroll { overflow-x: auto; } section.wide { margin: 1rem 0; }
td.more { color: var(--good); font-weight: 600; } td.less { color: var(--bad); font-weight: 600; }
h1 + p { color: var(--soft); margin: .2rem 0 0; max-width: 60rem; } ul.notes { padding-left: 1.1rem; max-width: 60rem; }
"""
_TITLES = {
    "own": "Samples: the reward that was trained on",
    "yardstick": f"Samples: {YARDSTICK}, the same for all",
    "success": "Samples: success",
}


def render(found: Ablation) -> str:
    """The page as HTML, from the figures alone."""
    facts = found.facts
    heading = "One start, several rewards"
    told = (
        f"rewards {', '.join(variant.name for variant in found.variants)} · seeds {', '.join(map(str, facts.seeds))} · "
        f"{found.scored} held-out tasks · start {facts.start[:12]} · {facts.machine} · {found.minutes:.0f} minutes"
    )
    names = [variant.name for variant in found.variants]
    rewards = "".join(f"<li><b>{escape(v.name)}</b> <code>{escape(v.expression)}</code></li>" for v in found.variants)
    notes = "".join(f"<li>{escape(note)}</li>" for note in found.notes)
    parts = [
        f'<header><h1>{heading}</h1><p>{escape(told)}</p></header><ul class="notes">{rewards}</ul>',
        *(_card(f"Measured on held-out tasks, {name}", _rows(rows), _EXPLAINED) for name, rows in found.rows.items()),
        _card("What is more than noise", _pairs(found), _PAIRED),
        f'<section class="card wide"><h3>How to read it</h3><ul class="notes">{notes}</ul></section>',
        f'<h2>Practice</h2><div class="charts">{"".join(_charts(found))}</div>',
        _card("Whose advantage changes its sign", _signs(found, names), _SIGNED),
        _card("The reward that was trained on, before and after", _own(found), "On the held-out tasks; each line has a scale of its own."),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>\n{style()}{_STYLE}</style>\n</head>\n"
        f'<body>\n<main class="several">\n{"".join(parts)}\n</main>\n</body>\n</html>\n'
    )


_EXPLAINED = (
    f"Mean with 95 % interval over seeds and tasks, both resampled. overall: plain mean of success and the dimensions; {YARDSTICK}: "
    "the common yardstick. A dimension is about the tasks that ask for it."
)
_PAIRED = (
    "The same seeds, tasks and luck on both sides. Detectable: the least true difference that as many seeds and tasks find in four of five "
    "studies. p takes the trained models as they are and is corrected after Holm; p (runs) is for another training with other seeds. A "
    "difference counts where the interval does not hold zero and both are below 0.05."
)
_SIGNED = (
    "Of the samples of practice, in their groups: without the part, taken as not applying. In brackets least and greatest over the seeds. "
    "Last lines: the first reward's own practice, paid by another reward."
)


def _card(title: str, inner: str, words: str) -> str:
    return (
        f'<section class="card wide"><h3>{escape(title)}</h3><div class="scroll">{inner}</div><p class="meta">{escape(words)}</p></section>'
    )


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"


def _rows(rows: Sequence[Row]) -> str:
    """Two tables: the dimensions as in VisionCreator's Table 4, then the yardstick and its parts."""
    tables = []
    for columns in TABLES:
        shown = [column for column in columns if any(row.cells[column] for row in rows)]
        lines = [f"<td>{escape(row.name)}</td>{''.join(_cell(row.cells[column]) for column in shown)}" for row in rows]
        tables.append(_table(["trained on", *shown], lines))
    return "".join(tables)


def _cell(interval: Interval | None) -> str:
    if interval is None:
        return "<td>–</td>"
    return f"<td>{interval.mean:.3f} <small>{interval.low:.3f} to {interval.high:.3f}</small></td>"


def _pairs(found: Ablation) -> str:
    head = ["pair", "measure", "difference", "by seed", "p", "p (Holm)", "p (runs)", "detectable", "so"]
    lines = [
        _pair(pair, column, decoding)
        for decoding, pairs in found.pairs.items()
        for column in MAIN
        for pair in pairs
        if column in pair.columns
    ]
    return _table(head, lines)


def _pair(pair: Pair, column: str, decoding: str) -> str:
    difference = pair.columns[column]
    interval, word = difference.interval, verdict(difference)
    least = "–" if difference.detectable is None else f"{difference.detectable:.3f}"
    cells = [
        " ".join(f"{value:+.3f}" for value in difference.by_seed),
        *("–" if value is None else chance(value) for value in (difference.p, difference.p_holm, difference.p_runs)),
        least,
    ]
    named = f"<td>{escape(pair.after)} − {escape(pair.before)}</td><td>{escape(column)}, {escape(decoding)}</td>"
    named += f"<td>{interval.mean:+.3f} <small>{interval.low:+.3f} to {interval.high:+.3f}</small></td>"
    tone = word if word in ("more", "less") else ""
    return named + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + f'<td class="{tone}">{escape(word)}</td>'


def _charts(found: Ablation) -> list[str]:
    cards = []
    for figure in ("own", "yardstick", *CURVES):
        series = {name: curves[figure] for name, curves in found.practice.curves.items()}
        if any(value is not None for runs in series.values() for run in runs for value in run):
            title = _TITLES.get(figure, f"Samples: {figure}")
            cards.append(f'<section class="card"><h3>{escape(title)}</h3>{bands(series, x_label="step")}</section>')
    return cards


def _signs(found: Ablation, names: Sequence[str]) -> str:
    without = found.practice.without
    lines = [
        f"<td>without {escape(part)}</td>{''.join(_share(without[name].get(part)) for name in names)}" for part in found.practice.parts
    ]
    first = escape(names[0])
    lines += [
        f"<td>practice of {first}, paid by {escape(name)}</td>{_share(share)}{'<td></td>' * (len(names) - 1)}"
        for name, share in found.practice.between.items()
    ]
    return _table(["signs that change", *names], lines)


def _share(share: Share | None) -> str:
    if share is None or share.share is None:
        return "<td>–</td>"
    seeds = [value for value in share.by_seed if value is not None]
    return (
        f"<td>{100 * share.share:.1f} % <small>[{100 * min(seeds):.1f}, {100 * max(seeds):.1f}] · {share.changed} of {share.compared}<br>"
        f"to zero {share.becomes_zero}, from zero {share.leaves_zero}</small></td>"
    )


def _own(found: Ablation) -> str:
    lines = [
        f"<td>{escape(name)}</td><td>{escape(decoding)}</td>{_cell(own.start)}{_cell(own.trained)}{_cell(own.gain.interval)}"
        for decoding, by_name in found.own.items()
        for name, own in by_name.items()
    ]
    return _table(["trained on", "decoding", "start", "trained", "gain"], lines)

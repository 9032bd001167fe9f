"""The building blocks of a page: turns, plans, calls and assets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import pairwise

import msgspec

from visgenenv.show import facts
from visgenenv.show.thumbnails import Thumbnails, data_uri
from visgenenv.types import Asset, CallRecord, Plan, TurnRecord

_SIGNS = {"image": "▣", "video": "▶", "audio": "♪", "text": "¶"}


class Gallery:
    """Pictures of assets; each file is embedded once, however often it is shown."""

    def __init__(self, library: Thumbnails | None) -> None:
        self._library = library
        self._pictures: dict[int, str | None] = {}

    def style(self) -> str:
        """Style rules that hold the pictures shown so far."""
        return "".join(f".m{i}{{background-image:url({uri})}}\n" for i, uri in self._pictures.items() if uri)

    def row(self, assets: Iterable[Asset]) -> str:
        """Assets next to each other; nothing where there are none."""
        shown = "".join(map(self.figure, assets))
        return f'<div class="assets">{shown}</div>' if shown else ""

    def figure(self, asset: Asset) -> str:
        """One asset: its stand-in picture in its own shape, or a placeholder; a text is shown as text."""
        label = f"<b>{escape(asset.handle)}</b> {escape(facts.shape(asset))}"
        more = "".join(f"<br>{what}: {escape(', '.join(words))}" for what, words in _words_in(asset) if words)
        if asset.modality == "text":
            return (
                f'<figure class="wide text"><pre>{escape(facts.clipped(asset.text, 2000))}</pre><figcaption>{label}</figcaption></figure>'
            )
        caption = facts.clipped(asset.caption, 160)
        if caption:
            more = f"<br>{escape(caption)}{more}"
        media = asset.media_id
        if media is not None and media not in self._pictures:
            self._pictures[media] = data_uri(self._library, media)
        found = media is not None and self._pictures[media]
        ratio = f"{asset.width}/{asset.height}" if asset.width and asset.height else "16/5"
        sign = "" if found else _SIGNS[asset.modality]
        inside = f'<div class="picture {f"m{media}" if found else "none"}" style="aspect-ratio:{ratio}" role="img"'
        inside += f' aria-label="{escape(asset.caption[:160])}">{sign}</div>{_film(asset)}'
        return f'<figure class="{asset.modality}">{inside}<figcaption>{label}{more}</figcaption></figure>'


def breakable(name: str) -> str:
    """A name, escaped, that may be broken after its underscores and dots."""
    return escape(name).replace("_", "_<wbr>").replace(".", ".<wbr>")


def _words_in(asset: Asset) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("drawn", asset.drawn), ("spoken", asset.spoken), ("subtitles", asset.subtitles))


def _film(asset: Asset) -> str:
    """A video's shots as a strip, each as long as its frames."""
    if asset.modality != "video" or not asset.frames:
        return ""
    edges = [0, *asset.cuts, asset.frames]
    shots = "".join(f'<i style="flex:{max(after - before, 1)}"></i>' for before, after in pairwise(edges))
    return f'<div class="film">{shots}</div>'


def turn_block(number: int, turn: TurnRecord, assets: Mapping[str, Asset], gallery: Gallery) -> str:
    """One turn of the conversation with what came of it."""
    parsed = turn.parsed
    parts = [f'<div class="think">{escape(words)}</div>' for words in (parsed.think, parsed.reflect) if words]
    if parsed.errors:
        parts.append(f"<pre>{escape(facts.clipped(turn.text, 4000))}</pre>")
        parts += [f'<div class="error">does not parse: {escape(error)}</div>' for error in parsed.errors]
    parts += [f'<div class="rule">breaks a rule: {escape(rule)}</div>' for rule in parsed.violations]
    if parsed.plan:
        parts.append(_plan(parsed.plan))
    if turn.calls:
        parts.append(f'<div class="calls">{"".join(_call(call, assets, gallery) for call in turn.calls)}</div>')
    if parsed.answer:
        said = "".join(f"<li>{escape(words)}</li>" for words in parsed.answer.checks)
        named = escape(facts.clipped(", ".join(parsed.answer.deliverables), 600))
        parts.append(f"<div><h3>Answer</h3><code>{named}</code>{f'<ul class=meta>{said}</ul>' if said else ''}</div>")
    if not parsed.errors:
        parts.append(f"<details><summary>as written</summary><pre>{escape(facts.clipped(turn.text, 20_000))}</pre></details>")
    return f'<section class="card turn"><div class="number">{number}</div><div>{"".join(parts)}</div></section>'


def _plan(plan: Plan) -> str:
    columns = []
    for level in facts.levels(plan):
        steps = []
        for step in level:
            times = f" ×{step.n}" if step.n != 1 else ""
            after = f'<div class="after">after {", ".join(map(str, step.after))}</div>' if step.after else ""
            steps.append(
                f'<div class="step">{step.id}. <span class="tool">{breakable(step.tool)}</span>{times}'
                f"<div>{escape(facts.clipped(step.goal, 200))}</div>{after}</div>"
            )
        columns.append(f'<div class="level">{"".join(steps)}</div>')
    return f'<div><h3>Plan</h3><div class="plan">{"".join(columns)}</div></div>'


def _call(call: CallRecord, assets: Mapping[str, Asset], gallery: Gallery) -> str:
    rows = []
    for name, value in call.arguments.items():
        words = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        rows.append(f"<dt>{escape(name)}</dt><dd>{escape(facts.clipped(words, 2000))}</dd>")
    outcome = gallery.row(assets[handle] for handle in call.outputs)
    if call.fault:
        outcome = f'<div class="error"><b>{call.fault.code}</b> {escape(call.fault.message)}</div>'
    response = f"<details><summary>response</summary><pre>{escape(facts.clipped(call.response, 4000))}</pre></details>"
    return (
        f'<div class="call{" failed" if call.fault else ""}"><div class="head"><span class="tool">{breakable(call.tool)}</span>'
        f'<span class="meta">{facts.cost(call)}</span></div><div class="body"><dl>{"".join(rows)}</dl>{outcome}{response}</div></div>'
    )

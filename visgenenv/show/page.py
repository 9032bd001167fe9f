"""Trajectories as one self-contained HTML page: no script, nothing fetched, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from visgenenv.errors import ConfigError
from visgenenv.show import facts
from visgenenv.show.blocks import Gallery, breakable, turn_block
from visgenenv.show.thumbnails import Thumbnails
from visgenenv.types import Asset, Trajectory


def page(
    trajectories: Sequence[Trajectory],
    library: Thumbnails | None = None,
    *,
    titles: Sequence[str] | None = None,
    heading: str = "",
) -> str:
    """A whole page; several trajectories stand side by side, under `titles` (default: their ids)."""
    gallery = Gallery(library)
    body = side_by_side(trajectories, gallery, titles=titles)
    head = f"<header><h1>{escape(heading)}</h1></header>" if heading else ""
    title = heading or ", ".join(trajectory.id for trajectory in trajectories) or "VisGenEnv"
    several = ' class="several"' if len(trajectories) > 1 else ""
    return _escaped_surrogates(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style()}{gallery.style()}</style>\n</head>\n<body>\n<main{several}>\n{head}{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def side_by_side(trajectories: Sequence[Trajectory], gallery: Gallery, *, titles: Sequence[str] | None = None) -> str:
    """Trajectories as columns, for a page that has `style()` and, after this call, `gallery.style()` in its head."""
    names = [trajectory.id for trajectory in trajectories] if titles is None else list(titles)
    if len(names) != len(trajectories):
        raise ConfigError(f"titles={titles!r}: {len(names)} for {len(trajectories)} trajectories; expected one each")
    columns = [fragment(trajectory, gallery, name) for trajectory, name in zip(trajectories, names, strict=True)]
    return f'<div class="side-by-side">{"".join(columns)}</div>'


def fragment(trajectory: Trajectory, gallery: Gallery, title: str) -> str:
    """One trajectory as an article."""
    assets = {asset.handle: asset for asset in trajectory.assets}
    parts = [_task(trajectory, gallery, title), _deliverables(trajectory, assets, gallery)]
    parts += [turn_block(number, turn, assets, gallery) for number, turn in enumerate(trajectory.turns, 1)]
    parts.append(_reward(trajectory))
    return f'<article class="trajectory">{"".join(parts)}</article>'


@cache
def style() -> str:
    """The style sheet of page and fragments."""
    return files("visgenenv.show").joinpath("page.css").read_text("utf-8")


def _task(trajectory: Trajectory, gallery: Gallery, title: str) -> str:
    task = trajectory.task
    tone = "warn" if trajectory.failure else "good" if trajectory.success else "bad"
    inputs = [asset for asset in trajectory.assets if asset.turn < 0]
    found, general = facts.checks(trajectory)
    lines = [
        f'<li class="{"yes" if check.met else "no"}"><span class="mark">{"✓" if check.met else "✗"}</span><span>{escape(check.wanted)}'
        + (f' <span class="why">— {escape(check.reason)}</span>' if check.reason else "")
        + "</span></li>"
        for check in found
    ]
    lines += [f'<li class="no"><span class="mark">✗</span><span class="why">{escape(reason)}</span></li>' for reason in general]
    return (
        f'<section class="card"><div class="title"><h2>{escape(title)}</h2>'
        f'<span class="chip {tone}">{facts.verdict(trajectory)}</span></div>'
        f'<div class="meta">{escape(task.task_type)} · {task.modality} · {escape(task.language)} · seed {trajectory.seed} · '
        f"luck {trajectory.chance_seed} · {escape(trajectory.hash[:12])}</div>"
        f'<p class="said">{escape(task.prompt)}</p>{gallery.row(inputs)}<ul class="checks">{"".join(lines)}</ul></section>'
    )


def _deliverables(trajectory: Trajectory, assets: dict[str, Asset], gallery: Gallery) -> str:
    named = trajectory.answer.deliverables if trajectory.answer else ()
    cost = f"{trajectory.virtual_ms / 1000:.0f} virtual seconds · ${trajectory.price_microusd / 1e6:.2f} · {len(trajectory.calls)} calls"
    inner = gallery.row([assets[handle] for handle in named if handle in assets])
    foreign = [handle for handle in named if handle not in assets]
    if foreign:
        inner += f'<p class="error">no asset of this episode: {escape(facts.clipped(", ".join(foreign), 300))}</p>'
    if not named:
        inner = '<p class="meta">nothing was delivered</p>'
    if any(asset.media_id is not None for asset in trajectory.assets):
        cost += " · pictures are stand-ins; sizes, shots, sounds and words follow the calls"
    return f'<section class="card"><h3>Deliverables</h3>{inner}<p class="meta">{cost}</p></section>'


def _reward(trajectory: Trajectory) -> str:
    reward = trajectory.reward
    if reward is None:
        words = f"masked: {trajectory.failure}" if trajectory.failure else "not scored"
        return f'<section class="card"><h3>Reward</h3><p class="rule">{escape(words)}</p></section>'
    return (
        f'<section class="card"><h3>Reward</h3><div class="title"><span class="total">{reward.total:.3f}</span>'
        f'<code>{escape(reward.expression)}</code></div><div class="scores">{"".join(_rows(trajectory))}</div></section>'
    )


def _rows(trajectory: Trajectory) -> Iterator[str]:
    left_out = []
    for name, depth, score in facts.parts(trajectory):
        if score is None:
            left_out.append(name)
            continue
        width = 100 * min(max(score.value, 0.0), 1.0)
        yield (
            f'<div class="{"inner" if depth else "outer"}"><span class="name">{breakable(name)}</span>'
            f'<span class="value">{score.value:.3f}</span><span class="bar"><i style="width:{width:.1f}%"></i></span>'
            f'<span class="reason">{escape(facts.clipped(score.reason, 300))}</span></div>'
        )
    if left_out:
        yield f'<p class="left-out">does not apply to this task: {breakable(", ".join(left_out))}</p>'


def _escaped_surrogates(text: str) -> str:
    """The page as text that can be encoded, whatever stood in the trajectory."""
    return text.encode("utf-8", "replace").decode()

"""A trajectory as text for a terminal."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

import msgspec

from visgenenv.show import facts
from visgenenv.types import CallRecord, Trajectory, TurnRecord

_WIDTH = 110
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}


class _Pen:
    """Colours where the terminal can show them."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, words: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{words}\x1b[0m" if self._colour else words


def text(trajectory: Trajectory, colour: bool = False) -> str:
    """Task, requirements, turns, deliverables and reward of one trajectory."""
    pen = _Pen(colour)
    return "\n".join([*_head(trajectory, pen), *_turns(trajectory, pen), *_end(trajectory, pen)])


def _head(trajectory: Trajectory, pen: _Pen) -> Iterator[str]:
    task = trajectory.task
    yield pen(_plain(trajectory.id), "bold")
    about = f"{task.task_type} · {task.modality} · {task.language} · seed {trajectory.seed} · luck {trajectory.chance_seed}"
    yield pen(_plain(about), "dim")
    yield ""
    yield from _wrapped(trajectory.opening or task.prompt, "  ")
    yield ""
    found, general = facts.checks(trajectory)
    for check in found:
        mark = pen("✓", "green") if check.met else pen("✗", "red")
        yield f"  {mark} {_plain(check.wanted)}" + (pen(f" — {_plain(check.reason)}", "red") if check.reason else "")
    for reason in general:
        yield f"  {pen('✗', 'red')} {pen(_plain(reason), 'red')}"
    yield ""


def _turns(trajectory: Trajectory, pen: _Pen) -> Iterator[str]:
    assets = {asset.handle: asset for asset in trajectory.assets}
    for number, turn in enumerate(trajectory.turns, 1):
        yield pen(f"── turn {number} ".ljust(_WIDTH, "─"), "dim")
        yield from _turn(turn, pen)
        for call in turn.calls:
            yield from _call(call, pen)
            for handle in call.outputs:
                asset = assets[handle]
                yield f"      {pen('→ ' + handle, 'green')}  {facts.shape(asset)}"
                if asset.text:
                    yield from _wrapped(facts.clipped(asset.text, 400), "         ")


def _turn(turn: TurnRecord, pen: _Pen) -> Iterator[str]:
    parsed = turn.parsed
    if parsed.errors:
        yield from _wrapped(facts.clipped(turn.text, 600), "  ")
        for error in parsed.errors:
            yield from (pen(line, "red") for line in _wrapped(f"does not parse: {error}", "  "))
    for words in (parsed.think, parsed.reflect):
        if words:
            yield from (pen(line, "dim") for line in _wrapped(words, "  "))
    for rule in parsed.violations:
        yield from (pen(line, "yellow") for line in _wrapped(f"breaks a rule: {rule}", "  "))
    if parsed.plan:
        yield pen("  plan", "bold")
        for step in parsed.plan.steps:
            after = f"  (after {', '.join(map(str, step.after))})" if step.after else ""
            times = f" ×{step.n}" if step.n != 1 else ""
            yield f"    {step.id}. {_plain(step.tool)}{times}: {_plain(facts.clipped(step.goal, 160))}{pen(after, 'dim')}"
    if parsed.answer:
        yield pen("  answer  ", "bold") + ", ".join(map(_plain, parsed.answer.deliverables))
        for words in parsed.answer.checks:
            yield from _wrapped(f"“{words}”", "    ")


def _call(call: CallRecord, pen: _Pen) -> Iterator[str]:
    yield f"  {pen('●', 'blue')} {pen(_plain(call.tool), 'bold')}  {pen(facts.cost(call), 'dim')}"
    for name, value in call.arguments.items():
        words = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        lines = _wrapped(f"{name}: {facts.clipped(words, 400)}", "      ")
        yield from lines
    if call.fault:
        yield from (pen(line, "red") for line in _wrapped(f"{call.fault.code}: {call.fault.message}", "      "))


def _end(trajectory: Trajectory, pen: _Pen) -> Iterator[str]:
    yield pen("─" * _WIDTH, "dim")
    seconds, price = trajectory.virtual_ms / 1000, trajectory.price_microusd / 1e6
    style = "green" if trajectory.success else "red"
    yield f"{pen(facts.verdict(trajectory), style)} · {len(trajectory.calls)} calls · {seconds:.0f} virtual seconds · ${price:.2f}"
    if trajectory.failure:
        yield from _wrapped(f"masked, because: {trajectory.failure}", "  ")
    if trajectory.reward:
        yield pen(f"reward {trajectory.reward.total:.3f}", "bold") + f"  = {_plain(trajectory.reward.expression)}"
        for name, depth, score in facts.parts(trajectory):
            label = "  " * (depth + 1) + _plain(name)
            if score is None:
                yield pen(f"{label:<28} does not apply", "dim")
            else:
                bar = "█" * round(score.value * 20)
                reason = facts.clipped(_plain(score.reason), 90)
                yield f"{label:<28} {score.value:5.3f} {pen(bar.ljust(20, '·'), 'blue')} {pen(reason, 'dim')}"


def _wrapped(words: str, indent: str) -> list[str]:
    found = []
    for line in _plain(words, keep="\n").split("\n"):
        found += textwrap.wrap(line, _WIDTH, initial_indent=indent, subsequent_indent=indent) or [""]
    return found


def _plain(words: str, keep: str = "") -> str:
    """Words without control characters: what a policy wrote must not steer the terminal."""
    return "".join(c if c in keep or unicodedata.category(c)[0] != "C" else " " if c.isspace() else "�" for c in words)

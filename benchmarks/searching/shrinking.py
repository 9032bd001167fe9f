"""An offender made as small as it can be while it offends: turns, calls, steps, arguments and words left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.searching.luck import another
from rewards.audit.script import Script

MOST_PLAYS = 400
"""Tries for one offender."""


def shrunk(script: Script, offends: Callable[[Script], bool]) -> Script:
    """The script with everything left out that can be, one thing after another, until nothing more can or tries run out."""
    best, plays, changes = script, 0, True
    while changes and plays < MOST_PLAYS:
        changes = False
        place = 0
        while plays < MOST_PLAYS and (smaller := _nth(best, place)) is not None:
            plays += 1
            if offends(smaller):
                best, changes = smaller, True  # what comes next now stands at the same place
            else:
                place += 1
    return best


def _nth(script: Script, place: int) -> Script | None:
    """The script with the nth thing left out; None where there are no more."""
    for number, rewrite in enumerate(_cuts(script)):
        if number == place:
            smaller = another(script)
            rewrite(smaller)
            return smaller
    return None


def _cuts(script: Script) -> Iterator[Callable[[Script], object]]:
    """Rewritings that each leave one thing out, the largest first."""
    for a in range(len(script.acts)):
        yield lambda one, a=a: one.acts.pop(a)  # type: ignore[misc]
    for a, act in enumerate(script.acts):
        for m in range(len(act.moves)):
            yield lambda one, a=a, m=m: one.acts[a].moves.pop(m)  # type: ignore[misc]
        if act.checks:
            yield lambda one, a=a: setattr(one.acts[a], "checks", ())  # type: ignore[misc]
        if act.plan is not None:
            yield lambda one, a=a: setattr(one.acts[a], "plan", None)  # type: ignore[misc]
        for s in range(len(act.plan or ())):
            yield lambda one, a=a, s=s: one.acts[a].plan.pop(s)  # type: ignore[misc]
        for d in range(len(act.answer or ())):
            yield lambda one, a=a, d=d: one.acts[a].answer.pop(d)  # type: ignore[misc]
    for n, move in enumerate(script.moves):
        for name, value in move.arguments.items():
            yield lambda one, n=n, name=name: one.moves[n].arguments.pop(name)  # type: ignore[misc]
            if isinstance(value, list) and len(value) > 1:
                for v in range(len(value)):
                    yield lambda one, n=n, name=name, v=v: one.moves[n].arguments[name].pop(v)  # type: ignore[misc]
            if isinstance(value, str) and len(value) > 8:
                half = len(value) // 2
                for kept in (value[:half], value[half:]):
                    yield lambda one, n=n, name=name, kept=kept: one.moves[n].arguments.update({name: kept})  # type: ignore[misc]

"""One question put to a run, and its answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Verdict = Literal["ok", "look", "bad", "skipped"]
EXAMPLES = 5
"""Ids that a check names."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, with the samples that show it best."""

    name: str
    meaning: str
    """What it asks, in one sentence."""
    verdict: Verdict
    """`look`: it may be meant, see for yourself; `bad`: it trains on the wrong thing; `skipped`: does not apply, `detail` says why."""
    count: int = 0
    """What was found, out of `of`."""
    of: int = 0
    share: float | None = None
    """`count` over `of`; None where nothing was there to be counted."""
    detail: str = ""
    worst: tuple[str, ...] = ()
    """Ids of samples, the worst first; of groups, ids of their first members."""
    figures: dict[str, float | None] = {}
    """Further numbers by name, such as weights, correlations and their intervals."""


def skipped(name: str, meaning: str, why: str) -> Check:
    """A check that does not apply."""
    return Check(name=name, meaning=meaning, verdict="skipped", detail=why)


def answer(
    name: str,
    meaning: str,
    verdict: Verdict,
    count: int,
    of: int,
    detail: str = "",
    worst: Iterable[str] = (),
    figures: dict[str, float | None] | None = None,
) -> Check:
    """A check that applies; its share is worked out, and of `worst` the first few are kept."""
    return Check(
        name=name,
        meaning=meaning,
        verdict=verdict,
        count=count,
        of=of,
        share=count / of if of else None,
        detail=detail,
        worst=tuple(list(worst)[:EXAMPLES]),
        figures=figures or {},
    )


def graded(share: float, look: float, bad: float) -> Verdict:
    """`bad` above one share, `look` above another, else `ok`."""
    return "bad" if share > bad else "look" if share > look else "ok"


def many(count: int, what: str) -> str:
    """`1 sample`, `2 samples`."""
    return f"{count} {what}{'s' * (count != 1)}"


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names in a row, cut short where they are many."""
    found = list(names)
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")

"""The names nearest to one that is not known, as a message says them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise


def alike(given: str, known: Iterable[str], most: int = 3, least: float = 0.5) -> list[str]:
    """Those of the known names that share most pairs of letters with one that is not (Dice's coefficient), the nearest first.

    Cheaper than `difflib`, for what may be done many times in a step.
    """
    wanted = _pairs(given[:80])
    scored = []
    for name in known:
        pairs = _pairs(name)
        share = 2 * len(wanted & pairs) / (len(wanted) + len(pairs) or 1)
        if share >= least:
            scored.append((-share, name))
    return [name for _, name in sorted(scored)[:most]]


@lru_cache(maxsize=4096)
def _pairs(name: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(name)))


def did_you_mean(given: object, known: Iterable[str], most: int = 3) -> str:
    """`; did you mean one or another?`, or nothing where none is near."""
    near = difflib.get_close_matches(str(given)[:80], list(known), most, 0.5)
    return f"; did you mean {' or '.join(near)}?" if near else ""

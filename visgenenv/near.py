"""The names nearest to one that is not known, as a message says them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(given: object, known: Iterable[str], most: int = 3) -> str:
    """`; did you mean one or another?`, or nothing where none is near."""
    near = difflib.get_close_matches(str(given)[:80], list(known), most, 0.5)
    return f"; did you mean {' or '.join(near)}?" if near else ""

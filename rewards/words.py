"""How far a line is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from visgenenv.words import said, tokens


def heard(wanted: str, texts: Iterable[str]) -> float:
    """How far some text says what was wanted: 1 where it holds all the words in their order, else half the share of them.

    Half, because a nearly right line is a wrong line.
    """
    line = tokens(wanted)
    if not line:
        return 1.0
    need, best = Counter(line), 0.0
    for text in texts:
        if said(wanted, text):
            return 1.0
        have = Counter(tokens(text))
        best = max(best, 0.5 * sum(min(count, have[word]) for word, count in need.items()) / len(line))
    return best

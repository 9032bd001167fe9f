"""How words are found in words: case, spacing and punctuation aside, in English and Chinese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WIDE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")


def tokens(text: str) -> list[str]:
    """Words in lower case; characters of scripts that put no spaces between words stand alone."""
    return _TOKEN.findall(text.casefold())


def plain(text: str) -> str:
    """The tokens with a space between them and at either end."""
    return f" {' '.join(_TOKEN.findall(text.casefold()))} "


def named(words: str, text: str) -> bool:
    """Whether `words` occur in `text` (made by `plain`), from the start of a word; a plural's ending does not matter."""
    wanted = plain(words).rstrip()
    return bool(wanted) and wanted in text


def heard(wanted: str, texts: Iterable[str]) -> float:
    """How far some text says what was wanted: 1 where it holds all the words in their order, else half the share of them.

    Half, because a nearly right line is a wrong line.
    """
    line = tokens(wanted)
    if not line:
        return 1.0
    need, joined, best = Counter(line), f" {' '.join(line)} ", 0.0
    for text in texts:
        words = tokens(text)
        if joined in f" {' '.join(words)} ":
            return 1.0
        have = Counter(words)
        best = max(best, 0.5 * sum(min(count, have[word]) for word, count in need.items()) / len(line))
    return best

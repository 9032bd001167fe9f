"""What was said: where an episode's calls name words, and how far texts say a line."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from visgenenv.types import CallRecord
from visgenenv.words import ENDINGS, plain_lines, said, shown, stem, tokens


class Page:
    """All that calls say is to be seen or heard, a line a text, so that words are looked for in all at once."""

    def __init__(self, calls: Iterable[tuple[int, CallRecord]]) -> None:
        """`calls`: each with its index."""
        texts: list[str] = []
        self.call_of: list[int] = []
        """By line: the index of its call."""
        for index, call in calls:
            own = shown(call.arguments)
            texts += own
            self.call_of += [index] * len(own)
        self._text = plain_lines(texts)
        self._ends = [*accumulate(len(line) + 1 for line in self._text.split("\n"))]
        self._naming: dict[str, tuple[list[int], set[int]]] = {}

    def look_up(self, words: Sequence[str]) -> None:
        """Work out `naming` of many words at once."""
        for one, line in zip(words, plain_lines(words).split("\n") if words else (), strict=True):
            self._keep(one, line.rstrip())

    def naming(self, words: str) -> tuple[list[int], set[int]]:
        """The lines that name words, as `visgenenv.words.named` finds them, and the indices of their calls."""
        return self._naming.get(words) or self._keep(words, stem(words))

    def _keep(self, words: str, start: str) -> tuple[list[int], set[int]]:
        text, lines = self._text, list[int]()
        hit = text.find(start) if start else -1
        while hit >= 0:
            if text.startswith(ENDINGS, hit + len(start)):
                line = bisect_right(self._ends, hit)
                lines.append(line)
                hit = text.find(start, self._ends[line])
            else:
                hit = text.find(start, hit + 1)
        found = self._naming[words] = lines, {self.call_of[line] for line in lines}
        return found


def heard(wanted: str, texts: Iterable[str]) -> float:
    """How far some text says what was wanted: 1 where it holds all the words in their order, else half the share of them.

    Half, because a nearly right line is a wrong line.
    """
    line = tokens(wanted)
    if not line:
        return 1.0
    texts = list(texts)
    if any(said(wanted, text) for text in texts):
        return 1.0
    need, best = Counter(line), 0.0
    for text in texts:
        have = Counter(tokens(text))
        best = max(best, 0.5 * sum(min(count, have[word]) for word, count in need.items()) / len(line))
    return best

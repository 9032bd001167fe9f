"""From parts to a sentence: numbers, lists, articles, and the order in which things are said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from visgenenv import chance
from visgenenv.tasks.film_openings import FILM_OPENINGS
from visgenenv.tasks.picture_openings import PICTURE_OPENINGS
from visgenenv.tasks.templates import CLAUSES, OPENINGS
from visgenenv.tasks.vocabulary import Split, Word

T = TypeVar("T")
_ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_CHINESE = "零 一 两 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五"
_NUMBERS = (_ENGLISH.split(), _CHINESE.split())
"""Chinese two as it stands before a measure word."""
LANGUAGES = ("en", "zh")
DIFFICULTIES = ("easy", "medium", "hard", "long")
"""Easy tasks take an expert at most 6 calls, hard ones about 10, long ones 20 or more."""
FURTHER_OPENINGS = {**PICTURE_OPENINGS, **FILM_OPENINGS}
"""Of the types whose look and consistency are said by clauses."""
_PAIRS = ("headphones", "sunglasses")
"""What is counted in pairs."""
_ARTICLE = re.compile(r"\b([Aa]) (?=(?:8|11|18|eight|eleven|eighteen)\b)")


@dataclass(slots=True)
class Draw:
    """The choices of one task; each is keyed by its name, so that none moves another."""

    split: Split
    task_type: str
    language: str
    difficulty: str
    seed: int
    tongue: int = field(init=False)
    """0 English, 1 Chinese: the index into a `Word`."""
    level: int = field(init=False)
    """0 easy, 1 medium, 2 hard, 3 long."""
    _key: chance.Key = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.tongue, self.level = LANGUAGES.index(self.language), DIFFICULTIES.index(self.difficulty)
        self._key = chance.Key(self.split, self.task_type, self.language, self.difficulty, self.seed)

    @property
    def long(self) -> bool:
        """Whether twenty calls or more are to be needed."""
        return self.difficulty == "long"

    @property
    def terse(self) -> bool:
        """Whether the type's openings leave look and consistency to clauses."""
        return self.task_type in FURTHER_OPENINGS

    def below(self, limit: int, name: str) -> int:
        """An integer in [0, limit)."""
        return self._key.bits(name) * limit >> 64

    def pick(self, options: Sequence[T], name: str) -> T:
        """One of several."""
        return options[self.below(len(options), name)]

    def between(self, ranges: Sequence[tuple[int, int]], name: str) -> int:
        """A number from this difficulty's (lowest, highest)."""
        low, high = ranges[self.level]
        return low + self.below(high - low + 1, name)

    def words(self, options: Sequence[Word], count: int, name: str) -> tuple[str, ...]:
        """Several different words, in the task's language; at most as many as there are."""
        if count == 1 and options:
            return (options[self.below(len(options), f"{name}0")][self.tongue],)
        left, tongue, bits = list(options), self.tongue, self._key.bits
        return tuple([left.pop(bits(f"{name}{i}") * len(left) >> 64)[tongue] for i in range(min(count, len(left)))])

    def word(self, options: Sequence[Word], name: str) -> str:
        """One word, in the task's language."""
        return self.words(options, 1, name)[0]

    def clause(self, name: str, x: object, y: object = "") -> str:
        """One way of saying a requirement."""
        return self.pick(CLAUSES[name][self.tongue], f"clause {name}").format(x=x, y=y)

    def sentence(self, clauses: Sequence[str], *, n: int, listed: Sequence[str], s: str = "", m: int = 0, style: str = "") -> str:
        """The whole task in words: an opening, the clauses before or behind it."""
        openings = FURTHER_OPENINGS if self.terse else OPENINGS
        opening = self.pick(openings[self.task_type][self.tongue], "opening").format(
            s=s, a_s=with_article(s), n=self._number(n, "n"), m=self._number(m, "m"), style=style, list=self._list(listed)
        )
        opening = _ARTICLE.sub(r"\1n ", opening)
        order = sorted(clauses, key=lambda clause: self.below(1 << 30, clause))
        return _join(opening, order, self.tongue, self.below(3, "order"))

    def _number(self, n: int, name: str) -> str:
        words = _NUMBERS[self.tongue]
        return words[n] if n < len(words) and self.below(2, f"number {name}") else str(n)

    def _list(self, items: Sequence[str]) -> str:
        return ("、" if self.tongue else ", ").join(items)


def with_article(noun: str) -> str:
    """`an orange kite`, `a pair of blue sunglasses`."""
    if noun.endswith(_PAIRS):
        return f"a pair of {noun}"
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _join(opening: str, clauses: Sequence[str], tongue: int, order: int) -> str:
    comma, stop, colon = ((", ", ". ", ": "), ("，", "。", "："))[tongue]
    end = stop.strip()
    said = comma.join(clauses)
    if not clauses:
        return _capital(opening) + end
    if order == 0 or (order == 2 and colon.strip() in opening):
        return _capital(opening) + comma + said + end
    if order == 1:
        return _capital(opening) + stop + _capital(said) + end
    return _capital(said) + colon + opening + end


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

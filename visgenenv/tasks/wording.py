"""From parts to a sentence: numbers, lists, articles, and the order in which things are said."""

from __future__ import annotations

import re
from collections.abc import Sequence
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


class Draw:
    """The choices of one task, in a fixed order from one keyed stream."""

    __slots__ = ("_below", "_stream", "difficulty", "language", "level", "seed", "split", "task_type", "tongue")

    def __init__(self, split: Split, task_type: str, language: str, difficulty: str, seed: int) -> None:
        self.split, self.task_type, self.language, self.difficulty, self.seed = split, task_type, language, difficulty, seed
        self.tongue = LANGUAGES.index(language)
        """0 English, 1 Chinese: the index into a `Word`."""
        self.level = DIFFICULTIES.index(difficulty)
        """0 easy, 1 medium, 2 hard, 3 long."""
        self._stream = chance.Stream(split, task_type, language, difficulty, seed)
        self._below = self._stream.below

    @property
    def long(self) -> bool:
        """Whether twenty calls or more are to be needed."""
        return self.difficulty == "long"

    @property
    def terse(self) -> bool:
        """Whether the type's openings leave look and consistency to clauses."""
        return self.task_type in FURTHER_OPENINGS

    def below(self, limit: int) -> int:
        """An integer in [0, limit)."""
        return self._below(limit)

    def pick(self, options: Sequence[T]) -> T:
        """One of several."""
        return options[self._below(len(options))]

    def between(self, ranges: Sequence[tuple[int, int]]) -> int:
        """A number from this difficulty's (lowest, highest)."""
        low, high = ranges[self.level]
        return low + self._below(high - low + 1)

    def words(self, options: Sequence[Word], count: int) -> tuple[str, ...]:
        """Several different words, in the task's language; at most as many as there are."""
        tongue = self.tongue
        return tuple([options[index][tongue] for index in self._stream.sample(len(options), count)])

    def word(self, options: Sequence[Word]) -> str:
        """One word, in the task's language."""
        return options[self._below(len(options))][self.tongue]

    def clause(self, name: str, x: object, y: object = "") -> str:
        """One way of saying a requirement."""
        return self.pick(CLAUSES[name][self.tongue]).format(x=x, y=y)

    def sentence(self, clauses: Sequence[str], *, n: int, listed: Sequence[str], s: str = "", m: int = 0, style: str = "") -> str:
        """The whole task in words: an opening, the clauses before or behind it."""
        openings = FURTHER_OPENINGS if self.terse else OPENINGS
        opening = self.pick(openings[self.task_type][self.tongue]).format(
            s=s,
            a_s="" if self.tongue else with_article(s),
            n=self._number(n),
            m=self._number(m) if m else "",
            style=style,
            list=self._list(listed),
        )
        if not self.tongue:
            opening = _ARTICLE.sub(r"\1n ", opening)
        left = list(clauses)
        order = [left.pop(self._below(len(left))) for _ in clauses]
        return _join(opening, order, self.tongue, self._below(3))

    def _number(self, n: int) -> str:
        words = _NUMBERS[self.tongue]
        return words[n] if n < len(words) and self._below(2) else str(n)

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

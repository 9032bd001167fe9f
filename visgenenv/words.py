"""How words are found in words, in English and Chinese: the one rule for tasks, success and rewards alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from visgenenv.types import PREFIX

_WIDE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
"""What becomes of each character of a plain English text; twice as fast as `_TOKEN`, and most texts are such."""
_DENIAL = re.compile(
    r"\b(?:without|no|not|neither|nor|except|excluding|lacking|instead of|rather than|devoid of|free of|anything but|"
    r"remove|erase|hide)\b|没有|不要|不含|不是|不出现|看不到|除了|避免|去掉|删除|并非|无",
    re.IGNORECASE,
)
"""What says of the words after it that they are not there."""
_DENIERS = frozenset(
    re.findall(r"\w+", "without no not neither nor except excluding lacking instead rather devoid free anything remove erase hide")
)
_DENIERS |= frozenset("没不看除避去删并无")
"""Tokens of which every denial has one."""
_CLAUSE = re.compile(r"[,.;:!?()，。；：！？、（）\n]")
_FILLING = frozenset(re.findall(r"\w+", "a an the any for of its their his her my our your single visible trace sign"))
_ENDS = frozenset(
    re.findall(r"\w+", "in on at with under over by near beside behind before and but while as where who only 的 和 但 在 而")
)
"""Words at which what is denied ends."""
_DENIED_WORDS, _DENIED_LETTERS = 3, 6
"""As many words (or characters that are words) after a denial are denied; of the one character 无, which begins many a word, one."""
ENDINGS = (" ", "s ", "es ")
"""What may follow the words that a text names."""
_FIGURES = re.compile(r"\b(?:img|vid|aud|txt)_\d+\b|\d+")
_HANDLE = frozenset(f"{prefix}_" for prefix in PREFIX.values())
_NOT_SHOWN = frozenset({"negative_prompt", "text", "items", "voice"})
"""Arguments that leave out, speak or lay over: they name things without showing them."""


def tokens(text: str) -> list[str]:
    """Words in lower case; characters of scripts that put no spaces between words stand alone."""
    return text.translate(_ASCII).split() if text.isascii() else _TOKEN.findall(text.casefold())


@lru_cache(maxsize=1024)  # success and reward read the words of one episode many times, one after the other
def plain(text: str) -> str:
    """The tokens with a space between them and at either end; what a text says is not there is marked, so that it is not named.

    The mark takes the place of the space before a word: "without a hat" is " without a¬hat ", in which there is no " hat".
    """
    words = tokens(text)
    if _DENIERS.isdisjoint(words) or _DENIAL.search(text) is None:
        return f" {' '.join(words)} "
    return f" {' '.join(map(_marked, _CLAUSE.split(text)))} "


def _marked(clause: str) -> str:
    """The tokens of a clause, those after a denial marked."""
    found = _DENIAL.search(clause)
    if found is None:
        return " ".join(tokens(clause))
    before, after = tokens(clause[: found.end()]), tokens(clause[found.end() :])
    wide = not found.group().isascii()
    left = 1 if found.group() == "无" else _DENIED_LETTERS if wide else _DENIED_WORDS
    text = " ".join(before)
    for n, word in enumerate(after):
        if word in _ENDS:
            return f"{text} {_marked(' '.join(after[n:]))}"
        if left and word not in _FILLING:
            text, left = f"{text}¬{word}", left - 1
        else:
            text = f"{text} {word}"
    return text


def stem(words: str) -> str:
    """How words begin wherever they are `named`, one of `ENDINGS` after it; "" for no words."""
    return plain(words).rstrip()


def named(words: str, texts: Iterable[str]) -> bool:
    """Whether one of `texts` (each made by `plain`) has `words`, whole; the ending of a plural does not matter."""
    start = stem(words)
    if start:
        for text in texts:
            if start in text and (f"{start} " in text or f"{start}s " in text or f"{start}es " in text):
                return True
    return False


def said(line: str, text: str) -> bool:
    """Whether a text holds a line: all its words in their order, with nothing between them."""
    return plain(line) in plain(text)


def shown(arguments: Any) -> list[str]:
    """All strings in a call's arguments that say what is to be seen or heard; handles say nothing."""
    if isinstance(arguments, str):
        return [arguments]
    found: list[str] = []
    if isinstance(arguments, dict):
        arguments = [value for name, value in arguments.items() if name not in _NOT_SHOWN]
    for value in arguments if isinstance(arguments, list) else ():
        if not isinstance(value, str):
            found += shown(value)
        elif not (value[:4] in _HANDLE and value[4:].isdigit()):
            found.append(value)
    return found


def wording(arguments: Any) -> Iterator[str]:
    """What a call asks for in words, its figures and handles left out: its prompt where it has one, else all it shows.

    So neither a size, a model, another handle nor a running number makes another wording.
    """
    prompt = arguments.get("prompt") if isinstance(arguments, dict) else None
    texts = (prompt,) if isinstance(prompt, str) else shown(arguments)
    return (_FIGURES.sub(" ", text) for text in texts)

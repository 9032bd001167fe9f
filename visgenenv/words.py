"""How words are found in words, in English and Chinese: the one rule for tasks, success and rewards alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

_WIDE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
"""What becomes of each character of a plain English text; twice as fast as `_TOKEN`, and most texts are such."""
_LEFT_OUT = re.compile(r" (?:(?:without|no|not|except|excluding)(?: (?:an?|the|any|for|of))?|没 有(?: 任 何)?|不 要|不 含|无) (?=\S)")
"""What says of the words after it that they are not there."""
ENDINGS = (" ", "s ", "es ")
"""What may follow the words that a text names."""
_FIGURES = re.compile(r"\b(?:img|vid|aud|txt)_\d+\b|\d+")
_NOT_SHOWN = frozenset({"negative_prompt", "text", "items", "voice"})
"""Arguments that leave out, speak or lay over: they name things without showing them."""


def tokens(text: str) -> list[str]:
    """Words in lower case; characters of scripts that put no spaces between words stand alone."""
    return text.translate(_ASCII).split() if text.isascii() else _TOKEN.findall(text.casefold())


@lru_cache(maxsize=1024)  # success and reward read the words of one episode many times, one after the other
def plain(text: str) -> str:
    """The tokens with a space between them and at either end; what a text asks to leave out is marked, so that it is not named.

    The mark takes the place of the space before the word: "without a hat" is " ¬hat ", in which there is no " hat".
    """
    return _LEFT_OUT.sub(" ¬", f" {' '.join(tokens(text))} ")


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
    """All strings in a call's arguments that say what is to be seen or heard."""
    if isinstance(arguments, str):
        return [arguments]
    found: list[str] = []
    if isinstance(arguments, dict):
        for name, value in arguments.items():
            if name not in _NOT_SHOWN:
                found += (value,) if isinstance(value, str) else shown(value)
    elif isinstance(arguments, list):
        for value in arguments:
            found += (value,) if isinstance(value, str) else shown(value)
    return found


def wording(arguments: Any) -> Iterator[str]:
    """What a call asks for in words, its figures and handles left out: its prompt where it has one, else all it shows.

    So neither a size, a model, another handle nor a running number makes another wording.
    """
    prompt = arguments.get("prompt") if isinstance(arguments, dict) else None
    texts = (prompt,) if isinstance(prompt, str) else shown(arguments)
    return (_FIGURES.sub(" ", text) for text in texts)

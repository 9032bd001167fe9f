"""How words are found in words, in English and Chinese: the one rule for tasks, success and rewards alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_WIDE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")
_FIGURES = re.compile(r"\b(?:img|vid|aud|txt)_\d+\b|\d+")
_NOT_SHOWN = frozenset({"negative_prompt", "text", "items", "voice"})
"""Arguments that leave out, speak or lay over: they name things without showing them."""


def tokens(text: str) -> list[str]:
    """Words in lower case; characters of scripts that put no spaces between words stand alone."""
    return _TOKEN.findall(text.casefold())


def plain(text: str) -> str:
    """The tokens with a space between them and at either end."""
    return f" {' '.join(tokens(text))} "


def named(words: str, texts: Iterable[str]) -> bool:
    """Whether one of `texts` (each made by `plain`) has `words`, whole; the ending of a plural does not matter."""
    wanted = plain(words).rstrip()
    forms = [f"{wanted}{ending} " for ending in ("", "s", "es")]
    return bool(wanted) and any(form in text for text in texts for form in forms)


def said(line: str, text: str) -> bool:
    """Whether a text holds a line: all its words in their order, with nothing between them."""
    return plain(line) in plain(text)


def shown(arguments: Any) -> Iterator[str]:
    """All strings in a call's arguments that say what is to be seen or heard."""
    if isinstance(arguments, str):
        yield arguments
    elif isinstance(arguments, dict):
        for name, value in arguments.items():
            if name not in _NOT_SHOWN:
                yield from shown(value)
    elif isinstance(arguments, list):
        for value in arguments:
            yield from shown(value)


def wording(arguments: Any) -> Iterator[str]:
    """What a call asks for in words, its figures and handles left out: its prompt where it has one, else all it shows.

    So neither a size, a model, another handle nor a running number makes another wording.
    """
    prompt = arguments.get("prompt") if isinstance(arguments, dict) else None
    texts = (prompt,) if isinstance(prompt, str) else shown(arguments)
    return (_FIGURES.sub(" ", text) for text in texts)

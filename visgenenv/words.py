"""How words are found in words, in English and Chinese: the one rule for tasks, success and rewards alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from visgenenv.types import PREFIX

_WIDE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
"""What becomes of each character of a plain English text; twice as fast as `_TOKEN`, and most texts are such."""
_BREAK = "\x01"
"""Stands between texts that are read at once; a character that no text has and that `split` takes for no space."""
_ASCII_LINES = f"{_ASCII[:1]}{_BREAK}{_ASCII[2:]}"
_DENIAL = (
    r"\b(?:without(?!\W{1,3}(?:a\W)?doubt\b)|no(?!\W{1,3}(?:\d+|doubt|matter|(?:longer|less|more|fewer)\W{1,3}than)\b)|"
    r"not(?!\W{1,3}(?:only|just|far|too|forget)\b)|never(?!\W(?:ending|forget)\b)|don['’]t(?!\Wforget\b)|avoid(?:ing)?|"
    r"neither|nor|except|excluding|lacking|instead of|rather than|devoid of|free of|anything but|remove|erase|hide)\b|"
    r"没有|不要|不含|不是|不出现|看不到|除了(?![^。；！？\n]{0,40}[还也都])|避免|去掉|删除|并非|无"
)
"""What says of the words after it that they are not there; not "no doubt", "not only" or 除了…还 (besides), which say that they are."""
_GONE = r"\bnowhere (?:to be (?:seen|found)|in sight)\b"
"""What says so of the words before it."""
_DENIERS = frozenset(
    re.findall(r"\w+", "without no not never don avoid avoiding neither nor except excluding lacking instead rather devoid free anything")
)
_DENIERS |= frozenset(("remove", "erase", "hide", "nowhere"))
_DENIERS |= frozenset("没不看除避去删并无")
"""Tokens of which everything that denies has one."""
_PAUSE = r"[,.;:!?()，。；：！？、（）\n]"
_PIECE = re.compile(rf"(?P<gone>{_GONE})|(?P<denial>{_DENIAL})|(?P<pause>{_PAUSE})|{_TOKEN.pattern}")
_DENYING = re.compile(f"{_GONE}|{_DENIAL}")
_FILLING = frozenset(re.findall(r"\w+", "a an the any for of its their his her my our your single visible trace sign"))
_SHOWING = _FILLING.union(re.findall(r"\w+", "show draw include add use have be showing drawing including adding using having being"))
"""After a denial of a deed also what is done: the thing comes after it."""
_DEEDS = frozenset(("not", "never", "don't", "don’t", "avoid", "avoiding"))
_ENDS = frozenset(
    re.findall(r"\w+", "in on at with under over by near beside behind before and but while as where who only 的 和 但 在 而")
)
"""Words at which what is denied ends."""
_TAKEN_OUT = frozenset(("remove", "erase", "hide"))
"""What these deny ends at "from" too."""
_COUNTING = frozenset(("a", "an", "the", "some", "one", "two", "three", "four"))
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
    if _DENIERS.isdisjoint(words) or _DENYING.search(folded := text.casefold()) is None:
        return f" {' '.join(words)} "
    return _marked(_pieces(folded))


def plain_lines(texts: Sequence[str]) -> str:
    """The texts as `plain` makes them, a line each (an empty one may have one space for two); plain English ones all at once."""
    joined = f" {_BREAK} ".join(texts)
    if joined.isascii() and joined.count(_BREAK) == len(texts) - 1:
        words = joined.translate(_ASCII_LINES).split()
        if _DENIERS.isdisjoint(words):
            return f" {' '.join(words)} ".replace(_BREAK, "\n")
    return "\n".join(map(plain, texts))


_Pieces = list[tuple[str | None, str]]
"""Words, what denies, and signs between clauses, in their order; each with the name of its group in `_PIECE`, None for a word."""


def _pieces(folded: str) -> _Pieces:
    return [(piece.lastgroup, piece.group()) for piece in _PIECE.finditer(folded)]


def _marked(pieces: _Pieces) -> str:
    """The tokens, those that are denied marked."""
    out: list[str] = []
    clause = 0  # where the words begin that something at their end may deny
    most = count = 0  # of the words after a denial: how many are denied, and how many there were; of a list, in this item
    counted = listing = False
    listed = -1
    filling, ends = _FILLING, _ENDS
    for place, (kind, piece) in enumerate(pieces):
        if kind == "pause":
            if place < listed:
                count = 0
                continue
            clause = len(out)
            listed = _list_end(pieces, place, counted) if listing and piece == "," and 0 < count <= most else -1
            most, count, listing = most if listed > 0 else 0, 0, False
        elif kind is not None:
            if kind == "gone":
                _mark_before(out, clause)
            out += (f" {word}" for word in tokens(piece))
            clause, count, counted, listed = len(out), 0, False, -1
            most = 0 if kind == "gone" else 1 if piece == "无" else _DENIED_WORDS if piece[0].isascii() else _DENIED_LETTERS
            listing = piece in ("no", "without")
            filling = _SHOWING if piece in _DEEDS else _FILLING
            ends = _ENDS | {"from"} if piece in _TAKEN_OUT else _ENDS
        elif not most:
            out.append(f" {piece}")
        elif place == listed or piece == "or":
            out.append(f" {piece}")
            count = 0
        elif piece in ends:
            out.append(f" {piece}")
            most, listing = 0, False
        elif piece in filling:
            out.append(f" {piece}")
            counted |= piece in _COUNTING
        else:
            out.append(f"¬{piece}" if count < most else f" {piece}")
            count += 1
    return f"{''.join(out)} "


def _mark_before(out: list[str], clause: int) -> None:
    """Marks the last words, as many as a denial denies, back to where their clause begins or what is denied would end."""
    left = _DENIED_WORDS
    for place in range(len(out) - 1, clause - 1, -1):
        word = out[place][1:]
        if not left or word in _ENDS:
            return
        if word not in _FILLING and word not in ("is", "are"):
            out[place], left = f"¬{word}", left - 1


def _list_end(pieces: _Pieces, comma: int, counted: bool) -> int:
    """Where the word stands before the last item of a list whose first item ends at a comma; -1 where no short list goes on there.

    With "and", things that are counted ("a bus and a car") go on with a list only where its first item is `counted` too.
    """
    words = items = 0
    others = False
    for place in range(comma + 1, len(pieces)):
        kind, piece = pieces[place]
        if piece in ("or", "nor"):
            return place
        if piece == ",":
            items, words = items + (words > 0), 0
        elif piece == "and":
            last = pieces[place + 1][1] if place + 1 < len(pieces) else ""
            return place if items + words and (counted or not (others or last in _COUNTING)) else -1
        elif kind is not None or piece in _ENDS:
            return -1
        elif piece in _FILLING or piece in _COUNTING:
            others |= piece in _COUNTING
        else:
            words += 1
            if words > _DENIED_WORDS:
                return -1
    return -1


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
    """Whether a text holds a line: all its words in their order, with nothing between them, whatever the text denies.

    A line that directly follows a denial is another line: "no more waste" does not say "more waste".
    """
    held, denied = _spoken(text)
    wanted = f" {' '.join(tokens(line))} "
    at = held.find(wanted)
    while at in denied:
        at = held.find(wanted, at + 1)
    return at >= 0


@lru_cache(maxsize=1024)  # as `plain`
def _spoken(text: str) -> tuple[str, frozenset[int]]:
    """The tokens with a space between them and at either end, and the places of those spaces that directly follow a denial."""
    words = tokens(text)
    held, denied = f" {' '.join(words)} ", set[int]()
    if not _DENIERS.isdisjoint(words):
        at, before = 0, None
        for kind, piece in _pieces(text.casefold()):
            if before == "denial" and kind != "pause":
                denied.add(at)
            at += sum(1 + len(word) for word in tokens(piece))
            before = kind
    return held, frozenset(denied)


def shown(arguments: Any) -> list[str]:
    """All strings in a call's arguments that say what is to be seen or heard; handles say nothing."""
    if isinstance(arguments, str):
        return [arguments]
    found: list[str] = []
    if isinstance(arguments, dict):
        for name, value in arguments.items():
            if isinstance(value, str):
                if name not in _NOT_SHOWN and not (value[:4] in _HANDLE and value[4:].isdigit()):
                    found.append(value)
            elif isinstance(value, (list, dict)) and value and name not in _NOT_SHOWN:
                found += shown(value)
    elif isinstance(arguments, list):
        for value in arguments:
            if isinstance(value, str):
                if not (value[:4] in _HANDLE and value[4:].isdigit()):
                    found.append(value)
            elif isinstance(value, (list, dict)):
                found += shown(value)
    return found


def wording(arguments: Any) -> Iterator[str]:
    """What a call asks for in words, its figures and handles left out: its prompt where it has one, else all it shows.

    So neither a size, a model, another handle nor a running number makes another wording.
    """
    prompt = arguments.get("prompt") if isinstance(arguments, dict) else None
    texts = (prompt,) if isinstance(prompt, str) else shown(arguments)
    return (_FIGURES.sub(" ", text) for text in texts)

"""General tasks, made by rule: copying, lists, numbers, JSON repair and calls over random schemas, in two languages.

They teach what every tool agent needs and what a small model lacks most: to carry words it has never seen from a
request into an argument, and to write JSON that parses. No held-out noun of the generated tasks is ever formed.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from trainers.data.records import Record
from trainers.data.words import parts, phrase
from visgenenv import chance
from visgenenv.types import JSONObject

Maker = Callable[[Random, str], tuple[str, str]]
"""From a source of chance and a language to what is asked and what is answered."""
_NUMBERS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "zh": ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十"),
}
_FIELDS = ("title", "text", "prompt", "style", "name", "query", "topic", "place", "color", "note", "label", "subject")
_VERBS = ("make", "find", "send", "save", "draw", "mix", "cut", "tag", "sort", "play", "count", "open")
_OBJECTS = ("image", "video", "song", "list", "page", "card", "clip", "chart", "note", "film", "file", "map")


def _copy(random: Random, language: str) -> tuple[str, str]:
    said = phrase(random, language, 2, 6)
    ask = random.choice(("Repeat", "Copy", "Say") if language == "en" else ("重复", "抄写", "说"))
    mark = random.choice(("“{}”", "{}", "“{}”"))
    return f"{ask}: {mark.format(said)}", said


def _echo(random: Random, _: str) -> tuple[str, str]:
    """A few pieces of anything, said again: nothing but copying helps, so a model learns to copy first and fast."""
    heads, tails, signs, banned = parts()
    while True:
        pieces = [
            random.choice((random.choice(heads), random.choice(tails), *random.choices(signs, k=3))) for _ in range(random.randint(4, 9))
        ]
        said = "".join(piece if random.random() < 0.5 else f" {piece}" for piece in pieces).strip()
        if not any(noun in said for noun in banned):
            return said, said


def _choose(random: Random, language: str) -> tuple[str, str]:
    """Copy one item of several, by its place or by what stands before it."""
    items = [phrase(random, language, 1, 2) for _ in range(random.randint(2, 6))]
    number = random.randrange(len(items))
    listing = (", " if language == "en" else "、").join(items)
    if random.random() < 0.5:
        return (f"{listing}; item {number + 1}?" if language == "en" else f"{listing}；第{number + 1}个？"), items[number]
    if number == len(items) - 1:
        return (f"{listing}; the last?" if language == "en" else f"{listing}；最后一个？"), items[-1]
    before = items[number]
    return (f"{listing}; after {before}?" if language == "en" else f"{listing}；{before}之后？"), items[number + 1]


def _spread(random: Random, language: str) -> tuple[str, str]:
    """One call for each item of a list, all with the same subject: the shape of a shot list."""
    subject = phrase(random, language, 1, 2)
    items = [phrase(random, language, 1, 2) for _ in range(random.randint(2, 6))]
    name = f"{random.choice(_VERBS)}_{random.choice(_OBJECTS)}"
    field = random.choice(_FIELDS)
    listing = (", " if language == "en" else "、").join(items)
    shape = random.choice(("{name}({field}) for {s}: {l}", "{l}; {s}; {name}({field})", "{s}, {name}({field}): {l}"))
    quoted = random.random() < 0.3
    calls = [_call(name, {field: f"{subject}, “{item}”" if quoted else f"{subject}, {item}"}) for item in items]
    told = (", " if language == "en" else "、").join(f"“{item}”" for item in items) if quoted else listing
    return shape.format(name=name, field=field, s=subject, l=told), "\n".join(calls)


def _function(random: Random, language: str) -> tuple[str, str]:
    """A call over a schema seen for the first time."""
    name = f"{random.choice(_VERBS)}_{random.choice(_OBJECTS)}"
    arguments: JSONObject = {}
    told = []
    for field in random.sample(_FIELDS, random.randint(1, 3)):
        value: str | int
        if random.random() < 0.25:
            value = random.randint(1, 200)
            told.append(f"{field} {value}")
        else:
            value = phrase(random, language, 1, 4)
            told.append(f"{field} “{value}”" if random.random() < 0.7 else f"{field}: {value}")
        arguments[field] = value
    order = list(arguments)
    random.shuffle(told)
    return f"{name}({', '.join(order)}). {', '.join(told)}", _call(name, arguments)


def _repair(random: Random, language: str) -> tuple[str, str]:
    """JSON with a sign missing, and the same whole."""
    value: JSONObject = {
        field: random.choice((phrase(random, language, 1, 2), random.randint(0, 99), [random.randint(0, 9) for _ in range(3)]))
        for field in random.sample(_FIELDS, random.randint(1, 3))
    }
    text = _json(value)
    places = [number for number, sign in enumerate(text) if sign in '"{}[]:,']
    place = random.choice(places)
    return f"JSON: {text[:place]}{text[place + 1 :]}", text


def _number(random: Random, language: str) -> tuple[str, str]:
    """Number words to digits, and the sums that shot lists need."""
    words = _NUMBERS[language]
    kind = random.randrange(4)
    if kind == 0:
        number = random.randrange(1, 11)
        return (f"Digits: {words[number]}" if language == "en" else f"数字：{words[number]}"), str(number)
    shots, seconds = random.randint(1, 9), random.choice((4, 5, 6, 8, 10))
    said = random.choice((str(shots), words[shots]))
    if kind == 1:
        ask = f"{said} shots of {seconds} s in total?" if language == "en" else f"{said}个镜头，每个{seconds}秒，总长？"
        return ask, str(shots * seconds)
    if kind == 2:
        ask = f"{shots * seconds} s in total, {said} shots: each?" if language == "en" else f"总长{shots * seconds}秒，{said}个镜头，每个？"
        return ask, str(seconds)
    first, second = random.randint(0, 99), random.randint(0, 99)
    return f"{first} + {second} =", str(first + second)


def _count(random: Random, language: str) -> tuple[str, str]:
    """How many items a list has."""
    items = [phrase(random, language, 1, 2) for _ in range(random.randint(1, 9))]
    listing = (", " if language == "en" else "、").join(items)
    return (f"How many: {listing}?" if language == "en" else f"几个：{listing}？"), str(len(items))


_KINDS: dict[str, tuple[Maker, int]] = {
    "copy": (_copy, 3),
    "choose": (_choose, 2),
    "spread": (_spread, 4),
    "function": (_function, 3),
    "repair": (_repair, 1),
    "number": (_number, 2),
    "count": (_count, 1),
}
"""Kinds with how often each comes up."""


def echoes(count: int, seed: int = 0, first: int = 0) -> list[Record]:
    """Short texts to be said again, `first, first+1, …` of a seed."""
    return _made(count, seed, first, {"echo": (_echo, 1)})


def general(count: int, seed: int = 0, first: int = 0) -> list[Record]:
    """General tasks `first, first+1, …` of a seed; each hangs on (seed, number) alone."""
    return _made(count, seed, first, _KINDS)


def _made(count: int, seed: int, first: int, kinds: dict[str, tuple[Maker, int]]) -> list[Record]:
    names = [name for name, (_, weight) in kinds.items() for _ in range(weight)]
    found = []
    for number in range(first, first + count):
        random = Random(chance.bits(seed, *kinds, number))
        kind = random.choice(names)
        language = random.choice(("en", "zh"))
        asked, answer = kinds[kind][0](random, language)
        messages = ({"role": "user", "content": asked}, {"role": "assistant", "content": answer})
        found.append(Record(kind=f"general.{kind}", seed=number, messages=messages))
    return found


def _call(name: str, arguments: JSONObject) -> str:
    return f"<tool_call>{_json({'name': name, 'arguments': arguments})}</tool_call>"


def _json(value: JSONObject) -> str:
    return msgspec.json.encode(value).decode()

"""Words that mean nothing, made of pieces of training words: what copying is learned on, and never a held-out noun."""

from __future__ import annotations

import re
from functools import cache
from random import Random

import msgspec

from visgenenv.tasks import vocabulary
from visgenenv.types import Requirements, Task, TaskInput

_ONSETS = (
    "",
    *"bcdfghjklmnprstvwyz",
    *["bl", "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "ph", "pl", "sh", "sk", "sp", "st", "th", "tr"],
)
_VOWELS = (*"aeiou", "ai", "ea", "ee", "ia", "oa", "oo", "ou")
_CODAS = (*"bdgklmnprst", "ck", "ll", "nd", "ng", "nt", "rd", "rm", "ss", "st", "x")


@cache
def parts() -> tuple[tuple[str, ...], tuple[str, ...], str, frozenset[str]]:
    """Beginnings and ends of English words, whole training words, Han characters; and the words that must not be formed."""
    words = {word for kind in vocabulary.NOUNS for pair in vocabulary.nouns(kind, "train") for word in pair[0].split()}
    for table in (*vocabulary.MODIFIERS.values(), vocabulary.SETTINGS, vocabulary.ACTIONS, vocabulary.STYLES):
        words.update(word for pair in table for word in pair[0].split())
    plain = sorted(word for word in words if word.isalpha() and len(word) > 3)
    banned = {text for pair in vocabulary.heldout_nouns() for text in pair}
    return tuple(word[: len(word) // 2] for word in plain), tuple(word[len(word) // 2 :] for word in plain), alphabet(), frozenset(banned)


@cache
def alphabet() -> str:
    """Every Han character that tasks are written with: an alphabet, as letters are; which words they form is another matter."""
    tables = (*vocabulary.NOUNS.values(), *vocabulary.MODIFIERS.values(), vocabulary.SETTINGS, vocabulary.VIEWS, vocabulary.ACTIONS)
    more = (vocabulary.STYLES, vocabulary.GENRES, vocabulary.LINES)
    return "".join(sorted({sign for table in (*tables, *more) for pair in table for sign in pair[1] if ord(sign) > 0x3400}))


def word(random: Random, language: str) -> str:
    """A word that means nothing: halves of two words, letters as they come, or two to four Han characters; no held-out noun."""
    heads, tails, signs, banned = parts()
    while True:
        if language == "zh":
            made = "".join(random.choices(signs, k=random.choice((2, 2, 2, 3, 3, 4))))
            wrong = any(noun in made for noun in banned)
        else:
            made = random.choice(heads) + random.choice(tails) if random.random() < 0.5 else _letters(random)
            wrong = made in banned
        if not wrong:
            return made


def _letters(random: Random) -> str:
    """Two to four syllables."""
    return "".join(
        random.choice(_ONSETS) + random.choice(_VOWELS) + (random.choice(_CODAS) if random.random() < 0.4 else "")
        for _ in range(random.randint(2, 4))
    )


def phrase(random: Random, language: str, least: int = 1, most: int = 4) -> str:
    """A few such words; none of the held-out nouns, in Chinese not even across the seam of two words."""
    banned = parts()[3]
    while True:
        made = ("" if language == "zh" else " ").join(word(random, language) for _ in range(random.randint(least, most)))
        if language != "zh" or not any(noun in made for noun in banned):
            return made


def renamed(task: Task, random: Random) -> Task:
    """The same task about things that do not exist: its nouns, wherever they stand, become words that mean nothing."""
    side = 0 if task.language == "en" else 1
    nouns = {pair[side] for kind in vocabulary.NOUNS for pair in vocabulary.nouns(kind, "train")}
    edge = r"\b" if task.language == "en" else ""
    found = re.compile("|".join(f"{edge}{re.escape(noun)}{edge}" for noun in sorted(nouns, key=lambda noun: (-len(noun), noun))))
    names: dict[str, str] = {}

    def put(text: str) -> str:
        return found.sub(lambda match: names.setdefault(match.group(), word(random, task.language)), text)

    prompt = put(task.prompt)
    asked = task.requirements
    requirements: Requirements = msgspec.structs.replace(
        asked,
        entities=None if asked.entities is None else tuple(map(put, asked.entities)),
        each=None if asked.each is None else tuple(tuple(map(put, part)) for part in asked.each),
    )
    inputs: tuple[TaskInput, ...] = tuple(msgspec.structs.replace(given, caption=put(given.caption)) for given in task.inputs)
    return msgspec.structs.replace(task, prompt=prompt, requirements=requirements, inputs=inputs)

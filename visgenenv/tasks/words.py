"""Content words: what prompts from outside name, found by rule."""

from __future__ import annotations

import re
from itertools import chain, zip_longest

from visgenenv.words import named, plain

MAX_WORDS = 6
"""As many as are asked for of one task."""
_WORD = re.compile(r"[^\W_](?:[\w'’-]*[^\W_])?")
_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_CHINESE_GRAMMAR = re.compile(
    "的|了|着|和|与|在|是|有|把|被|将|给|从|向|对|为|及|或|而|也|都|很|更|最|这|那|个|一|两|张|只|条|位|它|他|她|我|你|们|里|上|下|中"
)
_ENGLISH_GRAMMAR = """
a about above across after again against all along also although am an and another any are around as at away back be
because been before behind being below beneath beside besides between both but by can cannot could did do does doing
done down during each either else every few for from further get gets getting give gives given go goes going gone had
has have having he her here hers herself him himself his how however i if in inside into is it its itself just less
let lets like look looking looks made make makes making many may me might more most much must my myself near neither
next no nor not nothing now of off on once one only onto or other others our ours out outside over own per put puts
same several shall she should show showing shown shows since so some someone something still such take takes taking
than that the their theirs them themselves then there these they thing things this those though through throughout to
together too toward towards two under until up upon us use used using various very was we were what when where whereas
which while who whom whose why will with within without would yet you your yours three four five six seven eight nine
ten first second third
"""
_GRAMMAR = frozenset(_ENGLISH_GRAMMAR.split())


def content_words(*texts: str) -> tuple[str, ...]:
    """At most six words that carry the content of some texts, lower case: the first of each text, then the second, ….

    What comes first in a text is mostly its subject. Grammar, plain numbers and, where there is anything else, English
    forms in -ing are left out, and so is what a text says is not there; of Chinese, the runs between function words count as
    words. Texts of nothing but grammar give nothing.
    """
    columns = zip_longest(*(_content(text) for text in texts))
    found = dict.fromkeys(word for word in chain.from_iterable(columns) if word is not None)
    return tuple(found)[:MAX_WORDS]


def _content(text: str) -> list[str]:
    there = (plain(text),)
    words = [part for match in _WORD.finditer(text) for part in _parts(match.group()) if named(part, there)]
    return [word for word in words if not word.endswith("ing")] or words


def _parts(word: str) -> list[str]:
    runs = _CJK.findall(word)
    if runs:
        return [part for run in runs for part in _CHINESE_GRAMMAR.split(run) if len(part) > 1]
    lower = word.casefold()
    return [lower] if len(lower) > 2 and lower not in _GRAMMAR and any(map(str.isalpha, lower)) else []

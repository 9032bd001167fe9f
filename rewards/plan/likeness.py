"""How like texts are: a character TF-IDF, the default retriever of expert plans."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from visgenenv.words import plain

Key = TypeVar("Key", bound=Hashable)


class Likeness(Generic[Key]):
    """Cosine of a text to each of some texts, in the space of their pairs and triples of characters."""

    enough = 0.3
    """From which two texts are of one kind."""

    def __init__(self, texts: Iterable[tuple[Key, str]]) -> None:
        """`texts`: each with the key it speaks for; a key may have several."""
        counted = [(key, grams(text)) for key, text in texts]
        documents = Counter(gram for _, found in counted for gram in found)
        self._weights = {gram: math.log((1 + len(counted)) / (1 + count)) + 1 for gram, count in documents.items()}
        self._vectors = [(key, self._unit(found)) for key, found in counted]

    def __call__(self, text: str) -> dict[Key, float]:
        """By key: the likeness of its likest text, in [0, 1]; keys that share nothing with it are left out."""
        query = self._unit(grams(text))
        found: dict[Key, float] = {}
        for key, vector in self._vectors:
            cosine = sum(value * vector[gram] for gram, value in query.items() if gram in vector)
            if cosine > found.get(key, 0.0):
                found[key] = cosine
        return found

    def _unit(self, found: Counter[str]) -> dict[str, float]:
        vector = {gram: count * self._weights[gram] for gram, count in found.items() if gram in self._weights}
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        return {gram: value / length for gram, value in vector.items()}


def grams(text: str) -> Counter[str]:
    """Pairs and triples of characters of a text, its case and signs left out."""
    words = plain(text)
    return Counter(words[start : start + size] for size in (2, 3) for start in range(len(words) - size + 1))

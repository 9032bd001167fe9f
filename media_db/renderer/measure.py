"""What a finished picture shows, measured: the colour of each visible object and of the whole; and the words for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from media_db.renderer.palette import NAMES, name_indices
from media_db.renderer.scene import Scene

_SEEN = 0.002
"""Share of the picture that an object's painted part must cover to count as visible."""
_PRESENT = 0.08
"""Share of the picture from which on a colour counts as one of its colours."""
_NUMBERS = ("no", "a", "two", "three", "four", "five")
_PLURALS = {"fish": "fish", "bus": "buses", "watch": "watches", "butterfly": "butterflies", "cactus": "cacti"}
_LIGHT_PHRASES = {"day": "", "golden hour": " at golden hour", "dusk": " at dusk", "night": " at night", "starlight": ""}


@dataclass(frozen=True)
class Seen:
    """A description of a picture, for its caption and tags."""

    caption: str
    tags: tuple[tuple[str, str], ...]
    """Pairs of kind (object, colour, coloured, setting, light, text, count) and value, each once, sorted."""


def colours(image: Any) -> list[str]:
    """Names of the colours that cover at least 8 % of an RGB picture, the widest first."""
    shares = _shares(np.asarray(image)[::2, ::2].reshape(-1, 3))
    return [name for name, share in shares if share >= _PRESENT]


def _shares(pixels: Any) -> list[tuple[str, float]]:
    counts = np.bincount(name_indices(pixels).ravel(), minlength=len(NAMES))
    order = np.argsort(-counts, kind="stable")
    return [(NAMES[n], float(counts[n]) / max(len(pixels), 1)) for n in order]


def object_colours(image: Any, labels: Any, count: int) -> list[str | None]:
    """The colour that most of each object's painted, visible pixels have; None for one that is hidden."""
    picture, marks = np.asarray(image), np.asarray(labels)
    found: list[str | None] = []
    for number in range(1, count + 1):
        own = picture[marks == 2 * number + 1]
        found.append(_shares(own)[0][0] if len(own) >= _SEEN * marks.size else None)
    return found


def describe(scene: Scene, image: Any, labels: Any) -> Seen:
    """Caption and tags of a picture, from its scene and its pixels."""
    painted = object_colours(image, labels, len(scene.items))
    things = Counter((item.shape.name, colour) for item, colour in zip(scene.items, painted, strict=True) if colour is not None)
    tags = {("setting", scene.setting.name), ("light", scene.light.name)}
    tags |= {("colour", name) for name in colours(image)}
    for (name, colour), count in things.items():
        tags |= {("object", name), ("coloured", f"{colour} {name}"), ("count", f"{count} {name}")}
    if scene.text:
        tags.add(("text", scene.text))
    subject = _listed([_phrase(name, str(colour), count) for (name, colour), count in sorted(things.items())])
    words = f', with the words "{scene.text}"' if scene.text else ""
    caption = f"{subject or 'a view'} {scene.setting.phrase}{_LIGHT_PHRASES[scene.light.name]}{words}"
    return Seen(caption, tuple(sorted(tags)))


def _phrase(name: str, colour: str, count: int) -> str:
    if count == 1:
        return f"{'an' if colour[0] in 'aeiou' else 'a'} {colour} {name}"
    return f"{_NUMBERS[count]} {colour} {_PLURALS.get(name, name + 's')}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""

"""The objects that can be drawn, what each may be painted in, and where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media_db.renderer.canvas import Pen
from media_db.renderer.objects import home, nature, vehicles
from media_db.renderer.palette import Colour

_BRIGHT = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink")
_FUR = ("orange", "brown", "black", "white")


@dataclass(frozen=True)
class Shape:
    """One kind of object."""

    name: str
    draw: Callable[[Pen, Colour], None]
    """Draws it in a box from -1 to 1 that stands on y = 1."""
    paints: tuple[str, ...] = _BRIGHT
    places: tuple[str, ...] = ("ground", "table")
    """Where it can be: on the ground, on a table, in the air, on or under water."""
    size: float = 1.0
    """How large beside the others, roughly: a house 1.7, a watch 0.6."""


_SPECIAL: dict[str, dict[str, object]] = {
    "tree": {"paints": ("green", "teal", "orange", "yellow", "pink"), "places": ("ground",), "size": 1.6},
    "house": {"places": ("ground",), "size": 1.7},
    "boat": {"places": ("water",), "size": 1.3},
    "whale": {"paints": ("blue", "teal", "purple"), "places": ("water", "under"), "size": 1.35},
    "fish": {"places": ("under",), "size": 0.8},
    "bird": {"places": ("ground",), "size": 0.75},
    "butterfly": {"places": ("air",), "size": 0.65},
    "kite": {"places": ("air",), "size": 1.0},
    "balloon": {"places": ("air",), "size": 1.25},
    "rocket": {"places": ("ground", "air"), "size": 1.4},
    "umbrella": {"places": ("ground",), "size": 1.15},
    "cat": {"paints": _FUR, "size": 0.95},
    "dog": {"paints": _FUR, "places": ("ground",), "size": 1.05},
    "car": {"places": ("ground",), "size": 1.35},
    "bus": {"places": ("ground",), "size": 1.6},
    "bicycle": {"places": ("ground",), "size": 1.15},
    "chair": {"places": ("ground",), "size": 1.15},
    "guitar": {"paints": ("orange", "brown", "red", "blue", "black"), "size": 1.25},
    "lamp": {"size": 1.05},
    "cactus": {"paints": ("green", "teal"), "size": 0.9},
    "apple": {"paints": ("red", "green", "yellow"), "size": 0.65},
    "mushroom": {"paints": ("red", "orange", "brown", "purple"), "places": ("ground",), "size": 0.7},
    "flower": {"paints": ("red", "orange", "yellow", "purple", "pink", "white", "blue"), "size": 0.9},
    "camera": {"paints": ("red", "teal", "yellow", "black", "white", "pink"), "size": 0.75},
    "watch": {"paints": ("red", "blue", "green", "brown", "orange", "purple"), "size": 0.7},
    "shoe": {"size": 0.75},
    "cup": {"size": 0.75},
    "cake": {"paints": ("pink", "purple", "teal", "red", "yellow"), "places": ("table",), "size": 0.95},
}


def _shape(draw: Callable[[Pen, Colour], None]) -> Shape:
    name = draw.__name__
    return Shape(name, draw, **_SPECIAL.get(name, {}))  # type: ignore[arg-type]


SHAPES: dict[str, Shape] = {draw.__name__: _shape(draw) for draw in (*home.SHAPES, *vehicles.SHAPES, *nature.SHAPES)}
"""Every object by name."""

"""Videos of a scene: objects that bounce, drift, bob or float, before a camera that pans, zooms or stands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.random import Generator

from media_db.renderer.canvas import Canvas, pillow
from media_db.renderer.scene import OBJECT_TINT, Item, Scene, backdrop, draw_item, draw_shadow, opaque, text_layer, tinted

CAMERAS = ("still", "pan right", "pan left", "zoom in", "zoom out")
_ZOOM = 0.16
"""Share of the frame that a zoom closes in by."""
_WIDER = 1.3
"""Width of the backdrop of a pan, in frames."""
_GOING = frozenset({"ball", "bicycle", "car", "bus", "robot", "cat", "dog", "bird"})
_MOVES = {"ground": ("bounce", "drift", "still"), "table": ("bounce", "still"), "water": ("bob",), "under": ("swim",), "air": ("float",)}


@dataclass(frozen=True)
class Move:
    """How one object moves."""

    kind: str
    period: float
    """Seconds for one bounce, bob or round."""
    phase: float
    """Where in its period it starts, 0 to 1."""
    reach: float
    """How far it goes, in units of the object."""

    def offset(self, second: float, seconds: float) -> tuple[float, float]:
        """Away from its place at this time of the video: (x, y) in units of the object, y down."""
        turn = math.tau * (second / self.period + self.phase)
        across = self.reach * (2 * second / seconds - 1)
        if self.kind == "bounce":
            return 0.0, -0.55 * self.reach * abs(math.sin(turn / 2))
        if self.kind == "drift":
            return across, 0.0
        if self.kind == "bob":
            return 0.3 * across, 0.07 * math.sin(turn)
        if self.kind == "swim":
            return across, 0.16 * math.sin(turn)
        if self.kind == "float":
            return 0.5 * across, 0.18 * math.sin(turn)
        return 0.0, 0.0


@dataclass(frozen=True)
class Film:
    """A scene in motion."""

    scene: Scene
    width: int
    height: int
    frames: int
    fps: int
    camera: str
    moves: tuple[Move, ...]
    """One an item of the scene."""

    @cached_property
    def _layers(self) -> _Layers:
        return _Layers(self)

    def frame(self, number: int) -> Any:
        """One frame, RGB."""
        return self._layers.compose(number, marks=False)

    def labels(self, number: int) -> Any:
        """What each pixel of a frame shows, as in `Canvas`."""
        return self._layers.compose(number, marks=True)

    def __iter__(self) -> Iterator[Any]:
        return (self.frame(number) for number in range(self.frames))


def film(rng: Generator, scene: Scene, width: int, height: int, frames: int, fps: int) -> Film:
    """Choose by chance how the camera and the objects of a scene move."""
    camera = CAMERAS[int(rng.integers(len(CAMERAS)))]
    moves = []
    for item in scene.items:
        kinds = [kind for kind in _MOVES[item.place] if _moves_so(kind, item, camera)]
        period, phase, reach = float(rng.uniform(1.2, 2.4)), float(rng.random()), float(rng.uniform(0.5, 1.1))
        moves.append(Move(kinds[int(rng.integers(len(kinds)))], period, phase, -reach if item.flip else reach))
    return Film(scene, width, height, frames, fps, camera, tuple(moves))


def _moves_so(kind: str, item: Item, camera: str) -> bool:
    """Only what can go drifts, and before a camera that stands something moves."""
    return item.shape.name in _GOING if kind == "drift" else not (kind == "still" and camera == "still")


class _Layers:
    """Everything drawn once; a frame only pastes."""

    def __init__(self, film: Film) -> None:
        self.film = film
        self.wide = round(film.width * (_WIDER if film.camera.startswith("pan") else 1.0))
        ground = backdrop(film.scene, self.wide, film.height)
        self.ground = tinted(ground.finished()[0], film.scene.light)
        self.shadows = [self._shadow(item) for item in film.scene.items]
        self.sprites = [self._sprite(item, number) for number, item in enumerate(film.scene.items, 1)]
        self.text = text_layer(film.scene, film.width, film.height) if film.scene.text else None

    def _side(self, item: Item) -> tuple[float, int]:
        unit = item.unit * self.film.height
        return unit, math.ceil(unit * 2.5)

    def _shadow(self, item: Item) -> Any:
        unit, side = self._side(item)
        canvas = Canvas(side, side, clear=True)
        draw_shadow(canvas, item, side / 2, side / 2, unit)
        return canvas.finished()[0]

    def _sprite(self, item: Item, number: int) -> tuple[Any, Any]:
        unit, side = self._side(item)
        canvas = Canvas(side, side, clear=True)
        draw_item(canvas, item, side / 2, side / 2, unit, number)
        image, labels = canvas.finished()
        return tinted(image, self.film.scene.light, OBJECT_TINT), labels

    def compose(self, number: int, *, marks: bool) -> Any:
        """A frame's picture, or its labels."""
        pil, film = pillow(), self.film
        share = number / max(film.frames - 1, 1)
        slack = self.wide - film.width
        left = round(slack * (share if film.camera == "pan right" else 1 - share)) if slack else 0
        frame = (left, 0, left + film.width, film.height)
        image = pil.Image.new("L", (film.width, film.height), 0) if marks else self.ground.crop(frame)
        for move, item, shadow, (sprite, labels) in zip(film.moves, film.scene.items, self.shadows, self.sprites, strict=True):
            unit, side = self._side(item)
            dx, dy = move.offset(number / film.fps, film.frames / film.fps)
            # Half of the pan: the objects are nearer than the backdrop's middle, and stay in view.
            x = item.x * film.height - side / 2 + dx * unit + (slack / 2 - left) * 0.5
            y = (item.foot - item.unit) * film.height - side / 2
            place = (round(x), round(y + dy * unit))
            if marks:
                image.paste(labels, place, opaque(sprite))
            else:
                image.paste(shadow, (round(x), round(y)), shadow)
                image.paste(sprite, place, sprite)
        return self._seen(image, share, marks=marks)

    def _seen(self, image: Any, share: float, *, marks: bool) -> Any:
        """The part that the camera sees, with the words over it."""
        pil, film = pillow(), self.film
        if film.camera.startswith("zoom"):
            near = _ZOOM / 2 * (share if film.camera == "zoom in" else 1 - share)
            # Towards a point below the middle: what stands on the ground keeps its feet.
            box = (film.width * near, film.height * near * 1.6, film.width * (1 - near), film.height * (1 - near * 0.4))
            how = pil.Image.Resampling.NEAREST if marks else pil.Image.Resampling.BILINEAR
            image = image.resize((film.width, film.height), how, box=box)
        if self.text is not None:
            image.paste(0 if marks else self.text, (0, 0), opaque(self.text) if marks else self.text)
        return image

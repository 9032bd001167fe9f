"""A scene: a setting, a light, a few objects, perhaps words; laid out by chance and painted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from media_db.renderer.canvas import Canvas, pillow
from media_db.renderer.objects import SHAPES, Shape
from media_db.renderer.palette import PAINTS, dark, distance, mix, pale
from media_db.renderer.settings import LIGHTS, SETTINGS, Light, Setting

WORDS = (
    "SUMMER SALE",
    "OPEN TODAY",
    "HELLO",
    "BON VOYAGE",
    "JAZZ NIGHT",
    "FRESH",
    "NEW",
    "HAPPY BIRTHDAY",
    "WELCOME",
    "GOOD MORNING",
    "SALE 50%",
    "THANK YOU",
    "SLOW DOWN",
    "PLAY",
    "EXPLORE",
    "CITY RUN 2026",
    "ART FAIR",
    "LET'S GO",
    "LOVE",
    "DREAM BIG",
)
"""What banners say."""
_UNIT = 0.145
"""Half the height of an object of size 1 in the middle distance, in picture heights."""


@dataclass(frozen=True)
class Item:
    """One object of a scene; lengths in picture heights."""

    shape: Shape
    paint: str
    place: str
    x: float
    foot: float
    unit: float
    flip: bool


@dataclass(frozen=True)
class Scene:
    """All that a picture shows; the same scene is painted the same."""

    setting: Setting
    light: Light
    items: tuple[Item, ...]
    """From the farthest to the nearest."""
    text: str
    text_paint: str
    seed: int
    """Of the setting's own details."""


def plan(rng: Generator, aspect: float, *, words: float = 0.25) -> Scene:
    """Draw a scene for a picture of this aspect (width / height); `words` is the chance of a banner."""
    setting = _pick(rng, tuple(SETTINGS.values()))
    light = LIGHTS[_pick(rng, setting.lights)]
    text = _pick(rng, WORDS) if float(rng.random()) < words else ""
    count = int(rng.choice([1, 2, 3, 4], p=[0.4, 0.3, 0.2, 0.1])) if aspect > 0.9 else int(rng.choice([1, 2, 3], p=[0.55, 0.35, 0.1]))
    fitting = [shape for shape in SHAPES.values() if set(shape.places) & set(setting.zones)]
    count = min(count, len(fitting))
    same = count > 1 and float(rng.random()) < 0.4
    drawn = [fitting[int(n)] for n in rng.choice(len(fitting), size=count, replace=False)]
    shapes = [drawn[0]] * count if same else drawn
    paints = [_paint(rng, shape, setting) for shape in shapes]
    items = _lay_out(rng, aspect, setting, shapes, [paints[0]] * count if same else paints, high=bool(text))
    return Scene(setting, light, items, text, _pick(rng, ("red", "blue", "teal", "purple", "orange")), int(rng.integers(2**62)))


def _pick(rng: Generator, options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _paint(rng: Generator, shape: Shape, setting: Setting) -> str:
    """A paint that the object can have and that stands out in the setting."""
    distances = {paint: distance(PAINTS[paint], setting.ground) for paint in shape.paints}
    clear = [paint for paint, far in distances.items() if far > 0.2] or [max(distances, key=lambda paint: distances[paint])]
    return str(_pick(rng, clear))


def _lay_out(rng: Generator, aspect: float, setting: Setting, shapes: list[Shape], paints: list[str], *, high: bool) -> tuple[Item, ...]:
    count = len(shapes)
    share = aspect * setting.spread / count
    left = aspect * (1 - setting.spread) / 2
    closeness = (1.9, 1.45, 1.15, 1.0)[count - 1]
    items = []
    for slot, (shape, paint) in enumerate(zip(shapes, paints, strict=True)):
        place = str(_pick(rng, [place for place in shape.places if place in setting.zones]))
        first, last = setting.zones[place]
        depth = float(rng.uniform(0.35, 1.0))
        unit = min(_UNIT * shape.size * closeness * (0.72 + 0.4 * depth), share * 0.43, 0.33)
        middle = left + share * (slot + 0.5) + float(rng.uniform(-1, 1)) * max(share / 2 - unit, 0) * 0.7
        foot = first + (last - first) * depth
        if place in ("air", "under"):
            foot = min(max(foot, unit + (0.2 if high else 0.03)) + unit, 0.97)
        items.append(Item(shape, paint, place, middle, foot, unit, bool(rng.random() < 0.5)))
    return tuple(sorted(items, key=lambda item: item.foot))


def backdrop(scene: Scene, width: int, height: int, scale: int = 2) -> Canvas:
    """A canvas with the setting painted on it, without tint."""
    canvas = Canvas(width, height, scale=scale)
    scene.setting.paint(canvas, scene.light, np.random.default_rng(scene.seed))
    return canvas


def draw_shadow(canvas: Canvas, item: Item, x: float, y: float, unit: float) -> None:
    """The soft shadow under what stands; x, y and unit in pixels, (x, y) the object's middle. Drawn before every object."""
    if item.place in ("ground", "table"):
        canvas.pen(x, y, unit).ellipse(0.06, 0.97, 0.95, 0.13, (24, 22, 48), alpha=56)


def draw_item(canvas: Canvas, item: Item, x: float, y: float, unit: float, label: int) -> None:
    """The object itself, (x, y) its middle in pixels, and the ripples where it lies on water."""
    colour = PAINTS[item.paint]
    item.shape.draw(canvas.pen(x, y, unit, flip=item.flip, label=label, paint=colour), colour)
    if item.place == "water":
        pen = canvas.pen(x, y, unit)
        for dy, half in ((0.82, 1.15), (0.98, 0.85)):
            pen.rect(-half, dy, half, dy + 0.04, (200, 228, 236), round_by=0.02)


def draw_text(canvas: Canvas, scene: Scene) -> None:
    """The banner with the scene's words, hung across the top."""
    if not scene.text:
        return
    pil = pillow()
    width, height, scale = canvas.width, canvas.height, canvas.scale
    size = min(height * 0.085, width * 0.82 / max(len(scene.text), 6) * 1.5)
    font = pil.ImageFont.load_default(size * scale)
    left, top, right, bottom = font.getbbox(scene.text)
    half, middle = (right - left) / 2 / scale + size * 0.9, height * 0.115
    paint = PAINTS[scene.text_paint]
    pen = canvas.pen(width / 2, middle, 1)
    tall, tail = size * 0.82, size * 0.7
    for side in (-1, 1):
        pen.poly(
            [
                (side * (half - tail), -tall * 0.6),
                (side * (half + tail), -tall * 0.6),
                (side * (half + tail * 0.45), tall * 0.35),
                (side * (half + tail), tall * 1.3),
                (side * (half - tail), tall * 1.3),
            ],
            dark(paint, 0.3),
        )
    pen.rect(-half, -tall, half, tall, paint, round_by=size * 0.1)
    for y in (-0.84, 0.78):
        pen.rect(-half, tall * y, half, tall * y + size * 0.05, pale(paint, 0.6))
    place = (width * scale / 2 - (left + right) / 2, middle * scale - (top + bottom) / 2)
    pil.ImageDraw.Draw(canvas.image).text(
        place, scene.text, font=font, fill=(255, 250, 238), stroke_width=max(size * scale * 0.025, 0.5), stroke_fill=(255, 250, 238)
    )


def tinted(image: Any, light: Light, strength: float = 1.0) -> Any:
    """The picture under the light; a sprite keeps its alpha."""
    pil = pillow()
    tint = mix((255, 255, 255), light.tint, strength)
    if tint == (255, 255, 255):
        return image
    return pil.ImageChops.multiply(image, pil.Image.new(image.mode, image.size, (*tint, 255) if image.mode == "RGBA" else tint))


OBJECT_TINT = 0.5
"""How much of the light's tint falls on objects: less than on the place, so that they stand out at night."""


def paint(scene: Scene, width: int, height: int) -> tuple[Any, Any]:
    """The finished picture (RGB) and its labels (see `Canvas`), object n of the scene being label n + 1."""
    ground = backdrop(scene, width, height)
    objects = Canvas(width, height, clear=True)
    for number, item in enumerate(scene.items, 1):
        where = (item.x * height, (item.foot - item.unit) * height, item.unit * height)
        draw_shadow(ground, item, *where)
        draw_item(objects, item, *where, number)
    image = tinted(ground.finished()[0], scene.light)
    layer, labels = objects.finished()
    layer = tinted(layer, scene.light, OBJECT_TINT)
    image.paste(layer, (0, 0), layer)
    if scene.text:
        banner = text_layer(scene, width, height)
        image.paste(banner, (0, 0), banner)
        labels.paste(0, (0, 0), opaque(banner))
    return image, labels


def text_layer(scene: Scene, width: int, height: int) -> Any:
    """The banner alone, RGBA; no light falls on it: it is print, not part of the place."""
    over = Canvas(width, height, clear=True)
    draw_text(over, scene)
    return over.finished()[0]


def opaque(layer: Any) -> Any:
    """Where a layer hides what is behind it, as a mask."""
    return layer.getchannel("A").point([255 if alpha > 127 else 0 for alpha in range(256)])

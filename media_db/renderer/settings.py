"""The settings that objects stand in, and the light that falls on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from media_db.renderer.canvas import Canvas, Pen, Point, curve
from media_db.renderer.palette import Colour, dark, mix, pale


@dataclass(frozen=True)
class Light:
    """A time of day: the sky's two colours, the sun or moon, and a tint over everything."""

    name: str
    top: Colour
    bottom: Colour
    disc: Colour
    tint: Colour
    """Multiplied over the finished picture; white changes nothing."""


LIGHTS: dict[str, Light] = {
    light.name: light
    for light in (
        Light("day", (118, 186, 226), (222, 240, 240), (255, 240, 190), (255, 255, 255)),
        Light("golden hour", (246, 176, 112), (255, 232, 188), (255, 246, 214), (255, 238, 212)),
        Light("dusk", (98, 84, 152), (246, 170, 150), (255, 222, 180), (226, 202, 224)),
        Light("night", (20, 26, 64), (64, 78, 132), (252, 244, 214), (150, 158, 208)),
        Light("starlight", (14, 16, 48), (86, 62, 128), (250, 238, 204), (255, 255, 255)),
    )
}
_OUTDOORS = ("day", "golden hour", "dusk", "night")


@dataclass(frozen=True)
class Setting:
    """A place: what it looks like, where things can be in it, in which lights."""

    name: str
    phrase: str
    """As it reads in a caption: "on a beach"."""
    paint: Callable[[Canvas, Light, Generator], None]
    zones: dict[str, tuple[float, float]]
    """For each kind of place the range of heights at which an object's foot (in the air: its middle) may be; 0 is the top."""
    lights: tuple[str, ...] = _OUTDOORS
    ground: Colour = (200, 200, 200)
    """What objects are mostly seen against; their paint is chosen to differ from it."""
    spread: float = 0.96
    """Share of the width that objects stand in, about the middle."""


def _spread(rng: Generator, count: int, first: float, last: float) -> list[float]:
    """Places about evenly spread, each jittered within its share."""
    step = (last - first) / count
    return [first + step * (n + float(rng.uniform(0.15, 0.85))) for n in range(count)]


def _sky(canvas: Canvas, light: Light, rng: Generator, horizon: float, *, clouds: bool = True) -> None:
    aspect = canvas.width / canvas.height
    pen = canvas.backdrop()
    canvas.gradient(light.top, light.bottom, 0, horizon)
    canvas.gradient(light.bottom, light.bottom, horizon, 1)
    x, y, radius = float(rng.uniform(0.12, 0.88)) * aspect, float(rng.uniform(0.1, 0.24)), 0.058
    if light.name == "night":
        for _ in range(int(60 * max(aspect, 0.6))):
            star = float(rng.uniform(0.0012, 0.0034))
            pen.ellipse(float(rng.uniform(0, aspect)), float(rng.uniform(0, horizon)), star, None, mix(light.disc, light.top, 0.1))
        pen.ellipse(x, y, radius, None, light.disc)
        pen.ellipse(x + 0.02, y - 0.012, 0.05, None, mix(light.top, light.bottom, y / max(horizon, 0.1)))
        return
    for halo in (2.3, 1.6):
        pen.ellipse(x, y, radius * halo, None, light.disc, alpha=46)
    pen.ellipse(x, y, radius, None, light.disc)
    if clouds:
        for cx in _spread(rng, max(2, round(aspect * 2)), -0.05, aspect):
            _cloud(pen, cx, float(rng.uniform(0.07, max(horizon - 0.16, 0.1))), float(rng.uniform(0.05, 0.1)), light)


def _cloud(pen: Pen, x: float, y: float, size: float, light: Light) -> None:
    tone = mix(pale(light.bottom, 0.75), light.top, 0.08)
    for dx, dy, r in ((-0.95, -0.12, 0.42), (-0.3, -0.42, 0.62), (0.45, -0.28, 0.52), (1.0, -0.08, 0.36)):
        pen.ellipse(x + dx * size, y + dy * size, r * size, None, tone)
    pen.rect(x - 1.4 * size, y - 0.3 * size, x + 1.4 * size, y + 0.24 * size, tone, round_by=0.27 * size)


def _ridge(pen: Pen, rng: Generator, aspect: float, base: float, height: float, fill: Colour, *, soft: bool = True) -> list[Point]:
    """A line of hills or peaks over the whole width, filled down to the bottom."""
    count = max(3, round(aspect * (3 if soft else 4)))
    points: list[Point] = [(-0.1, base)]
    for n, x in enumerate(_spread(rng, count, 0, aspect)):
        points.append((x, base - height * float(rng.uniform(0.55, 1.0)) * (1 if soft or n % 2 == 0 else 0.35)))
    points.append((aspect + 0.1, base - height * 0.3))
    line = curve(points) if soft else points
    pen.poly([(-0.1, 1.1), *line, (aspect + 0.1, 1.1)], fill)
    return points


def _pine(pen: Pen, x: float, foot: float, height: float, fill: Colour) -> None:
    pen.rect(x - height * 0.04, foot - height * 0.16, x + height * 0.04, foot, (96, 72, 60))
    for n in range(3):
        top, low, half = foot - height * (1 - n * 0.22), foot - height * (0.5 - n * 0.2), height * (0.17 + n * 0.06)
        pen.poly([(x, top), (x + half, low), (x - half, low)], fill)
        pen.poly([(x, top), (x + half, low), (x + half * 0.12, low)], dark(fill, 0.14))


def beach(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    _sky(canvas, light, rng, 0.45)
    sea = mix((44, 140, 180), light.bottom, 0.12)
    canvas.gradient(dark(sea, 0.15), pale(sea, 0.25), 0.45, 0.72)
    _waves(pen, rng, aspect, 0.47, 0.66, pale(sea, 0.55))
    shore = [(x * aspect / 6, 0.69 + 0.014 * math.sin(x * 2.1 + float(rng.uniform(0, 1)))) for x in range(-1, 8)]
    pen.poly([*curve([(x, y - 0.014) for x, y in shore]), (aspect + 1, 1.1), (-1, 1.1)], pale(sea, 0.85))
    pen.poly([*curve(shore), (aspect + 1, 1.1), (-1, 1.1)], (242, 218, 170))
    pen.poly([*curve([(x, y + 0.16) for x, y in shore]), (aspect + 1, 1.1), (-1, 1.1)], (232, 202, 148))
    for _ in range(round(26 * aspect)):
        pen.ellipse(float(rng.uniform(0, aspect)), float(rng.uniform(0.76, 0.99)), 0.004, 0.0025, (206, 172, 120))


def _waves(pen: Pen, rng: Generator, aspect: float, top: float, bottom: float, fill: Colour) -> None:
    for _ in range(round(13 * aspect)):
        y = float(rng.uniform(top, bottom))
        x, length = float(rng.uniform(0, aspect)), 0.03 + (y - top) / max(bottom - top, 0.01) * 0.09
        pen.line([(x, y), (x + length, y)], 0.005, fill)


def sea(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    _sky(canvas, light, rng, 0.52)
    far = mix((90, 130, 160), light.bottom, 0.35)
    _ridge(pen, rng, aspect, 0.53, 0.06, far)
    water = mix((36, 126, 172), light.bottom, 0.1)
    canvas.gradient(pale(water, 0.18), dark(water, 0.3), 0.52, 1)
    _waves(pen, rng, aspect, 0.54, 0.98, pale(water, 0.42))


def underwater(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    canvas.gradient((96, 196, 208), (18, 76, 122))
    for x in _spread(rng, max(3, round(aspect * 4)), -0.2, aspect):
        width = float(rng.uniform(0.04, 0.09))
        pen.poly([(x, -0.02), (x + width, -0.02), (x + width * 2 + 0.22, 0.86), (x + 0.2 - width, 0.86)], (220, 250, 246), alpha=26)
    _ridge(pen, rng, aspect, 0.9, 0.14, (22, 88, 126))
    _ridge(pen, rng, aspect, 0.96, 0.1, (214, 190, 138))
    for n, x in enumerate(_spread(rng, max(4, round(aspect * 6)), 0, aspect)):
        height, tone = float(rng.uniform(0.1, 0.3)), ((238, 122, 120), (60, 150, 110), (246, 170, 90))[n % 3]
        pen.line(curve([(x, 1), (x - 0.02, 1 - height * 0.4), (x + 0.02, 1 - height * 0.7), (x, 1 - height)]), 0.022, tone)
        pen.line([(x, 1 - height * 0.3), (x + 0.045, 1 - height * 0.55)], 0.016, tone)
    for _ in range(round(22 * aspect)):
        pen.ellipse(
            float(rng.uniform(0, aspect)),
            float(rng.uniform(0.05, 0.85)),
            float(rng.uniform(0.003, 0.011)),
            None,
            (214, 244, 244),
            alpha=150,
        )


def meadow(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    _sky(canvas, light, rng, 0.62)
    green = (126, 180, 98)
    _ridge(pen, rng, aspect, 0.6, 0.1, mix(green, light.bottom, 0.55))
    _ridge(pen, rng, aspect, 0.66, 0.1, mix(green, light.bottom, 0.28))
    for x in _spread(rng, max(2, round(aspect * 3)), 0, aspect):
        size = float(rng.uniform(0.03, 0.055))
        pen.rect(x - size * 0.12, 0.63, x + size * 0.12, 0.68, (116, 84, 66))
        pen.ellipse(x, 0.62 - size * 0.4, size, size * 1.2, dark(mix(green, light.bottom, 0.2), 0.2))
    _ridge(pen, rng, aspect, 0.73, 0.05, green)
    _ridge(pen, rng, aspect, 0.9, 0.06, dark(green, 0.08))
    for n in range(round(30 * aspect)):
        x, y = float(rng.uniform(0, aspect)), float(rng.uniform(0.76, 0.99))
        pen.line([(x, y), (x + 0.004, y - 0.018)], 0.004, dark(green, 0.26))
        if n % 3 == 0:
            pen.ellipse(x + 0.004, y - 0.02, 0.007, None, ((255, 246, 226), (250, 214, 96), (240, 150, 160))[n // 3 % 3])


def forest(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    _sky(canvas, light, rng, 0.6, clouds=False)
    green = (62, 128, 96)
    for layer, (foot, height, haze) in enumerate(((0.58, 0.3, 0.55), (0.64, 0.38, 0.28), (0.7, 0.46, 0.0))):
        tone = mix(green, light.bottom, haze)
        pen.rect(-0.1, foot - 0.04, aspect + 0.1, 1.1, dark(tone, 0.05))
        for x in _spread(rng, max(4, round(aspect * (9 - 2 * layer))), -0.05, aspect + 0.05):
            _pine(pen, x, foot, height * float(rng.uniform(0.55, 1.0)), tone)
    _ridge(pen, rng, aspect, 0.74, 0.03, (116, 158, 92))
    _ridge(pen, rng, aspect, 0.88, 0.04, (100, 142, 84))


def mountains(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    _sky(canvas, light, rng, 0.66)
    rock = (108, 122, 158)
    _ridge(pen, rng, aspect, 0.64, 0.34, mix(rock, light.bottom, 0.6), soft=False)
    for x in _spread(rng, max(2, round(aspect * 2.2)), 0, aspect):
        height, half = float(rng.uniform(0.28, 0.44)), float(rng.uniform(0.2, 0.3))
        tone, top = mix(rock, light.bottom, 0.18), 0.7 - height
        pen.poly([(x - half, 0.72), (x, top), (x + half, 0.72)], tone)
        pen.poly([(x, top), (x + half, 0.72), (x + half * 0.1, 0.72), (x - half * 0.06, top + height * 0.4)], dark(tone, 0.2))
        cap = [
            (x, top),
            (x + half * 0.34, top + height * 0.34),
            (x + half * 0.1, top + height * 0.27),
            (x - half * 0.04, top + height * 0.38),
        ]
        pen.poly([*cap, (x - half * 0.16, top + height * 0.26), (x - half * 0.34, top + height * 0.34)], (248, 250, 252))
    _ridge(pen, rng, aspect, 0.76, 0.07, (112, 160, 118))
    _ridge(pen, rng, aspect, 0.88, 0.05, (92, 142, 102))


def desert(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    _sky(canvas, light, rng, 0.64, clouds=False)
    sand = (236, 186, 120)
    for x in _spread(rng, max(1, round(aspect * 1.6)), 0, aspect):
        half, top = float(rng.uniform(0.08, 0.15)), float(rng.uniform(0.4, 0.5))
        tone = mix((196, 112, 84), light.bottom, 0.3)
        pen.poly([(x - half * 1.25, 0.68), (x - half, top), (x + half, top), (x + half * 1.25, 0.68)], tone)
        pen.poly([(x + half * 0.3, top), (x + half, top), (x + half * 1.25, 0.68), (x + half * 0.4, 0.68)], dark(tone, 0.15))
    _ridge(pen, rng, aspect, 0.68, 0.07, mix(sand, light.bottom, 0.35))
    _ridge(pen, rng, aspect, 0.76, 0.07, sand)
    _ridge(pen, rng, aspect, 0.9, 0.08, dark(sand, 0.09))
    for x in _spread(rng, max(2, round(aspect * 3)), 0, aspect):
        y = float(rng.uniform(0.72, 0.76))
        pen.line([(x, y), (x, y - 0.07)], 0.016, (104, 150, 98))
        pen.line([(x, y - 0.03), (x + 0.024, y - 0.035), (x + 0.024, y - 0.055)], 0.011, (104, 150, 98))


def city(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    _sky(canvas, light, rng, 0.74)
    lit = light.name in ("dusk", "night")
    for layer, (foot, tall, haze) in enumerate(((0.78, 0.46, 0.55), (0.78, 0.36, 0.15))):
        for n, x in enumerate(_spread(rng, max(4, round(aspect * 8)), -0.1, aspect)):
            tone = mix(((120, 134, 170), (204, 132, 112), (228, 184, 140), (132, 166, 170))[(n + layer) % 4], light.bottom, haze)
            width, height = float(rng.uniform(0.09, 0.15)), tall * float(rng.uniform(0.5, 1.0))
            pen.rect(x, foot - height, x + width, foot, tone)
            pen.rect(x + width * 0.78, foot - height, x + width, foot, dark(tone, 0.12))
            if layer:
                _windows(pen, rng, (x, foot - height, width, height), tone, lit=lit)
    pen.rect(-0.1, 0.77, aspect + 0.1, 0.82, (214, 206, 198))
    pen.rect(-0.1, 0.815, aspect + 0.1, 1.1, (118, 118, 134))
    for n in range(math.ceil(aspect / 0.16) + 1):
        pen.rect(n * 0.16, 0.902, n * 0.16 + 0.08, 0.912, (240, 236, 226))


def _windows(pen: Pen, rng: Generator, box: tuple[float, float, float, float], tone: Colour, *, lit: bool) -> None:
    x, y, width, height = box
    for row in range(int(height / 0.05)):
        for column in range(3):
            bright = float(rng.random()) < (0.55 if lit else 0.2)
            glass = ((255, 226, 140) if lit else pale(tone, 0.6)) if bright else dark(tone, 0.24)
            left, top = x + width * (0.1 + 0.23 * column), y + 0.018 + row * 0.05
            pen.rect(left, top, left + width * 0.15, top + 0.026, glass)


def snow(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    _sky(canvas, light, rng, 0.64, clouds=False)
    _ridge(pen, rng, aspect, 0.6, 0.14, mix((196, 212, 232), light.bottom, 0.3))
    for x in _spread(rng, max(5, round(aspect * 9)), 0, aspect):
        _pine(pen, x, 0.68, float(rng.uniform(0.12, 0.24)), mix((90, 142, 148), light.bottom, 0.2))
    _ridge(pen, rng, aspect, 0.7, 0.05, (232, 240, 248))
    _ridge(pen, rng, aspect, 0.88, 0.07, (218, 230, 242))
    for _ in range(round(60 * aspect)):
        pen.ellipse(
            float(rng.uniform(0, aspect)), float(rng.uniform(0, 1)), float(rng.uniform(0.002, 0.006)), None, (255, 255, 255), alpha=210
        )


def room(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    wall = ((232, 206, 190), (196, 214, 206), (214, 208, 226), (238, 222, 184))[int(rng.integers(4))]
    canvas.gradient(wall, pale(wall, 0.2), 0, 0.76)
    pen.rect(-0.1, 0.73, aspect + 0.1, 0.76, pale(wall, 0.6))
    canvas.gradient((190, 142, 102), (170, 122, 86), 0.76, 1)
    for y in (0.82, 0.9):
        pen.rect(-0.1, y, aspect + 0.1, y + 0.005, (150, 106, 76))
    x = float(rng.uniform(0.08, 0.3)) * aspect
    width = min(0.34, aspect * 0.4)
    pen.rect(x - 0.02, 0.12, x + width + 0.02, 0.54, (250, 246, 236))
    pen.rect(x, 0.14, x + width, 0.52, light.top)
    pen.rect(x, 0.3, x + width, 0.52, light.bottom)
    pen.ellipse(x + width * 0.7, 0.24, 0.036, None, light.disc)
    pen.rect(x + width / 2 - 0.007, 0.14, x + width / 2 + 0.007, 0.52, (250, 246, 236))
    pen.rect(x - 0.035, 0.53, x + width + 0.035, 0.555, (250, 246, 236))
    left = x + width + 0.1 * aspect
    for n in range(2):
        frame = left + n * 0.26
        pen.rect(frame, 0.2 + 0.05 * n, frame + 0.2, 0.42, (128, 92, 70))
        pen.rect(frame + 0.015, 0.215 + 0.05 * n, frame + 0.185, 0.405, (246, 238, 222))
        pen.ellipse(frame + 0.1, 0.33, 0.05, None, ((206, 106, 86), (74, 132, 130))[n])
    pen.ellipse(aspect / 2, 0.9, aspect * 0.34, 0.06, mix(wall, (160, 90, 90), 0.45))
    pen.ellipse(aspect / 2, 0.9, aspect * 0.3, 0.048, mix(wall, (160, 90, 90), 0.3))


def kitchen(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    tile = ((214, 232, 228), (240, 228, 210), (220, 226, 240))[int(rng.integers(3))]
    pen.rect(-0.1, -0.1, aspect + 0.1, 1.1, tile)
    for n in range(math.ceil(aspect / 0.09) + 1):
        pen.rect(n * 0.09, 0, n * 0.09 + 0.004, 0.74, pale(tile, 0.7))
    for n in range(9):
        pen.rect(-0.1, n * 0.09, aspect + 0.1, n * 0.09 + 0.004, pale(tile, 0.7))
    shelf = 0.3
    pen.rect(0.06, shelf, aspect - 0.06, shelf + 0.022, (168, 116, 78))
    for n, x in enumerate(_spread(rng, max(3, round(aspect * 6)), 0.08, aspect - 0.1)):
        height, tone = float(rng.uniform(0.06, 0.13)), ((206, 106, 86), (246, 203, 110), (90, 146, 140), (244, 240, 230))[n % 4]
        pen.rect(x - 0.035, shelf - height, x + 0.035, shelf, tone, round_by=0.014)
        pen.rect(x - 0.03, shelf - height - 0.016, x + 0.03, shelf - height, dark(tone, 0.25), round_by=0.005)
    pen.rect(-0.1, 0.74, aspect + 0.1, 1.1, (206, 156, 110))
    pen.rect(-0.1, 0.74, aspect + 0.1, 0.775, (232, 190, 144))
    for _ in range(round(9 * aspect)):
        x, y = float(rng.uniform(0, aspect)), float(rng.uniform(0.8, 0.99))
        pen.line([(x, y), (x + float(rng.uniform(0.05, 0.2)), y)], 0.004, (184, 134, 92))


def studio(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    tone = ((244, 206, 190), (190, 218, 222), (214, 202, 232), (246, 224, 170), (202, 222, 190), (228, 226, 222))[int(rng.integers(6))]
    canvas.gradient(tone, pale(tone, 0.25), 0, 0.8)
    canvas.gradient(dark(tone, 0.07), dark(tone, 0.02), 0.76, 1)
    pen.ellipse(aspect / 2, 0.46, min(0.38, aspect * 0.42), None, pale(tone, 0.5))
    half = min(0.52, aspect * 0.46)
    pen.ellipse(aspect / 2, 0.9, half, 0.06, dark(tone, 0.16))
    pen.rect(aspect / 2 - half, 0.85, aspect / 2 + half, 0.9, dark(tone, 0.16))
    pen.ellipse(aspect / 2, 0.85, half, 0.06, pale(tone, 0.6))


def night_sky(canvas: Canvas, light: Light, rng: Generator) -> None:
    aspect, pen = canvas.width / canvas.height, canvas.backdrop()
    canvas.gradient(light.top, light.bottom)
    for _ in range(round(9 * aspect)):
        x = float(rng.uniform(-0.1, aspect + 0.1))
        pen.ellipse(x, 0.62 - x / max(aspect, 0.1) * 0.4 + float(rng.uniform(-0.06, 0.06)), 0.16, 0.07, (150, 120, 200), tilt=-20, alpha=20)
    for n in range(round(120 * aspect)):
        size = float(rng.uniform(0.001, 0.0038))
        pen.ellipse(
            float(rng.uniform(0, aspect)),
            float(rng.uniform(0, 0.92)),
            size,
            None,
            ((255, 250, 230), (206, 222, 255), (255, 220, 190))[n % 3],
        )
    x, y = float(rng.uniform(0.18, 0.82)) * aspect, float(rng.uniform(0.14, 0.26))
    pen.ellipse(x, y, 0.13, None, (255, 246, 210), alpha=36)
    pen.ellipse(x, y, 0.09, None, light.disc)
    for dx, dy, r in ((-0.03, -0.02, 0.018), (0.03, 0.025, 0.024), (0.02, -0.045, 0.01)):
        pen.ellipse(x + dx, y + dy, r, None, (230, 212, 176))
    _ridge(pen, rng, aspect, 0.84, 0.1, (50, 44, 98))
    _ridge(pen, rng, aspect, 0.92, 0.08, (34, 32, 76))


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("beach", "on a beach", beach, {"ground": (0.84, 0.95), "water": (0.56, 0.64), "air": (0.2, 0.42)}, ground=(242, 218, 170)),
        Setting("sea", "on the open sea", sea, {"water": (0.68, 0.9), "air": (0.2, 0.4)}, ground=(60, 140, 180)),
        Setting("underwater", "under water", underwater, {"under": (0.5, 0.8)}, ("day",), (60, 140, 170)),
        Setting("meadow", "in a meadow", meadow, {"ground": (0.82, 0.95), "air": (0.2, 0.45)}, ground=(126, 180, 98)),
        Setting("forest", "in a forest", forest, {"ground": (0.82, 0.95)}, ("day", "golden hour", "dusk"), (90, 140, 96)),
        Setting("mountains", "in the mountains", mountains, {"ground": (0.84, 0.95), "air": (0.18, 0.42)}, ground=(112, 150, 120)),
        Setting("desert", "in the desert", desert, {"ground": (0.82, 0.95), "air": (0.2, 0.42)}, ground=(236, 186, 120)),
        Setting("city", "in a city street", city, {"ground": (0.86, 0.96), "air": (0.16, 0.38)}, ground=(140, 130, 140)),
        Setting("snow", "in the snow", snow, {"ground": (0.82, 0.95), "air": (0.2, 0.42)}, ground=(225, 235, 245)),
        Setting("room", "in a living room", room, {"ground": (0.88, 0.96)}, ("day", "golden hour", "dusk"), (200, 170, 140)),
        Setting("kitchen", "on a kitchen counter", kitchen, {"table": (0.84, 0.94)}, ("day", "golden hour"), (214, 190, 160)),
        Setting("studio", "on a studio stage", studio, {"table": (0.85, 0.88), "ground": (0.85, 0.88)}, ("day",), (230, 222, 215), 0.72),
        Setting("night sky", "under a starry sky", night_sky, {"ground": (0.92, 0.97), "air": (0.4, 0.66)}, ("starlight",), (50, 44, 98)),
    )
}
"""Every setting by name."""

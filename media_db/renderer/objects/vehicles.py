"""Things that go, fly or float, and the machine that walks; drawn in a box from -1 to 1 that stands on y = 1."""

from __future__ import annotations

from media_db.renderer.canvas import Pen, arc, curve
from media_db.renderer.objects.home import CREAM, GLASS, INK, METAL, WOOD
from media_db.renderer.palette import Colour, dark, pale


def _wheel(pen: Pen, x: float, y: float, radius: float) -> None:
    pen.ellipse(x, y, radius, None, INK)
    pen.ellipse(x, y, radius * 0.55, None, METAL)
    pen.ellipse(x, y, radius * 0.2, None, INK)


def bicycle(pen: Pen, paint: Colour) -> None:
    for x in (-0.58, 0.58):
        pen.ring(x, 0.56, 0.4, 0.075, INK)
        for spoke in range(6):
            pen.line([(x, 0.56), arc(x, 0.56, 0.38, spoke * 60, spoke * 60, 2)[0]], 0.018, METAL)
        pen.ellipse(x, 0.56, 0.06, None, METAL)
    pen.line([(-0.58, 0.56), (-0.2, -0.05), (0.4, -0.05), (-0.02, 0.58), (-0.58, 0.56)], 0.1, paint)
    pen.line([(-0.26, -0.22), (-0.02, 0.58)], 0.1, paint)
    pen.line([(0.58, 0.56), (0.34, -0.3)], 0.1, dark(paint, 0.15))
    pen.line([(0.16, -0.42), (0.34, -0.36), (0.52, -0.42)], 0.08, INK)
    pen.rect(-0.46, -0.34, -0.06, -0.22, INK, round_by=0.06)
    pen.ellipse(-0.02, 0.58, 0.13, None, dark(METAL, 0.3))
    pen.line([(-0.02, 0.58), (0.1, 0.78)], 0.05, INK)
    pen.rect(0.03, 0.75, 0.2, 0.81, INK)


def car(pen: Pen, paint: Colour) -> None:
    pen.poly([(-0.62, 0.28), *curve([(-0.46, -0.24), (-0.3, -0.34), (0.2, -0.34), (0.36, -0.24)]), (0.68, 0.28)], dark(paint, 0.12))
    pen.poly([(-0.5, 0.22), (-0.38, -0.2), (-0.04, -0.22), (-0.04, 0.22)], GLASS)
    pen.poly([(0.06, 0.22), (0.06, -0.22), (0.26, -0.2), (0.52, 0.22)], GLASS)
    pen.poly([(-0.34, 0.22), (-0.24, -0.2), (-0.16, -0.2), (-0.26, 0.22)], CREAM)
    pen.rect(-1, 0.18, 1, 0.76, paint, round_by=0.22)
    pen.rect(-1, 0.5, 1, 0.76, dark(paint, 0.16), round_by=0.13)
    pen.rect(0.82, 0.3, 1, 0.44, (255, 230, 150), round_by=0.06)
    pen.rect(-1, 0.3, -0.86, 0.44, (206, 62, 56), round_by=0.05)
    pen.line([(0.08, 0.32), (0.22, 0.32)], 0.045, dark(paint, 0.35))
    for x in (-0.54, 0.54):
        pen.poly(arc(x, 0.74, 0.3, 180, 360), dark(paint, 0.45))
        _wheel(pen, x, 0.75, 0.24)


def bus(pen: Pen, paint: Colour) -> None:
    pen.rect(-1, -0.55, 1, 0.78, paint, round_by=0.14)
    pen.rect(-1, 0.3, 1, 0.78, dark(paint, 0.14), round_by=0.1)
    pen.rect(-1, 0.22, 1, 0.32, CREAM)
    for n in range(4):
        pen.rect(-0.88 + n * 0.38, -0.38, -0.56 + n * 0.38, 0.1, GLASS, round_by=0.05)
    pen.rect(0.66, -0.38, 0.96, 0.62, pale(GLASS, 0.3), round_by=0.05)
    pen.line([(0.81, -0.36), (0.81, 0.6)], 0.03, dark(paint, 0.3))
    for x in (-0.54, 0.4):
        _wheel(pen, x, 0.77, 0.23)


def boat(pen: Pen, paint: Colour) -> None:
    pen.line([(0.02, -0.98), (0.02, 0.45)], 0.06, WOOD)
    pen.poly([*curve([(0.1, -0.9), (0.56, -0.3), (0.78, 0.32)]), (0.1, 0.32)], CREAM)
    pen.poly([*curve([(-0.06, -0.8), (-0.36, -0.25), (-0.62, 0.32)]), (-0.06, 0.32)], dark(CREAM, 0.1))
    pen.poly([(0.02, -1), (0.3, -0.92), (0.02, -0.82)], paint)
    pen.poly(
        [(-0.98, 0.45), (0.98, 0.45), *curve([(0.98, 0.45), (0.74, 0.82), (0.56, 1)]), *curve([(-0.6, 1), (-0.84, 0.8), (-0.98, 0.45)])],
        paint,
    )
    pen.poly([(-0.88, 0.72), (0.84, 0.72), (0.56, 1), (-0.6, 1)], dark(paint, 0.2))
    pen.rect(-1, 0.4, 1, 0.5, pale(paint, 0.5), round_by=0.05)


def rocket(pen: Pen, paint: Colour) -> None:
    pen.smooth([(-0.18, 0.62), (0.18, 0.62), (0.12, 0.86), (0, 1), (-0.12, 0.86)], (246, 166, 60))
    pen.smooth([(-0.09, 0.62), (0.09, 0.62), (0, 0.86)], (255, 232, 150))
    for side in (-1, 1):
        pen.poly([*curve([(side * 0.3, 0.1), (side * 0.62, 0.42), (side * 0.6, 0.78)]), (side * 0.24, 0.56)], dark(paint, 0.15))
    pen.poly(
        [*curve([(-0.26, 0.62), (-0.4, 0.05), (-0.26, -0.55), (0, -1)]), *curve([(0, -1), (0.26, -0.55), (0.4, 0.05), (0.26, 0.62)])], CREAM
    )
    pen.poly([*curve([(0.08, 0.62), (0.16, 0), (0, -1)]), *curve([(0, -1), (0.26, -0.55), (0.4, 0.05), (0.26, 0.62)])], dark(CREAM, 0.12))
    pen.poly([*curve([(-0.27, -0.52), (-0.16, -0.76), (0, -1)]), *curve([(0, -1), (0.16, -0.76), (0.27, -0.52)])], paint)
    pen.rect(-0.27, 0.48, 0.27, 0.64, paint, round_by=0.04)
    pen.ellipse(0, -0.14, 0.19, None, paint)
    pen.ellipse(0, -0.14, 0.13, None, (90, 150, 200))
    pen.ellipse(-0.04, -0.18, 0.04, None, CREAM)


def balloon(pen: Pen, paint: Colour) -> None:
    for x in (-0.16, 0.16):
        pen.line([(x * 1.6, 0.3), (x, 0.74)], 0.025, INK)
    pen.rect(-0.2, 0.7, 0.2, 1, WOOD, round_by=0.05)
    pen.rect(-0.22, 0.68, 0.22, 0.76, dark(WOOD, 0.25), round_by=0.03)
    for width, tone in ((0.76, paint), (0.52, pale(paint, 0.5)), (0.24, paint)):
        half = [(0, -1), (width, -0.56), (width, -0.1), (width * 0.4, 0.38)]
        pen.smooth([*half, (0, 0.42), *((-x, y) for x, y in reversed(half[1:]))], tone)
    right = curve([(0, -1), (0.76, -0.56), (0.76, -0.1), (0.3, 0.38)])
    pen.poly([*right, *reversed(curve([(0, -1), (0.62, -0.56), (0.62, -0.1), (0.22, 0.4)]))], dark(paint, 0.18))
    pen.rect(-0.26, 0.34, 0.26, 0.44, dark(paint, 0.3), round_by=0.04)


def kite(pen: Pen, paint: Colour) -> None:
    tail = curve([(0, 0.38), (-0.22, 0.58), (0.06, 0.78), (-0.14, 1)])
    pen.line(tail, 0.035, INK)
    for x, y, tone in ((-0.18, 0.54, pale(paint, 0.4)), (0.03, 0.74, dark(paint, 0.1)), (-0.1, 0.95, pale(paint, 0.4))):
        pen.poly([(x, y), (x - 0.14, y - 0.07), (x - 0.14, y + 0.07)], tone)
        pen.poly([(x, y), (x + 0.14, y - 0.07), (x + 0.14, y + 0.07)], tone)
    top, right, foot, left, middle = (0, -1), (0.66, -0.36), (0, 0.42), (-0.66, -0.36), (0, -0.36)
    pen.poly([top, right, middle], paint)
    pen.poly([top, left, middle], pale(paint, 0.4))
    pen.poly([left, foot, middle], dark(paint, 0.08))
    pen.poly([right, foot, middle], dark(paint, 0.24))
    pen.line([top, foot], 0.03, CREAM)
    pen.line([left, right], 0.03, CREAM)


def robot(pen: Pen, paint: Colour) -> None:
    pen.line([(0, -0.72), (0, -0.94)], 0.05, METAL)
    pen.ellipse(0, -0.94, 0.08, None, (246, 166, 60))
    for side in (-1, 1):
        pen.line(curve([(side * 0.5, 0.14), (side * 0.76, 0.3), (side * 0.72, 0.58)]), 0.14, METAL)
        pen.ellipse(side * 0.72, 0.6, 0.12, None, dark(paint, 0.2))
        pen.rect(side * 0.26 - 0.12, 0.62, side * 0.26 + 0.12, 0.92, dark(METAL, 0.2))
        pen.rect(side * 0.28 - 0.2, 0.86, side * 0.28 + 0.2, 1, dark(paint, 0.3), round_by=0.06)
        pen.rect(side * 0.56 - 0.07, -0.5, side * 0.56 + 0.07, -0.26, METAL, round_by=0.03)
    pen.rect(-0.5, 0.04, 0.5, 0.72, paint, round_by=0.14)
    pen.rect(-0.5, 0.5, 0.5, 0.72, dark(paint, 0.14), round_by=0.12)
    pen.rect(-0.26, 0.16, 0.26, 0.46, CREAM, round_by=0.06)
    for n, tone in enumerate(((206, 62, 56), (246, 203, 72), (74, 152, 92))):
        pen.ellipse(-0.14 + n * 0.14, 0.31, 0.05, None, tone)
    pen.rect(-0.14, -0.08, 0.14, 0.08, METAL)
    pen.rect(-0.54, -0.74, 0.54, -0.04, paint, round_by=0.2)
    pen.rect(-0.42, -0.6, 0.42, -0.18, INK, round_by=0.14)
    for x in (-0.19, 0.19):
        pen.ellipse(x, -0.4, 0.085, None, (150, 232, 236))


SHAPES = (bicycle, car, bus, boat, rocket, balloon, kite, robot)

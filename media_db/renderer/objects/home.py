"""Things of a home: each drawn in a box from -1 to 1 that stands on y = 1, in a paint of its own."""

from __future__ import annotations

from media_db.renderer.canvas import Pen, arc, curve
from media_db.renderer.palette import Colour, dark, mix, pale

INK = (44, 42, 58)
WOOD = (164, 112, 72)
METAL = (176, 184, 196)
CREAM = (250, 242, 224)
GLASS = (206, 232, 240)


def ball(pen: Pen, paint: Colour) -> None:
    pen.ellipse(0, 0, 1, None, paint)
    pen.poly([*arc(0, 0, 1, 20, 160), *reversed(arc(0, -0.32, 1.05, 36, 144))], dark(paint, 0.16))
    pen.line(curve([(-0.94, -0.3), (-0.3, 0.02), (0.4, -0.05), (0.96, -0.26)]), 0.09, CREAM)
    pen.line(curve([(-0.3, -0.95), (0.04, -0.35), (0.06, 0.35), (-0.18, 0.97)]), 0.09, CREAM)
    pen.ellipse(-0.45, -0.55, 0.2, 0.12, pale(paint, 0.6), tilt=-35)


def lamp(pen: Pen, paint: Colour) -> None:
    pen.ellipse(0, 0.93, 0.46, 0.09, INK)
    pen.rect(-0.045, -0.2, 0.045, 0.92, dark(METAL, 0.3))
    pen.ellipse(0, -0.18, 0.42, 0.12, (255, 240, 176))
    pen.poly([(-0.36, -1), (0.36, -1), (0.72, -0.18), (-0.72, -0.18)], paint)
    pen.poly([(0.12, -1), (0.36, -1), (0.72, -0.18), (0.26, -0.18)], dark(paint, 0.15))
    pen.rect(-0.72, -0.24, 0.72, -0.16, pale(paint, 0.3), round_by=0.04)


def cup(pen: Pen, paint: Colour) -> None:
    pen.line(arc(0.62, 0.25, 0.36, -90, 90, 18), 0.15, dark(paint, 0.12))
    pen.line(curve([(-0.3, -0.5), (-0.2, -0.66), (-0.34, -0.8), (-0.24, -0.98)]), 0.06, CREAM)
    pen.line(curve([(0.12, -0.5), (0.22, -0.66), (0.08, -0.8), (0.18, -0.98)]), 0.06, CREAM)
    pen.poly([*curve([(-0.72, -0.3), (-0.7, 0.45), (-0.42, 0.92)]), *curve([(0.42, 0.92), (0.7, 0.45), (0.72, -0.3)])], paint)
    pen.poly([*curve([(0.2, -0.3), (0.26, 0.4), (0.12, 0.92)]), *curve([(0.42, 0.92), (0.7, 0.45), (0.72, -0.3)])], dark(paint, 0.14))
    pen.rect(-0.44, 0.88, 0.44, 1, dark(paint, 0.22), round_by=0.05)
    pen.ellipse(0, -0.3, 0.72, 0.16, pale(paint, 0.4))
    pen.ellipse(0, -0.28, 0.6, 0.11, (98, 62, 44))


def chair(pen: Pen, paint: Colour) -> None:
    wood = dark(WOOD, 0.12)
    for x0, x1 in ((-0.5, -0.62), (0.5, 0.62)):
        pen.line([(x0, 0.2), (x1, 0.97)], 0.1, wood)
    pen.line([(-0.3, 0.2), (-0.34, 0.86)], 0.08, dark(wood, 0.25))
    pen.line([(0.3, 0.2), (0.34, 0.86)], 0.08, dark(wood, 0.25))
    pen.rect(-0.58, -1, 0.58, 0.1, paint, round_by=0.3)
    pen.rect(-0.42, -0.85, 0.42, 0.02, pale(paint, 0.16), round_by=0.22)
    for x, y in ((-0.19, -0.62), (0.19, -0.62), (-0.19, -0.28), (0.19, -0.28)):
        pen.ellipse(x, y, 0.045, None, dark(paint, 0.25))
    pen.rect(-0.7, 0.02, 0.7, 0.34, dark(paint, 0.14), round_by=0.15)
    pen.rect(-0.7, 0.02, 0.7, 0.2, paint, round_by=0.09)


def clock(pen: Pen, paint: Colour) -> None:
    for x in (-0.5, 0.5):
        pen.line([(x * 0.8, 0.7), (x * 1.25, 0.97)], 0.13, dark(paint, 0.35))
        pen.ellipse(x, -0.72, 0.26, 0.2, dark(paint, 0.12), tilt=x * 70)
    pen.ellipse(0, 0.05, 0.88, None, paint)
    pen.ellipse(0, 0.05, 0.7, None, CREAM)
    for hour in range(12):
        (x0, y0), (x1, y1) = arc(0, 0.05, 0.6, hour * 30, hour * 30, 2)[0], arc(0, 0.05, 0.52, hour * 30, hour * 30, 2)[0]
        pen.line([(x0, y0), (x1, y1)], 0.06 if hour % 3 == 0 else 0.035, INK)
    pen.line([(0, 0.05), (-0.24, -0.22)], 0.09, INK)
    pen.line([(0, 0.05), (0.36, -0.22)], 0.06, INK)
    pen.ellipse(0, 0.05, 0.08, None, paint)


def book(pen: Pen, paint: Colour) -> None:
    for n, (x0, shade) in enumerate(((-0.82, paint), (-0.7, pale(paint, 0.45)), (-0.9, dark(paint, 0.18)))):
        top = 0.62 - n * 0.42
        pen.rect(x0, top, x0 + 1.64, top + 0.38, shade, round_by=0.08)
        pen.rect(x0 + 0.14, top + 0.07, x0 + 1.66, top + 0.31, CREAM, round_by=0.03)
        for y in (0.14, 0.22):
            pen.line([(x0 + 0.22, top + y), (x0 + 1.6, top + y)], 0.016, dark(CREAM, 0.2))
        pen.rect(x0, top, x0 + 0.2, top + 0.38, shade, round_by=0.08)
    pen.poly([(0.34, -0.2), (0.54, -0.2), (0.54, 0.12), (0.44, 0.02), (0.34, 0.12)], (236, 132, 46))


def umbrella(pen: Pen, paint: Colour) -> None:
    pen.line([(0, -0.9), (0, 0.72)], 0.07, WOOD)
    pen.line(arc(0.16, 0.76, 0.16, 180, 0, 12), 0.09, WOOD)
    dome = arc(0, 0, 1, 180, 360, 40)
    scallops = [point for n in range(4) for point in arc(0.75 - 0.5 * n, 0, 0.25, 0, -180, 12)]
    pen.poly([(x, y * 0.86) for x, y in [*dome, *((x, y * 0.5) for x, y in scallops)]], paint)
    middle = [*curve([(-0.25, -0.1), (-0.18, -0.55), (0, -0.86)]), *curve([(0, -0.86), (0.18, -0.55), (0.25, -0.1)])]
    pen.poly(middle, pale(paint, 0.35))
    right = [*curve([(0, -0.86), (0.62, -0.5), (0.76, -0.1)]), *curve([(1.0, 0), (0.8, -0.55), (0, -0.86)])]
    pen.poly(right, dark(paint, 0.16))
    pen.line([(0, -0.84), (0, -0.97)], 0.06, WOOD)


def bottle(pen: Pen, paint: Colour) -> None:
    body = [
        (-0.14, -0.98),
        (-0.14, -0.5),
        (-0.42, -0.12),
        (-0.44, 0.6),
        (-0.4, 1),
        (0.4, 1),
        (0.44, 0.6),
        (0.42, -0.12),
        (0.14, -0.5),
        (0.14, -0.98),
    ]
    pen.poly([*curve(body[:4]), *curve(body[3:5]), *curve(body[5:7]), *curve(body[6:])], paint)
    pen.poly([*curve([(0.03, -0.98), (0.04, -0.5), (0.2, -0.12), (0.22, 1)]), (0.4, 1), *curve(body[6:])], dark(paint, 0.16))
    pen.rect(-0.17, -1, 0.17, -0.8, WOOD, round_by=0.04)
    pen.rect(-0.43, 0.1, 0.43, 0.66, CREAM)
    pen.ellipse(0, 0.38, 0.16, None, paint)
    pen.line([(-0.28, -0.02), (-0.3, 0.04)], 0.07, pale(paint, 0.6))
    pen.line([(-0.3, 0.74), (-0.3, 0.88)], 0.07, pale(paint, 0.6))


def shoe(pen: Pen, paint: Colour) -> None:
    pen.rect(-1, 0.72, 1, 1, CREAM, round_by=0.13)
    upper = [
        (-0.92, 0.74),
        (-0.9, -0.12),
        (-0.72, -0.2),
        (-0.5, 0.02),
        (-0.14, -0.22),
        (0.16, 0.18),
        (0.66, 0.36),
        (0.95, 0.56),
        (0.96, 0.74),
    ]
    pen.poly([upper[0], *curve(upper[1:8]), upper[8]], paint)
    pen.poly([*curve([(0.52, 0.74), (0.5, 0.52), (0.66, 0.36), (0.95, 0.56)]), (0.96, 0.74)], pale(paint, 0.35))
    pen.poly([(-0.92, 0.74), (-0.9, -0.12), (-0.72, -0.2), (-0.62, 0.74)], dark(paint, 0.2))
    for n in range(3):
        pen.line([(-0.12 + n * 0.2, -0.02 + n * 0.13), (-0.26 + n * 0.2, 0.2 + n * 0.11)], 0.07, CREAM)
    pen.line([(-0.9, 0.88), (0.92, 0.88)], 0.05, paint)


def watch(pen: Pen, paint: Colour) -> None:
    for y0, y1 in ((-1, -0.4), (0.4, 1)):
        pen.rect(-0.3, y0, 0.3, y1, paint, round_by=0.1)
        pen.rect(0.08, y0, 0.3, y1, dark(paint, 0.16), round_by=0.08)
    for y in (0.68, 0.82):
        pen.ellipse(0, y, 0.045, None, INK)
    pen.rect(0.5, -0.08, 0.66, 0.08, dark(METAL, 0.15), round_by=0.03)
    pen.ellipse(0, 0, 0.58, None, METAL)
    pen.ellipse(0, 0, 0.48, None, mix(INK, paint, 0.18))
    for quarter in range(4):
        (x, y), *_ = arc(0, 0, 0.38, quarter * 90, quarter * 90, 2)
        pen.ellipse(x, y, 0.035, None, CREAM)
    pen.line([(0, 0), (0, -0.3)], 0.06, CREAM)
    pen.line([(0, 0), (0.22, 0.12)], 0.06, CREAM)
    pen.ellipse(0, 0, 0.05, None, paint)


def guitar(pen: Pen, paint: Colour) -> None:
    pen.line([(0, -0.95), (0, 0.1)], 0.14, dark(WOOD, 0.4))
    pen.rect(-0.12, -1, 0.12, -0.76, dark(WOOD, 0.5), round_by=0.04)
    for y in (-0.94, -0.84):
        for x in (-0.17, 0.17):
            pen.ellipse(x, y, 0.05, None, METAL)
    half = [(0, -0.16), (0.32, -0.14), (0.36, 0.08), (0.29, 0.26), (0.5, 0.54), (0.4, 0.9), (0, 1)]
    pen.smooth([*half, *((-x, y) for x, y in reversed(half[1:-1]))], dark(paint, 0.28))
    pen.smooth([(x * 0.88, 0.42 + (y - 0.42) * 0.9) for x, y in [*half, *((-x, y) for x, y in reversed(half[1:-1]))]], paint)
    pen.ellipse(0, 0.28, 0.17, None, pale(paint, 0.5))
    pen.ellipse(0, 0.28, 0.13, None, INK)
    pen.rect(-0.19, 0.68, 0.19, 0.75, dark(WOOD, 0.45), round_by=0.02)
    for x in (-0.045, 0, 0.045):
        pen.line([(x, -0.76), (x, 0.7)], 0.014, CREAM)


def camera(pen: Pen, paint: Colour) -> None:
    pen.rect(-0.36, -0.62, 0.36, -0.2, dark(paint, 0.2), round_by=0.1)
    pen.rect(0.5, -0.5, 0.78, -0.2, (206, 62, 56), round_by=0.06)
    pen.rect(-1, -0.4, 1, 0.95, paint, round_by=0.18)
    pen.rect(-1, 0.0, 1, 0.55, dark(paint, 0.32))
    pen.ellipse(0, 0.27, 0.58, None, METAL)
    pen.ellipse(0, 0.27, 0.46, None, INK)
    pen.ellipse(0, 0.27, 0.3, None, (66, 92, 150))
    pen.ellipse(-0.12, 0.15, 0.1, 0.07, (200, 224, 246), tilt=-35)
    pen.ellipse(0.74, -0.2, 0.09, None, (250, 226, 140))


def cake(pen: Pen, paint: Colour) -> None:
    pen.ellipse(0, 0.93, 1, 0.09, METAL)
    pen.rect(-0.84, 0.3, 0.84, 0.92, (240, 206, 150), round_by=0.06)
    pen.rect(-0.84, 0.56, 0.84, 0.66, paint)
    pen.rect(-0.6, -0.26, 0.6, 0.34, (240, 206, 150), round_by=0.06)
    for width, top, drops in ((0.84, 0.24, 6), (0.6, -0.34, 4)):
        pen.rect(-width, top, width, top + 0.2, paint, round_by=0.1)
        for n in range(drops):
            x = -width + (n + 0.5) * 2 * width / drops
            pen.rect(x - 0.1, top + 0.08, x + 0.1, top + 0.26 + 0.1 * (n % 2), paint, round_by=0.1)
    for x in (-0.34, 0.0, 0.34):
        pen.rect(x - 0.05, -0.7, x + 0.05, -0.33, CREAM, round_by=0.02)
        pen.smooth([(x, -0.98), (x + 0.08, -0.8), (x, -0.7), (x - 0.08, -0.8)], (250, 190, 70))


def suitcase(pen: Pen, paint: Colour) -> None:
    pen.line([(-0.26, -0.5), (-0.26, -0.78), (0.26, -0.78), (0.26, -0.5)], 0.11, dark(WOOD, 0.35))
    pen.rect(-0.95, -0.55, 0.95, 0.95, paint, round_by=0.18)
    pen.rect(-0.95, 0.45, 0.95, 0.95, dark(paint, 0.12), round_by=0.18)
    for x in (-0.62, 0.44):
        pen.rect(x, -0.55, x + 0.18, 0.95, dark(WOOD, 0.2))
        pen.rect(x - 0.02, 0.1, x + 0.2, 0.3, (236, 200, 110), round_by=0.03)
    pen.ellipse(-0.08, 0.12, 0.25, None, CREAM)
    pen.poly([(-0.2, 0.2), (-0.08, -0.03), (0.06, 0.2)], (40, 156, 160))


SHAPES = (ball, lamp, cup, chair, clock, book, umbrella, bottle, shoe, watch, guitar, camera, cake, suitcase)

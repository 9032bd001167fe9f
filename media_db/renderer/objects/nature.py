"""Animals, plants and the house among them; drawn in a box from -1 to 1 that stands on y = 1."""

from __future__ import annotations

from media_db.renderer.canvas import Pen, arc, curve
from media_db.renderer.objects.home import CREAM, GLASS, INK, WOOD
from media_db.renderer.palette import Colour, dark, pale

LEAF = (84, 148, 90)


def tree(pen: Pen, paint: Colour) -> None:
    pen.poly([(-0.1, 1), (-0.07, 0.1), (0.07, 0.1), (0.1, 1)], dark(WOOD, 0.2))
    pen.line([(0, 0.45), (0.24, 0.2)], 0.07, dark(WOOD, 0.2))
    pen.smooth(
        [(0, -1), (0.42, -0.84), (0.72, -0.42), (0.6, 0.1), (0.2, 0.3), (-0.24, 0.3), (-0.62, 0.08), (-0.72, -0.42), (-0.4, -0.84)], paint
    )
    pen.smooth([(0.3, -0.86), (0.72, -0.42), (0.6, 0.1), (0.2, 0.3), (-0.2, 0.3), (0.24, 0.04), (0.42, -0.4)], dark(paint, 0.17))
    for x, y in ((-0.34, -0.5), (-0.1, -0.7), (-0.42, -0.16)):
        pen.ellipse(x, y, 0.1, 0.055, pale(paint, 0.35), tilt=-30)


def flower(pen: Pen, paint: Colour) -> None:
    pen.line(curve([(0, -0.3), (0.06, 0.3), (0, 1)]), 0.075, LEAF)
    pen.smooth([(0.02, 0.62), (0.3, 0.28), (0.52, 0.3), (0.36, 0.54)], LEAF)
    pen.smooth([(0.02, 0.82), (-0.28, 0.46), (-0.5, 0.5), (-0.34, 0.74)], dark(LEAF, 0.18))
    for petal in range(7):
        angle = petal * 360 / 7 - 90
        (x, y), *_ = arc(0, -0.42, 0.33, angle, angle, 2)
        pen.ellipse(x, y, 0.27, 0.17, paint if petal % 2 else pale(paint, 0.18), tilt=angle)
    pen.ellipse(0, -0.42, 0.2, None, (246, 203, 72))
    pen.ellipse(-0.03, -0.45, 0.11, None, (236, 160, 50))


def mushroom(pen: Pen, paint: Colour) -> None:
    pen.poly([*curve([(-0.24, 0.1), (-0.2, 0.6), (-0.34, 1)]), *curve([(0.34, 1), (0.2, 0.6), (0.24, 0.1)])], CREAM)
    pen.poly([(0.06, 0.1), (0.08, 1), (0.34, 1), (0.2, 0.6), (0.24, 0.1)], dark(CREAM, 0.12))
    pen.poly([(x, y * 0.95 + 0.14) for x, y in arc(0, 0, 0.92, 180, 360, 40)], paint)
    pen.ellipse(0, 0.14, 0.92, 0.13, dark(paint, 0.22))
    pen.ellipse(0, 0.15, 0.62, 0.07, dark(CREAM, 0.2))
    for x, y, r in ((-0.42, -0.18, 0.14), (0.06, -0.42, 0.17), (0.5, -0.12, 0.12), (-0.08, -0.04, 0.08)):
        pen.ellipse(x, y, r, r * 0.82, CREAM)


def cactus(pen: Pen, paint: Colour) -> None:
    pen.line([(-0.2, 0.3), (-0.56, 0.2), (-0.56, -0.2)], 0.22, dark(paint, 0.08))
    pen.line([(0.2, 0.1), (0.54, 0.0), (0.54, -0.42)], 0.22, dark(paint, 0.16))
    pen.rect(-0.26, -0.92, 0.26, 0.7, paint, round_by=0.26)
    pen.rect(0.04, -0.86, 0.26, 0.7, dark(paint, 0.14), round_by=0.2)
    for x in (-0.13, 0.02, 0.15):
        for y in (-0.62, -0.34, -0.06, 0.22):
            pen.line([(x, y), (x, y + 0.09)], 0.028, pale(paint, 0.6))
    for tilt in (-50, 0, 50):
        pen.ellipse(tilt / 500, -0.93, 0.06, 0.11, (238, 140, 170), tilt=tilt)
    pen.poly([(-0.5, 0.5), (0.5, 0.5), (0.38, 1), (-0.38, 1)], (196, 104, 70))
    pen.rect(-0.56, 0.44, 0.56, 0.6, (214, 122, 84), round_by=0.04)


def apple(pen: Pen, paint: Colour) -> None:
    pen.line(curve([(0.0, -0.5), (0.02, -0.74), (0.14, -0.94)]), 0.09, dark(WOOD, 0.35))
    pen.smooth([(0.08, -0.66), (0.32, -0.94), (0.64, -0.9), (0.42, -0.64)], LEAF)
    half = [(0, -0.46), (0.46, -0.62), (0.88, -0.2), (0.78, 0.46), (0.38, 0.98)]
    pen.smooth([*half, (0, 0.9), *((-x, y) for x, y in reversed(half[1:]))], paint)
    pen.smooth([(0.5, -0.56), (0.88, -0.2), (0.78, 0.46), (0.38, 0.98), (0.1, 0.92), (0.5, 0.5), (0.62, -0.1)], dark(paint, 0.16))
    pen.ellipse(-0.46, -0.18, 0.12, 0.22, pale(paint, 0.6), tilt=24)


def house(pen: Pen, paint: Colour) -> None:
    pen.rect(0.4, -0.82, 0.6, -0.2, dark(WOOD, 0.25))
    pen.rect(-0.72, -0.2, 0.72, 1, CREAM)
    pen.rect(0.3, -0.2, 0.72, 1, dark(CREAM, 0.1))
    pen.poly([(-0.95, -0.1), (0, -0.95), (0.95, -0.1)], paint)
    pen.poly([(0, -0.95), (0.95, -0.1), (0.3, -0.1)], dark(paint, 0.16))
    pen.rect(-0.16, 0.4, 0.2, 1, paint)
    pen.ellipse(0.12, 0.72, 0.035, None, (250, 226, 140))
    for x in (-0.56, 0.38):
        pen.rect(x, 0.12, x + 0.26, 0.42, GLASS)
        pen.line([(x + 0.13, 0.12), (x + 0.13, 0.42)], 0.025, INK)
        pen.line([(x, 0.27), (x + 0.26, 0.27)], 0.025, INK)
        pen.rect(x - 0.04, 0.42, x + 0.3, 0.48, dark(WOOD, 0.1))
    pen.ellipse(0, -0.42, 0.13, None, GLASS)


def cat(pen: Pen, paint: Colour) -> None:
    pen.line(curve([(0.42, 0.84), (0.86, 0.74), (0.84, 0.3), (0.66, 0.12)]), 0.15, dark(paint, 0.16))
    pen.smooth([(0, -0.14), (0.36, 0.2), (0.5, 0.72), (0.38, 1), (-0.38, 1), (-0.5, 0.72), (-0.36, 0.2)], paint)
    pen.smooth([(0, 0.1), (0.2, 0.4), (0.16, 0.9), (-0.16, 0.9), (-0.2, 0.4)], pale(paint, 0.55))
    for x in (-0.2, 0.2):
        pen.ellipse(x, 0.94, 0.17, 0.09, pale(paint, 0.3))
    for side in (-1, 1):
        pen.poly([(side * 0.5, -0.36), (side * 0.46, -0.99), (side * 0.1, -0.7)], paint)
        pen.poly([(side * 0.42, -0.5), (side * 0.41, -0.84), (side * 0.2, -0.68)], (238, 170, 170))
    pen.ellipse(0, -0.36, 0.54, 0.43, paint)
    for side in (-1, 1):
        pen.ellipse(side * 0.22, -0.4, 0.085, 0.11, INK)
        pen.ellipse(side * 0.22 - 0.025, -0.44, 0.03, None, CREAM)
        pen.line([(side * 0.28, -0.2), (side * 0.62, -0.26)], 0.022, pale(paint, 0.75))
        pen.line([(side * 0.28, -0.15), (side * 0.6, -0.12)], 0.022, pale(paint, 0.75))
    pen.poly([(-0.06, -0.26), (0.06, -0.26), (0, -0.19)], (220, 120, 130))


def dog(pen: Pen, paint: Colour) -> None:
    pen.line(curve([(-0.6, 0.34), (-0.86, 0.12), (-0.84, -0.16)]), 0.13, paint)
    for x, tone in ((-0.5, dark(paint, 0.22)), (0.16, dark(paint, 0.22)), (-0.32, paint), (0.34, paint)):
        pen.rect(x - 0.1, 0.4, x + 0.1, 1, tone, round_by=0.08)
    pen.rect(-0.66, 0.14, 0.5, 0.72, paint, round_by=0.28)
    pen.poly([(0.1, 0.4), (0.26, -0.3), (0.66, -0.2), (0.5, 0.5)], paint)
    pen.rect(0.24, 0.06, 0.62, 0.19, (206, 62, 56) if paint != (206, 62, 56) else (58, 110, 196), round_by=0.05)
    pen.ellipse(0.4, -0.42, 0.38, 0.34, paint)
    pen.rect(0.46, -0.44, 0.98, -0.12, pale(paint, 0.4), round_by=0.15)
    pen.ellipse(0.92, -0.38, 0.09, 0.075, INK)
    pen.ellipse(0.5, -0.52, 0.055, 0.07, INK)
    pen.smooth([(0.2, -0.72), (0.28, -0.5), (0.2, -0.1), (0.02, -0.14), (0.0, -0.5)], dark(paint, 0.32))


def bird(pen: Pen, paint: Colour) -> None:
    pen.poly([(-0.5, 0.1), (-1, 0.06), (-0.9, 0.32), (-0.42, 0.4)], dark(paint, 0.25))
    for x in (-0.06, 0.16):
        pen.line([(x, 0.62), (x, 0.97)], 0.05, (224, 130, 50))
        pen.line([(x, 0.97), (x + 0.14, 0.97)], 0.05, (224, 130, 50))
    pen.poly([(0.72, -0.4), (1, -0.28), (0.7, -0.16)], (240, 160, 60))
    pen.smooth(
        [(0.42, -0.72), (0.76, -0.5), (0.72, -0.1), (0.5, 0.42), (0.06, 0.7), (-0.4, 0.5), (-0.62, 0.1), (-0.1, -0.06), (0.14, -0.5)], paint
    )
    pen.smooth([(0.68, -0.04), (0.5, 0.42), (0.06, 0.68), (-0.2, 0.58), (0.3, 0.3)], pale(paint, 0.55))
    pen.smooth([(0.2, 0.02), (0.14, 0.34), (-0.24, 0.42), (-0.68, 0.14), (-0.2, 0.02)], dark(paint, 0.18))
    pen.ellipse(0.54, -0.4, 0.07, None, INK)
    pen.ellipse(0.52, -0.42, 0.025, None, CREAM)


def fish(pen: Pen, paint: Colour) -> None:
    pen.smooth([(-0.52, 0), (-0.94, -0.5), (-0.8, 0), (-0.94, 0.5)], dark(paint, 0.12))
    pen.smooth([(-0.1, -0.4), (0.1, -0.8), (0.42, -0.66), (0.36, -0.3)], dark(paint, 0.16))
    pen.smooth([(-0.04, 0.36), (0.02, 0.68), (0.26, 0.62), (0.24, 0.32)], dark(paint, 0.2))
    pen.smooth([(-0.66, 0), (-0.2, -0.42), (0.4, -0.48), (0.86, -0.12), (0.86, 0.12), (0.4, 0.46), (-0.2, 0.4)], paint)
    pen.poly([*arc(0.34, 0, 0.44, -100, 100, 16), *reversed(arc(0.2, 0, 0.46, -84, 84, 16))], pale(paint, 0.65))
    pen.smooth([(-0.3, -0.3), (-0.14, -0.38), (-0.04, 0), (-0.14, 0.36), (-0.3, 0.28), (-0.2, 0)], pale(paint, 0.65))
    pen.ellipse(0.64, -0.1, 0.1, None, CREAM)
    pen.ellipse(0.66, -0.1, 0.055, None, INK)
    pen.line(curve([(0.86, 0.1), (0.76, 0.16), (0.68, 0.14)]), 0.035, dark(paint, 0.5))


def butterfly(pen: Pen, paint: Colour) -> None:
    for side in (-1, 1):
        pen.smooth([(side * 0.05, 0), (side * 0.4, -0.78), (side * 0.9, -0.8), (side * 0.86, -0.24), (side * 0.4, 0.04)], paint)
        pen.smooth(
            [(side * 0.05, 0.02), (side * 0.6, 0.06), (side * 0.74, 0.46), (side * 0.44, 0.76), (side * 0.14, 0.42)], dark(paint, 0.14)
        )
        pen.ellipse(side * 0.62, -0.5, 0.16, None, pale(paint, 0.6))
        pen.ellipse(side * 0.45, 0.36, 0.12, None, pale(paint, 0.6))
        pen.line(curve([(0, -0.4), (side * 0.1, -0.68), (side * 0.24, -0.8)]), 0.03, INK)
    pen.ellipse(0, 0.08, 0.07, 0.52, INK)
    pen.ellipse(0, -0.4, 0.1, None, INK)


def whale(pen: Pen, paint: Colour) -> None:
    for side in (-1, 1):
        pen.line(curve([(0.36, -0.3), (0.36 + side * 0.06, -0.62), (0.36 + side * 0.26, -0.7)]), 0.06, GLASS)
    pen.smooth([(-0.6, 0.2), (-0.86, -0.1), (-1, -0.5), (-0.74, -0.36), (-0.6, -0.56), (-0.56, -0.1), (-0.36, 0.16)], dark(paint, 0.1))
    pen.smooth(
        [(-0.74, 0.04), (-0.3, -0.04), (0.1, -0.32), (0.6, -0.34), (0.94, 0.0), (0.98, 0.4), (0.6, 0.72), (-0.1, 0.76), (-0.6, 0.5)], paint
    )
    pen.smooth([(0.98, 0.36), (0.6, 0.72), (-0.1, 0.76), (-0.5, 0.54), (0.1, 0.56), (0.5, 0.4)], pale(paint, 0.7))
    pen.smooth([(0.1, 0.46), (0.24, 0.9), (-0.06, 0.96), (-0.1, 0.56)], dark(paint, 0.18))
    pen.ellipse(0.62, 0.12, 0.055, None, INK)
    pen.ellipse(0.6, 0.1, 0.02, None, CREAM)


SHAPES = (tree, flower, mushroom, cactus, apple, house, cat, dog, bird, fish, butterfly, whale)

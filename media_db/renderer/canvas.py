"""A surface drawn at a multiple of its size, and pens that put shapes on it and remember which object each pixel shows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from media_db.errors import MissingExtra
from media_db.renderer.palette import Colour, is_tone

Point = tuple[float, float]


def pillow() -> Any:
    """The package PIL with the modules that we use; raises `MissingExtra` where it is not installed."""
    try:
        import PIL.Image
        import PIL.ImageChops
        import PIL.ImageDraw
        import PIL.ImageFilter
        import PIL.ImageFont
    except ImportError as error:
        raise MissingExtra("pillow", "media") from error
    return PIL


class Canvas:
    """An image of `width` x `height` pixels, drawn `scale` times as large so that edges come out smooth.

    With `clear=True` it starts transparent (a sprite), else white. `labels` holds, at the drawn size, what each pixel shows: 0 for no
    object, 2n for object n, 2n + 1 for a part of object n that has the object's own paint.
    """

    def __init__(self, width: int, height: int, *, clear: bool = False, scale: int = 2) -> None:
        pil = pillow()
        self.width, self.height, self.scale = width, height, scale
        size = (width * scale, height * scale)
        self.image = pil.Image.new("RGBA", size, (0, 0, 0, 0)) if clear else pil.Image.new("RGB", size, (255, 255, 255))
        self.labels = pil.Image.new("L", size, 0)
        # A sprite keeps alpha as it is drawn; on an opaque picture translucent shapes blend.
        self._draw = pil.ImageDraw.Draw(self.image, "RGBA")
        self._mark = pil.ImageDraw.Draw(self.labels)

    def pen(self, x: float, y: float, unit: float, *, flip: bool = False, label: int = 0, paint: Colour | None = None) -> Pen:
        """A pen with its origin at (x, y) and a unit of `unit` pixels; what it draws is marked as object `label` of that paint."""
        return Pen(self, x * self.scale, y * self.scale, unit * self.scale, -1.0 if flip else 1.0, label, paint)

    def backdrop(self) -> Pen:
        """A pen for what lies behind: origin top left, one unit is the height."""
        return self.pen(0, 0, self.height)

    def polygon(self, points: Sequence[Point], fill: Colour, alpha: int, label: int) -> None:
        """Fill a polygon given in drawn pixels."""
        self._draw.polygon(points, fill=(*fill, alpha))
        if label or alpha == 255:
            self._mark.polygon(points, fill=label)

    def gradient(self, top: Colour, bottom: Colour, first: float = 0.0, last: float = 1.0) -> None:
        """Paint the rows from `first` to `last` (shares of the height) from one colour to the other, over the whole width."""
        pil = pillow()
        full_width, full_height = self.image.size
        start, end = round(first * full_height), round(last * full_height)
        rows = max(end - start, 1)
        column = pil.Image.new("RGB", (1, rows))
        steps = [(n + 0.5) / rows for n in range(rows)]
        column.putdata([tuple(round(a + (b - a) * step) for a, b in zip(top, bottom, strict=True)) for step in steps])
        self.image.paste(column.resize((full_width, rows)), (0, start))

    def finished(self) -> tuple[Any, Any]:
        """The picture at its size, and its labels at that size."""
        pil = pillow()
        image = self.image.reduce(self.scale)
        return image, self.labels.resize((self.width, self.height), pil.Image.Resampling.NEAREST)


@dataclass(frozen=True)
class Pen:
    """Draws in coordinates of its own: x to the right, y down, one unit as large as it was made."""

    canvas: Canvas
    x: float
    y: float
    unit: float
    flip: float = 1.0
    label: int = 0
    paint: Colour | None = None

    def _place(self, points: Iterable[Point]) -> list[Point]:
        across = self.unit * self.flip
        return [(self.x + across * x, self.y + self.unit * y) for x, y in points]

    def poly(self, points: Iterable[Point], fill: Colour, alpha: int = 255) -> None:
        """A polygon through the points."""
        own = self.label and self.paint is not None and is_tone(fill, self.paint)
        self.canvas.polygon(self._place(points), fill, alpha, 2 * self.label + 1 if own else 2 * self.label)

    def ellipse(self, x: float, y: float, rx: float, ry: float | None, fill: Colour, *, tilt: float = 0.0, alpha: int = 255) -> None:
        """An ellipse around (x, y); `ry=None` makes a circle; `tilt` in degrees."""
        self.poly(oval(x, y, rx, rx if ry is None else ry, tilt), fill, alpha)

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: Colour, *, round_by: float = 0.0, alpha: int = 255) -> None:
        """A rectangle from corner to corner, its corners rounded by a radius."""
        if round_by <= 0:
            self.poly([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill, alpha)
            return
        r = min(round_by, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
        corners = ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
        self.poly([point for x, y, start in corners for point in arc(x, y, r, start, start + 90, 7)], fill, alpha)

    def line(self, points: Sequence[Point], width: float, fill: Colour, alpha: int = 255) -> None:
        """A line of a width through the points, with round ends and joints."""
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            length = math.hypot(x1 - x0, y1 - y0) or 1.0
            dx, dy = (y1 - y0) / length * width / 2, (x0 - x1) / length * width / 2
            self.poly([(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)], fill, alpha)
        if alpha == 255:
            for x, y in points:
                self.poly(oval(x, y, width / 2, width / 2, 0, 12), fill)

    def ring(self, x: float, y: float, radius: float, width: float, fill: Colour) -> None:
        """A circle's outline."""
        self.line(arc(x, y, radius, 0, 360, 40), width, fill)

    def smooth(self, points: Sequence[Point], fill: Colour, alpha: int = 255) -> None:
        """A closed soft shape through the points."""
        self.poly(curve(points, closed=True), fill, alpha)


def oval(x: float, y: float, rx: float, ry: float, tilt: float = 0.0, sides: int = 44) -> list[Point]:
    """Points of an ellipse; `tilt` in degrees, clockwise."""
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    steps = [math.tau * n / sides for n in range(sides)]
    return [(x + rx * math.cos(t) * cos - ry * math.sin(t) * sin, y + rx * math.cos(t) * sin + ry * math.sin(t) * cos) for t in steps]


def arc(x: float, y: float, radius: float, start: float, end: float, points: int = 24) -> list[Point]:
    """Points along a circle from `start` to `end` degrees; 0 is to the right, 90 is down."""
    angles = [math.radians(start + (end - start) * n / (points - 1)) for n in range(points)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


def curve(points: Sequence[Point], *, closed: bool = False, steps: int = 8) -> list[Point]:
    """A Catmull-Rom spline through the points."""
    count = len(points)
    found: list[Point] = []
    for n in range(count if closed else count - 1):
        near = (n - 1, n, n + 1, n + 2)
        p = [points[m % count] if closed else points[min(max(m, 0), count - 1)] for m in near]
        for step in range(steps):
            t = step / steps
            weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
            found.append(
                (
                    sum(w * q[0] for w, q in zip(weights, p, strict=True)) / 2,
                    sum(w * q[1] for w, q in zip(weights, p, strict=True)) / 2,
                )
            )
    return found if closed else [*found, points[-1]]

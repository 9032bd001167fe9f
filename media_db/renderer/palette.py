"""Colours: the ones we paint with, their tones, and the names that pixels are given after drawing."""

from __future__ import annotations

from typing import Any

import numpy as np

Colour = tuple[int, int, int]
"""Red, green and blue, each 0 to 255."""

PAINTS: dict[str, Colour] = {
    "red": (206, 62, 56),
    "orange": (236, 132, 46),
    "yellow": (246, 203, 72),
    "green": (74, 152, 92),
    "teal": (40, 156, 160),
    "blue": (58, 110, 196),
    "purple": (126, 86, 176),
    "pink": (238, 140, 170),
    "brown": (134, 88, 56),
    "white": (248, 246, 240),
    "black": (40, 40, 48),
}
"""What an object can be painted in. Chosen by eye to sit together, and far enough apart to be told from each other."""

NAMES = (*PAINTS, "grey")
"""Every name that measuring can give."""

_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
)
_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]]
)
_HUES = (
    (42.0, "red"),
    (78.0, "orange"),
    (116.0, "yellow"),
    (172.0, "green"),
    (222.0, "teal"),
    (286.0, "blue"),
    (332.0, "purple"),
    (360.0, "pink"),
)
"""Where each hue ends, in degrees of OKLCH, starting at 0; pink goes round to red."""


def oklab(pixels: Any) -> Any:
    """OKLab of sRGB pixels: (..., 3) of 0 to 255 -> (..., 3) of lightness 0 to 1, a, b (Ottosson 2020)."""
    srgb = np.asarray(pixels, dtype=np.float64) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _LMS.T) @ _LAB.T


def name_indices(pixels: Any) -> Any:
    """Which of `NAMES` each pixel is: (..., 3) of 0 to 255 -> (...) of indices.

    Greys by chroma; then hue bands, where dark orange is brown and light red is pink.
    """
    lab = oklab(pixels)
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(a, b)
    hue = np.degrees(np.arctan2(b, a)) % 360
    ends = np.array([end for end, _ in _HUES])
    codes = np.array([NAMES.index(name) for _, name in _HUES])
    found = codes[np.minimum(np.searchsorted(ends, hue, side="right"), len(_HUES) - 1)]
    warm = (hue < 100) & (light < 0.60) & (chroma < 0.13) & (hue > 30)
    found = np.where(warm | ((hue > 42) & (hue < 100) & (light < 0.56)), NAMES.index("brown"), found)
    rosy = ((hue < 30) | (hue > 332)) & (light > 0.70)
    found = np.where(rosy, NAMES.index("pink"), found)
    pale = np.where(light > 0.88, NAMES.index("white"), np.where(light < 0.38, NAMES.index("black"), NAMES.index("grey")))
    return np.where((chroma < 0.035) | (light < 0.24) | ((light > 0.93) & (chroma < 0.05)), pale, found)


def name_of(colour: Colour) -> str:
    """The name of one colour."""
    return NAMES[int(name_indices(np.array(colour)))]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour `share` of the way from one to the other."""
    r, g, b = (round(x + (y - x) * share) for x, y in zip(one, other, strict=True))
    return r, g, b


SHADE: Colour = (24, 26, 58)
"""What shadows lean to: a deep blue, as in flat illustration."""
LIGHT: Colour = (255, 250, 238)
"""What lights lean to: a warm white."""


def dark(colour: Colour, share: float = 0.22) -> Colour:
    """The colour in shade."""
    return mix(colour, SHADE, share)


def pale(colour: Colour, share: float = 0.35) -> Colour:
    """The colour in light."""
    return mix(colour, LIGHT, share)


def is_tone(colour: Colour, paint: Colour) -> bool:
    """Whether a colour is the paint, or the paint somewhat in shade or in light."""
    for towards in (SHADE, LIGHT):
        room = sum((t - p) ** 2 for t, p in zip(towards, paint, strict=True))
        share = sum((c - p) * (t - p) for c, p, t in zip(colour, paint, towards, strict=True)) / room if room else 0.0
        if -0.01 <= share <= 0.5 and all(abs(c - m) <= 2 for c, m in zip(colour, mix(paint, towards, share), strict=True)):
            return True
    return False


def distance(one: Colour, other: Colour) -> float:
    """How different two colours look: Euclidean in OKLab, black to white is 1."""
    return float(np.linalg.norm(oklab(np.array(one)) - oklab(np.array(other))))

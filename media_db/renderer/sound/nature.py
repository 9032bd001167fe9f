"""Ambience and effects: water, weather, a fire, birds; bells, whooshes, clicks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from media_db.renderer.sound.synthesis import RATE, Samples, add, decay, finished, noise, seconds, swell, tone


def waves(rng: Generator, length: float) -> Samples:
    surf = noise(rng, length, 300, 5000) * swell(rng, length, 3.6, 0.9) ** 2
    return surf + 0.5 * noise(rng, length, 60, 400) * swell(rng, length, 3.6, 0.6)


def rain(rng: Generator, length: float) -> Samples:
    mix = 0.5 * noise(rng, length, 1200, 11000)
    for at in rng.uniform(0, length, round(length * 45)):
        size = float(rng.uniform(0.015, 0.04))
        add(mix, tone(float(rng.uniform(1500, 5200)), size) * decay(size, 0.005, 0.001), float(at), float(rng.uniform(0.1, 0.5)))
    return mix


def wind(rng: Generator, length: float) -> Samples:
    low = noise(rng, length, 120, 500) * swell(rng, length, 4.0, 0.8)
    return low + 0.5 * noise(rng, length, 500, 1400) * swell(rng, length, 2.6, 0.95)


def fire(rng: Generator, length: float) -> Samples:
    mix = 0.35 * noise(rng, length, 70, 600) * swell(rng, length, 1.4, 0.5)
    for at in rng.uniform(0, length, round(length * 14)):
        size = float(rng.uniform(0.01, 0.05))
        add(mix, noise(rng, size, 900, 9000) * decay(size, 0.006, 0.0005), float(at), float(rng.uniform(0.1, 0.9)))
    return mix


def birds(rng: Generator, length: float) -> Samples:
    mix = 0.06 * noise(rng, length, 300, 3000) * swell(rng, length, 3.0, 0.6)
    for at in rng.uniform(0, max(length - 0.6, 0.1), round(length * 1.6)):
        base, bend = float(rng.uniform(2200, 4200)), float(rng.uniform(-900, 1200))
        for chirp in range(int(rng.integers(2, 5))):
            time = seconds(0.11)
            song = np.sin(2 * np.pi * (base * time + bend * time**2 / 0.22)) * np.sin(np.pi * time / 0.11) ** 2
            add(mix, song, float(at) + chirp * 0.15, 0.5)
    return mix


def bell(rng: Generator, length: float) -> Samples:
    mix = np.zeros(round(length * RATE))
    pitch = float(rng.uniform(420, 760))
    for at in np.arange(0.05, length - 0.4, 1.9):
        for ratio, strength, half in ((1.0, 1.0, 0.6), (2.0, 0.6, 0.4), (2.76, 0.45, 0.28), (4.07, 0.25, 0.16), (5.4, 0.15, 0.1)):
            add(mix, tone(pitch * ratio, 1.9) * decay(1.9, half, 0.002), float(at), strength * 0.3)
    return mix


def whoosh(rng: Generator, length: float) -> Samples:
    mix = np.zeros(round(length * RATE))
    for at in np.arange(0.1, length - 0.5, 1.5):
        size = float(rng.uniform(0.7, 1.1))
        rise = np.sin(np.pi * seconds(size) / size) ** 3
        add(mix, noise(rng, size, 300, 2500) * rise + 0.6 * noise(rng, size, 2500, 8000) * rise**2, float(at))
    return mix


def click(rng: Generator, length: float) -> Samples:
    mix = np.zeros(round(length * RATE))
    every = float(rng.uniform(0.35, 0.6))
    for at in np.arange(0.1, length - 0.1, every):
        add(mix, noise(rng, 0.03, 1500, 9000) * decay(0.03, 0.004, 0.0003) + 0.5 * tone(1100, 0.03) * decay(0.03, 0.006), float(at))
    return mix


def chime(rng: Generator, length: float) -> Samples:
    mix = np.zeros(round(length * RATE))
    root = float(rng.uniform(500, 720))
    for start in np.arange(0.05, length - 1.0, 2.2):
        for note, ratio in enumerate((1.0, 1.25, 1.5, 2.0)):
            add(mix, tone(root * ratio, 1.1, (1, 0.3, 0.1)) * decay(1.1, 0.25, 0.003), float(start) + note * 0.14, 0.5)
    return mix


def thunder(rng: Generator, length: float) -> Samples:
    crack = noise(rng, length, 400, 4000) * decay(length, 0.12, 0.01)
    roll = noise(rng, length, 35, 220) * swell(rng, length, 0.9, 0.7) * decay(length, length / 3.2, 0.05)
    return 0.7 * crack + roll


_AMBIENCES: tuple[tuple[Callable[[Generator, float], Samples], str], ...] = (
    (waves, "waves rolling onto a beach"),
    (rain, "steady rain"),
    (wind, "wind in the open"),
    (fire, "a crackling fire"),
    (birds, "birds singing in the morning"),
)
_EFFECTS: tuple[tuple[Callable[[Generator, float], Samples], str], ...] = (
    (bell, "a bell being struck"),
    (whoosh, "a fast whoosh passing by"),
    (click, "a row of clicks"),
    (chime, "a bright rising chime"),
    (thunder, "a roll of thunder"),
)


def ambience(rng: Generator, length: float) -> tuple[Samples, str, str]:
    """Samples of an ambience, its name and its caption."""
    return _played(rng, length, _AMBIENCES)


def effect(rng: Generator, length: float) -> tuple[Samples, str, str]:
    """Samples of an effect, its name and its caption."""
    return _played(rng, length, _EFFECTS)


def _played(
    rng: Generator, length: float, kinds: tuple[tuple[Callable[[Generator, float], Samples], str], ...]
) -> tuple[Samples, str, str]:
    play, caption = kinds[int(rng.integers(len(kinds)))]
    return finished(play(rng, length), fade=0.08), play.__name__, caption

"""The few building stones of all our sounds: tones, noise of a colour, envelopes, and putting them in their place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

RATE = 32_000
"""Samples a second of every sound."""
Samples = Any
"""float64 array of (samples,), about -1 to 1."""


def seconds(length: float) -> Samples:
    """Time of each sample."""
    return np.arange(round(length * RATE)) / RATE


def decay(length: float, half: float, attack: float = 0.004) -> Samples:
    """An envelope that rises in `attack` seconds and halves every `half` seconds; its last 10 ms fade to silence."""
    time = seconds(length)
    shape = np.minimum(time / attack, 1.0) * 0.5 ** (time / half)
    return shape * np.minimum((length - time) / 0.01, 1.0)


def tone(pitch: float, length: float, partials: tuple[float, ...] = (1.0,)) -> Samples:
    """Harmonics of a pitch in hertz, with the given strengths; what would lie above half the rate is left out."""
    time = seconds(length)
    kept = [(n, strength) for n, strength in enumerate(partials, 1) if pitch * n < RATE / 2]
    return np.sum([strength * np.sin(2 * np.pi * pitch * n * time) for n, strength in kept], axis=0) / sum(partials)


def noise(rng: Generator, length: float, low: float, high: float) -> Samples:
    """Noise between two frequencies in hertz, of peak 1."""
    count = round(length * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / RATE)
    # Soft shoulders of an octave: a hard edge rings.
    rise = np.clip(np.log2(np.maximum(frequencies, 1e-3) / low) + 1, 0, 1)
    fall = np.clip(1 - np.log2(np.maximum(frequencies, 1e-3) / high), 0, 1)
    shaped = np.fft.irfft(spectrum * rise * fall, count)
    return shaped / max(float(np.max(np.abs(shaped))), 1e-9)


def swell(rng: Generator, length: float, period: float, depth: float) -> Samples:
    """A slow wandering loudness between 1 - depth and 1, with about this period in seconds."""
    knots = np.arange(0, length + 2 * period, period / 2)
    heights = np.where(np.arange(len(knots)) % 2 == 0, 0.0, 1.0) * rng.uniform(0.6, 1.0, len(knots))
    raw = np.interp(seconds(length), knots, heights)
    return 1 - depth + depth * (0.5 - 0.5 * np.cos(np.pi * raw))


def add(mix: Samples, sound: Samples, at: float, gain: float = 1.0) -> None:
    """Add a sound into a mix from second `at` on; what runs over the end is cut."""
    start = round(at * RATE)
    room = mix[start : start + len(sound)]
    room += gain * sound[: len(room)]


def finished(mix: Samples, fade: float = 0.02) -> Samples:
    """The mix at an even loudness (peak 0.85), its two ends faded."""
    edge = min(round(fade * RATE), len(mix) // 2)
    ramp = np.linspace(0, 1, edge)
    mix = mix.copy()
    mix[:edge] *= ramp
    mix[len(mix) - edge :] *= ramp[::-1]
    return mix / max(float(np.max(np.abs(mix))), 1e-9) * 0.85

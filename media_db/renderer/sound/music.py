"""Music loops at a known tempo: chords, bass, drums and a small tune, whole bars of four beats."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from media_db.renderer.sound.synthesis import RATE, Samples, add, decay, finished, noise, seconds, tone

_PROGRESSIONS = ((0, 4, 5, 3), (5, 3, 0, 4), (0, 5, 3, 4), (0, 3, 0, 4), (1, 4, 0, 5))
"""Degrees of the scale, one a bar."""
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_KEYS = ("C", "D", "E", "F", "G", "A")
_SEMITONES = (0, 2, 4, 5, 7, 9)
SHORTEST, LONGEST = 4.0, 12.0
"""Seconds that a sound lasts."""


@dataclass(frozen=True)
class Style:
    """How a loop is played."""

    name: str
    instruments: str
    """As it reads in a caption."""
    bpm: tuple[int, int]
    """Slowest and fastest tempo, beats a minute."""
    partials: tuple[float, ...]
    """Strengths of the chord instrument's harmonics."""
    ring: float
    """Seconds in which a chord's note halves."""
    kick: tuple[float, ...]
    """Beats of the bar with a kick drum."""
    snare: tuple[float, ...]
    hat: float
    """Beats between two strokes of the hi-hat; 0 for none."""
    steps: float
    """Beats between two notes of the tune; 0 for no tune."""


STYLES = (
    Style("calm", "soft piano and light drums", (64, 88), (1, 0.35, 0.12, 0.05), 0.7, (0, 2), (), 1, 1),
    Style("pop", "piano, bass and drums", (96, 128), (1, 0.5, 0.3, 0.12, 0.06), 0.35, (0, 2), (1, 3), 0.5, 0.5),
    Style(
        "electronic",
        "synthesizer, bass and a steady kick",
        (116, 144),
        (1, 0.6, 0.45, 0.3, 0.22, 0.15),
        0.2,
        (0, 1, 2, 3),
        (1, 3),
        0.5,
        0.25,
    ),
    Style("chiptune", "square waves and crisp drums", (120, 160), (1, 0, 0.33, 0, 0.2, 0, 0.14), 0.16, (0, 2), (1, 3), 0.5, 0.5),
    Style("lo-fi", "mellow keys and a lazy beat", (70, 92), (1, 0.25, 0.2), 0.5, (0, 2.5), (1, 3), 0.5, 0),
)


@dataclass(frozen=True)
class Loop:
    """A piece of music and what is known of it."""

    samples: Samples
    bpm: int
    style: Style
    key: str


def loop(rng: Generator) -> Loop:
    """Compose a loop: whole bars, at most four, together 4 to 12 seconds."""
    style = STYLES[int(rng.integers(len(STYLES)))]
    bpm = int(rng.integers(style.bpm[0], style.bpm[1] + 1))
    root, minor = int(rng.integers(len(_KEYS))), bool(rng.random() < 0.4)
    beat = 60 / bpm
    bar = 4 * beat
    bars = int(rng.integers(math.ceil(SHORTEST / bar), min(int(LONGEST / bar), 4) + 1))
    mix = np.zeros(round(bars * bar * RATE))
    degrees = _PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))]
    scale = _MINOR if minor else _MAJOR
    for number in range(bars):
        start, degree = number * bar, degrees[number]
        _chords(mix, style, start, beat, [_pitch(root, scale, degree + third) for third in (0, 2, 4)])
        if style.steps:
            _tune(mix, rng, style, start, beat, [2 * _pitch(root, scale, degree + step) for step in (0, 2, 4, 7, 9)])
        _drums(mix, rng, style, start, beat)
    return Loop(finished(mix, fade=0.006), bpm, style, f"{_KEYS[root]} {'minor' if minor else 'major'}")


def _pitch(root: int, scale: tuple[int, ...], degree: int) -> float:
    """Hertz of a degree of the scale, about the octave of middle C."""
    octave, step = divmod(degree, 7)
    return float(261.63 * 2 ** ((_SEMITONES[root] + scale[step] - 12) / 12 + octave))


def _chords(mix: Samples, style: Style, start: float, beat: float, pitches: list[float]) -> None:
    strokes = (0, 2) if style.ring > 0.4 else (0, 1, 2, 3)
    length = beat * 4 / len(strokes)
    for chord in strokes:
        for pitch in pitches:
            add(mix, tone(pitch, length, style.partials) * decay(length, style.ring, 0.008), start + chord * beat, 0.2)
    for stroke in style.kick:
        bass = tone(pitches[0] / 2, beat * 0.9, (1, 0.5, 0.2)) * decay(beat * 0.9, 0.3)
        add(mix, bass, start + stroke * beat, 0.4)


def _tune(mix: Samples, rng: Generator, style: Style, start: float, beat: float, pitches: list[float]) -> None:
    place = int(rng.integers(len(pitches)))
    for step in range(round(4 / style.steps)):
        place = min(max(place + int(rng.integers(-1, 2)), 0), len(pitches) - 1)
        if rng.random() < 0.7:
            length = style.steps * beat * 1.6
            note = tone(pitches[place], length, style.partials[:3]) * decay(length, 0.22)
            add(mix, note, start + step * style.steps * beat, 0.17)


def _drums(mix: Samples, rng: Generator, style: Style, start: float, beat: float) -> None:
    time = seconds(0.22)
    # A kick is a tone that falls from 150 to 50 Hz.
    kick = np.sin(2 * np.pi * (50 * time + 100 * 0.035 * (1 - np.exp(-time / 0.035)))) * decay(0.22, 0.055, 0.001)
    snare = noise(rng, 0.16, 900, 7000) * decay(0.16, 0.03, 0.001) + 0.5 * tone(190, 0.16) * decay(0.16, 0.03, 0.001)
    hat = noise(rng, 0.05, 7000, 14000) * decay(0.05, 0.012, 0.0005)
    soft = 0.5 if style.name == "calm" else 1.0
    for stroke in style.kick:
        add(mix, kick, start + stroke * beat, 0.8 * soft)
    for stroke in style.snare:
        add(mix, snare, start + stroke * beat, 0.4 * soft)
    if style.hat:
        for step in range(round(4 / style.hat)):
            add(mix, hat, start + step * style.hat * beat, (0.24 if step * style.hat % 1 == 0 else 0.14) * soft)

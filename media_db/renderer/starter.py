"""The starter library's pieces: what image, video or sound number n of a seed is, drawn into a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.random import Generator

from media_db.renderer.encode import write_jpeg, write_sound, write_video
from media_db.renderer.measure import describe
from media_db.renderer.motion import film
from media_db.renderer.scene import paint, plan
from media_db.renderer.sound import music, nature
from media_db.renderer.sound.synthesis import RATE

RENDERER = "1"
"""Version of what is drawn: a library of another one is not mixed with ours."""
# Taken in turn, so that a library of five has every shape.
IMAGE_SIZES = ((512, 512), (768, 432), (432, 768), (640, 480), (480, 640))
VIDEO_SIZES = ((640, 360), (360, 640), (400, 400), (480, 360), (360, 480))
FPS = 24
VIDEO_SECONDS = (2, 6)
_CODES = {"image": 1, "video": 2, "audio": 3}
_CAMERAS = {
    "still": "",
    "pan right": ", the camera panning right",
    "pan left": ", the camera panning left",
    "zoom in": ", the camera zooming in",
    "zoom out": ", the camera zooming out",
}


@dataclass(frozen=True)
class Made:
    """What is known of a piece once it is drawn."""

    width: int
    height: int
    frames: int
    fps_milli: int
    duration_ms: int
    caption: str
    tags: tuple[tuple[str, str], ...]
    """Pairs of kind and value, each once, sorted."""


def make(modality: str, number: int, seed: int, file: IO[bytes]) -> Made:
    """Write piece `number` (from 1) of a modality; the same arguments give the same bytes. Raises `MissingExtra`."""
    rng = np.random.default_rng([seed, _CODES[modality], number])
    return {"image": _image, "video": _video, "audio": _sound}[modality](rng, number, file)


def _image(rng: Generator, number: int, file: IO[bytes]) -> Made:
    width, height = IMAGE_SIZES[number % len(IMAGE_SIZES)]
    scene = plan(rng, width / height)
    image, labels = paint(scene, width, height)
    seen = describe(scene, image, labels)
    write_jpeg(file, image)
    return Made(width, height, 0, 0, 0, seen.caption, seen.tags)


def _video(rng: Generator, number: int, file: IO[bytes]) -> Made:
    width, height = VIDEO_SIZES[number % len(VIDEO_SIZES)]
    scene = plan(rng, width / height, words=0.2)
    frames = int(rng.integers(VIDEO_SECONDS[0] * FPS, VIDEO_SECONDS[1] * FPS + 1))
    made = film(rng, scene, width, height, frames, FPS)
    seen = describe(scene, made.frame(frames // 2), made.labels(frames // 2))
    write_video(file, made, width, height, FPS)
    motions = {("motion", move.kind) for move in made.moves if move.kind != "still"}
    tags = tuple(sorted({*seen.tags, ("camera", made.camera), *motions}))
    return Made(width, height, frames, FPS * 1000, round(frames * 1000 / FPS), seen.caption + _CAMERAS[made.camera], tags)


def _sound(rng: Generator, number: int, file: IO[bytes]) -> Made:
    """Every other one is music; the rest are ambiences and effects in turn."""
    tags: tuple[tuple[str, str], ...]
    if number % 2:
        loop = music.loop(rng)
        samples = loop.samples
        caption = f"{loop.style.name} music with {loop.style.instruments} in {loop.key} at {loop.bpm} beats a minute"
        tags = (("key", loop.key), ("sound", "music"), ("style", loop.style.name), ("tempo", str(loop.bpm)))
    else:
        seconds = float(rng.integers(round(music.SHORTEST * 4), round(music.LONGEST * 4) + 1)) / 4
        kind, play = ("ambience", nature.ambience) if number % 4 == 2 else ("effect", nature.effect)
        samples, name, caption = play(rng, seconds)
        tags = (("heard", name), ("sound", kind))
    write_sound(file, samples)
    return Made(0, 0, 0, 0, round(len(samples) * 1000 / RATE), caption, tags)

"""Small pictures of assets: an image made small, a video's middle frame, a sound's wave."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from media_db.errors import MediaError
from media_db.renderer.canvas import Canvas, pillow
from media_db.renderer.encode import pyav
from media_db.renderer.palette import mix

if TYPE_CHECKING:
    from media_db.library import MediaAsset


def thumbnail(path: Path, asset: MediaAsset, max_side: int, aspect: tuple[int, int] | None) -> bytes:
    """JPEG bytes; see `Library.thumbnail`."""
    if max_side < 1 or (aspect is not None and min(aspect) < 1):
        raise MediaError(f"thumbnail with max_side={max_side!r}, aspect={aspect!r}; expected positive integers")
    pil = pillow()
    try:
        if asset.modality == "audio":
            image = _wave(_samples(path), aspect or (2, 1), max_side)
        else:
            image = _middle_frame(path, asset.frames) if asset.modality == "video" else pil.Image.open(path).convert("RGB")
    except (OSError, StopIteration, ValueError) as error:  # PyAV's errors are OSError or ValueError
        raise MediaError(f"{path} is damaged ({error}); delete it, and `visgen media build` makes it again") from error
    if aspect is not None:
        image = _cropped(image, aspect)
    image.thumbnail((max_side, max_side), pil.Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def _cropped(image: Any, aspect: tuple[int, int]) -> Any:
    width, height = image.size
    across = min(width, max(round(height * aspect[0] / aspect[1]), 1))
    down = min(height, max(round(width * aspect[1] / aspect[0]), 1))
    left, top = (width - across) // 2, (height - down) // 2
    return image.crop((left, top, left + across, top + down))


def _middle_frame(path: Path, frames: int) -> Any:
    with pyav().open(str(path)) as container:
        found = None
        for number, frame in enumerate(container.decode(video=0)):
            found = frame
            if number >= frames // 2:
                break
        if found is None:
            raise StopIteration("it holds no frame")
        return found.to_image()


def _samples(path: Path) -> Any:
    with pyav().open(str(path)) as container:
        parts = [frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)]
    if not parts:
        raise StopIteration("it holds no sound")
    return np.concatenate(parts)


def _wave(samples: Any, aspect: tuple[int, int], max_side: int) -> Any:
    """Bars of the sound's loudness over time, mirrored about the middle."""
    width = max(round(max_side * min(1.0, aspect[0] / aspect[1])), 2)
    height = max(round(max_side * min(1.0, aspect[1] / aspect[0])), 2)
    canvas = Canvas(width, height)
    canvas.gradient((46, 40, 92), (28, 26, 62))
    pen = canvas.pen(0, height / 2, 1)
    bars = max(width // 7, 4)
    loudness = [float(np.sqrt(np.mean(part**2))) for part in np.array_split(samples, bars)]
    peak = max(*loudness, 1e-9)
    step = width * 0.92 / bars
    for n, level in enumerate(loudness):
        half = max(height * 0.4 * (level / peak) ** 0.7, height * 0.012)
        x = width * 0.04 + n * step
        pen.rect(x + step * 0.2, -half, x + step * 0.8, half, mix((120, 214, 214), (240, 140, 170), n / bars), round_by=step * 0.3)
    return canvas.finished()[0]

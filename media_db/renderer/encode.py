"""Pictures, frames and samples to files: JPEG, H.264 in MP4, AAC in M4A; the same input gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from typing import IO, Any

import numpy as np

from media_db.errors import MissingExtra
from media_db.renderer.sound.synthesis import RATE, Samples

# Without macroblock-tree rate control: with it x264's lookahead reads memory that nobody wrote, and the same frames encode to
# different bytes (seen by setting MALLOC_PERTURB_). One thread, because slices and rate control depend on their number.
_X264 = {"preset": "veryfast", "crf": "25", "x264-params": "threads=1:no-mbtree=1"}
# Without bitexact, ffmpeg writes its version into the file.
_CONTAINER = {"fflags": "+bitexact"}


def pyav() -> Any:
    """The package av; raises `MissingExtra` where it is not installed."""
    try:
        import av
    except ImportError as error:
        raise MissingExtra("av", "media") from error
    return av


def write_jpeg(file: IO[bytes], image: Any) -> None:
    """An RGB picture as JPEG, colours at full resolution."""
    image.save(file, "JPEG", quality=88, subsampling=0)


def write_video(file: IO[bytes], frames: Iterable[Any], width: int, height: int, fps: int) -> int:
    """RGB pictures as H.264 in MP4; returns how many there were."""
    av = pyav()
    memory = io.BytesIO()
    count = 0
    with av.open(memory, "w", format="mp4", options=_CONTAINER) as container:
        stream = container.add_stream("libx264", rate=fps, options=_X264)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, fps)
        stream.codec_context.flags |= int(av.codec.context.Flags.bitexact)
        stream.thread_count = 1
        for image in frames:
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = count, Fraction(1, fps)
            container.mux(stream.encode(frame))
            count += 1
        container.mux(stream.encode(None))
    file.write(memory.getvalue())
    return count


def write_sound(file: IO[bytes], samples: Samples) -> None:
    """Samples of -1 to 1 as mono AAC in M4A."""
    av = pyav()
    memory = io.BytesIO()
    data = (np.clip(samples, -1, 1) * 32767).astype("<i2")[None, :]
    with av.open(memory, "w", format="ipod", options=_CONTAINER) as container:
        stream = container.add_stream("aac", rate=RATE)
        stream.layout, stream.bit_rate = "mono", 72_000
        stream.codec_context.flags |= int(av.codec.context.Flags.bitexact)
        frame = av.AudioFrame.from_ndarray(data, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.write(memory.getvalue())

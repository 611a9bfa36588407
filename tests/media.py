"""Tiny recordings for tests, made with PyAV: every frame carries its number in black and white."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 128, 96
_BITS = 12
_COLUMNS = 4
SOUND_RATE = 48_000


def numbered_picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> npt.NDArray[np.uint8]:
    """(height, width, 3) RGB: a 4 × 3 board whose fields are the bits of `number`, white for 1."""
    bits = (number >> np.arange(_BITS)) & 1
    board = (bits.reshape(_BITS // _COLUMNS, _COLUMNS) * 200 + 28).astype(np.uint8)
    rows = np.arange(height) * board.shape[0] // height
    columns = np.arange(width) * _COLUMNS // width
    return np.repeat(board[rows][:, columns][:, :, None], 3, axis=2)


def number_in(image: npt.NDArray[np.uint8]) -> int:
    """The number in a picture made by `numbered_picture`, of any size, with any number of channels."""
    height, width = image.shape[:2]
    rows, columns = _BITS // _COLUMNS, _COLUMNS
    bit, number = 0, 0
    for row in range(rows):
        for column in range(columns):
            middle = image[
                int((row + 0.35) * height / rows) : int((row + 0.65) * height / rows) + 1,
                int((column + 0.35) * width / columns) : int((column + 0.65) * width / columns) + 1,
                0,
            ]
            number |= int(middle.mean() > 128) << bit
            bit += 1
    return number


def beeps(seconds: float, at: Sequence[float], length: float = 0.05) -> npt.NDArray[np.float32]:
    """(n,) mono sound at 48 kHz: 1 kHz beeps that begin at the given seconds, silence between."""
    time = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    sounding = np.zeros(len(time), bool)
    for start in at:
        sounding |= (time >= start) & (time < start + length)
    return np.where(sounding, 0.5 * np.sin(2 * np.pi * 1000 * time), 0.0).astype(np.float32)


def tone(seconds: float, hertz: float = 440.0, level: float = 0.4) -> npt.NDArray[np.float32]:
    """(n,) mono sound at 48 kHz: one steady tone."""
    time = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    return np.asarray(level * np.sin(2 * np.pi * hertz * time), np.float32)


def write_recording(
    path: Path,
    *,
    frames: int = 50,
    rate: int = 25,
    codec: str = "libx264",
    gop: int = 12,
    b_frames: int = 2,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    ticks: Sequence[int] | None = None,
    pictures: Sequence[npt.NDArray[np.uint8]] | None = None,
    sound: npt.NDArray[np.float32] | None = None,
    sound_codec: str = "aac",
    sound_start: float = 0.0,
    channels: int = 1,
    rotation: int = 0,
    aspect: Fraction | None = None,
    pixel_format: str | None = None,
    container: str | None = None,
    options: dict[str, str] | None = None,
    muxer: dict[str, str] | None = None,
    first: int = 0,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write a recording whose frame i shows the number `first` + i.

    `ticks` are presentation times in 1/1000 s (default: even, at `rate`); `sound` is mono at 48 kHz and
    begins at `sound_start` seconds; `rotation` is clockwise in degrees; `options` go to the encoder,
    `muxer` to the container. Gives `path`.
    """
    asked = _digest(path.suffix, {name: value for name, value in locals().items() if name != "path"})
    if asked in _WRITTEN:
        path.write_bytes(_WRITTEN[asked])
        return path
    with av.open(str(path), "w", format=container, options=muxer or {}) as output:
        output.metadata.update(metadata or {})
        picture: Any = output.add_stream(codec, rate=rate)
        picture.width, picture.height = size
        picture.pix_fmt = pixel_format or ("yuvj420p" if codec == "mjpeg" else "yuv420p")
        picture.codec_context.gop_size = gop
        if ticks is not None:
            picture.codec_context.time_base = Fraction(1, 1000)
        if aspect is not None:
            picture.codec_context.sample_aspect_ratio = aspect
        picture.options = _encoder_options(codec, gop, b_frames) | (options or {})
        if rotation:
            picture.set_display_rotation(-rotation)
        voice: Any = None
        if sound is not None:
            voice = output.add_stream(sound_codec, rate=SOUND_RATE)
            voice.layout = "mono" if channels == 1 else "stereo"
        images = pictures or [numbered_picture(first + i, *size) for i in range(frames)]
        for packet in _interleaved(
            _picture_packets(picture, images, rate, ticks),
            _sound_packets(voice, sound, sound_start, channels) if sound is not None else [],
        ):
            output.mux(packet)
    if path.stat().st_size <= _LARGEST_KEPT:
        _WRITTEN[asked] = path.read_bytes()
    return path


_WRITTEN: dict[bytes, bytes] = {}
"""The files of recordings that were written before, by what they were made from: most tests of the window
want the same one, and a second of its sound takes longer to encode than its window to be made."""

_LARGEST_KEPT = 1_000_000
"""Bytes; a process of tests writes some hundred recordings that differ, most of them below 0.1 MB."""


def _digest(suffix: str, made_from: dict[str, Any]) -> bytes:
    """Names a recording by the suffix of its file and by every value that it is made from."""
    digest = hashlib.blake2b(suffix.encode())
    for name, value in sorted(made_from.items()):
        arrays = value if name == "pictures" and value is not None else [value]
        for part in arrays:
            if isinstance(part, np.ndarray):
                digest.update(f"{name} {part.dtype} {part.shape} ".encode())
                digest.update(part.tobytes())
            else:
                digest.update(f"{name} {part!r} ".encode())
    return digest.digest()


def _encoder_options(codec: str, gop: int, b_frames: int) -> dict[str, str]:
    if codec == "libx264":
        return {"bf": str(b_frames), "preset": "ultrafast", "x264-params": f"keyint={gop}:scenecut=0"}
    if codec == "libx265":
        return {"preset": "ultrafast", "x265-params": f"log-level=none:keyint={gop}:bframes={b_frames}"}
    if codec in {"mpeg2video", "mpeg4"}:
        return {"bf": str(b_frames), "sc_threshold": "1000000000", "b_strategy": "0", "q": "4"}
    return {}


def _picture_packets(
    stream: Any, images: Sequence[npt.NDArray[np.uint8]], rate: int, ticks: Sequence[int] | None
) -> list[Any]:
    packets: list[Any] = []
    for i, image in enumerate(images):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts = i if ticks is None else ticks[i]
        frame.time_base = Fraction(1, rate) if ticks is None else Fraction(1, 1000)
        packets += stream.encode(frame)
    return packets + list(stream.encode(None))


def _sound_packets(stream: Any, sound: npt.NDArray[np.float32], start: float, channels: int) -> list[Any]:
    resampler = av.AudioResampler(
        format=stream.codec_context.format, layout=stream.layout, rate=SOUND_RATE, frame_size=0
    )
    packets: list[Any] = []
    for at in range(0, len(sound), 1024):
        frame = av.AudioFrame.from_ndarray(
            np.tile(sound[at : at + 1024], (channels, 1)),
            format="fltp",
            layout="mono" if channels == 1 else "stereo",
        )
        frame.sample_rate = SOUND_RATE
        frame.time_base = Fraction(1, SOUND_RATE)
        frame.pts = at + round(start * SOUND_RATE)
        for part in resampler.resample(frame):
            packets += stream.encode(part)
    return packets + list(stream.encode(None))


def _interleaved(picture: list[Any], sound: list[Any]) -> list[Any]:
    """Packets of both streams by decoding time, as a recorder writes them."""
    return sorted(
        picture + sound, key=lambda p: float((p.dts if p.dts is not None else p.pts or 0) * p.time_base)
    )


def full_decode(path: Path) -> list[tuple[int, int]]:
    """The truth: presentation ticks and number of every frame, decoded from the first to the last."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            (
                frame.pts if frame.pts is not None else -1,
                number_in(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)),
            )
            for frame in container.decode(stream)
        ]

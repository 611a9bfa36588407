"""Recordings made for measuring the player: numbered frames, flashes with beeps, hours of nearly nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

RATE = 30
SOUND_RATE = 48_000
_BITS, _COLUMNS = 16, 4
_TICKS = 90_000

Picture = npt.NDArray[np.uint8]


def numbered(number: int, size: tuple[int, int]) -> Picture:
    """(h, w, 3) RGB: moving stripes, and in the middle a 4 × 4 board: the bits of `number`."""
    width, height = size
    columns = (np.arange(width) * 5 // 16 + 7 * number) % 160 + 40
    picture = np.repeat(columns.astype(np.uint8)[None, :, None], 3, axis=2)
    picture = np.repeat(picture, height, axis=0)
    bits = ((number >> np.arange(_BITS)) & 1).astype(np.uint8).reshape(_COLUMNS, _COLUMNS) * 200 + 28
    field = (height // 8, width // 8)
    board = np.kron(bits, np.ones(field, np.uint8))
    top, left = height // 4, width // 4
    picture[top : top + board.shape[0], left : left + board.shape[1]] = board[:, :, None]
    return picture


def number_in(picture: Picture) -> int:
    """The number in a picture made by `numbered`, of any size and number of channels."""
    height, width = picture.shape[:2]
    rows = [round(height / 4 + (row + 0.5) * height / 8) for row in range(_COLUMNS)]
    columns = [round(width / 4 + (column + 0.5) * width / 8) for column in range(_COLUMNS)]
    bits = [
        int(picture[row - 2 : row + 3, column - 2 : column + 3, 0].mean() > 128)
        for row in rows
        for column in columns
    ]
    return sum(bit << place for place, bit in enumerate(bits))


def write_numbered(
    path: Path, frames: int, gop: int, size: tuple[int, int] = (1920, 1080), *, variable: bool = False
) -> Path:
    """A recording in H.264 with B-frames whose frame i shows i; with `variable` at changing distances."""
    steps = (
        np.random.default_rng(7).integers(1500, 6000, frames) if variable else np.full(frames, _TICKS // RATE)
    )
    ticks = np.concatenate([[0], np.cumsum(steps)[:-1]])
    with av.open(str(path), "w") as output:
        stream = _picture_stream(output, size, gop)
        for number in range(frames):
            output.mux(_encoded(stream, numbered(number, size), int(ticks[number])))
        output.mux(stream.encode(None))
    return path


def write_flashes(
    path: Path,
    seconds: float,
    at: Sequence[float],
    size: tuple[int, int] = (320, 180),
    *,
    shift: float = 0.0,
    noise: npt.NDArray[np.float32] | None = None,
) -> Path:
    """Black, and at each time of `at` a white frame with a beep of 1 kHz, 100 ms long; both streams begin at
    0, the sound's stamps `shift` seconds later (what the header then says is what is heard). `noise` is heard
    over and over under it."""
    flashes = {round(second * RATE) for second in at}
    black, white = (np.full((size[1], size[0], 3), value, np.uint8) for value in (16, 235))
    time = np.arange(round((seconds - shift) * SOUND_RATE)) / SOUND_RATE + shift
    sound = np.zeros(len(time), np.float32) if noise is None else np.resize(noise, len(time))
    for number in flashes:
        since = time - number / RATE
        on = (since >= 0) & (since < 0.1)
        sound[on] += 0.5 * np.sin(2 * np.pi * 1000 * since[on])
    with av.open(str(path), "w") as output:
        stream = _picture_stream(output, size, RATE)
        voice: Any = output.add_stream("pcm_s16le", rate=SOUND_RATE)
        voice.layout = "mono"
        packets: list[Any] = []
        for number in range(round(seconds * RATE)):
            packets += _encoded(stream, white if number in flashes else black, number * _TICKS // RATE)
        packets += stream.encode(None)
        packets += _voiced(voice, sound, shift)
        for packet in sorted(packets, key=lambda p: float(p.dts * p.time_base)):
            output.mux(packet)
    return path


def _voiced(voice: Any, sound: npt.NDArray[np.float32], start: float) -> Iterator[Any]:
    whole = np.rint(sound * 32_767).astype(np.int16)
    for at in range(0, len(whole), 1024):
        frame = av.AudioFrame.from_ndarray(whole[None, at : at + 1024], format="s16", layout="mono")
        frame.sample_rate, frame.time_base = SOUND_RATE, Fraction(1, SOUND_RATE)
        frame.pts = at + round(start * SOUND_RATE)
        yield from voice.encode(frame)
    yield from voice.encode(None)


_PIECE_FRAMES, _PIECE_BLOCKS = 640, 1000
"""Frames of picture and blocks of AAC that last exactly as long as each other: 21⅓ s."""


def write_long(path: Path, seconds: float, size: tuple[int, int] = (1920, 1080)) -> Path:
    """Hours of a picture that hardly changes, with a tone: one piece is encoded, and its packets are repeated
    with later time stamps."""
    length = Fraction(_PIECE_FRAMES, RATE)
    with av.open(str(path), "w") as output:
        stream = _picture_stream(output, size, RATE)
        voice: Any = output.add_stream("aac", rate=SOUND_RATE)
        voice.layout = "mono"
        packets: list[Any] = []
        for number in range(_PIECE_FRAMES):
            small = numbered(number // RATE, (size[0] // 8, size[1] // 8))
            picture = small.repeat(8, axis=0).repeat(8, axis=1)
            packets += _encoded(stream, picture, number * _TICKS // RATE)
        packets += stream.encode(None)
        packets += _tone(voice)
        packets.sort(key=lambda packet: float(packet.dts * packet.time_base))
        for lap in range(round(seconds / length)):
            for packet in packets:
                output.mux(_later(packet, lap * length))
    return path


def _tone(voice: Any) -> list[Any]:
    time = np.arange((_PIECE_BLOCKS + 2) * 1024) / SOUND_RATE
    tone = (0.2 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)
    packets: list[Any] = []
    for at in range(0, len(tone), 1024):
        frame = av.AudioFrame.from_ndarray(tone[None, at : at + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = SOUND_RATE, Fraction(1, SOUND_RATE), at
        packets += voice.encode(frame)
    return packets[:_PIECE_BLOCKS]


def _later(packet: Any, seconds: Fraction) -> Any:
    copy: Any = av.Packet(bytes(packet))
    ticks = int(seconds / packet.time_base)
    copy.stream, copy.time_base = packet.stream, packet.time_base
    copy.pts, copy.dts, copy.duration = packet.pts + ticks, packet.dts + ticks, packet.duration
    copy.is_keyframe = packet.is_keyframe
    return copy


def _picture_stream(output: Any, size: tuple[int, int], gop: int) -> Any:
    stream = output.add_stream("libx264", rate=RATE)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, _TICKS)
    x264 = f"keyint={gop}:min-keyint={gop}:scenecut=0"
    stream.options = {"preset": "superfast", "bf": "2", "x264-params": x264}
    return stream


def _encoded(stream: Any, picture: Picture, ticks: int) -> list[Any]:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = ticks, Fraction(1, _TICKS)
    found: list[Any] = stream.encode(frame)
    return found

"""Recordings as some cameras, phones and recorders write them: mirrored, with stills, stamped far off."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.media import HEIGHT, SOUND_RATE, WIDTH, beeps, numbered_picture, write_recording

Stamps = Callable[[int], float]
"""The seconds at which packet number n is stamped."""

MATRICES = {
    "upright": (1, 0, 0, 1),
    "mirrored": (-1, 0, 0, 1),
    "upside down": (1, 0, 0, -1),
    "half turn": (-1, 0, 0, -1),
    "quarter": (0, 1, -1, 0),
    "quarter back": (0, -1, 1, 0),
    "transposed": (0, 1, 1, 0),
    "transposed back": (0, -1, -1, 0),
}
"""a, b, c, d of `tkhd`: x′ = a·x + c·y, y′ = b·x + d·y, with y downwards."""


def with_matrix(path: Path, a: float, b: float, c: float, d: float) -> Path:
    """Give the first track of an MP4 this display matrix. Gives `path`."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    fixed = [round(value * 65536) for value in (a, b, c, d)]
    rows = (fixed[0], fixed[1], 0, fixed[2], fixed[3], 0, 0, 0, 1 << 30)
    data[at + 40 : at + 76] = struct.pack(">9i", *rows)
    path.write_bytes(data)
    return path


def with_still(path: Path, camera: Path, *, cover: bool = False) -> Path:
    """The streams of `camera` behind a still picture, which says that it is a cover or does not."""
    picture: Any = numbered_picture(4095, 200, 200)
    with av.open(str(camera)) as source, av.open(str(path), "w") as output:
        still: Any = output.add_stream("mjpeg", rate=1)
        still.width, still.height, still.pix_fmt = 200, 200, "yuvj420p"
        if cover:
            still.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = 0
        first = [*still.encode(frame), *still.encode(None)]
        copied = {stream.index: output.add_stream_from_template(stream) for stream in source.streams}
        for packet in first:
            output.mux(packet)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = copied[packet.stream_index]
                output.mux(packet)
    return path


def two_cameras(path: Path, frames: Sequence[int] = (40, 40)) -> Path:
    """Picture tracks whose frames show numbers from 0, from 1000, … on."""
    sources = [
        write_recording(path.with_name(f"{number}.mkv"), frames=count, first=1000 * number, b_frames=0)
        for number, count in enumerate(frames)
    ]
    with av.open(str(path), "w") as output:
        opened = [av.open(str(source)) for source in sources]
        streams = [output.add_stream_from_template(one.streams.video[0]) for one in opened]
        packets = []
        for one, stream in zip(opened, streams, strict=True):
            for packet in one.demux():
                if packet.dts is not None and packet.time_base is not None:
                    packet.stream = stream
                    packets.append((float(packet.dts * packet.time_base), packet))
        for _seconds, packet in sorted(packets, key=lambda timed: timed[0]):
            output.mux(packet)
        for one in opened:
            one.close()
    return path


def stamped(
    path: Path, *, frames: int = 50, picture: Stamps | None = None, sound: Stamps | None = None
) -> Path:
    """A recording of 25 frames a second and as much sound, whose packets are stamped otherwise."""
    with av.open(str(path), "w") as output:
        video: Any = output.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.gop_size = 5
        video.options = {"bf": "0", "preset": "ultrafast"}
        voice: Any = output.add_stream("aac", rate=SOUND_RATE)
        voice.layout = "mono"
        shown, heard = _encoded_pictures(video, frames), _encoded_beep(voice, frames / 25)
        for packets, stamps in ((shown, picture), (heard, sound)):
            for number, packet in enumerate(packets if stamps is not None else ()):
                assert stamps is not None
                packet.pts = packet.dts = round(stamps(number) / packet.time_base)
        for _, packet in sorted(
            [(n / len(some), packet) for some in (shown, heard) for n, packet in enumerate(some)],
            key=lambda pair: pair[0],
        ):
            output.mux_one(packet)
    return path


def _encoded_pictures(stream: Any, frames: int) -> list[Any]:
    packets: list[Any] = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(numbered_picture(number), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        packets += stream.encode(frame)
    return packets + list(stream.encode(None))


def _encoded_beep(stream: Any, seconds: float) -> list[Any]:
    sound = beeps(seconds, [0.5, seconds - 0.5], 0.1)
    packets: list[Any] = []
    for at in range(0, len(sound) - 1023, 1024):
        part = np.ascontiguousarray(sound[None, at : at + 1024])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
        packets += stream.encode(frame)
    return packets + list(stream.encode(None))


def joined_at_another_rate(path: Path, rate: int = 16_000) -> Path:
    """Two transport streams in one file, 6 s each: the sound of the first has 48 kHz, of the second `rate`.
    Beeps, each of 0.1 s, begin with the frames 50, 100, …"""
    parts = []
    for number, hertz in enumerate((SOUND_RATE, rate)):
        part = path.with_name(f"part{number}.ts")
        sound = beeps(12.0, [2, 4, 6, 8, 10], 0.1)[number * 6 * SOUND_RATE :][: 6 * SOUND_RATE]
        with av.open(str(part), "w", format="mpegts") as output:
            video: Any = output.add_stream("libx264", rate=25)
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            video.options = {"bf": "0", "preset": "ultrafast"}
            voice: Any = output.add_stream("aac", rate=hertz)
            voice.layout = "mono"
            pictures = []
            for n in range(150):
                frame = av.VideoFrame.from_ndarray(numbered_picture(number * 150 + n), format="rgb24")
                frame.pts, frame.time_base = n, Fraction(1, 25)
                pictures += video.encode(frame)
            pictures += video.encode(None)
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=hertz, frame_size=1024)
            whole = av.AudioFrame.from_ndarray(sound[None, :], format="fltp", layout="mono")
            whole.sample_rate, whole.pts, whole.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
            sounds = []
            for one in (*resampler.resample(whole), *resampler.resample(None)):
                sounds += voice.encode(one)
            sounds += voice.encode(None)
            for packet in sorted(pictures + sounds, key=lambda p: float((p.dts or 0) * p.time_base)):
                output.mux(packet)
        parts.append(part.read_bytes())
    path.write_bytes(b"".join(parts))
    return path


def with_few_time_stamps(path: Path, camera: Path, every: int) -> Path:
    """The MPEG-2 program stream `camera` with the time stamps of each `every`-th packet of the picture alone.
    Gives `path`."""
    data = bytearray(camera.read_bytes())
    stamped = 0
    for found in re.finditer(rb"\x00\x00\x01\xe0..", bytes(data), re.DOTALL):
        at = found.end()
        if data[at] & 0xC0 == 0x80 and data[at + 1] & 0xC0:
            if stamped % every:
                data[at + 1] &= 0x3F
                data[at + 3 : at + 3 + data[at + 2]] = b"\xff" * data[at + 2]
            stamped += 1
    path.write_bytes(data)
    return path

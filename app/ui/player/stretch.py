"""Sound at other speeds with its pitch kept."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore
from av.filter import Graph

from app.core.recording.samples import Samples, SoundReader
from app.ui.player.clock import Course

CHANNELS = 2
_SILENCE = 0.25
"""Seconds of silence given at once after the recording's sound has ended."""

_FADE = 0.005
"""Seconds over which a moment's sound rises and falls, so that it does not click."""


def tempo_steps(speed: float) -> tuple[float, ...]:
    """`speed` as a product of steps between 0.5 and 2, in which libav's `atempo` loses no sound."""
    steps: list[float] = []
    while speed > 2.0:
        steps.append(2.0)
        speed /= 2.0
    while speed < 0.5:
        steps.append(0.5)
        speed /= 0.5
    return (*steps, speed) if speed != 1.0 else tuple(steps)


def early_samples(rate: int, steps: tuple[float, ...]) -> int:
    """By how many samples `atempo` gives sound too early: a quarter of its window (the power of two at or
    above a 24th of a second) of what goes into each step. Measured: tests/ui/test_player_stretch.py."""
    window = 1 << (rate // 24 - 1).bit_length()
    early = 0.0
    for step in steps:
        early = (early + window / 4) / step
    return round(early)


class Stretcher:
    """Changes the tempo of stereo sound; what goes in at t seconds comes out at t / speed."""

    def __init__(self, rate: int, speed: float) -> None:
        self._rate = rate
        self._steps = tempo_steps(speed)
        self._graph = _graph(rate, self._steps)
        self._given = 0
        self._lead = early_samples(rate, self._steps)

    def push(self, samples: Samples) -> Samples:
        """What comes out, (m, 2) float32, after (n, 2) went in."""
        if not self._steps or not len(samples):
            return samples
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(samples).reshape(1, -1), format="flt", layout="stereo"
        )
        frame.sample_rate, frame.time_base, frame.pts = self._rate, Fraction(1, self._rate), self._given
        self._given += len(samples)
        self._graph.push(frame)
        out: list[Samples] = []
        if self._lead:
            out.append(np.zeros((self._lead, CHANNELS), np.float32))
            self._lead = 0
        while True:
            try:
                pulled = self._graph.pull()
            except (NothingYet, NothingMore):
                break
            if isinstance(pulled, AudioFrame):
                out.append(np.asarray(pulled.to_ndarray(), np.float32).reshape(-1, CHANNELS))
        return np.concatenate(out) if out else np.zeros((0, CHANNELS), np.float32)


def _graph(rate: int, steps: tuple[float, ...]) -> Graph:
    graph = Graph()
    nodes = [graph.add_abuffer(format="flt", sample_rate=rate, layout="stereo", time_base=Fraction(1, rate))]
    nodes += [graph.add("atempo", f"{step:.6f}") for step in steps]
    nodes += [graph.add("aformat", "sample_fmts=flt:channel_layouts=stereo"), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    return graph


def course_sound(
    reader: SoundReader, course: Course, rate: int, offset: float = 0.0, channel: int | None = None
) -> Iterator[Samples]:
    """The sound of a course as it is to be heard, (n, 2) float32 at `rate` Hz, without end: around its loop,
    at its speed, and silence after the recording's sound. `offset` seconds on the recording's clock is by how
    much the sound comes later than the picture; `channel` is the one that is heard (None: all)."""
    stretcher = Stretcher(rate, course.speed)
    for samples in _source(reader, course, rate, offset, channel):
        out = stretcher.push(samples)
        if len(out):
            yield out


def moment(
    reader: SoundReader, seconds: float, length: float, rate: int, channel: int | None = None
) -> Samples:
    """(n, 2) float32: `length` seconds of the sound from `seconds` on, faded in and out."""
    sound = np.zeros((round(length * rate), CHANNELS), np.float32)
    for block in reader.blocks(seconds, rate, CHANNELS, only=channel):
        if block.first >= len(sound):
            break
        part = block.samples[: len(sound) - block.first]
        sound[block.first : block.first + len(part)] = part
    fade = np.minimum(np.arange(len(sound)) / (_FADE * rate), 1.0).astype(np.float32)[:, None]
    return np.asarray(sound * fade * fade[::-1], np.float32)


def _source(
    reader: SoundReader, course: Course, rate: int, offset: float, channel: int | None
) -> Iterator[Samples]:
    loop = course.around
    start, stop = course.start, None if loop is None else loop.end
    while True:
        left = None if stop is None else round((stop - start) * rate)
        for block in reader.blocks(start - offset, rate, CHANNELS, only=channel):
            part = block.samples if left is None else block.samples[:left]
            left = None if left is None else left - len(part)
            yield part
            if left == 0:
                break
        while left is None or left > 0:
            n = round(_SILENCE * rate) if left is None else min(left, round(_SILENCE * rate))
            left = None if left is None else left - n
            yield np.zeros((n, CHANNELS), np.float32)
        if loop is not None:
            start = loop.start

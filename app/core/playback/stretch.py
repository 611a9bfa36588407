"""Sound at other speeds with its pitch kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.core.playback.clock import Course
from app.core.playback.hearing import ALL_AS_RECORDED, Taken
from app.core.playback.source import CHANNELS, sound_from
from app.core.recording.samples import Samples, SoundReader

_WINDOW = 0.022
"""Seconds of a window: two periods of a deep voice."""

_SEARCH = 0.005
"""Seconds by which a window is shifted at most: half a period of a deep voice."""

_SILENCE = 0.25
"""Seconds of silence given at once after the recording's sound has ended."""

_FADE = 0.005
"""Seconds over which a moment's sound rises and falls, so that it does not click."""


class Stretcher:
    """Changes the tempo of stereo sound, keeps its pitch; what goes in at t seconds comes out at t / speed.

    Windows of the sound are laid over each other at the new tempo, each shifted by at most `_SEARCH` so that
    it goes on where the one before left off (WSOLA: Verhelst and Roelands 1993). The shifts do not add up, so
    sound never strays from its place by more than one of them and a part of a window.
    """

    def __init__(self, rate: int, speed: float) -> None:
        self._speed = speed
        self._half = round(rate * _WINDOW / 2)
        self._search = round(rate * _SEARCH)
        # A rise of the sound is smeared over the window towards its earlier side, where it is noticed.
        self._lead = self._half // (2 if speed < 1 else 4)
        self._window = np.hanning(2 * self._half + 1)[:-1].astype(np.float32)[:, None]
        before = self._half + self._search
        self._sound = np.zeros((before, CHANNELS), np.float32)
        self._first = -before  # the place in the input of the first sample that is kept
        self._number = 0  # of the next window
        self._last = -self._half  # where the last window began
        self._tail = np.zeros((self._half, CHANNELS), np.float32)

    def push(self, samples: Samples) -> Samples:
        """What comes out, (m, 2) float32, after (n, 2) went in."""
        if self._speed == 1.0 or not len(samples):
            return samples
        self._sound = np.concatenate([self._sound, samples])
        out: list[Samples] = []
        if self._number == 0:
            out.append(np.zeros((self._lead, CHANNELS), np.float32))
        while (window := self._next()) is not None:
            if self._number > 1:  # the first half of the first window is before the beginning
                out.append(self._tail + window[: self._half])
            self._tail = window[self._half :]
        self._forget()
        return np.concatenate(out) if out else np.zeros((0, CHANNELS), np.float32)

    def _place(self) -> int:
        """Where the next window begins without a shift."""
        return round(self._number * self._half * self._speed) - self._half

    def _next(self) -> Samples | None:
        """The next window; None before enough has gone in."""
        place = self._place()
        if place + self._search + 2 * self._half > self._first + len(self._sound):
            return None
        begin = place + (self._shift(place) if self._number else 0)
        self._last = begin
        self._number += 1
        at = begin - self._first
        return self._sound[at : at + 2 * self._half] * self._window

    def _shift(self, place: int) -> int:
        """By how much the window at `place` is shifted to be most like what followed the last one."""
        after = self._last + self._half - self._first
        pattern = self._sound[after : after + self._half].sum(axis=1)
        at = place - self._search - self._first
        region = self._sound[at : at + self._half + 2 * self._search].sum(axis=1)
        power = np.concatenate([[0.0], np.cumsum(region.astype(np.float64) ** 2)])
        power = power[self._half :] - power[: -self._half]
        likeness = np.correlate(region, pattern, "valid") / np.sqrt(np.maximum(power, 1e-6))
        shifts = np.arange(-self._search, self._search + 1)
        # Of equally good shifts the smallest, so that silence and steady tones stay in place.
        likeness -= 0.02 * np.abs(likeness).max(initial=0.0) * np.abs(shifts) / self._search
        return int(shifts[int(np.argmax(likeness))]) if likeness.any() else 0

    def _forget(self) -> None:
        needed = min(self._last + self._half, self._place() - self._search) - self._first
        if needed > 0:
            drop = min(needed, len(self._sound))
            self._sound = self._sound[drop:]
            self._first += drop


def course_sound(
    reader: SoundReader, course: Course, rate: int, offset: float = 0.0, taken: Taken = ALL_AS_RECORDED
) -> Iterator[Samples]:
    """The sound of a course as it is to be heard, (n, 2) float32 at `rate` Hz, without end: around its loop,
    at its speed, and silence after the recording's sound. `offset` seconds on the recording's clock is by how
    much the sound comes later than the picture."""
    stretcher = Stretcher(rate, course.speed)
    for samples in _source(reader, course, rate, offset, taken):
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


def _source(reader: SoundReader, course: Course, rate: int, offset: float, taken: Taken) -> Iterator[Samples]:
    loop = course.around
    start, stop = course.start, None if loop is None else loop.end
    while True:
        left = None if stop is None else round((stop - start) * rate)
        for samples in sound_from(reader, start - offset, rate, taken):
            part = samples if left is None else samples[:left]
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

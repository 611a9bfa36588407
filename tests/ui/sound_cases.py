"""A course of playing as samples, and an output that a test drives."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.playback.clock import Course
from app.core.playback.device import Device
from app.core.playback.ring import Pace
from app.core.playback.stretch import course_sound
from app.core.recording.recording import Recording
from app.core.recording.samples import SoundReader

RATE = 48_000


def course_samples(recording: Recording, course: Course, seconds: float, **how: Any) -> NDArray[np.float32]:
    parts, n = [], 0
    with SoundReader(recording) as reader:
        for samples in course_sound(reader, course, RATE, **how):
            parts.append(samples)
            n += len(samples)
            if n >= seconds * RATE:
                break
    return np.concatenate(parts)


class FakeDevice(Device):
    """Takes samples when the test says so."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self.ring = None
        self.muted = False
        self.volume = 1.0
        self.level = 0.0
        self.lost = False
        self._calls = 1000
        self.rate = RATE
        self.closed = False
        self._latency = 0.0
        self._pace = Pace(RATE, float("inf"))

    def take(self, n: int) -> NDArray[np.float32]:
        out = np.zeros((n, 2), np.float32)

        class Times:
            outputBufferDacTime = 0.0  # noqa: N815 - PortAudio's name
            currentTime = 0.0  # noqa: N815

        self._play(out, n, Times, None)
        return out

    def close(self) -> None:
        self.closed = True


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)

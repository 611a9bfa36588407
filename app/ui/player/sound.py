"""Sound through the system's output; the samples it has taken are the clock that the picture follows."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.errors import UserError
from app.core.recording.recording import Recording
from app.ui.player.clock import Course
from app.ui.player.ring import Ring
from app.ui.player.stretch import CHANNELS, course_sound

logger = logging.getLogger(__name__)

NO_LIBRARY = "The sound library PortAudio is missing, so the recording plays silently."
NO_DEVICE = "This computer has no sound output, so the recording plays silently."
DEVICE_LOST = "The sound output stopped, so the recording plays silently."
SOUND_BROKEN = "The sound of this recording cannot be read, so it plays silently."

_LATENCY = 0.06
"""Seconds of sound that the device holds: enough to ride over a moment in which the computer is busy."""

_AHEAD = 0.6
"""Seconds of sound that are ready before they are heard."""

_LONGEST_DELAY = 1.0
"""Seconds: a greater delay between callback and loudspeaker is a driver's mistake."""

_STALLED = 2.0
"""Seconds without a call of the device after which it counts as lost."""

_SLOW_TO_OPEN = 3.0
_IDLE = 60.0
"""Seconds of rest after which the device is given back."""


class Unavailable(Exception):  # noqa: N818 - a state of the computer, told in a sentence
    """No sound can be played; the text says why."""


class Device:
    """An open output stream that plays whatever ring is set; `ring` None is silence.

    Raises Unavailable. All calls that may block are made in one thread, never in the window's.
    """

    def __init__(self) -> None:
        try:
            import sounddevice
        except (OSError, ImportError) as error:
            raise Unavailable(NO_LIBRARY) from error
        self._error: type[Exception] = sounddevice.PortAudioError
        self.ring: Ring | None = None
        self.muted = False
        self.lost = False
        try:
            info = sounddevice.query_devices(kind="output")
            self.rate = int(info["default_samplerate"]) or 48_000
            self._stream = sounddevice.OutputStream(
                samplerate=self.rate,
                channels=CHANNELS,
                dtype="float32",
                latency=_LATENCY,
                callback=self._play,
                finished_callback=self._finished,
            )
            self._latency = float(self._stream.latency)
            self._stream.start()
        except (self._error, ValueError, OSError) as error:
            logger.info("No sound output: %s", error)
            raise Unavailable(NO_DEVICE) from error

    def _play(self, out: npt.NDArray[np.float32], frames: int, times: Any, status: Any) -> None:
        ring = self.ring
        if ring is None:
            out.fill(0.0)
            return
        delay = times.outputBufferDacTime - times.currentTime
        ring.take(out, time.perf_counter(), delay if 0.0 < delay < _LONGEST_DELAY else self._latency)
        if self.muted:
            out.fill(0.0)

    def _finished(self) -> None:
        self.lost = True

    def close(self) -> None:
        try:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
        except (self._error, OSError):
            logger.info("The sound output did not close cleanly", exc_info=True)


@dataclass(frozen=True, slots=True)
class _Task:
    generation: int
    course: Course


class SoundOutput:
    """Plays the sound of one recording along courses, from a thread of its own.

    `tell` is called, in that thread, with one sentence when there is no sound; then `heard` gives None.
    """

    def __init__(
        self,
        recording: Recording,
        tell: Callable[[str], None],
        *,
        make_device: Callable[[], Device] = Device,
    ) -> None:
        self._recording = recording
        self._tell = tell
        self._make_device = make_device
        self._wake = threading.Condition()
        self._task: _Task | None = None
        self._generation = 0
        self._released = False
        self._closing = False
        self._muted = False
        self._broken = False
        self._told = ""
        self._asked = 0.0
        self._device: Device | None = None
        self._ring: Ring | None = None
        self._thread = threading.Thread(target=self._work, name="sound", daemon=True)
        self._thread.start()

    def set_muted(self, muted: bool) -> None:
        """Play silence instead of the sound; the clock goes on."""
        self._muted = muted
        if self._device is not None:
            self._device.muted = muted

    def prepare(self, course: Course) -> None:
        """Make the sound of a course ready; it begins with `release`."""
        with self._wake:
            self._silence()
            self._generation += 1
            self._task = _Task(self._generation, course)
            self._released = self._broken = False
            self._wake.notify_all()

    def release(self) -> None:
        """Begin, as soon as the sound is ready."""
        with self._wake:
            self._released, self._asked = True, time.perf_counter()
            self._connect()
            self._wake.notify_all()

    def stop(self) -> None:
        """Be silent at once."""
        with self._wake:
            self._task = None
            self._silence()
            self._wake.notify_all()

    def heard(self) -> float | None:
        """Seconds of the course that have been heard; None when there is no sound (any more)."""
        ring, device = self._ring, self._device
        now = time.perf_counter()
        if self._broken:
            return None
        if ring is None or device is None or (silent := ring.silent_for(now)) is None:
            return None if now - self._asked > _SLOW_TO_OPEN else 0.0
        if device.lost or silent > _STALLED:
            self._lose(DEVICE_LOST)
            return None
        return ring.heard(device.rate, now)

    def close(self) -> None:
        """End the thread and give the device back; returns when both have ended."""
        with self._wake:
            self._closing, self._task = True, None
            self._silence()
            self._wake.notify_all()
        self._thread.join()

    def _silence(self) -> None:
        self._ring = None
        if self._device is not None:
            self._device.ring = None

    def _connect(self) -> None:
        if self._device is not None and self._ring is not None and self._released:
            self._device.ring = self._ring

    def _lose(self, reason: str) -> None:
        self._broken = True
        if self._told != reason:
            self._told = reason
            self._tell(reason)

    # in the thread of the sound

    def _work(self) -> None:
        done = 0
        self._open_early()
        while not self._closing:
            task = self._next(done)
            if task is None:
                self._give_back()
                continue
            done = task.generation
            try:
                self._feed(task)
            except Unavailable as reason:
                self._lose(str(reason))
            except UserError:
                self._lose(SOUND_BROKEN)
            except Exception:
                logger.exception("The sound ended")
                self._lose(SOUND_BROKEN)
        self._give_back()

    def _open_early(self) -> None:
        """Opening a device takes up to a second, which must not be the first second of playing."""
        try:
            self._take_device()
        except Unavailable as reason:
            self._lose(str(reason))

    def _take_device(self) -> Device:
        if self._device is not None and self._device.lost:
            self._give_back()
        if self._device is None:
            self._device = self._make_device()
            self._device.muted = self._muted
            self._told = ""
        return self._device

    def _next(self, done: int) -> _Task | None:
        """The next course; None after a rest, or when closing."""
        rest = _IDLE if self._device is not None else None
        with self._wake:
            self._wake.wait_for(lambda: self._closing or self._is_new(done), rest)
            return self._task if self._is_new(done) else None

    def _is_new(self, done: int) -> bool:
        return self._task is not None and self._task.generation > done

    def _give_back(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _feed(self, task: _Task) -> None:
        rate = self._take_device().rate
        ring = Ring(round(_AHEAD * rate), CHANNELS)
        ready = False
        for samples in course_sound(self._recording, task.course, rate):
            rest = samples
            while len(rest):
                rest = rest[ring.write(rest) :]
                if not ready and (len(rest) or ring.written >= rate // 10):
                    ready = self._offer(task, ring)
                if not self._has_room(task, ring, rate):
                    return

    def _offer(self, task: _Task, ring: Ring) -> bool:
        with self._wake:
            if self._task is task:
                self._ring = ring
                self._connect()
        return True

    def _has_room(self, task: _Task, ring: Ring, rate: int) -> bool:
        """Wait until a good part of the ring is free; False when the course is no longer wanted."""
        with self._wake:
            while self._task is task and not self._closing and ring.room < rate // 10:
                self._wake.wait(0.05)
            return self._task is task and not self._closing

"""The sound outputs of this computer: which there are, and one that is open."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.playback.ring import Pace, Ring
from app.core.playback.source import CHANNELS

logger = logging.getLogger(__name__)

NO_LIBRARY = "The sound library PortAudio is missing, so the recording plays silently."
NO_DEVICE = "This computer has no sound output, so the recording plays silently."
NOT_THERE = "The chosen sound output is not connected, so the recording plays silently."

_LATENCY = 0.03
"""Seconds of sound that the device holds: enough to ride over a moment in which the computer is busy, and
little enough that a pause is heard at once."""

_LATE = 0.1
"""Seconds by which the device may call late and catch up."""

_FIRST_CALLS = 20
"""Calls of which the first ones fill the device and do not sound yet."""

_LONGEST_DELAY = 1.0
"""Seconds: a greater delay between callback and loudspeaker is a driver's mistake."""


class Unavailable(Exception):  # noqa: N818 - a state of the computer, told in a sentence
    """No sound can be played; the text says why."""


def sound_devices() -> tuple[str, ...]:
    """The names of the sound outputs that were there when sound was first used or last looked for; empty
    without any. Takes up to a second the first time: not for the window's thread."""
    try:
        import sounddevice
    except (OSError, ImportError):
        return ()
    try:
        found = [str(device["name"]) for device in sounddevice.query_devices() if _plays(device)]
    except sounddevice.PortAudioError:
        return ()
    return tuple(dict.fromkeys(found))


_library = threading.Lock()
_streams: set[Device] = set()
"""Those that are open, all of which PortAudio would end by starting again."""


def look_again() -> None:
    """Let PortAudio find the outputs that have come and forget those that have gone, unless one is in use."""
    try:
        import sounddevice
    except (OSError, ImportError):
        return
    try:
        with _library:
            if not _streams:
                sounddevice._terminate()
                sounddevice._initialize()
    except sounddevice.PortAudioError:
        logger.info("PortAudio did not start again", exc_info=True)


def _plays(device: Any) -> bool:
    return int(device["max_output_channels"]) >= CHANNELS


class Device:
    """An open output stream that plays whatever ring is set; `ring` None is silence.

    `name` is one of `sound_devices()`, None the system's own choice. `volume` is a factor from 0 to 1,
    `level` the highest sample of the block that went out last, from 0 to 1. Raises Unavailable. All calls
    that may block are made in one thread, never in the window's.
    """

    def __init__(self, name: str | None = None) -> None:
        try:
            import sounddevice
        except (OSError, ImportError) as error:
            logger.info("No sound library: %s", error)
            raise Unavailable(NO_LIBRARY) from error
        self._error: type[Exception] = sounddevice.PortAudioError
        self.ring: Ring | None = None
        self.muted = False
        self.volume = 1.0
        self.level = 0.0
        self.lost = False
        self._calls = 0
        try:
            number = None if name is None else _number(sounddevice.query_devices(), name)
            info = sounddevice.query_devices(number, kind="output")
            self.rate = int(info["default_samplerate"]) or 48_000
            self._stream = sounddevice.OutputStream(
                samplerate=self.rate,
                device=number,
                channels=CHANNELS,
                dtype="float32",
                latency=_LATENCY,
                callback=self._play,
                finished_callback=self._finished,
            )
            self._latency = float(self._stream.latency)
            self._pace = Pace(self.rate, self._latency + _LATE)
            with _library:
                _streams.add(self)
            self._stream.start()
        except (self._error, ValueError, OSError) as error:
            _forget(self)
            logger.info("No sound output: %s", error)
            raise Unavailable(NO_DEVICE) from error

    def _play(self, out: npt.NDArray[np.float32], frames: int, times: Any, status: Any) -> None:
        ring, now = self.ring, time.perf_counter()
        due = self._pace.allows(frames, now)
        self._calls += 1
        if ring is None or not due:
            out.fill(0.0)
            self.level = 0.0
            if ring is not None:
                ring.wait(now)
            return
        ring.take(out, now, self._delay(times))
        if self.muted:
            out.fill(0.0)
        elif self.volume != 1.0:
            np.multiply(out, self.volume, out=out)
        self.level = float(max(out.max(initial=0.0), -out.min(initial=0.0)))

    @property
    def running(self) -> bool:
        """Whether it has taken more than fills it at first; some outputs begin seconds after that."""
        return self._calls >= _FIRST_CALLS

    def _delay(self, times: Any) -> float:
        """Seconds from now to the loudspeaker: from now and not from when this was called, since Python may
        have been busy elsewhere."""
        if times.outputBufferDacTime <= 0.0:
            return self._latency
        delay = float(times.outputBufferDacTime - self._stream.time)
        return max(delay, 0.0) if delay < _LONGEST_DELAY else self._latency

    def _finished(self) -> None:
        self.lost = True

    def close(self) -> None:
        _forget(self)
        try:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
        except (self._error, OSError):
            logger.info("The sound output did not close cleanly", exc_info=True)


def _forget(device: Device) -> None:
    with _library:
        _streams.discard(device)


def _number(devices: Any, name: str) -> int:
    for number, device in enumerate(devices):
        if str(device["name"]) == name and _plays(device):
            return number
    raise Unavailable(NOT_THERE)

"""Sound through the system's output; the samples it has taken are the clock that the picture follows."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from app.core.errors import UserError
from app.core.playback.clock import Course
from app.core.playback.device import NO_DEVICE, NOT_THERE, Device, Unavailable, look_again
from app.core.playback.hearing import Hearing, Taken
from app.core.playback.ring import Ring
from app.core.playback.source import CHANNELS
from app.core.playback.stretch import course_sound, moment
from app.core.recording.recording import Recording
from app.core.recording.samples import Samples, SoundReader

logger = logging.getLogger(__name__)

DEVICE_LOST = "The sound output stopped, so the recording plays silently."
NO_ANSWER = "The sound output does not answer, so the recording plays silently."
SOUND_BROKEN = "The sound of this recording cannot be read, so it plays silently."

_AHEAD = 0.6
"""Seconds of sound that are ready before they are heard."""

_STALLED = 2.0
"""Seconds without a call of the device after which it counts as lost."""

_SLOW_TO_OPEN, _SLOWEST, _LOOK = 3.0, 10.0, 0.05
"""Seconds in which a device that was opened takes its first samples: while the picture waits for it, and
when nothing does; and between looks for that."""

_FIRST_RETRY, _LAST_RETRY = 2.0, 30.0
"""Seconds between looks for a device that is gone: the first and the longest."""

RETURNING = frozenset({DEVICE_LOST, NO_DEVICE, NOT_THERE, NO_ANSWER})
"""Reasons that can pass."""

_SOON = 0.03
"""Seconds ahead of the device from which on sound can be replaced that is ready already."""

_CROSSING = 0.01
"""Seconds over which one sound goes into the other when the listener hears something else of the track."""

_SETTLING = 0.06
"""Seconds that sound at another speed takes to be as loud as it should."""

SNIPPET = 0.08
"""Seconds of sound heard at each place while dragging."""

_PARTING = 2.0
"""Seconds that closing waits for the thread; a dead drive or driver never lets it go."""

_IDLE = 60.0
"""Seconds of rest after which the device is given back."""


@dataclass(frozen=True, slots=True)
class _SoundRequest:
    """A course, or a moment to be heard while dragging; `offset` as in `course_sound`."""

    generation: int
    course: Course
    offset: float = 0.0
    snippet: bool = False


class SoundOutput:
    """Plays the sound of one recording along courses, in a background thread.

    `tell` is called, in that thread, with one sentence when there is no sound; then `heard` gives None. It is
    called with "" when sound can be heard again: a course that plays must be prepared anew for that.
    """

    def __init__(
        self,
        recording: Recording,
        tell: Callable[[str], None],
        *,
        make_device: Callable[[str | None], Device] = Device,
        look_again: Callable[[], None] = look_again,
    ) -> None:
        self._recording = recording
        self._hearing = Hearing()
        self._look_again = look_again
        self._tell = tell
        self._make_device = make_device
        self._wake = threading.Condition()
        self._task: _SoundRequest | None = None
        self._generation = 0
        self._released = False
        self._closing = False
        self._broken = False
        self._told = ""
        self._asked = 0.0
        self._retry = _FIRST_RETRY
        self._device: Device | None = None
        self._open_name: str | None = None
        self._ring: Ring | None = None
        self._found: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._work, name="sound", daemon=True)
        self._thread.start()

    def set_hearing(self, hearing: Hearing) -> None:
        """Take over what the listener has set. What is taken of the track changes while it plays, without a
        gap; another device is opened with the next course."""
        with self._wake:
            self._hearing = hearing
            if self._device is not None:
                self._device.muted, self._device.volume = hearing.muted, hearing.volume
            self._wake.notify_all()

    @property
    def level(self) -> float:
        """The highest sample that went out a moment ago, from 0 to 1."""
        device, ring = self._device, self._ring
        return device.level if device is not None and ring is not None else 0.0

    def prepare(self, course: Course, offset: float = 0.0) -> None:
        """Make the sound of a course ready, `offset` seconds later than the picture; it begins with
        `release`."""
        self._set(course, offset, snippet=False)

    def snippet(self, seconds: float) -> None:
        """Let a moment of the sound at `seconds` be heard, as soon as can be; the newest one wins."""
        self._set(Course(seconds, 1.0, seconds + SNIPPET), 0.0, snippet=True)
        self.release()

    def _set(self, course: Course, offset: float, *, snippet: bool) -> None:
        with self._wake:
            self._silence()
            self._generation += 1
            self._task = _SoundRequest(self._generation, course, offset, snippet)
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
        """Seconds of the course that have been heard; None when there is no sound, or no longer."""
        ring, device = self._ring, self._device
        now = time.perf_counter()
        if self._broken:
            return None
        if ring is None or device is None or (silent := ring.silent_for(now)) is None:
            if now - self._asked < _SLOW_TO_OPEN:
                return 0.0
            self._leave_out()
            return None
        if device.lost or silent > _STALLED:
            self._lose(DEVICE_LOST)
            return None
        return ring.heard(device.rate, now)

    def _leave_out(self) -> None:
        """The picture waits no longer; sound that began now would be late by so much."""
        if self._ring is None and self._device is not None:
            logger.warning("The sound was not ready in time; this course is played without it")
            self._broken = True
        else:
            self._lose(NO_ANSWER)

    def close(self) -> None:
        """End the thread and give the device back; returns when both have ended, or cannot be waited for."""
        with self._wake:
            self._closing, self._task = True, None
            self._silence()
            self._wake.notify_all()
        self._thread.join(_PARTING)

    def look_for_outputs(self, found: Callable[[], None]) -> None:
        """See which outputs have come and gone, and call `found` then, in the thread of the sound. The device
        is opened anew for that: a course that plays must be prepared anew."""
        with self._wake:
            self._found = found
            self._wake.notify_all()

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
        with SoundReader(self._recording) as reader:
            while not self._closing:
                task = self._next(done)
                if self._found is not None:
                    self._look_for_outputs()
                elif task is None and self._device is None and self._told in RETURNING:
                    self._try_again()
                elif task is None:
                    self._give_back()
                if task is not None:
                    done = task.generation
                    self._served(reader, task)
        self._give_back()

    def _served(self, reader: SoundReader, task: _SoundRequest) -> None:
        try:
            self._feed(reader, task)
        except Unavailable as reason:
            self._lose(str(reason))
        except UserError:
            self._lose(SOUND_BROKEN)
        except Exception:
            logger.exception("The sound ended")
            self._lose(SOUND_BROKEN)

    def _open_early(self) -> None:
        """Opening a device takes up to a second, which must not be the first second of playing."""
        try:
            self._take_device()
        except Unavailable as reason:
            self._lose(str(reason))

    def _try_again(self) -> None:
        """See whether the device has come back; look ever less often."""
        self._retry = min(self._retry * 1.5, _LAST_RETRY)
        self._look_again()
        try:
            device = self._take_device()
        except Unavailable:
            return
        if self._runs(device):
            self._retry = _FIRST_RETRY
            self._tell("")
        else:
            self._told = NO_ANSWER
            self._give_back()

    def _look_for_outputs(self) -> None:
        found, self._found = self._found, None
        self._give_back()
        self._look_again()
        self._open_early()
        if found is not None:
            found()

    def _runs(self, device: Device) -> bool:
        """Wait until the device takes samples: the picture would stand still for so long."""
        with self._wake:
            for _ in range(round(_SLOWEST / _LOOK)):
                if device.running or self._closing:
                    break
                self._wake.wait(_LOOK)
        return device.running

    def _take_device(self) -> Device:
        hearing = self._hearing
        if self._device is not None and (self._device.lost or self._open_name != hearing.device):
            self._give_back()
        if self._device is None:
            self._device = self._make_device(hearing.device)
            self._open_name = hearing.device
            self._device.muted, self._device.volume = hearing.muted, hearing.volume
            self._told = ""
        return self._device

    def _next(self, done: int) -> _SoundRequest | None:
        """The next course; None after a rest, or when closing."""
        lost = self._told in RETURNING
        if lost and self._device is not None:
            self._give_back()
        rest = self._retry if lost else _IDLE if self._device is not None else None
        with self._wake:
            self._wake.wait_for(lambda: self._is_wanted(done), rest)
            return self._task if self._is_new(done) else None

    def _is_wanted(self, done: int) -> bool:
        return self._closing or self._found is not None or self._is_new(done)

    def _is_new(self, done: int) -> bool:
        return self._task is not None and self._task.generation > done

    def _give_back(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _feed(self, reader: SoundReader, task: _SoundRequest) -> None:
        told = self._told
        rate = self._take_device().rate
        if told in RETURNING:
            self._tell("")
        ring = Ring(round(_AHEAD * rate), CHANNELS)
        taken = self._hearing.taken
        sound = self._sound(reader, task, rate, taken)
        ready = False
        while (rest := next(sound, None)) is not None:
            while len(rest) and self._is_taken(task, taken):
                rest = rest[ring.write(rest) :]
                if not ready and (task.snippet or len(rest) or ring.written >= rate // 10):
                    ready = self._offer(task, ring)
                if not self._has_room(task, ring, rate, taken):
                    return
            if not self._is_taken(task, taken):
                taken = self._hearing.taken
                sound = self._other_sound(reader, task, ring, rate, taken)

    def _is_taken(self, task: _SoundRequest, taken: Taken) -> bool:
        """Whether this is still what is wanted of the track; a snippet is over before it could change."""
        return task.snippet or taken is self._hearing.taken

    def _sound(self, reader: SoundReader, task: _SoundRequest, rate: int, taken: Taken) -> Iterator[Samples]:
        if task.snippet:
            return iter((moment(reader, task.course.start, SNIPPET, rate, taken.channel),))
        return course_sound(reader, task.course, rate, task.offset, taken)

    def _other_sound(
        self, reader: SoundReader, task: _SoundRequest, ring: Ring, rate: int, taken: Taken
    ) -> Iterator[Samples]:
        """The course's sound as it is taken now, put over what is ready already; gives what follows that."""
        soon, fade = round(_SOON * rate), round(_CROSSING * rate)
        place = max(min(ring.read + soon, ring.written) - round(_SETTLING * rate), 0)
        sound = course_sound(reader, task.course.later(place / rate), rate, task.offset, taken)
        for samples in sound:
            # While it was made ready the device has gone on.
            begin = place if not fade else max(place, min(ring.read + soon, ring.written))
            rest = samples[begin - place :]
            place += len(samples)
            if len(rest):
                rest = rest[ring.replace(begin, rest, fade) :]
                fade = 0
            if len(rest):
                return chain((rest,), sound)
        return sound

    def _offer(self, task: _SoundRequest, ring: Ring) -> bool:
        with self._wake:
            if self._task is task and not self._broken:
                self._ring = ring
                self._connect()
        return True

    def _has_room(self, task: _SoundRequest, ring: Ring, rate: int, taken: Taken) -> bool:
        """Wait until a good part of the ring is free, or something else is to be heard of the track; False
        when the course is no longer wanted."""
        with self._wake:
            while self._task is task and not self._closing and ring.room < rate // 10 and not self._broken:
                if not self._is_taken(task, taken):
                    break
                self._wake.wait(0.05)
            return self._task is task and not self._closing and not self._broken

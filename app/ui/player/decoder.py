"""Decoding in a background thread: single frames on request, and frames ahead while playing."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.core.errors import UserError
from app.core.freed_memory import QUIET, QuietMoment
from app.core.playback.clock import Course
from app.core.playback.schedule import Due, Schedule
from app.core.recording.frames import Frame, FrameReader, Interrupted
from app.core.recording.picture_maker import fit_size
from app.core.recording.recording import Recording

logger = logging.getLogger(__name__)

_AHEAD = 8
"""Frames that are ready before they are due."""

_KEPT_BYTES = 96 << 20
"""Of decoded frames, for stepping back: 30 of 1080p. With fewer a held key waits longer at a keyframe that is
far back."""

_KEPT_WHILE_PLAYING = 32 << 20
"""Of frames that have been played once, 10 of 1080p: the first steps back after a pause, while those before
are decoded."""

_PATIENCE = 0.25
"""Seconds that a request may take before a newer one ends it."""

_IDLE = 0.15
"""Seconds of rest after which the frames before the one shown are decoded for stepping back."""

_STEP = 8
"""Frames at most in a step back, after which those before are decoded without waiting for a rest."""

_QUIET_MOMENT = QuietMoment()
"""For the decoders of all cameras: pictures and frames of many places leave some tens of MB among those that
are kept."""

_TOO_LATE = 0.4
"""Seconds of listening by which decoding may lag behind before it goes on at a keyframe."""

_BEHIND = 5
"""How much less important (niceness) decoding is that must not take time from the picture that leads."""

_PARTING = 1.0
"""Seconds that closing waits for a read to end; a dead drive never ends it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One frame for the screen; `generation` is that of the request it answers, `run` when it is due while
    playing."""

    generation: int
    image: QImage
    time: float
    number: int
    run: float = 0.0


@dataclass(frozen=True, slots=True)
class _FrameRequest:
    generation: int
    seconds: float = 0.0
    exact: bool = True
    course: Course | None = None
    now: Callable[[], float] | None = None


@dataclass(frozen=True, slots=True)
class _ReadyPicture:
    """A picture that was prepared in advance, with its size and deinterlacing."""

    shown: Shown
    size: tuple[int, int] | None
    deinterlace: bool | None

    def answers(self, number: int, size: tuple[int, int] | None, deinterlace: bool | None) -> bool:
        return (self.shown.number, self.size, self.deinterlace) == (number, size, deinterlace)


class Decoder(QObject):
    """Owns a reader of one recording in its own thread.

    The newest request wins; every frame carries its generation. Single frames come through `frame_ready`, the
    frames of a course are taken with `take_due`. Signals arrive in the thread that made the decoder.
    `keep` is how many bytes of decoded frames are kept; `behind` lets others go first.
    """

    frame_ready = Signal(object)  # Shown
    failed = Signal(str)

    def __init__(
        self,
        recording: Recording,
        parent: QObject | None = None,
        *,
        keep: int = _KEPT_BYTES,
        behind: bool = False,
    ) -> None:
        super().__init__(parent)
        self._recording = recording
        self._keep = keep
        self._behind = behind
        self._offset = 0.0
        self._size = (0, 0)
        self._wake = threading.Condition()
        self._request: _FrameRequest | None = None
        self._generation = self._serving = 0
        self._began = 0.0
        self._closing = False
        self._done = 0
        self._told = ""
        self._ready: _ReadyPicture | None = None
        self._deinterlace: bool | None = None
        self._ahead: deque[Shown] = deque()
        self._finished = False
        numbers = recording.index.number[recording.index.starts]
        self._keys = np.sort(numbers[numbers >= 0])
        self._thread = threading.Thread(target=self._work, name="decoder", daemon=True)

    def start(self) -> None:
        """Start the thread; connect the signals before, or the first ones are lost."""
        self._thread.start()

    def set_size(self, width: int, height: int) -> None:
        """Fit the frames from now on into `width` × `height` device pixels; 0 × 0 is as displayed."""
        with self._wake:
            self._size = (width, height)

    def set_deinterlace(self, on: bool | None) -> None:
        """Deinterlace frames from now on; None is as the stream says."""
        with self._wake:
            self._deinterlace = on

    def set_offset(self, seconds: float) -> None:
        """Take the seconds and courses of further requests as those of another clock, which shows `seconds`
        less than the recording's own; the times of frames are always on its own."""
        with self._wake:
            self._offset = seconds

    def show(self, seconds: float, *, exact: bool) -> int:
        """Request the frame at `seconds`, or the nearest keyframe; gives the request's generation."""
        return self._set(lambda generation: _FrameRequest(generation, seconds + self._offset, exact))

    def play(self, course: Course, now: Callable[[], float]) -> int:
        """Request the frames of a course; `now` gives its run, from any thread."""
        return self._set(lambda generation: _FrameRequest(generation, course=course, now=now))

    def stop(self) -> None:
        """End the course that plays."""
        with self._wake:
            self._ahead.clear()
            if self._request is not None and self._request.course is not None:
                self._generation += 1
                self._request = None
            self._wake.notify_all()

    def primed(self) -> bool:
        """Whether enough of the course is decoded to begin, or it has no more."""
        return len(self._ahead) >= 2 or self._finished

    def take_due(self, run: float) -> list[Shown]:
        """The frames that have become due up to `run`, oldest first; each is given once."""
        due: list[Shown] = []
        with self._wake:
            while self._ahead and self._ahead[0].run <= run + 1e-6:
                due.append(self._ahead.popleft())
            if due:
                self._wake.notify_all()
        return due

    def next_run(self) -> float | None:
        """When the next decoded frame is due; None while there is none."""
        with self._wake:
            return self._ahead[0].run if self._ahead else None

    def close(self) -> None:
        """End the thread; returns when it has ended, or when a dead drive does not let it."""
        with self._wake:
            self._closing = True
            self._request = None
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(_PARTING)

    def _set(self, make: Callable[[int], _FrameRequest]) -> int:
        _QUIET_MOMENT.put_off(time.monotonic())
        with self._wake:
            self._generation += 1
            self._request = make(self._generation)
            self._ahead.clear()
            self._finished = False
            self._wake.notify_all()
            return self._generation

    # in the decoder's thread

    def _work(self) -> None:
        if self._behind:
            _let_others_go_first()
        while not self._closing:
            try:
                with FrameReader(
                    self._recording, pixel_format="bgra", keep=self._keep, interrupt=self._outdated
                ) as reader:
                    self._serve(reader)
            except UserError as error:
                self._give_up(str(error))
            except Exception:
                logger.exception("The decoder failed")
                self._give_up("The picture cannot be decoded any further; open the recording again.")

    def _give_up(self, text: str) -> None:
        """Signal the reason, and wait for a newer request: the file may be back by then."""
        with self._wake:
            self._done = self._generation
        self._tell(text)
        with self._wake:
            self._wake.wait_for(lambda: self._closing or self._is_new(self._done))

    def _tell(self, text: str) -> None:
        if not self._closing and text != self._told:
            self._told = text
            self.failed.emit(text)

    def _serve(self, reader: FrameReader) -> None:
        shown, rest, settled = -1, None, False
        while True:
            request = self._next(self._done, rest)
            if self._closing:
                return
            self._began = time.monotonic()
            try:
                if settled and request is None:
                    rest = _QUIET_MOMENT.use(time.monotonic())
                    continue
                if request is None:
                    self._began -= _PATIENCE
                    stepping, rest, settled = rest == 0.0, None, True
                    if stepping and shown > 0:
                        self._make_ready(reader, shown - 1)
                    reader.keep_before(shown)
                    rest = None if stepping else QUIET
                    continue
                self._done, settled = request.generation, False
                reader.set_deinterlace(self._deinterlace)
                reader.keep_at_most(self._kept_for(request.course))
                before, shown, rest = shown, -1, None
                if request.course is not None:
                    self._stream(reader, request, request.course)
                else:
                    shown = self._single(reader, request, before)
                    rest = None if shown < 0 else 0.0 if 0 < before - shown <= _STEP else _IDLE
            except Interrupted:
                continue

    def _kept_for(self, course: Course | None) -> int:
        """How many bytes of frames are worth keeping: a loop comes back to its first ones."""
        once = course is not None and course.around is None
        return min(self._keep, _KEPT_WHILE_PLAYING) if once else self._keep

    def _next(self, done: int, rest: float | None) -> _FrameRequest | None:
        """The next request; None after `rest` seconds without one, or when closing."""
        with self._wake:
            self._wake.wait_for(lambda: self._closing or self._is_new(done), rest)
            return self._request if self._is_new(done) else None

    def _is_new(self, done: int) -> bool:
        return self._request is not None and self._request.generation > done

    def _outdated(self) -> bool:
        """Whether what is being decoded is no longer wanted; asked by the reader at every packet."""
        if self._closing:
            return True
        request, patient = self._request, time.monotonic() - self._began < _PATIENCE
        return not patient and request is not None and request.generation > self._serving

    def _is_far(self, seconds: float, before: int) -> bool:
        return not 0 <= before <= self._number_at(seconds) <= before + _STEP

    def _number_at(self, seconds: float) -> int:
        return self._recording.video.number_at(seconds) if self._recording.video is not None else -1

    def _single(self, reader: FrameReader, request: _FrameRequest, before: int) -> int:
        """Decode one frame and send it; `before` is the number of the one shown last, or -1. Gives its number
        when it is the exact one, else -1."""
        self._serving = request.generation
        size = self._fitted()
        reader.set_size(size)
        ready, self._ready = self._ready, None
        if (
            request.exact
            and ready is not None
            and ready.answers(self._number_at(request.seconds), size, self._deinterlace)
        ):
            self._send(replace(ready.shown, generation=request.generation))
            return ready.shown.number
        if request.exact:
            frame = reader.frame_at(request.seconds, alone=self._is_far(request.seconds, before))
        else:
            frame = reader.keyframe_near(request.seconds)
        self._send(_shown(frame, request.generation))
        return frame.number if request.exact else -1

    def _send(self, shown: Shown) -> None:
        self._told = ""
        if not self._closing:
            self.frame_ready.emit(shown)

    def _make_ready(self, reader: FrameReader, number: int) -> None:
        """Make the picture that the next step back will ask for."""
        size, deinterlace = self._fitted(), self._deinterlace
        reader.set_size(size)
        reader.set_deinterlace(deinterlace)
        self._ready = _ReadyPicture(_shown(reader.frame(number), 0), size, deinterlace)

    def _stream(self, reader: FrameReader, request: _FrameRequest, course: Course) -> None:
        self._serving = request.generation
        video = self._recording.video
        now = request.now
        if video is None or now is None:
            return
        schedule = Schedule(video.times - self._offset, course)
        due = schedule.first()
        while due is not None and self._has_room(request):
            reader.set_size(self._fitted())
            self._put(request, _shown(reader.frame(due.number), request.generation, due))
            run = now()
            late = run - due.run > _TOO_LATE * course.speed
            due = schedule.keyframe_after(due, run, self._keys) if late else schedule.after(due, run)
        with self._wake:
            self._finished = self._finished or self._current(request)

    def _current(self, request: _FrameRequest) -> bool:
        return self._request is request and not self._closing

    def _has_room(self, request: _FrameRequest) -> bool:
        """Wait until a further frame is wanted; False when the request is no longer the newest."""
        with self._wake:
            self._wake.wait_for(lambda: not self._current(request) or len(self._ahead) < _AHEAD)
            return self._current(request)

    def _put(self, request: _FrameRequest, shown: Shown) -> None:
        _QUIET_MOMENT.put_off(time.monotonic())
        with self._wake:
            if self._current(request):
                self._ahead.append(shown)

    def _fitted(self) -> tuple[int, int] | None:
        video, (width, height) = self._recording.video, self._size
        if video is None or width <= 0 or height <= 0:
            return None
        fitted = fit_size(video.width, video.height, width, height)
        # Enlarging is the screen's work: it costs less there than carrying a larger picture.
        return fitted if fitted[0] < video.width else None


def _let_others_go_first() -> None:
    """Make this thread, and the codec's threads that it starts, less important. Only Linux can: elsewhere the
    importance is that of the whole program."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + _BEHIND, 19))


def _shown(frame: Frame, generation: int, due: Due | None = None) -> Shown:
    height, width = frame.image.shape[:2]
    image = QImage(frame.image.data, width, height, frame.image.strides[0], QImage.Format.Format_RGB32)
    # The copy owns its pixels, so it may outlive the frame in any thread.
    return Shown(generation, image.copy(), frame.time, frame.number, due.run if due is not None else 0.0)

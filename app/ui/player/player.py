"""The player: one recording, played with its sound, frame by frame or at any place."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from app.core.recording.recording import Recording, VideoStream
from app.core.semiology import Span
from app.ui.player.clock import Course, PlaybackClock
from app.ui.player.decoder import Decoder, Shown
from app.ui.player.sound import SoundOutput

logger = logging.getLogger(__name__)

SLOWEST, FASTEST = 0.25, 4.0
_LONGEST_TICK = 15
_POSITION_EVERY = 0.033
"""Seconds of the run at speed 1 between positions told while the same frame stays on screen."""


class Player(QObject):
    """Plays one recording; lives in the window's thread and never blocks it.

    `frame_shown` carries the picture, its time in seconds on the recording's clock and its number;
    `position_changed` seconds; `silent` why there is no sound, `failed` why there is no picture, each in one
    sentence. `frames_due` and `frames_dropped` count since `play`.
    """

    frame_shown = Signal(QImage, float, int)
    position_changed = Signal(float)
    playing_changed = Signal(bool)
    ended = Signal()
    silent = Signal(str)
    failed = Signal(str)
    _sound_lost = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._video: VideoStream | None = None
        self._decoder: Decoder | None = None
        self._sound: SoundOutput | None = None
        self._clock = PlaybackClock()
        self._course: Course | None = None
        self._position = 0.0
        self._told = -1.0
        self._speed = 1.0
        self._loop: Span | None = None
        self._muted = False
        self._size = (0, 0)
        self._playing = False
        self._dragging = False
        self._shown_generation = 0
        self.frames_due = 0
        self.frames_dropped = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)
        self._sound_lost.connect(self.silent)

    # state

    @property
    def position(self) -> float:
        """Seconds on the recording's clock."""
        return self._position

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def speed(self) -> float:
        return self._speed

    # what can be wished

    def open(self, recording: Recording) -> None:
        """Take another recording and show its first frame."""
        self.close()
        self._recording, self._video = recording, recording.video
        self._position, self._told, self._loop, self._shown_generation = 0.0, -1.0, None, 0
        if recording.video is not None:
            self._decoder = Decoder(recording, self)
            self._decoder.frame_ready.connect(self._on_frame)
            self._decoder.failed.connect(self._on_failed)
            self._decoder.set_size(*self._size)
            self._decoder.start()
        if recording.audio is not None:
            self._sound = SoundOutput(recording, self._sound_lost.emit)
            self._sound.set_muted(self._muted)
        self._show(exact=True)

    def close(self) -> None:
        """Stop, and end every thread; the player can open again afterwards."""
        self._halt()
        self._set_playing(False)
        if self._decoder is not None:
            decoder, self._decoder = self._decoder, None
            decoder.close()
            decoder.deleteLater()
        if self._sound is not None:
            sound, self._sound = self._sound, None
            sound.close()
        self._recording = self._video = None

    def play(self) -> None:
        """Play on; at the end, from the start (of the loop)."""
        if self._recording is None or self._decoder is None or self._playing:
            return
        if self._position >= self._end() - 1e-3:
            self._position = self._loop.start if self._loop is not None else 0.0
        self.frames_due = self.frames_dropped = 0
        self._dragging = False
        self._run_from(self._position)
        self._set_playing(True)

    def pause(self) -> None:
        """Stop at once, at the frame on screen."""
        if not self._playing:
            return
        if self._clock.running:
            self._move_to(self._now())
        self._halt()
        self._set_playing(False)
        self._show(exact=True)

    def seek(self, seconds: float, exact: bool = True) -> None:
        """Go to a time; not exact is the nearest keyframe at once, for dragging."""
        if self._recording is None:
            return
        self._move_to(min(max(seconds, 0.0), self._end()))
        if not self._playing:
            self._show(exact)
        elif exact:
            self._dragging = False
            self._run_from(self._position)
        else:
            self._halt()
            self._dragging = True
            self._show(exact=False)

    def step(self, frames: int) -> None:
        """Go `frames` frames forward, or back when negative; pauses."""
        if self._video is None:
            return
        self.pause()
        number = self._video.number_at(self._position) + frames
        number = min(max(number, 0), self._video.n - 1)
        self._move_to(float(self._video.times[number]))
        self._show(exact=True)

    def set_speed(self, speed: float) -> None:
        """Play at 0.25 to 4 times the speed, the pitch of the sound kept."""
        self._speed = min(max(speed, SLOWEST), FASTEST)
        self._run_anew()

    def set_loop(self, span: Span | None) -> None:
        """Play a span over and over; None ends that."""
        self._loop = span
        self._run_anew()

    def set_muted(self, muted: bool) -> None:
        self._muted = muted
        if self._sound is not None:
            self._sound.set_muted(muted)

    def set_size(self, width: int, height: int) -> None:
        """Fit pictures into `width` × `height` device pixels from now on."""
        if (width, height) == self._size:
            return
        self._size = (width, height)
        if self._decoder is not None:
            self._decoder.set_size(width, height)
            if not self._playing:
                self._show(exact=True)

    # playing

    def _end(self) -> float:
        return self._recording.duration if self._recording is not None else 0.0

    def _run_anew(self) -> None:
        if self._playing and not self._dragging:
            self._run_from(self._now() if self._clock.running else self._position)

    def _run_from(self, seconds: float) -> None:
        """Begin a course; the clock starts when the first frames and the sound are ready."""
        self._halt()
        if self._decoder is None:
            return
        self._position = seconds
        self._course = course = Course(seconds, self._speed, self._end(), self._loop)
        if self._sound is not None:
            self._sound.prepare(course)
        clock = self._clock
        self._decoder.play(course, lambda: clock.run() if clock.running else course.start)
        self._timer.start(1)

    def _halt(self) -> None:
        self._timer.stop()
        self._clock.stop()
        self._course = None
        if self._sound is not None:
            self._sound.stop()
        if self._decoder is not None:
            self._decoder.stop()

    def _now(self) -> float:
        return self._course.position(self._clock.run()) if self._course is not None else self._position

    def _tick(self) -> None:
        decoder, course = self._decoder, self._course
        if decoder is None or course is None:
            return
        if not self._clock.running:
            if decoder.primed():
                if self._sound is not None:
                    self._sound.release()
                self._clock.start(course, self._sound.heard if self._sound is not None else None)
            self._timer.start(2)
            return
        run = self._clock.run()
        due = decoder.take_due(run)
        if due:
            self.frames_due += len(due)
            self.frames_dropped += len(due) - 1
        if course.ended(run):
            self._finish()
            return
        position = course.position(run)
        if due or abs(position - self._told) >= _POSITION_EVERY * course.speed:
            self._move_to(position)
        if due:
            self._show_image(due[-1])
        self._timer.start(self._until_next(run, course, decoder))

    def _until_next(self, run: float, course: Course, decoder: Decoder) -> int:
        """Milliseconds to the next look at the clock."""
        coming = decoder.next_run()
        if coming is None:
            return 4
        return min(max(round((coming - run) / course.speed * 1000), 1), _LONGEST_TICK)

    def _finish(self) -> None:
        self._halt()
        self._move_to(self._end())
        self._set_playing(False)
        self._show(exact=True)
        self.ended.emit()

    # showing

    def _show(self, exact: bool) -> None:
        if self._decoder is not None:
            self._decoder.show(self._position, exact=exact)

    def _on_frame(self, shown: Shown) -> None:
        if self._decoder is None or self.sender() is not self._decoder:
            return
        late = self._course is not None or shown.generation <= self._shown_generation
        if not late:
            self._shown_generation = shown.generation
            self._show_image(shown)

    def _show_image(self, shown: Shown) -> None:
        self.frame_shown.emit(shown.image, shown.time, shown.number)

    def _move_to(self, seconds: float) -> None:
        self._position = seconds
        if seconds != self._told:
            self._told = seconds
            self.position_changed.emit(seconds)

    def _set_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    def _on_failed(self, text: str) -> None:
        self._halt()
        self._set_playing(False)
        self.failed.emit(text)

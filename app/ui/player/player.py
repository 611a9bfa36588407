"""The player: one recording, played with its sound, frame by frame or at any place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from app.core.playback.clock import Course, PlaybackClock
from app.core.recording.file_watch import FileNews, FileState, FileWatch
from app.core.recording.recording import Recording, VideoStream
from app.core.semiology import Span
from app.ui.player.cameras import Companions
from app.ui.player.decoder import Decoder, Shown
from app.ui.player.heard import HeardSound

SLOWEST, FASTEST = 0.1, 8.0

_LEAD = 0.008
"""Seconds by which a picture is given to the window before it is due: it takes that long to the screen."""

_NO_ANSWER = 5000
"""Milliseconds without the frame that was asked for, after which the drive counts as silent."""

_LONGEST_TICK = 15
_POSITION_EVERY = 0.033
"""Seconds of the run at speed 1 between signalled positions while the same frame stays on screen."""


class Player(QObject):
    """Plays one recording; lives in the window's thread and never blocks it.

    `frame_shown` carries the picture, its time in seconds on the recording's clock and its number;
    `position_changed` seconds; `failed` why there is no picture, or what has happened to the file, each in
    one sentence; `file_changed` a FileNews. `sound` is what is heard; `companions` are further cameras, which
    follow.
    """

    frame_shown = Signal(QImage, float, int)
    position_changed = Signal(float)
    playing_changed = Signal(bool)
    ended = Signal()
    failed = Signal(str)
    file_changed = Signal(object)
    _file_told = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._video: VideoStream | None = None
        self._decoder: Decoder | None = None
        self.companions = Companions()
        self.sound = HeardSound(self._run_anew, self._change_at_rest, self)
        self._clock = PlaybackClock()
        self._course: Course | None = None
        self._position = 0.0
        self._told = -1.0
        self._speed = 1.0
        self._loop: Span | None = None
        self._deinterlace: bool | None = None
        self._watch: FileWatch | None = None
        self._size = (0, 0)
        self._playing = False
        self._dragging = False
        self._shown_generation = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)
        self._file_told.connect(self._on_file_told)
        self._unanswered = QTimer(self)
        self._unanswered.setSingleShot(True)
        self._unanswered.timeout.connect(self._on_unanswered)

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

    @property
    def recording(self) -> Recording | None:
        return self._recording

    # what can be wished

    def open(self, recording: Recording) -> None:
        """Open another recording and show its first frame."""
        self.close()
        self._recording, self._video = recording, recording.video
        self._position, self._told, self._loop, self._shown_generation = 0.0, -1.0, None, 0
        self._gone = self._undecoded = False
        self._open_picture()
        self.sound.open(recording)
        self._watch = FileWatch(recording.path, lambda news: self._file_told.emit(recording, news))
        self._show(exact=True)

    def _open_picture(self) -> None:
        recording = self._recording
        if recording is not None and recording.video is not None:
            self._decoder = Decoder(recording, self)
            self._decoder.frame_ready.connect(self._on_frame)
            self._decoder.failed.connect(self._on_decoder_failed)
            self._decoder.set_size(*self._size)
            self._decoder.set_deinterlace(self._deinterlace)
            self._decoder.start()

    def close(self) -> None:
        """Stop, and end every thread; the player can open again afterwards."""
        self._halt()
        self._set_playing(False)
        if self._decoder is not None:
            decoder, self._decoder = self._decoder, None
            decoder.close()
            decoder.deleteLater()
        self.sound.close()
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self._recording = self._video = None

    def play(self) -> None:
        """Play on; at the end, from the start (of the loop)."""
        if self._recording is None or self._decoder is None or self._playing:
            return
        if self._position >= self._end() - 1e-3:
            self._position = self._loop.start if self._loop is not None else 0.0
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
        if not exact:
            self.sound.snippet(self._position)

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
        """Play at 0.1 to 8 times the speed; the pitch of the sound is kept, and below 0.25 and above 4 times
        there is none."""
        self._speed = min(max(speed, SLOWEST), FASTEST)
        self._run_anew()

    def set_loop(self, span: Span | None) -> None:
        """Repeat a span; None stops repeating."""
        self._loop = span
        self._run_anew()

    def set_track(self, number: int) -> None:
        """Hear another track of the recording's `tracks`, as recorded; an unknown number is a bug
        (IndexError)."""
        if self._recording is None or number == self._recording.track:
            return
        self._recording = self._recording.with_track(number)
        self.sound.take_track(self._recording)

    def set_deinterlace(self, on: bool | None) -> None:
        """Deinterlace the picture or not; None is as the recording says."""
        self._deinterlace = on
        if self._decoder is not None:
            self._decoder.set_deinterlace(on)
            if not self._playing:
                self._show(exact=True)

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

    def _change_at_rest(self, change: Callable[[], None]) -> None:
        """Make a change that needs playback to be stopped, and continue."""
        playing = self._playing and not self._dragging
        at = self._now() if self._clock.running else self._position
        if playing:
            self._halt()
        change()
        if playing:
            self._run_from(at)

    def _run_from(self, seconds: float) -> None:
        """Begin a course; the clock starts when the first frames and the sound are ready."""
        self._halt()
        if self._decoder is None:
            return
        self._position = seconds
        self._course = course = Course(seconds, self._speed, self._end(), self._loop)
        self.sound.prepare(course)
        clock = self._clock

        def now() -> float:
            return clock.run() if clock.running else course.start

        self._decoder.play(course, now)
        self.companions.run(course, now)
        self._timer.start(1)
        self._unanswered.start(_NO_ANSWER)

    def _halt(self) -> None:
        self._timer.stop()
        self._unanswered.stop()
        self._clock.stop()
        self._course = None
        self.companions.halt()
        self.sound.stop()
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
                self._clock.start(course, self.sound.release(course))
                self._unanswered.stop()
            self._timer.start(2)
            return
        run = self._clock.run()
        due = decoder.take_due(run + _LEAD * course.speed)
        if course.ended(run):
            self._finish()
            return
        position = course.position(run)
        if due or abs(position - self._told) >= _POSITION_EVERY * course.speed:
            self._move_to(position)
        if due:
            self._show_image(due[-1])
        self.companions.tick(run + _LEAD * course.speed, position)
        self._timer.start(self._until_next(run, course, decoder))

    def _until_next(self, run: float, course: Course, decoder: Decoder) -> int:
        """Milliseconds to the next look at the clock."""
        coming = decoder.next_run()
        if coming is None:
            return 4
        return min(max(round(((coming - run) / course.speed - _LEAD) * 1000), 1), _LONGEST_TICK)

    def _finish(self) -> None:
        self._halt()
        self._move_to(self._end())
        self._set_playing(False)
        self._show(exact=True)
        self.ended.emit()

    # showing

    def _show(self, exact: bool) -> None:
        self.companions.show(self._position, exact)
        if self._decoder is not None:
            self._decoder.show(self._position, exact=exact)
            if not self._unanswered.isActive():
                self._unanswered.start(_NO_ANSWER)

    def _on_frame(self, shown: Shown) -> None:
        if self._decoder is None or self.sender() is not self._decoder:
            return
        if self._course is None:
            self._unanswered.stop()
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

    def _on_decoder_failed(self, text: str) -> None:
        """Reports a missing file once, from whichever of decoder and file watch notices it first."""
        if not self._gone:
            self._undecoded = True
            self._on_failed(text)

    def _on_unanswered(self) -> None:
        name = self._recording.name if self._recording is not None else ""
        self._on_failed(f"The drive of “{name}” does not answer; it may be slow or disconnected.")

    def _on_file_told(self, recording: Recording, news: FileNews) -> None:
        current = self._recording
        if current is None or current.fingerprint != recording.fingerprint or self._watch is None:
            return
        self.file_changed.emit(news)
        self._gone = news.state is FileState.VANISHED
        if self._gone and self._undecoded and self._shown_generation == 0:
            return
        if news.state is not FileState.SAME:
            self._on_failed(news.text)
        elif not self._playing:
            self._show(exact=True)

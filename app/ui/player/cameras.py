"""Further cameras next to the leading recording: each decodes by itself and follows the leading course."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.core.jobs import Progress, Task
from app.core.playback.clock import Course
from app.core.recording.file_watch import FileNews, FileState, FileWatch
from app.core.recording.recording import Recording
from app.ui.player.decoder import Decoder, Shown
from app.ui.session.background import Background

_KEPT_BYTES = 96 << 20
_SLACK = 1e-3
"""Seconds by which two clocks may differ through rounding alone."""

_NO_ANSWER = 5000
"""Milliseconds without the frame that was asked for, after which the drive counts as silent."""

Find = Callable[[], Path]
"""The file of a camera; called in a background thread. Raises UserError."""


class Companion(QObject):
    """One further camera. It never delays the leading recording; its faults are in `words`.

    `image` is the frame to be shown, None while there is none; `frame_time` (seconds on the camera's own
    clock) and `frame_number` belong to it. `words` say why there is no picture, "" when there is one.
    Lives in the window's thread.
    """

    changed = Signal()
    """Another picture, or other words."""
    opened = Signal(object)
    """The Recording."""
    failed = Signal(str)
    """Why it could not be opened."""
    _file_told = Signal(object, object)

    def __init__(self, name: str, offset: float = 0.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.picture: int | None = None
        self.recording: Recording | None = None
        self.image: QImage | None = None
        self.frame_time, self.frame_number = 0.0, -1
        self._words = self._trouble = self._gone = ""
        self._closed, self._told = False, ""
        self._offset = offset
        self._size = (0, 0)
        self._decoder: Decoder | None = None
        self._watch: FileWatch | None = None
        self._position, self._exact = 0.0, True
        self._course: Course | None = None
        self._now: Callable[[], float] = float
        self._shown_generation = 0
        self._opening = Background("camera", self)
        self._opening.progressed.connect(self._on_progress)
        self._opening.done.connect(self._on_opened)
        self._opening.failed.connect(self._on_refused)
        self._opening.ended.connect(self._go)
        self._file_told.connect(self._on_file)
        self._unanswered = QTimer(self)
        self._unanswered.setSingleShot(True)
        self._unanswered.setInterval(_NO_ANSWER)
        self._unanswered.timeout.connect(self._on_unanswered)

    @property
    def words(self) -> str:
        """Why no picture is shown, in one sentence; "" when one is."""
        return self._gone or self._trouble or self._words

    @property
    def offset(self) -> float:
        """Seconds that the camera's clock shows more than the leading one."""
        return self._offset

    def own_time(self, seconds: float) -> float:
        """The camera's clock when the leading one shows `seconds`."""
        return seconds + self._offset

    def frame_on_screen(self, seconds: float) -> float | None:
        """The time, on its own clock, of the frame that belongs to `seconds` of the leading one; None when
        the camera did not run then."""
        video = self.recording.video if self.recording is not None else None
        if video is None or self._outside(seconds):
            return None
        return float(video.times[video.number_at(self.own_time(seconds))])

    # changes of the leading player

    def open(self, find: Find, picture: int | None = None) -> None:
        """Open the file in the background; `picture` is the number of a picture track, None the usual one."""
        self._let_go()
        self._say("", "Opening…")
        self.picture = picture

        def work(task: Task) -> Recording:
            from app.core.recording.probe import open_recording

            return open_recording(find(), picture=picture, report=task.report, cancel=task.cancel)

        self._opening.start(work)

    def refuse(self, why: str) -> None:
        """Show only this sentence."""
        self._let_go()
        self._say(why, "")

    def set_offset(self, seconds: float) -> None:
        """Show what the camera saw `seconds` later on its own clock."""
        self._offset = seconds
        if self._decoder is not None:
            self._decoder.set_offset(seconds)
        self._again()

    def set_size(self, width: int, height: int) -> None:
        """Fit pictures into `width` × `height` device pixels from now on."""
        if (width, height) == self._size:
            return
        self._size = (width, height)
        if self._decoder is not None:
            self._decoder.set_size(width, height)
            if self._course is None:
                self._again()

    def close(self) -> None:
        """End its threads; no signal is emitted afterwards. A dead drive is not waited for."""
        self._closed = True
        self._opening.cancel()
        self._let_go()
        self.image = None
        self._go()

    def _go(self) -> None:
        """Delete itself after closing, when its thread has ended."""
        if self._closed and not self._opening.running:
            self.deleteLater()

    def show(self, seconds: float, exact: bool) -> None:
        """Show the frame of this moment of the leading clock; not exact is the nearest keyframe."""
        self._position, self._exact = seconds, exact
        self._place(seconds)
        if self._decoder is not None and not self._outside(seconds):
            self._decoder.show(seconds, exact=exact)
            self._await()

    def run(self, course: Course, now: Callable[[], float]) -> None:
        """Follow a course, whose run `now` gives from any thread."""
        self._course, self._now = course, now
        if self._decoder is not None and self._meets(course):
            self._decoder.play(course, now)
            self._await()

    def tick(self, run: float, position: float) -> None:
        """Show the newest frame that has become due up to `run`; `position` is now on the leading clock."""
        self._position = position
        self._place(position)
        due = self._decoder.take_due(run) if self._decoder is not None else []
        if due and not self._outside(position):
            self._show_image(due[-1])

    def halt(self) -> None:
        """Stop following."""
        self._course = None
        self._unanswered.stop()
        if self._decoder is not None:
            self._decoder.stop()

    # where it is

    def _outside(self, seconds: float) -> bool:
        return bool(self._when(seconds))

    def _when(self, seconds: float) -> str:
        """The sentence for a time at which the camera did not run; "" when it did."""
        own = self.own_time(seconds)
        if own < -_SLACK:
            return f"Begins in {-own:.1f} s"
        if self.recording is not None and own > self.recording.duration + _SLACK:
            return f"Ended {own - self.recording.duration:.1f} s ago"
        return ""

    def _meets(self, course: Course) -> bool:
        """Whether the camera runs at any moment of the course."""
        if self.recording is None:
            return False
        begin, end = -self._offset, self.recording.duration - self._offset
        around = course.around
        first, last = (course.start, course.end) if around is None else (around.start, around.end)
        return begin < last and min(first, course.start) < end and (around is None or first < end)

    def _place(self, seconds: float) -> None:
        if self.recording is not None:
            self._say(self._trouble, self._when(seconds))

    def _say(self, trouble: str, words: str) -> None:
        self._trouble, self._words = trouble, words
        if self.words:
            self.image, self.frame_number = None, -1
        if self.words != self._told:
            self._told = self.words
            self.changed.emit()

    def _again(self) -> None:
        """Show the frame of the present time again, after a change."""
        if self._course is not None:
            self.run(self._course, self._now)
        else:
            self.show(self._position, self._exact)

    # what it finds

    def _on_progress(self, progress: Progress) -> None:
        if not self._closed and self.recording is None:
            self._say("", f"Opening… {progress.done:.0%}")

    def _on_opened(self, recording: Recording) -> None:
        if self._closed:
            return
        if recording.video is None:
            self._on_refused(f"“{recording.name}” has no picture to show.")
            return
        self.recording = recording
        if self.picture is None:
            self.name = recording.name
        decoder = Decoder(recording, self, keep=_KEPT_BYTES, behind=True)
        decoder.frame_ready.connect(self._on_frame)
        decoder.failed.connect(self._on_failed)
        decoder.set_size(*self._size)
        decoder.set_offset(self._offset)
        decoder.start()
        self._decoder, self._shown_generation = decoder, 0
        self._watch = FileWatch(recording.path, lambda news: self._file_told.emit(recording, news))
        self._say("", "")
        self.opened.emit(recording)
        self._again()

    def _on_refused(self, why: str) -> None:
        if not self._closed:
            self._say(why, "")
            self.failed.emit(why)

    def _await(self) -> None:
        if not self._unanswered.isActive():
            self._unanswered.start()

    def _on_unanswered(self) -> None:
        if not self._outside(self._position):
            self._say(f"The drive of “{self.name}” does not answer.", self._words)

    def _on_frame(self, shown: Shown) -> None:
        late = self._course is not None or shown.generation <= self._shown_generation
        if self.sender() is self._decoder and not late and not self._outside(self._position):
            self._shown_generation = shown.generation
            self._show_image(shown)

    def _show_image(self, shown: Shown) -> None:
        self._unanswered.stop()
        if self._gone:
            return
        self._trouble = ""
        self._told = self.words
        self.image, self.frame_time, self.frame_number = shown.image, shown.time, shown.number
        self.changed.emit()

    def _on_failed(self, why: str) -> None:
        if self.sender() is self._decoder:
            self._say(why, self._words)

    def _on_file(self, recording: Recording, news: FileNews) -> None:
        if recording is not self.recording:
            return
        self._gone = _GONE.get(news.state, "").format(self.name)
        self._say("", self._words)
        if not self._gone:
            self._again()

    def _let_go(self) -> None:
        self.recording = None
        self._gone = ""
        self._unanswered.stop()
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        if self._decoder is not None:
            decoder, self._decoder = self._decoder, None
            decoder.close()
            decoder.deleteLater()


_GONE = {
    FileState.CHANGED: "“{}” has changed since it was opened; close this camera and add it again.",
    FileState.SHORTER: "“{}” has become shorter since it was opened; close this camera and add it again.",
    FileState.VANISHED: "“{}” is gone: it was moved or its drive disconnected.",
}


class Companions:
    """The further cameras of one player, which calls them at each change."""

    def __init__(self) -> None:
        self._all: list[Companion] = []
        self._position, self._exact = 0.0, True
        self._course: Course | None = None
        self._now: Callable[[], float] = float

    def __iter__(self) -> Iterator[Companion]:
        return iter(tuple(self._all))

    def __len__(self) -> int:
        return len(self._all)

    def add(self, companion: Companion) -> None:
        """Make the camera follow."""
        self._all.append(companion)
        companion.show(self._position, self._exact)
        if self._course is not None:
            companion.run(self._course, self._now)

    def remove(self, companion: Companion) -> None:
        """Stop the camera and end its threads."""
        self._all.remove(companion)
        companion.close()

    def show(self, seconds: float, exact: bool) -> None:
        self._position, self._exact = seconds, exact
        for companion in self:
            companion.show(seconds, exact)

    def run(self, course: Course, now: Callable[[], float]) -> None:
        self._course, self._now = course, now
        for companion in self:
            companion.run(course, now)

    def tick(self, run: float, position: float) -> None:
        self._position = position
        for companion in self:
            companion.tick(run, position)

    def halt(self) -> None:
        self._course = None
        for companion in self:
            companion.halt()

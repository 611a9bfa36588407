"""The first course drawn in the background, while its first cases are practised already."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Progress
from app.core.plural import plural
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.first_course import draw_first_course
from app.core.teaching.phantom_course import CASES
from app.ui.session.background import Background


class CourseDrawing(QObject):
    """Draws what is missing of the first course; what is complete is kept when it is stopped."""

    grown = Signal(object)
    """A CourseFolder with another case, or with what is there."""
    changed = Signal()
    """The progress, or whether it runs."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: CourseFolder | None = None
        self._share = 0.0
        self._stopping = False
        self._work = Background("drawing of the first course", self, one_at_a_time=True)
        self._work.posted.connect(self._on_grown)
        self._work.progressed.connect(self._on_progress)
        self._work.done.connect(self._on_done)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self.changed)

    @property
    def running(self) -> bool:
        return self._work.running

    @property
    def folder(self) -> CourseFolder | None:
        """The course as it is now; None before its first case."""
        return self._folder

    @property
    def has_cases(self) -> bool:
        """Whether it is being drawn, and some of it is there."""
        going_on = self.running and not self._stopping
        return going_on and self._folder is not None and bool(self._folder.course.cases)

    @property
    def words(self) -> str:
        """How far it is, in words."""
        if self._folder is None or not self._folder.course.cases:
            return f"Drawing the first case … {min(self._case_share, 1.0):.0%}"
        course = self._folder.course
        return f"Drawing the course: {len(course.cases)} of {plural(course.planned, 'case')}"

    @property
    def _case_share(self) -> float:
        planned = self._folder.course.planned if self._folder else CASES
        return self._share * planned

    def start(self, path: Path) -> None:
        """Draw the course in this folder, or go on with it."""
        if self._stopping or not self.running:
            self._stopping = False
            self._folder, self._share = None, 0.0
            self._work.start(lambda task: draw_first_course(path, task))
            self.changed.emit()

    def stop(self) -> None:
        """Stop; another start goes on."""
        self._stopping = True
        self._work.cancel()

    def close(self) -> None:
        """Returns when the drawing has ended."""
        self._work.close()

    def _on_grown(self, folder: CourseFolder) -> None:
        self._folder = folder
        self.grown.emit(folder)
        self.changed.emit()

    def _on_progress(self, progress: Progress) -> None:
        self._share = progress.done
        self.changed.emit()

    def _on_done(self, folder: CourseFolder | None) -> None:
        if folder is None and not (self._folder and self._folder.course.cases):
            self.failed.emit(
                "Another window is drawing the first course; open it when its first case is there."
            )

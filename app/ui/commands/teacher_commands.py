"""The commands of the menu Teaching for looking things up and for teachers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.ui.commands.command import Command, Menu
from app.ui.memory import Memory
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.ui.dialogs.atlas import AtlasDialog


class TeacherDialogs(QObject):
    """Opens the atlas, and the dialogs that make courses and show what learners achieved."""

    def __init__(self, window: QWidget, session: Session, memory: Memory) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._atlas: AtlasDialog | None = None

    def commands(self) -> tuple[Command, ...]:
        return (
            Command(
                "atlas",
                Menu.TEACHING,
                "Atlas of features…",
                ("Ctrl+Shift+B",),
                "What each feature is, what it is confused with, and drawn clips of both.",
                self.show_atlas,
            ),
            Command(
                "make_course",
                Menu.TEACHING,
                "Make a course…",
                (),
                "De-identified clips of this study with sealed keys, for learners.",
                self.make_course,
                needs_recording=True,
                parted=True,
            ),
            Command(
                "course_results",
                Menu.TEACHING,
                "Results of a course…",
                (),
                "What learners achieved, by alias and together, over the weeks, and a page of their tests.",
                self.show_results,
            ),
        )

    def show_atlas(self) -> None:
        """Show the atlas; one that is open already comes to the front."""
        from app.ui.dialogs.atlas import AtlasDialog

        if self._atlas is None:
            self._atlas = AtlasDialog(self._session, self._memory, self._window)
            self._atlas.destroyed.connect(self._forget_atlas)
        self._atlas.show()
        self._atlas.raise_()
        self._atlas.activateWindow()

    def make_course(self) -> None:
        from app.ui.dialogs.make_course import MakeCourseDialog

        MakeCourseDialog(self._session, self._memory, self._window).open()

    def show_results(self) -> None:
        from app.ui.dialogs.course_results import CourseResultsDialog

        CourseResultsDialog(self._session, self._memory, self._window).open()

    def _forget_atlas(self) -> None:
        self._atlas = None

"""Practising courses as commands of the menu Teaching."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QWidget

from app.core.settings import with_recent_course
from app.ui.commands.actions import Actions
from app.ui.commands.command import Command, Menu
from app.ui.commands.keymap import Keys
from app.ui.memory import Memory
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.teaching.course_file import CourseFolder
    from app.core.teaching.sitting_work import SittingChoice
    from app.ui.dialogs.courses import CoursesDialog
    from app.ui.dialogs.practice_window import PracticeWindow
    from app.ui.session.course_drawing import CourseDrawing
    from app.ui.session.practice import Practice


class PracticeDialogs(QObject):
    """Chooses a course and practises it in another window; all of it is loaded with the first course."""

    def __init__(self, window: QWidget, session: Session, memory: Memory) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._actions: Actions | None = None
        self._practising: PracticeWindow | None = None
        self._practice: Practice | None = None
        self._drawing: CourseDrawing | None = None
        self._awaited: SittingChoice | None = None
        session.closing.connect(self.close)

    def connect_actions(self, actions: Actions) -> None:
        """Take the actions, whose keys are those of the practice window too."""
        self._actions = actions

    def commands(self) -> tuple[Command, ...]:
        what = "Answer questions on the clips of a course, and see the key after each answer."
        return (Command("practise", Menu.TEACHING, "Practise…", ("Ctrl+B",), what, self.choose),)

    def choose(self) -> None:
        """Choose a course in a dialog."""
        self._dialog().open()

    def take_dropped(self, paths: Sequence[Path]) -> bool:
        """Offer a course whose folder was dropped; whether it was one."""
        from app.core.teaching.course_file import ENDING, FILE_NAME

        path = paths[0]
        if not (path.is_dir() and (path.name.endswith(ENDING) or (path / FILE_NAME).is_file())):
            return False
        dialog = self._dialog()
        dialog.take(path)
        dialog.open()
        return True

    def _dialog(self) -> CoursesDialog:
        from app.ui.dialogs.courses import CoursesDialog

        practising = self._practising
        parent = practising if practising is not None and practising.isVisible() else self._window
        dialog = CoursesDialog(self._memory, self._session.appearance, parent)
        dialog.chosen.connect(self.begin)
        return dialog

    def begin(self, choice: SittingChoice) -> None:
        """Practise; what is missing of the first course is drawn meanwhile."""
        self._session.playback.pause()
        window, practice, drawing = self._ready()
        self._awaited = None
        window.show()
        window.raise_()
        window.activateWindow()
        practice.leave()
        if _is_first(choice.path) and not drawing.has_cases:
            self._awaited = choice
            drawing.start(choice.path)
        else:
            practice.begin(choice)

    def close(self) -> None:
        """Returns when everything has ended."""
        if self._practising is not None:
            self._practising.close()
        if self._practice is not None:
            self._practice.close()
        if self._drawing is not None:
            self._drawing.close()

    def _ready(self) -> tuple[PracticeWindow, Practice, CourseDrawing]:
        if self._practice is None or self._drawing is None:
            self._practice, self._drawing = self._make_parts()
        if self._practising is None:
            self._practising = self._make_window(self._practice, self._drawing)
        return self._practising, self._practice, self._drawing

    def _make_parts(self) -> tuple[Practice, CourseDrawing]:
        from app.ui.session.course_drawing import CourseDrawing
        from app.ui.session.practice import Practice
        from app.ui.session.practice_clip import PracticeClip

        practice = Practice(PracticeClip(self._session.sound, self), self)
        drawing = CourseDrawing(self)
        practice.began.connect(self._remember)
        drawing.grown.connect(self._on_grown)
        drawing.failed.connect(practice.say)
        return practice, drawing

    def _make_window(self, practice: Practice, drawing: CourseDrawing) -> PracticeWindow:
        """The window, anew each time, so that it has the present keys."""
        from app.ui.dialogs.practice_window import PracticeWindow

        window = PracticeWindow(practice, drawing, self._session.appearance, self._keys_of, self._window)
        window.other_wanted.connect(self.choose)
        window.closed.connect(self._on_closed)
        geometry = QByteArray(base64.b64decode(self._memory.settings.practice_geometry))
        if not geometry.isEmpty():
            window.restoreGeometry(geometry)
        return window

    def _on_closed(self) -> None:
        window, self._practising, self._awaited = self._practising, None, None
        if self._drawing is not None:
            self._drawing.stop()
        if window is not None:
            geometry = base64.b64encode(window.saveGeometry().data()).decode("ascii")
            self._memory.remember(replace(self._memory.settings, practice_geometry=geometry))
            window.deleteLater()

    def _on_grown(self, folder: CourseFolder) -> None:
        if self._practice is None:
            return
        if self._awaited is not None and folder.course.cases:
            choice, self._awaited = self._awaited, None
            self._practice.begin(choice)
        else:
            self._practice.take_course(folder)

    def _remember(self, choice: SittingChoice) -> None:
        self._memory.replace(with_recent_course(self._memory.settings, choice.path, choice.alias))

    def _keys_of(self, name: str) -> Keys:
        """The present keys of a command of the window."""
        actions = self._actions
        if actions is None:
            return ()
        command = next(one for one in actions.commands if one.id == name)
        return actions.keys_of(command)


def _is_first(path: Path) -> bool:
    from app.core.teaching.first_course import first_course_path

    return path == first_course_path()

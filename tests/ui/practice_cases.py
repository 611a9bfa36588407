"""A practice window on courses with real clips, with a stand-in for the player, and what it says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.semiology import Answer, Laterality, Span
from app.core.teaching.case_key import CaseKey
from app.core.teaching.course import CourseRules, Sitting
from app.core.teaching.course_file import CLIPS, CourseFolder, open_course
from app.core.teaching.course_writing import (
    UnfinishedCourse,
    add_case,
    add_tests,
    begin_course,
)
from app.core.teaching.learner_log import LearnerAnswer, learners_of
from app.core.teaching.sitting_work import SittingChoice
from app.ui.commands.keymap import Keys
from app.ui.dialogs.practice_window import PracticeWindow
from app.ui.session.appearance import WindowAppearance
from app.ui.session.course_drawing import CourseDrawing
from app.ui.session.practice import Practice, PracticeStage
from app.ui.session.practice_clip import PracticeClip
from app.ui.session.session import Session
from tests.core.teaching_courses import IDS, YES, a_key, case_name
from tests.media import write_recording
from tests.ui.shown_session import no_recording
from tests.ui.stand_in_player import StandInPlayer

KEYS: dict[str, Keys] = {
    "play": ("Space", "K"),
    "yes": ("Y",),
    "no": ("N",),
    "unable": ("U",),
    "clear": ("Backspace",),
    "side_left": ("Q",),
    "side_right": ("3",),
    "side_both": ("4",),
    "mark_start": ("I",),
    "mark_end": ("O",),
    "hold": ("H",),
    "how_sure": ("Shift+C",),
    "loop_next": ("Ctrl+]", "R"),
    "keys": ("?", "F1"),
}
"""The keys that a test presses, as the main window has them."""


@cache
def a_clip() -> Path:
    """A clip of two seconds."""
    return write_recording(Path(mkdtemp()) / "clip.mp4", frames=50)


def clip_course(
    path: Path, keys: Sequence[CaseKey], rules: CourseRules | None = None, *, test_size: int = 0
) -> CourseFolder:
    """A course of these keys with a clip for each; the last ones are kept for tests of `test_size` cards."""
    course = begin_course(path, "Course", rules or CourseRules(IDS, hints=True), len(keys))
    for number, key in enumerate(keys):
        course = with_case(course, number, key, tested=number >= len(keys) - 2 * test_size)
    return (add_tests(course, test_size) if test_size else course).folder


def with_case(
    course: UnfinishedCourse, number: int, key: CaseKey, *, tested: bool = False
) -> UnfinishedCourse:
    """The course with one more case."""
    shutil.copyfile(a_clip(), course.folder.path / CLIPS / f"{case_name(number)}.mp4")
    return add_case(course, case_name(number), 2.0, key, tested=tested)


class PractisingPerson:
    """Somebody at the practice window, who presses keys."""

    def __init__(self, qtbot: QtBot, session: Session) -> None:
        self._qtbot = qtbot
        self.appearance = WindowAppearance()
        self.practice = Practice(PracticeClip(session.sound, make_player=StandInPlayer))  # type: ignore[arg-type]
        self.drawing = CourseDrawing()
        self.window = PracticeWindow(
            self.practice, self.drawing, self.appearance, lambda name: KEYS.get(name, ())
        )
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitActive(self.window)

    def begin(
        self, folder: Path, alias: str = "Ana", sitting: Sitting = Sitting.PRACTICE, **more: int
    ) -> None:
        """Open a course and wait for its first card, or its end."""
        self.practice.begin(SittingChoice(folder, alias, sitting, **more))
        self.wait()

    def wait(self) -> None:
        """Wait until nothing is read or written."""
        self._qtbot.waitUntil(lambda: not self.practice.busy)

    def press(self, *keys: Qt.Key, shift: bool = False) -> None:
        """Press keys where the keyboard is, and wait for what they do."""
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        for key in keys:
            focus = self.window.focusWidget() or self.window
            self._qtbot.keyClick(focus, key, modifier)
            self.wait()

    def sees(self, stage: PracticeStage) -> bool:
        """Whether the window is at that stage."""
        return self.practice.stage is stage

    @property
    def words(self) -> str:
        """Everything that the window says, seen or not."""
        return "\n".join(all_words(self.window))


def all_words(window: QWidget) -> Iterator[str]:
    """Every text of a window and its widgets, hidden ones too: also tips, names for screen readers, cells."""
    for widget in (window, *window.findChildren(QWidget)):
        yield widget.windowTitle()
        yield widget.toolTip()
        yield widget.accessibleName()
        yield widget.accessibleDescription()
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            yield widget.text()
        if isinstance(widget, QPlainTextEdit):
            yield widget.toPlainText()
        if isinstance(widget, QAbstractItemView) and isinstance(widget, QTableWidget):
            yield from _cells(widget)


def _cells(table: QTableWidget) -> Iterator[str]:
    for row in range(table.rowCount()):
        for column in range(table.columnCount()):
            item = table.item(row, column)
            yield item.text() if item is not None else ""


@contextmanager
def practising_person(qtbot: QtBot) -> Iterator[PractisingPerson]:
    """A person at a practice window without a course; everything is closed afterwards."""
    with no_recording() as session:
        person = PractisingPerson(qtbot, session)
        try:
            yield person
        finally:
            person.practice.close()
            person.drawing.close()


Key = Qt.Key
EXPERT = Answer("tonic", YES, None, (Span(0.5, 1.5),), Laterality.LEFT, "sealed words on a stiff arm")
SECRETS = ("sealed words", "Dr. Stern", "sealed note", "00:00.5")
"""What only the key says."""
TONIC = CourseRules(("tonic",), hints=True)


@pytest.fixture
def person(qtbot: QtBot) -> Iterator[PractisingPerson]:
    with practising_person(qtbot) as someone:
        yield someone


def tonic_keys(number: int, foil: Answer | None = None) -> list[CaseKey]:
    return [a_key(EXPERT, note="sealed note", foil=[foil] if foil else ()) for _ in range(number)]


def answers(folder: Path) -> list[LearnerAnswer]:
    """All answers on disk."""
    return [one for learner in learners_of(open_course(folder)) for one in learner.answers]

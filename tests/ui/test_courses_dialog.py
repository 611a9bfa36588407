"""From the start of the program to the first answered card, and the choice of a course."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from app.core.jobs import Progress
from app.core.settings import load_settings, save_settings, with_recent_course
from app.core.teaching import first_course
from app.core.teaching.course import CourseRules, Sitting
from app.core.teaching.course_file import FILE_NAME, open_course
from app.core.teaching.course_writing import begin_course
from app.core.teaching.first_course import first_course_path
from app.core.teaching.learner_log import learners_of
from app.core.teaching.phantom_course import TITLE
from app.core.teaching.sitting_work import SittingChoice
from app.ui.dialogs.courses import CoursesDialog
from app.ui.dialogs.practice_window import PracticeWindow
from app.ui.memory import Memory
from app.ui.session.appearance import WindowAppearance
from app.ui.session.practice import PracticeStage
from app.ui.session.session import Session
from app.ui.window import Window
from tests.core.teaching_courses import plain_keys
from tests.ui.practice_cases import clip_course, with_case
from tests.ui.shown_session import no_recording, shown_session

Key = Qt.Key
RULES = CourseRules(("tonic", "clonic"), session=7)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    with no_recording() as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitActive(window)
        yield window


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A first course that is made at once, in place of drawn patients; what was made."""
    made: list[str] = []

    def draw(_module: str, job: dict[str, Any], **_given: Any) -> bytes:
        made.append(job["path"])
        clip_course(Path(job["path"]), plain_keys(2, RULES.features), RULES)
        return b""

    monkeypatch.setattr(first_course, "run_process", draw)
    return made


def shown(kind: type[Any]) -> Any:
    """The visible top-level window of that class; None without one."""
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
    return found[0] if found else None


def is_listed() -> bool:
    dialog = shown(CoursesDialog)
    return dialog is not None and dialog.current is not None


def is_asked() -> bool:
    window = shown(PracticeWindow)
    return window is not None and window.practice.stage is PracticeStage.QUESTION and not window.practice.busy


def press(qtbot: QtBot, ready: Callable[[], bool], key: Qt.Key, modifier: Any = None) -> int:
    """Press one key where the keyboard is, once that is ready; 1, to be counted."""
    qtbot.waitUntil(ready)
    active = QApplication.activeWindow()
    assert active is not None
    qtbot.keyClick(active.focusWidget() or active, key, modifier or Qt.KeyboardModifier.NoModifier)
    return 1


def test_four_inputs_from_the_start_to_the_first_answered_card(
    qtbot: QtBot, window: Window, drawn: list[str]
) -> None:
    inputs = press(qtbot, window.isActiveWindow, Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    inputs += press(qtbot, is_listed, Key.Key_Return)
    inputs += press(qtbot, is_asked, Key.Key_N)
    inputs += press(qtbot, is_asked, Key.Key_Return)
    practising = shown(PracticeWindow)
    qtbot.waitUntil(lambda: practising.practice.stage is PracticeStage.FEEDBACK)
    assert inputs == 4
    assert drawn == [str(first_course_path())]
    (learner,) = learners_of(open_course(first_course_path()))
    assert len(learner.answers) == 1
    assert window.session.opened.recording is None
    practising.close()


def changes_of(session: Session) -> tuple[Any, ...]:
    """The history of the study of a session."""
    access = session.study.access()
    assert access is not None
    with access.open() as study:
        return tuple(study.history(viewer=None))


def test_the_open_study_is_not_touched(qtbot: QtBot, tmp_path: Path) -> None:
    folder = clip_course(tmp_path / "mine", plain_keys(2, RULES.features), RULES)
    with shown_session(tmp_path) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        session.playback.play()
        before = changes_of(session)
        window._practice_dialogs.begin(SittingChoice(folder.path, "Ana"))
        assert not session.playback.playing
        for key in (Key.Key_Y, Key.Key_I, Key.Key_O, Key.Key_Q, Key.Key_Return):
            press(qtbot, is_asked, key)
        practising = shown(PracticeWindow)
        qtbot.waitUntil(lambda: practising.practice.stage is PracticeStage.FEEDBACK)
        assert changes_of(session) == before
        assert all(one.presence is None for one in session.answers.mine.answers.values())
        assert not any(path.suffix == ".sqlite" for path in folder.path.rglob("*"))
        window.close()
        assert shown(PracticeWindow) is None, "it closes with the window"
        assert load_settings().practice_geometry


def test_the_course_and_the_alias_are_remembered(
    qtbot: QtBot, window: Window, drawn: list[str], tmp_path: Path
) -> None:
    folder = clip_course(tmp_path / "mine", plain_keys(2, RULES.features), RULES)
    window._practice_dialogs.begin(SittingChoice(folder.path, "Ana"))
    qtbot.waitUntil(is_asked)
    shown(PracticeWindow).close()
    window._memory.close()
    assert load_settings().learner_alias == "Ana"
    assert load_settings().recent_courses == (str(folder.path),)
    window._practice_dialogs.choose()
    qtbot.waitUntil(is_listed)
    dialog = shown(CoursesDialog)
    assert dialog.current.path == folder.path
    assert (dialog.alias.text(), dialog.cards.value()) == ("Ana", 7)
    assert dialog.list.item(0).text().startswith(TITLE)
    dialog.reject()


def test_the_place_of_the_practice_window_is_remembered(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    folder = clip_course(tmp_path / "mine", plain_keys(2, RULES.features), RULES)
    size = (790, 655)
    for _ in range(2):
        window._practice_dialogs.begin(SittingChoice(folder.path, "Ana"))
        qtbot.waitUntil(is_asked)
        practising = shown(PracticeWindow)
        if load_settings().practice_geometry:
            assert (practising.width(), practising.height()) == size
        practising.resize(*size)
        practising.close()
        window._memory.save_aside()
        window._memory._wait()
        assert load_settings().practice_geometry


def test_a_dropped_course_is_offered_and_other_folders_are_not(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    folder = clip_course(tmp_path / "mine", plain_keys(2, RULES.features), RULES)
    assert not window._practice_dialogs.take_dropped([tmp_path])
    window.dropEvent(a_drop(folder.path))
    qtbot.waitUntil(lambda: is_listed() and shown(CoursesDialog).current.path == folder.path)
    shown(CoursesDialog).reject()


def a_drop(path: Path) -> QDropEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    a_drop.data = data  # type: ignore[attr-defined]  # Qt does not keep it alive
    return QDropEvent(
        QPointF(1, 1),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> Iterator[CoursesDialog]:
    memory = Memory()
    folder = clip_course(tmp_path / "mine", plain_keys(9, RULES.features), RULES, test_size=4)
    memory.replace(with_recent_course(memory.settings, folder.path, "Ana"))
    dialog = CoursesDialog(memory, WindowAppearance())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.current is not None)
    yield dialog
    dialog.done(0)
    memory.close()


def test_a_choice_has_course_alias_sitting_cards_and_limit(
    qtbot: QtBot, dialog: CoursesDialog, tmp_path: Path
) -> None:
    dialog.sitting.setCurrentIndex(dialog.sitting.findData("after"))
    dialog.cards.setValue(3)
    dialog.limit.setValue(30)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert chosen.args == [SittingChoice(tmp_path / "mine", "Ana", Sitting.AFTER, 3, 30)]


def test_without_asking_there_is_no_limit(qtbot: QtBot, dialog: CoursesDialog) -> None:
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.accept()
    assert chosen.args is not None
    assert (chosen.args[0].seconds, chosen.args[0].sitting) == (None, Sitting.PRACTICE)


def test_an_alias_is_needed(dialog: CoursesDialog) -> None:
    dialog.alias.setText("  ")
    dialog.accept()
    assert dialog.isVisible()
    assert "alias" in dialog.problem.text()


def test_a_course_of_a_newer_version_is_not_opened(
    qtbot: QtBot, dialog: CoursesDialog, tmp_path: Path
) -> None:
    (tmp_path / "mine" / FILE_NAME).write_text('{"format": "semioscope-course/9"}')
    dialog.take(tmp_path / "mine")
    qtbot.waitUntil(lambda: dialog.current is not None and bool(dialog.current.problem))
    dialog.accept()
    assert dialog.isVisible()
    assert "newer version" in dialog.problem.text()


def test_what_is_drawn_is_practised_while_the_rest_is_drawn(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first case is asked as soon as it is there, and closing the window stops the drawing."""

    def draw(_module: str, job: dict[str, Any], *, report: Any, cancel: Any, failed: str) -> bytes:
        if not (Path(job["path"]) / FILE_NAME).exists():
            course = begin_course(Path(job["path"]), TITLE, RULES, 40)
            with_case(course, 0, plain_keys(1, RULES.features)[0])
        report(Progress("Drawing", 0.025))
        cancel.wait(100)
        cancel.check()
        raise AssertionError(failed)

    monkeypatch.setattr(first_course, "run_process", draw)
    window._practice_dialogs.begin(SittingChoice(first_course_path(), "Ana"))
    qtbot.waitUntil(is_asked)
    practising = shown(PracticeWindow)
    assert practising.drawn.isVisible()
    assert "1 of 40 cases" in practising.drawn.text()
    other = SittingChoice(first_course_path(), "Bo")
    window._practice_dialogs.begin(other)
    qtbot.waitUntil(lambda: is_asked() and "Bo" in practising.windowTitle())
    assert practising.drawn.isVisible(), "another alias goes on while it is drawn"
    practising.close()
    window._practice_dialogs.begin(other)
    qtbot.waitUntil(is_asked)
    again = shown(PracticeWindow)
    assert again.drawn.isVisible(), "what was stopped is gone on with"
    drawing = window._practice_dialogs._drawing
    assert drawing is not None
    again.close()
    qtbot.waitUntil(lambda: not drawing.running)


def test_settings_without_a_course_begin_with_the_first_one(qtbot: QtBot) -> None:
    memory = Memory()
    save_settings(memory.settings)
    dialog = CoursesDialog(memory, WindowAppearance())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.current is not None)
    assert dialog.current is not None
    assert dialog.current.path == first_course_path()
    assert dialog.alias.text(), "the account's name, until another alias is given"
    dialog.done(0)
    memory.close()


def test_a_course_that_was_opened_is_listed_the_next_time(qtbot: QtBot, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", plain_keys(2, RULES.features), RULES)
    memory = Memory()
    dialog = CoursesDialog(memory, WindowAppearance())
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    dialog.take(tmp_path / "c")
    qtbot.waitUntil(lambda: dialog.list.count() == 2)
    dialog.reject()
    again = CoursesDialog(memory, WindowAppearance())
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: again.list.count() == 2)
    assert again.current is not None
    assert again.current.path == tmp_path / "c", "the newest is chosen"
    again.reject()
    memory.close()

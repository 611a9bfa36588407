"""A note that is being written belongs to the recording and the feature under which it was begun."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.semiology import Span
from app.core.study.edits import LockReading
from app.ui.session.session import Session
from app.ui.views.explanation import SpanButton
from app.ui.views.my_answer import MyAnswer
from app.ui.views.note_field import NoteField
from app.ui.window import Window
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, at_rest, opened, opened_path, quick, recording_path, saved

__all__ = ["quick", "recording_path"]


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Window]:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        yield window


def _begun(qtbot: QtBot, window: Window, words: str) -> MyAnswer:
    """A note that was written and not left yet."""
    (view,) = window.findChildren(MyAnswer)
    view.note.setFocus()
    qtbot.waitUntil(view.note.hasFocus)
    qtbot.keyClicks(view.note, words)
    return view


def _gone_to(qtbot: QtBot, session: Session, path: Path) -> None:
    session.opening.open(path)
    qtbot.waitUntil(lambda: opened_path(session) == path)
    at_rest(qtbot, session)


@pytest.mark.parametrize("known", [False, True], ids=["new", "opened before"])
def test_it_stays_with_its_recording(
    qtbot: QtBot, window: Window, recording_path: Path, tmp_path: Path, *, known: bool
) -> None:
    session, feature = window.session, window.session.selection.feature
    other = write_recording(tmp_path / "other.mp4", frames=40)
    if known:
        for path in (other, recording_path):
            _gone_to(qtbot, session, path)
    view = _begun(qtbot, window, "left arm first")
    _gone_to(qtbot, session, other)
    view.note.clearFocus()
    assert session.answers.my_reading.note(feature) == ""
    assert view.note.text() == ""
    _gone_to(qtbot, session, recording_path)
    assert session.answers.my_reading.note(feature) == "left arm first"


def test_it_stays_with_its_feature(qtbot: QtBot, window: Window) -> None:
    session = window.session
    session.selection.select("clonic")
    view = _begun(qtbot, window, "left arm first")
    session.selection.select("tonic")
    qtbot.keyClick(view.note, Qt.Key.Key_Return)
    assert session.answers.my_reading.note("clonic") == "left arm first"
    assert session.answers.my_reading.note("tonic") == ""
    assert view.note.text() == ""


def test_a_long_note_is_seen_whole(qtbot: QtBot, window: Window) -> None:
    view = _begun(qtbot, window, "Staring")
    low = view.note.height()
    qtbot.keyClicks(view.note, ", no response to staff, then chewing on the left side for half a minute" * 2)
    assert view.note.height() > low
    assert view.note.verticalScrollBar().maximum() == 0, "nothing of it is out of sight"
    assert view.note.width() > view.width() - 4, "it has the width of the panel"
    qtbot.keyClick(view.note, Qt.Key.Key_Return)
    assert not view.note.hasFocus()
    assert "\n" not in window.session.answers.my_reading.note(window.session.selection.feature)


def test_a_note_has_a_longest_length_and_is_one_paragraph(qtbot: QtBot, window: Window) -> None:
    view = _begun(qtbot, window, "a")
    copied = QMimeData()
    copied.setText("b\nc" + "d" * 5000)
    view.note.insertFromMimeData(copied)
    qtbot.keyClick(view.note, Qt.Key.Key_Return)
    note = window.session.answers.my_reading.note(window.session.selection.feature)
    assert note.startswith("ab cd")
    assert len(note) == 4000


def test_the_field_says_of_which_feature_a_note_is(window: Window) -> None:
    window.session.selection.select("clonic")
    (view,) = window.findChildren(MyAnswer)
    assert view.note.placeholderText() == "Note on clonic"


def test_escape_keeps_a_note_and_undo_takes_it_back(qtbot: QtBot, window: Window) -> None:
    session, feature = window.session, window.session.selection.feature
    view = _begun(qtbot, window, "left arm first")
    qtbot.keyClick(view.note, Qt.Key.Key_Escape)
    assert not view.note.hasFocus()
    assert session.answers.my_reading.note(feature) == "left arm first"
    saved(qtbot, session)
    session.undoing.undo()
    assert session.answers.my_reading.note(feature) == ""


def test_evidence_leaves_the_fields_where_they_are(qtbot: QtBot, window: Window) -> None:
    window.resize(1280, 800)
    (view,) = window.findChildren(MyAnswer)
    session, before = window.session, view.note.mapTo(window, QPoint())
    session.labels.add_span(session.selection.feature, Span(0.4, 0.8))
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(SpanButton)))
    qtbot.wait(50)
    assert view.note.mapTo(window, QPoint()) == before
    assert view.note.visibleRegion().boundingRect() == view.note.rect(), "it can be clicked"


def test_letters_in_the_confidence_are_refused_aloud(qtbot: QtBot, window: Window) -> None:
    session = window.session
    (view,) = window.findChildren(MyAnswer)
    view.confidence.setFocus()
    qtbot.waitUntil(view.confidence.hasFocus)
    qtbot.keyClicks(view.confidence, "y7n0")
    assert session.status.line == "confidence is a number, 0–100; Escape leaves the field"
    qtbot.keyClick(view.confidence, Qt.Key.Key_Return)
    answer = session.answers.mine.answer(session.selection.feature)
    assert (answer.presence, answer.confidence) == (None, 70)


def test_scrolling_over_the_confidence_writes_none(qtbot: QtBot, window: Window) -> None:
    session = window.session
    (view,) = window.findChildren(MyAnswer)
    place = QPointF(5, 5)
    for _turn in range(3):
        wheel = QWheelEvent(
            place,
            QPointF(view.confidence.mapToGlobal(place)),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view.confidence, wheel)
    assert session.answers.mine.answer(session.selection.feature).confidence is None


def test_what_is_typed_into_a_locked_note_runs_nothing(qtbot: QtBot, window: Window) -> None:
    session = window.session
    (view,) = window.findChildren(MyAnswer)
    session.readers.read_blind(True)
    saved(qtbot, session)
    session.study.apply(lambda: LockReading(session.study.opened(), session.study.me))
    saved(qtbot, session)
    for field in (view.note, view.confidence):
        qtbot.mouseClick(_clicked(field), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(field.hasFocus)
        qtbot.keyClicks(field, "yun b70")
        assert session.status.line == "Locked: nothing can be written here"
        session.status.say("")
    assert view.note.text() == ""
    assert view.note.placeholderText() == "Locked: nothing can be written here"
    assert all(one.presence is None for one in session.answers.mine.answers.values())
    assert not session.playback.playing


def _clicked(field: QWidget) -> QWidget:
    return field.viewport() if isinstance(field, NoteField) else field

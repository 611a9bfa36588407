"""Answering fast in the real window: several at once, suggestions, going on, locking, contradictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.core.semiology import FEATURE, FEATURES, Laterality, Presence, Span
from app.core.study.edits import SetPatientData
from app.core.study.patient_data import NO_PATIENT_DATA, PatientData
from app.ui.session.session import Session
from app.ui.views.note_field import NoteField
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.found_widgets import centre, child
from tests.ui.session_cases import (
    QuickReader,
    add_recordings,
    at_rest,
    opened,
    quick,
    recording_path,
    saved,
    stored,
)

__all__ = ["quick", "recording_path"]

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
KEYS = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Window]:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
        yield window


@pytest.fixture
def session(window: Window) -> Session:
    return window.session


def press(
    qtbot: QtBot, window: Window, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    qtbot.keyClick(QApplication.focusWidget() or centre(window), key, modifiers)


def asked(qtbot: QtBot) -> QMessageBox:
    """The question that is open now."""
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QMessageBox))
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    return box


def press_button(box: QMessageBox, words: str) -> None:
    found = [one for one in box.findChildren(QPushButton) if words in one.text().replace("&", "")]
    assert len(found) == 1, [one.text() for one in box.findChildren(QPushButton)]
    found[0].click()


def presences(session: Session) -> dict[str, Presence | None]:
    return {one.id: session.answers.mine.answer(one.id).presence for one in FEATURES}


def test_the_rest_is_no_in_one_step_that_is_undone_at_once(
    qtbot: QtBot, window: Window, session: Session
) -> None:
    session.answers.answer("clonic", Presence.YES)
    press(qtbot, window, KEYS.Key_N, CTRL | SHIFT)
    saved(qtbot, session)
    assert presences(session) == {one.id: Presence.NO for one in FEATURES} | {"clonic": Presence.YES}
    assert "19 features" in session.status.line
    assert "undo" in session.status.line
    press(qtbot, window, KEYS.Key_Z, CTRL)
    assert {name for name, one in presences(session).items() if one} == {"clonic"}


def test_the_rest_as_the_signal_reader_says(qtbot: QtBot, window: Window, session: Session) -> None:
    session.answers.answer("tonic", Presence.YES)
    press(qtbot, window, KEYS.Key_Y, CTRL | SHIFT)
    assert presences(session) == {one.id: Presence.NO for one in FEATURES} | {
        "clonic": Presence.YES,
        "tonic": Presence.YES,
    }
    assert session.answers.mine.answer("clonic").evidence == (Span(0.2, 0.6), Span(1.0, 1.4))
    session.undoing.undo()
    assert {name for name, one in presences(session).items() if one} == {"tonic"}


def test_nothing_of_the_signal_reader_is_taken_over_while_it_is_sealed(
    qtbot: QtBot, window: Window, session: Session
) -> None:
    session.readers.read_blind(True)
    qtbot.waitUntil(lambda: session.answers.my_reading.sealed)
    press(qtbot, window, KEYS.Key_Y, CTRL | SHIFT)
    press(qtbot, window, KEYS.Key_A, SHIFT)
    assert not any(presences(session).values())
    assert "sealed" in session.status.line


def test_a_suggestion_is_accepted_with_its_evidence(qtbot: QtBot, window: Window, session: Session) -> None:
    session.selection.select("clonic")
    press(qtbot, window, KEYS.Key_A, SHIFT)
    answer = session.answers.mine.answer("clonic")
    assert (answer.presence, answer.evidence, answer.confidence) == (
        Presence.YES,
        (Span(0.2, 0.6), Span(1.0, 1.4)),
        None,
    )
    assert session.selection.feature != "clonic", "the next one is selected"


@pytest.mark.parametrize("feature", ["occur_during_sleep", "blank_stare", "tonic"])
def test_yes_stays_for_side_span_and_note_until_it_is_given_again(
    qtbot: QtBot, window: Window, session: Session, feature: str
) -> None:
    session.selection.select(feature)
    press(qtbot, window, KEYS.Key_Y)
    assert session.selection.feature == feature
    press(qtbot, window, KEYS.Key_3)
    press(qtbot, window, KEYS.Key_I)
    session.playback.seek(0.4)
    press(qtbot, window, KEYS.Key_O)
    answer = session.answers.mine.answer(feature)
    assert answer.evidence
    assert answer.laterality is (Laterality.RIGHT if FEATURE[feature].has_side else None)
    assert session.selection.feature == feature, "a note that is clicked now is of this feature"
    press(qtbot, window, KEYS.Key_Y)
    assert session.selection.feature != feature, "the same key again goes on"


def test_no_goes_on_at_once(qtbot: QtBot, window: Window, session: Session) -> None:
    session.selection.select("limb_automatisms")
    press(qtbot, window, KEYS.Key_N)
    assert session.selection.feature == "asynchronous_movement"


@pytest.mark.parametrize(("words", "kept"), [("Yes", (Presence.YES, 1)), ("No", (Presence.NO, 0))])
def test_no_with_a_span_asks_which_is_meant(
    qtbot: QtBot, window: Window, session: Session, words: str, kept: tuple[Presence, int]
) -> None:
    session.labels.add_span("tonic", Span(0.2, 0.4))
    session.selection.select("tonic")
    press(qtbot, window, KEYS.Key_N)
    assert session.answers.mine.answer("tonic").presence is Presence.YES, "nothing before it is answered"
    box = asked(qtbot)
    assert "Tonic" in box.text()
    press_button(box, words)
    answer = session.answers.mine.answer("tonic")
    assert (answer.presence, len(answer.evidence)) == kept


@pytest.mark.parametrize("key", [KEYS.Key_3, KEYS.Key_O])
def test_a_side_or_a_span_of_a_no_asks_which_is_meant(
    qtbot: QtBot, window: Window, session: Session, key: Qt.Key
) -> None:
    session.selection.select("tonic")
    press(qtbot, window, KEYS.Key_N, SHIFT)
    press(qtbot, window, KEYS.Key_I)
    press(qtbot, window, key)
    box = asked(qtbot)
    before = session.answers.mine.answer("tonic")
    assert (before.presence, before.evidence, before.laterality) == (Presence.NO, (), None)
    press_button(box, "Yes")
    answer = session.answers.mine.answer("tonic")
    assert answer.presence is Presence.YES
    assert answer.evidence or answer.laterality


def test_locking_lists_what_is_unanswered_and_goes_there(
    qtbot: QtBot, window: Window, session: Session
) -> None:
    press(qtbot, window, KEYS.Key_N, CTRL | SHIFT)
    session.answers.answer("tonic", None)
    press(qtbot, window, KEYS.Key_L, CTRL)
    box = asked(qtbot)
    assert "Tonic" in box.text()
    assert "Clonic" not in box.text()
    before = session.selection.feature
    assert before != "tonic"
    press_button(box, "Cancel")
    assert session.selection.feature == before
    assert not session.answers.my_reading.locked
    press(qtbot, window, KEYS.Key_L, CTRL)
    press_button(asked(qtbot), "Go to the first")
    assert session.selection.feature == "tonic"
    assert not session.answers.my_reading.locked


def test_lock_and_next_opens_the_next_at_its_first_unanswered_feature(
    qtbot: QtBot, window: Window, session: Session, tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "second.mp4", frames=40, sound=tone(1.6))
    add_recordings(qtbot, session, other)
    press(qtbot, window, KEYS.Key_N, CTRL | SHIFT)
    press(qtbot, window, KEYS.Key_L, CTRL)
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
    assert session.selection.feature == FEATURES[0].id
    with stored(session) as study:
        states = study.readers(1, viewer=None)
    assert next(one for one in states if one.reader.name == session.readers.me).locked
    session.answers.answer(FEATURES[0].id, Presence.NO)
    press(qtbot, window, KEYS.Key_F7)
    qtbot.waitUntil(lambda: session.study.recording_number == 1)
    press(qtbot, window, KEYS.Key_F8)
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
    assert session.selection.feature == FEATURES[1].id


def test_the_patients_last_seizure_is_suggested_without_times(
    qtbot: QtBot, window: Window, session: Session, tmp_path: Path
) -> None:
    session.labels.add_span("tonic", Span(0.2, 0.4))
    session.selection.select("tonic")
    session.labels.set_side(Laterality.LEFT)
    other = write_recording(tmp_path / "second.mp4", frames=40, sound=tone(1.6))
    add_recordings(qtbot, session, other)
    window.actions_["last_seizure"].trigger()
    qtbot.waitUntil(lambda: "no earlier seizure" in session.status.line)
    for number in (1, 2):
        session.study.apply(partial(patient, number))
    session.worklist.go_to(2)
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
    window.actions_["last_seizure"].trigger()
    qtbot.waitUntil(lambda: "suggestions from seizure.mp4" in session.status.line)
    shown = session.answers.shown
    assert shown is not None
    assert shown.reader.name == "Last seizure: seizure.mp4"
    assert shown.reader not in [one.reader for one in session.answers.others]
    session.selection.select("tonic")
    press(qtbot, window, KEYS.Key_A, SHIFT)
    answer = session.answers.mine.answer("tonic")
    assert (answer.presence, answer.evidence, answer.laterality) == (Presence.YES, (), Laterality.LEFT)


def patient(number: int) -> SetPatientData:
    data = replace(NO_PATIENT_DATA, patient="P1", event=str(number))
    assert isinstance(data, PatientData)
    return SetPatientData(number, NO_PATIENT_DATA, data)


def test_a_worklist_that_was_closed_stays_closed(
    qtbot: QtBot, window: Window, session: Session, tmp_path: Path
) -> None:
    worklist = window._panels.docks["worklist"]
    other = write_recording(tmp_path / "second.mp4", frames=40, sound=tone(1.6))
    session.worklist.add_recordings((other,))
    qtbot.waitUntil(worklist.isVisible)
    window.actions_["show_worklist"].trigger()
    assert worklist.isHidden()
    window._panels._show_worklist(False)
    window._panels._show_worklist(True)
    assert worklist.isHidden()
    window.actions_["show_worklist"].trigger()
    assert not worklist.isHidden()
    assert not window._memory.settings.worklist_closed


def test_a_loop_that_ends_at_the_cursor_is_repeated(session: Session) -> None:
    session.playback.seek(0.4)
    session.loop.begin_here()
    session.playback.seek(1.2)
    session.loop.end_here()
    assert session.loop.span is not None
    assert session.playback.cursor == pytest.approx(0.4, abs=0.05)


def test_what_a_yes_lacks_is_said_only_while_its_feature_is_selected(
    qtbot: QtBot, window: Window, session: Session
) -> None:
    press(qtbot, window, KEYS.Key_Y)
    assert "Y again goes on" in session.status.line
    press(qtbot, window, KEYS.Key_Down)
    assert session.status.line == ""


def test_a_note_that_is_being_written_stays_while_another_window_is_in_front(
    window: Window, session: Session
) -> None:
    note = child(window, NoteField)
    note.insertPlainText("left first")
    assert note.modified
    session.study.reread.emit()
    assert note.text() == "left first"
    session.selection.select(FEATURES[3].id)
    assert session.answers.my_reading.note(FEATURES[0].id) == "left first"

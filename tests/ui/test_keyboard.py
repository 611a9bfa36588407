"""A whole labelling session by keyboard alone, in the real window: from opening to consensus and rating."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.core.semiology import FEATURES, Laterality, Presence
from app.ui.commands.actions import is_moving, is_single_key, keys_taken_by, no_key
from app.ui.dialogs.phase import PhaseDialog
from app.ui.session.session import Session
from app.ui.views.checklist import ChecklistView
from app.ui.views.consensus import ConsensusView
from app.ui.views.note_field import NoteField
from app.ui.views.rating_queue import RatingQueueView
from app.ui.views.worklist import WorklistView
from app.ui.window import Window
from tests.ui.found_widgets import centre, child, now
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

pytestmark = pytest.mark.usefixtures("statistics_are_loaded")

KEYS = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


class Hands:
    """Presses keys where the keyboard is, as the operating system would."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot, self.window = qtbot, window

    @property
    def focus(self) -> QWidget:
        found = QApplication.focusWidget()
        return self.window if found is None else found

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.focus, key, modifiers)
        QCoreApplication.processEvents()

    def type(self, words: str) -> None:
        self.qtbot.keyClicks(self.focus, words)

    def until(self, there: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(there)

    def go_to(self, there: Callable[[QWidget], bool], key: Qt.Key = KEYS.Key_Tab, most: int = 60) -> None:
        """Tab (or another key) until the keyboard is there."""
        for _ in range(most):
            if there(self.focus):
                return
            self.press(key)
        if not there(self.focus):
            raise AssertionError(f"the keyboard does not come there; it is in {self.focus}")

    def dialog(self, kind: builtins.type[QWidget]) -> QWidget:
        self.until(lambda: isinstance(QApplication.activeWindow(), kind))
        found = QApplication.activeWindow()
        assert found is not None
        return found

    def back(self) -> None:
        """A window manager gives the keyboard back to the window when its dialog has gone."""
        self.until(lambda: QApplication.activeModalWidget() is None)
        self.window.activateWindow()
        self.until(lambda: QApplication.activeWindow() is self.window)


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader]) -> object:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.resize(1280, 800)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
        yield window


@pytest.fixture
def hands(qtbot: QtBot, window: Window) -> Hands:
    return Hands(qtbot, window)


@pytest.fixture
def session(
    qtbot: QtBot, window: Window, hands: Hands, recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """A recording that was opened by key, and is read blind because its question was answered by key."""
    session = window.session
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(recording_path), ""))
    hands.press(KEYS.Key_O, CTRL)
    hands.until(lambda: session.opened.recording is not None)
    at_rest(qtbot, session)
    assert now(session.readers.asking)
    hands.go_to(centre(window).isAncestorOf, KEYS.Key_F6, most=8)
    hands.go_to(lambda widget: getattr(widget, "text", str)() == "Read blind")
    hands.press(KEYS.Key_Return)
    hands.until(lambda: not session.readers.asking)
    assert session.answers.my_reading.sealed
    return session


def label(hands: Hands, session: Session) -> None:
    """Play, tick, span, side, certainty, note and marks of one feature; the others by Y and N."""
    hands.go_to(lambda widget: isinstance(widget, ChecklistView), KEYS.Key_F6, most=12)
    hands.press(KEYS.Key_Space)
    assert now(session.playback.playing)
    hands.press(KEYS.Key_Space)
    assert not session.playback.playing
    while session.selection.feature != "clonic":
        hands.press(KEYS.Key_N)
    hands.press(KEYS.Key_Home)
    hands.press(KEYS.Key_I)
    hands.press(KEYS.Key_Right)
    hands.press(KEYS.Key_O)
    answer = session.answers.mine.answer("clonic")
    assert answer.presence is Presence.YES
    assert answer.evidence[0].duration == pytest.approx(1.0, abs=0.05)
    hands.press(KEYS.Key_Q)
    hands.press(KEYS.Key_C, SHIFT)
    hands.type("85")
    hands.press(KEYS.Key_Return)
    hands.press(KEYS.Key_N, CTRL)
    assert isinstance(hands.focus, NoteField)
    hands.type("yes, 3 Hz")
    hands.press(KEYS.Key_Return)
    answer = session.answers.mine.answer("clonic")
    assert (answer.laterality, answer.confidence) == (Laterality.LEFT, 85)
    assert session.answers.my_reading.note("clonic") == "yes, 3 Hz"
    hands.press(KEYS.Key_Down)
    while session.selection.feature != FEATURES[-1].id:
        hands.press(KEYS.Key_N)
    hands.press(KEYS.Key_Y)


def mark(hands: Hands, session: Session) -> None:
    hands.press(KEYS.Key_Home)
    hands.press(KEYS.Key_I, SHIFT)
    hands.press(KEYS.Key_Right)
    hands.press(KEYS.Key_P, SHIFT)
    hands.dialog(PhaseDialog)
    hands.press(KEYS.Key_Down)
    field = hands.focus
    assert isinstance(field, QLineEdit)
    assert field.text() == "tonic"
    hands.type("jerks")
    hands.press(KEYS.Key_Return)
    hands.back()
    hands.press(KEYS.Key_End)
    hands.press(KEYS.Key_O, SHIFT)
    assert [one.kind for one in session.answers.my_reading.marks] == ["onset", "phase", "end"]
    assert session.answers.my_reading.marks[1].label == "jerks"
    while session.playback.cursor > session.answers.my_reading.marks[1].seconds:
        hands.press(KEYS.Key_PageUp, SHIFT)
    assert session.labels.marks.chosen == session.answers.my_reading.marks[1]
    hands.press(KEYS.Key_Left)
    hands.press(KEYS.Key_Right)
    hands.press(KEYS.Key_Comma)
    hands.press(KEYS.Key_M, ALT)
    assert len(session.answers.my_reading.marks) == 3


def test_a_whole_session_by_keyboard(hands: Hands, session: Session, window: Window) -> None:
    label(hands, session)
    mark(hands, session)
    # Lock, through the palette, and read the question of the dialog.
    hands.press(KEYS.Key_P, CTRL | SHIFT)
    hands.until(lambda: isinstance(hands.focus, QLineEdit))
    hands.type("lock my")
    hands.press(KEYS.Key_Return)
    hands.dialog(QMessageBox)
    hands.go_to(lambda widget: getattr(widget, "text", str)() == "Lock and show")
    hands.press(KEYS.Key_Space)
    hands.until(lambda: session.answers.my_reading.revealed)
    hands.back()
    decide(hands, session, window)
    rate(hands, session, window)


def decide(hands: Hands, session: Session, window: Window) -> None:
    """The one feature on which both differ: the last, which the signal reader denies."""
    hands.press(KEYS.Key_D, CTRL | SHIFT)
    view = child(window, ConsensusView)
    hands.until(lambda: hands.focus is view.table)
    hands.go_to(lambda widget: widget is view.persons)
    hands.press(KEYS.Key_Return)
    hands.go_to(lambda widget: widget is view.table)
    hands.press(KEYS.Key_Down)
    hands.until(lambda: view.current is not None)
    assert view.current is not None
    assert view.current.feature == FEATURES[-1].id
    before = session.answers.mine.answer(FEATURES[-1].id)
    hands.press(KEYS.Key_N)
    assert session.consensus.disputes()[0].decided is Presence.NO
    assert session.answers.mine.answer(FEATURES[-1].id) == before
    hands.go_to(lambda widget: widget is view.note)
    hands.type("nothing was heard")
    hands.press(KEYS.Key_Return)
    assert session.consensus.disputes()[0].note == "nothing was heard"


def rate(hands: Hands, session: Session, window: Window) -> None:
    hands.press(KEYS.Key_F, CTRL | SHIFT)
    view = child(window, RatingQueueView)
    ratings = session.rating_round
    hands.until(lambda: bool(ratings.work.items) and view.begin.isVisible())
    hands.go_to(lambda widget: widget is view.begin)
    hands.press(KEYS.Key_Return)
    hands.until(lambda: ratings.ready)
    hands.press(KEYS.Key_4)
    assert ratings.rated == 1
    assert session.answers.mine.answer("clonic").laterality is Laterality.LEFT


def test_a_key_is_held_while_it_happens(hands: Hands, session: Session, qtbot: QtBot) -> None:
    session.selection.select("clonic")
    hands.press(KEYS.Key_Home)
    qtbot.keyPress(hands.focus, KEYS.Key_H)
    session.playback.seek(0.8)
    # As X11 tells a key that repeats: let go and pressed again.
    qtbot.keyRelease(hands.focus, KEYS.Key_H)
    qtbot.keyPress(hands.focus, KEYS.Key_H)
    assert session.answers.mine.answer("clonic").evidence == ()
    qtbot.keyRelease(hands.focus, KEYS.Key_H)
    session.playback.seek(1.2)
    hands.until(lambda: bool(session.answers.mine.answer("clonic").evidence))
    (span,) = session.answers.mine.answer("clonic").evidence
    assert span.start == pytest.approx(0.0, abs=0.05)
    assert span.end == pytest.approx(0.8, abs=0.05)


def test_another_key_that_is_let_go_does_not_end_what_is_held(
    hands: Hands, session: Session, qtbot: QtBot
) -> None:
    session.selection.select("clonic")
    hands.press(KEYS.Key_Home)
    qtbot.keyPress(hands.focus, KEYS.Key_Control)
    qtbot.keyPress(hands.focus, KEYS.Key_H)
    session.playback.seek(0.4)
    qtbot.keyRelease(hands.focus, KEYS.Key_Control)
    session.playback.seek(0.8)
    qtbot.keyRelease(hands.focus, KEYS.Key_H)
    hands.until(lambda: bool(session.answers.mine.answer("clonic").evidence))
    (span,) = session.answers.mine.answer("clonic").evidence
    assert span.end == pytest.approx(0.8, abs=0.05)


def test_without_a_key_nothing_is_held(session: Session, window: Window) -> None:
    window.actions_["hold"].trigger()
    assert session.labels.holding is None


def test_escape_leaves_a_note_as_it_was_typed_and_a_number_as_it_was(hands: Hands, session: Session) -> None:
    session.selection.select("clonic")
    hands.press(KEYS.Key_N, CTRL)
    hands.type("no")
    hands.press(KEYS.Key_Escape)
    hands.press(KEYS.Key_C, SHIFT)
    hands.type("12")
    hands.press(KEYS.Key_Escape)
    assert session.answers.my_reading.note("clonic") == "no"
    assert session.answers.mine.answer("clonic").confidence is None
    assert session.answers.mine.answer("clonic").presence is None
    assert not isinstance(hands.focus, QLineEdit)


def test_every_panel_is_reached_and_left_by_key(hands: Hands, session: Session, window: Window) -> None:
    for key in (KEYS.Key_W, KEYS.Key_A):
        hands.press(key, CTRL | SHIFT)
    hands.until(lambda: child(window, WorklistView).isVisible())
    seen = set()
    for _ in range(12):
        hands.press(KEYS.Key_F6)
        seen |= {
            dock
            for dock in window._docks | window._panels.docks
            if (window._docks | window._panels.docks)[dock].isAncestorOf(hands.focus)
        }
    assert {"worklist", "checklist", "explanation", "comparison", "waveform"} <= seen, (
        "the timeline is behind"
    )
    hands.press(KEYS.Key_A, CTRL | SHIFT)
    hands.go_to(window._docks["timeline"].isAncestorOf, KEYS.Key_F6, most=12)
    forward = hands.focus
    hands.press(KEYS.Key_F6)
    hands.press(KEYS.Key_F6, SHIFT)
    assert hands.focus is forward


def test_tables_and_buttons_have_their_own_keys(window: Window, hands: Hands) -> None:
    window.actions_["show_consensus"].trigger()
    for late in (window._panels.docks["worklist"], window._docks["checklist"]):
        late.make_panel()
    worklist, consensus = child(window, WorklistView), child(window, ConsensusView)
    assert keys_taken_by(worklist.table) is is_moving
    assert keys_taken_by(worklist.status) is is_moving
    assert keys_taken_by(worklist.text) is is_single_key
    # Space plays wherever the keyboard is; Return presses a button.
    assert keys_taken_by(consensus.buttons[Presence.YES]) is no_key
    # The checklist moves with the commands of the window, as the selection is everywhere the same.
    assert keys_taken_by(child(window, ChecklistView)) is no_key
    assert keys_taken_by(None) is no_key
    assert is_moving("Down")
    assert not is_moving("Space")

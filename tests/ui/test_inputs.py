"""How many inputs a reader's jobs take: a scripted person presses keys and clicks in the real window.

A key with what is held beside it is one input, a click is one; what is typed counts by the letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.core.reading import person
from app.core.semiology import FEATURES, Answer, Laterality, Presence
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.ui.session.session import Session
from app.ui.views.consensus import ConsensusView
from app.ui.views.reader_question import ReaderQuestion
from app.ui.views.timeline import TimelineView
from app.ui.views.who_reads import WhoReads
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.found_widgets import centre, child
from tests.ui.session_cases import QuickReader, add_recordings, at_rest, opened, quick, saved, stored

__all__ = ["quick"]

KEYS = Qt.Key
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
SPANS = {
    "figure4": (1, 2, KEYS.Key_3),
    "tonic": (2, 3, KEYS.Key_3),
    "clonic": (4, 5, KEYS.Key_4),
    "face_twitching": (6, 7, KEYS.Key_4),
    "head_turning": (8, 9, KEYS.Key_2),
}
"""Five positives: begin and end (s), and the key of the side."""


class CountedPerson:
    """Presses and clicks, and counts it."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot, self.window, self.inputs = qtbot, window, 0

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.inputs += 1
        popup = QApplication.activePopupWidget()
        self.qtbot.keyClick(popup or QApplication.focusWidget() or centre(self.window), key, modifiers)

    def click(self, widget: QWidget, place: QPoint) -> None:
        self.inputs += 1
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], tmp_path: Path) -> Iterator[Window]:
    """A window on the first of two recordings of ten seconds, read blind."""
    first = write_recording(tmp_path / "one.mp4", frames=250, sound=tone(10.0))
    second = write_recording(tmp_path / "two.mp4", frames=248, sound=tone(9.9))
    with opened(qtbot, first) as session:
        session.readers.read_blind(True)
        add_recordings(qtbot, session, second)
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
        yield window


@pytest.fixture
def session(window: Window) -> Session:
    return window.session


@pytest.fixture
def hands(qtbot: QtBot, window: Window) -> CountedPerson:
    return CountedPerson(qtbot, window)


def locked(session: Session, number: int) -> bool:
    with stored(session) as study:
        states = study.readers(number, viewer=None)
    return any(one.reader.name == session.readers.me and one.locked for one in states)


def test_next_recording_all_no_and_lock(qtbot: QtBot, session: Session, hands: CountedPerson) -> None:
    hands.press(KEYS.Key_F8)
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
    hands.press(KEYS.Key_N, CTRL | SHIFT)
    hands.press(KEYS.Key_L, CTRL)
    qtbot.waitUntil(lambda: session.study.recording_number == 1)
    assert locked(session, 2)
    assert hands.inputs <= 3


def check_positives(session: Session) -> None:
    """The reading has the five positives as known, and *no* for the rest; it is locked."""
    for feature in FEATURES:
        answer = session.answers.mine.answer(feature.id)
        known = SPANS.get(feature.id)
        assert answer.presence is (Presence.NO if known is None else Presence.YES), feature.id
        if known is not None:
            (span,) = answer.evidence
            assert span.start == pytest.approx(known[0], abs=0.2)
            assert span.end == pytest.approx(known[1], abs=0.2)
            assert answer.laterality is not None
    own = session.answers.my_reading
    assert own.moment("onset") == pytest.approx(1, abs=0.2)
    assert own.moment("end") == pytest.approx(9, abs=0.2)


def test_five_positives_with_span_and_side_by_mouse_and_keys(
    qtbot: QtBot, window: Window, session: Session, hands: CountedPerson
) -> None:
    view = child(window, TimelineView)

    def go_to(feature: str, seconds: float) -> None:
        top, height = view.my_lane(feature)
        hands.click(view, QPoint(round(view.scale_of_time.x(seconds)), round(top + height / 2)))
        qtbot.waitUntil(lambda: abs(session.playback.cursor - seconds) < 0.2)

    for feature, (start, end, side) in SPANS.items():
        go_to(feature, start)
        if feature == "figure4":
            hands.press(KEYS.Key_I, SHIFT)
        hands.press(KEYS.Key_I)
        go_to(feature, end)
        hands.press(KEYS.Key_O)
        hands.press(side)
    hands.press(KEYS.Key_O, SHIFT)
    hands.press(KEYS.Key_N, CTRL | SHIFT)
    check_positives(session)
    hands.press(KEYS.Key_L, CTRL)
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    assert locked(session, 1)
    assert hands.inputs == 29
    assert hands.inputs <= 45


def test_five_positives_by_keys_alone(qtbot: QtBot, session: Session, hands: CountedPerson) -> None:
    def go_to(seconds: float) -> None:
        while session.playback.cursor < seconds - 0.1:
            far = seconds - session.playback.cursor >= 4.9
            hands.press(KEYS.Key_Right, SHIFT if far else NONE)

    names = [feature.id for feature in FEATURES]
    for feature, (start, end, side) in SPANS.items():
        while session.selection.feature != feature:
            hands.press(KEYS.Key_Down)
        go_to(start)
        if feature == "figure4":
            hands.press(KEYS.Key_I, SHIFT)
        hands.press(KEYS.Key_I)
        go_to(end)
        hands.press(KEYS.Key_O)
        hands.press(side)
    hands.press(KEYS.Key_O, SHIFT)
    hands.press(KEYS.Key_N, CTRL | SHIFT)
    check_positives(session)
    hands.press(KEYS.Key_L, CTRL)
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    assert locked(session, 1)
    assert hands.inputs <= names.index("head_turning") + 28


def test_change_who_reads_by_key_and_by_mouse(
    qtbot: QtBot, window: Window, session: Session, hands: CountedPerson
) -> None:
    session.answers.answer("tonic", Presence.YES)
    saved(qtbot, session)
    me = session.readers.me
    assert session.readers.become("Zoe")
    qtbot.waitUntil(lambda: me in session.answers.my_reading.people)
    head = child(window, WhoReads)
    assert head.text() == "Zoe"
    hands.press(KEYS.Key_F9)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    hands.press(KEYS.Key_1 if session.readers.known[0] == me else KEYS.Key_2)
    assert session.readers.me == me
    assert hands.inputs <= 2
    qtbot.waitUntil(lambda: head.text() == me)
    hands.inputs = 0
    hands.click(head, head.rect().center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    other = next(action for action in menu.actions() if "Zoe" in action.text())
    hands.click(menu, menu.actionGeometry(other).center())
    assert session.readers.me == "Zoe"
    assert hands.inputs <= 2
    assert window._memory.settings.author == "Zoe"


def test_find_a_difference_and_settle_it_with_its_side(
    qtbot: QtBot, window: Window, session: Session, hands: CountedPerson
) -> None:
    session.readers.read_blind(False)
    said = {
        "Ana": Answer("tonic", Presence.YES, laterality=Laterality.LEFT),
        "Ben": Answer("tonic", Presence.YES, laterality=Laterality.RIGHT),
    }
    saved(qtbot, session)
    folder = session.study.folder
    assert folder is not None
    for name, answer in said.items():
        with Study.open(folder, author=name, create=False, shared=True) as study:
            study.apply(SetAnswer(1, person(name), Answer("tonic"), answer))
    session.study.read_again()
    qtbot.waitUntil(lambda: len(session.consensus.disputes()) == 1)
    hands.press(KEYS.Key_D, CTRL | SHIFT)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is child(window, ConsensusView).table)
    hands.press(KEYS.Key_3)
    (dispute,) = session.consensus.disputes()
    assert dispute.decided is Presence.YES
    decided = next(one for one in session.answers.others if one.reader.name == "Consensus")
    assert decided.answer("tonic").laterality is Laterality.RIGHT
    assert session.answers.mine.answer("tonic").presence is None, "nobody's own answer is written"
    assert hands.inputs <= 4


def test_a_study_with_several_persons_asks_once_who_reads(
    qtbot: QtBot, window: Window, session: Session
) -> None:
    question = child(window, ReaderQuestion)
    assert not question.isVisible(), "nobody else has read"
    saved(qtbot, session)
    folder = session.study.folder
    assert folder is not None
    for name in ("Ana", "Ben"):
        with Study.open(folder, author=name, create=False, shared=True) as study:
            study.apply(SetAnswer(1, person(name), Answer("tonic"), Answer("tonic", Presence.NO)))
    session.study.read_again()
    qtbot.waitUntil(question.isVisible)
    assert [one.text() for one in question.choices] == [session.readers.me, "Ana", "Ben", "New…"]
    question.choices[1].click()
    assert session.readers.me == "Ana"
    qtbot.waitUntil(lambda: "Ben" in session.answers.my_reading.people)
    assert not question.isVisible()

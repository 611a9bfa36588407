"""All readers side by side in the checklist, and one meaning of *differs* for every sign and step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.core.reading import ReaderKind, person
from app.core.semiology import Answer, Laterality, Presence
from app.core.study.disagreement import Differ
from app.core.study.edits import SetAnswer, SetMark, SetNote
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.ui.session.session import Session
from app.ui.views.checklist import ChecklistView
from app.ui.views.checklist_model import FURTHER, NAME
from app.ui.views.timeline import TimelineView
from tests.ui.session_cases import QuickReader, opened, quick, recording_path, saved

__all__ = ["quick", "recording_path"]

YES, NO = Presence.YES, Presence.NO


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    """A recording that the signal reader and three persons have read besides the one at the screen."""
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        session.answers.answer("tonic", YES)
        saved(qtbot, session)
        folder = session.study.folder
        assert folder is not None
        for name, answer, onset in (
            ("Ana", Answer("tonic", YES, 80, laterality=Laterality.LEFT), 0.2),
            ("Ben", Answer("tonic", YES, 50, laterality=Laterality.LEFT), 0.4),
            ("Cem", Answer("head_turning", NO), 1.9),
        ):
            with Study.open(folder, author=name, create=False, shared=True) as study:
                study.apply(SetAnswer(1, person(name), Answer(answer.feature), answer))
                study.apply(SetMark(1, person(name), None, Mark(MarkKind.ONSET, onset)))
        with Study.open(folder, author="Ben", create=False, shared=True) as study:
            study.apply(SetNote(1, person("Ben"), "tonic", "", "left arm first"))
        session.study.read_again()
        qtbot.waitUntil(lambda: len(session.answers.others) == 4)
        yield session


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> ChecklistView:
    view = ChecklistView(session)
    qtbot.addWidget(view)
    view.resize(640, 700)
    view.show()
    return view


def said(view: ChecklistView, feature: str, column: int) -> str:
    model = view.model()
    return str(model.index(view._model.row_of[feature], column).data(Qt.ItemDataRole.AccessibleTextRole))


def test_every_reader_has_a_column_with_side_certainty_and_note(
    session: Session, view: ChecklistView
) -> None:
    session.answers.show_reader(person("Ana"))
    words = said(view, "tonic", FURTHER)
    assert "Ben: yes, confidence 50 %, left, “left arm first”" in words
    assert "Cem: unanswered" in words
    assert "Signal reader: no" in words
    assert "Ana" not in words, "who is shown in full has no narrow column"
    assert not view.isColumnHidden(FURTHER)
    row = view._model.shown[view._model.row_of["tonic"]]
    assert [one.has_note for one in row.further].count(True) == 1


def test_with_little_room_the_readers_are_scrolled(
    qtbot: QtBot, session: Session, view: ChecklistView
) -> None:
    view.resize(430, 700)
    qtbot.waitUntil(lambda: len(view.further.readings) < 3)
    further = [one.reader.name for one in session.answers.further]
    assert len(further) == 3

    def in_columns() -> list[str]:
        return [one.reader.name for one in view.further.readings]

    room = len(in_columns())
    assert view.further.more.isVisible()
    assert view.further.more.text() == f"+{3 - room}"
    assert "Cem" in view.further.more.accessibleName() or "Cem" in in_columns()
    view.further.scroll_by(9)
    assert in_columns() == further[3 - room :], "it ends with the last reader"
    view.further.scroll_by(-9)
    assert in_columns() == further[:room]


def test_readers_who_get_a_column_when_there_is_more_room_have_answers_in_it(
    qtbot: QtBot, view: ChecklistView
) -> None:
    def answers() -> int:
        return len(view._model.shown[view._model.row_of["tonic"]].further)

    for width, few in ((430, True), (900, False)):
        view.resize(width, 700)
        qtbot.waitUntil(lambda few=few: (len(view.further.readings) < 3) is few)  # type: ignore[misc]
        assert answers() == len(view.further.readings)


def test_the_keyboard_brings_a_hidden_reader_into_sight(
    qtbot: QtBot, session: Session, view: ChecklistView
) -> None:
    view.resize(430, 700)
    qtbot.waitUntil(lambda: len(view.further.readings) < 3)
    hidden = session.answers.further[-1]
    assert hidden not in view.further.readings
    session.requests.further_readers.emit()
    assert view.further.menu.isVisible()
    rows = view.further.menu.actions()
    assert [row.isChecked() for row in rows][-1] is False
    for _row in rows:
        QTest.keyClick(view.further.menu, Qt.Key.Key_Down)
    QTest.keyClick(view.further.menu, Qt.Key.Key_Return)
    assert hidden in view.further.readings
    assert [one.kind for one in view._model.shown[view._model.row_of["tonic"]].further] == [
        one.reader.kind for one in view.further.readings
    ]


def test_with_room_for_all_nothing_is_said_to_be_hidden(view: ChecklistView) -> None:
    assert len(view.further.readings) == 3
    assert not view.further.more.isVisible()


def test_a_head_shows_its_reader_in_full(session: Session, view: ChecklistView) -> None:
    heads = [one for one in view.further.findChildren(QPushButton) if "Show Cem" in one.accessibleName()]
    heads[-1].click()
    shown = session.answers.shown
    assert shown is not None
    assert shown.reader.name == "Cem"


def test_one_meaning_of_differs(session: Session, view: ChecklistView) -> None:
    compared = session.consensus.compared
    assert compared.differing == {"tonic": Differ.PRESENCE}
    signal = next(one.reader for one in session.answers.others if one.reader.is_rule_based)
    compared.compare(signal, on=False)
    assert compared.differing == {}
    assert view.count.text().startswith("0 differ")
    assert session.consensus.disputes() == ()
    session.labels.set_side(None)
    session.selection.select("tonic")
    session.labels.set_side(Laterality.RIGHT)
    assert compared.differing == {"tonic": Differ.SIDE}
    assert view.count.text().startswith("1 differ")
    assert "differs in side" in said(view, "tonic", NAME)
    session.consensus.set_people_only(False)
    assert [one.feature for one in session.consensus.disputes()] == ["tonic"]
    session.selection.select("clonic")
    session.order.next_disagreement()
    assert session.selection.feature == "tonic"
    compared.compare(signal, on=True)
    assert compared.differing["tonic"] is Differ.PRESENCE


def test_onsets_that_are_marked_apart_are_told(session: Session, view: ChecklistView) -> None:
    assert not session.consensus.compared.onsets_differ, "within the tolerance"
    assert "onset" not in view.count.text()
    assert session.answers.onset_of(person("Cem")) == pytest.approx(1.9)


def test_the_timeline_has_everybodys_spans_and_marks(qtbot: QtBot, session: Session) -> None:
    timeline = TimelineView(session)
    qtbot.addWidget(timeline)
    timeline.resize(700, 420)
    names = [one.reader.name for one in timeline.readings]
    assert names[0] == session.readers.me
    assert {"Ana", "Ben", "Cem"} <= {*names}
    with_marks = timeline.grab().toImage()
    x = round(timeline.scale_of_time.x(1.9)) + 0.5
    colour = session.appearance.theme.beside(ReaderKind.PERSON)
    column = {with_marks.pixelColor(round(x - 0.5), y).name() for y in range(60, 380)}
    assert colour in column, "the onset that Cem has marked"


def test_nothing_of_others_is_shown_while_it_is_sealed(
    qtbot: QtBot, session: Session, view: ChecklistView
) -> None:
    session.readers.read_blind(True)
    qtbot.waitUntil(lambda: session.answers.my_reading.sealed and not session.answers.others)
    assert session.consensus.compared.differing == {}
    assert session.answers.onset_of(person("Cem")) is None
    assert session.answers.note_of(person("Ben"), "tonic") == ""
    assert not view.count.isVisible()
    assert view.isColumnHidden(FURTHER)

"""The checklist and the explanation: what is shown, clicks, what a screen reader hears."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QFont, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHeaderView, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from app.core.answer_words import answer_words
from app.core.semiology import FEATURE, FEATURES, Answer, Group, Laterality, Presence, Span
from app.ui.session.session import Session
from app.ui.theme import body_font
from app.ui.views.checklist import NARROW, WIDE, ChecklistView
from app.ui.views.checklist_model import MINE, NAME, READER
from app.ui.views.checklist_paint import SEGMENTS, fitting_name, has_room_for_words, segment_rects
from app.ui.views.dock_sizes import LEAST_ROW_HEIGHT, height_of_rows
from app.ui.views.explanation import MOST_SPANS, ExplanationView, SpanButton
from app.ui.views.flow import FlowLayout
from tests.ui.found_widgets import now
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        yield session


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> ChecklistView:
    view = ChecklistView(session)
    qtbot.addWidget(view)
    view.resize(WIDE + 20, height_of_rows(28))
    view.show()
    return view


def test_all_twenty_features_are_there_in_their_groups_without_scrolling(view: ChecklistView) -> None:
    shown = [view.model().index(row, NAME).data() for row in range(view.model().rowCount())]
    assert [name for name in shown if name in {feature.name for feature in FEATURES}] == [
        feature.name for group in Group for feature in FEATURES if feature.group is group
    ]
    assert len(shown) == 23
    assert view.verticalScrollBar().maximum() == 0
    heights = {view.rowHeight(row) for row in range(len(shown))}
    assert heights <= {26, 28}


def test_rows_shrink_before_they_scroll(view: ChecklistView) -> None:
    view.resize(440, height_of_rows(LEAST_ROW_HEIGHT))
    QApplication.processEvents()
    assert view.verticalScrollBar().maximum() == 0
    view.resize(440, 300)
    QApplication.processEvents()
    assert view.rowHeight(1) == LEAST_ROW_HEIGHT
    assert view.verticalScrollBar().maximum() > 0


@pytest.mark.parametrize("number", range(3))
def test_one_click_answers_and_another_takes_it_back(
    view: ChecklistView, session: Session, number: int
) -> None:
    _click_segment(view, "tonic", number)
    assert session.answers.mine.answer("tonic").presence is SEGMENTS[number]
    assert session.selection.feature == "tonic"
    _click_segment(view, "tonic", number)
    assert session.answers.mine.answer("tonic").presence is None


def test_a_click_on_a_name_selects_and_answers_nothing(view: ChecklistView, session: Session) -> None:
    where = view.visualRect(_index(view, "head_turning", NAME)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert session.selection.feature == "head_turning"
    assert session.answers.mine.answers == {}


def test_a_click_on_a_heading_does_nothing(view: ChecklistView, session: Session) -> None:
    before = session.selection.feature
    where = view.visualRect(view.model().index(0, NAME)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert session.selection.feature == before


def test_the_selected_feature_is_the_current_row(view: ChecklistView, session: Session) -> None:
    session.selection.select("oral_automatisms")
    assert view.currentIndex().row() == _index(view, "oral_automatisms", NAME).row()


def test_a_screen_reader_hears_everything(view: ChecklistView, session: Session) -> None:
    session.answers.answer("clonic", Presence.NOT_ASSESSABLE)
    role = Qt.ItemDataRole.AccessibleTextRole
    assert _index(view, "clonic", NAME).data(role) == (
        "Clonic, mine: not assessable, reader: yes, confidence 87 %, differs in presence"
    )
    assert _index(view, "clonic", MINE).data(role) == "Clonic, mine: not assessable"
    assert _index(view, "clonic", READER).data(role) == "Clonic, reader: yes, confidence 87 %"
    assert view.accessibleName()


def test_an_answer_in_words() -> None:
    answer = Answer("clonic", Presence.YES, 87, (), Laterality.LEFT)
    assert answer_words(answer) == "yes, confidence 87 %, left"
    assert answer_words(None) == answer_words(Answer("clonic")) == "unanswered"


def test_what_agrees_and_what_differs_looks_different(view: ChecklistView, session: Session) -> None:
    def painted() -> bytes:
        rect = view.visualRect(_index(view, "clonic", READER))
        return bytes(view.viewport().grab(rect).toImage().constBits())

    suggested = painted()
    session.answers.answer("clonic", Presence.YES)
    agreed = painted()
    session.answers.answer("clonic", Presence.NO)
    differing = painted()
    assert len({suggested, agreed, differing}) == 3


def test_a_long_name_is_cut_in_the_middle_and_its_tip_begins_with_it(view: ChecklistView) -> None:
    name = FEATURE["arms_move_simultaneously"].name
    cut = fitting_name(name, view.font(), 90)
    assert cut.startswith(name[:2])
    assert cut.endswith(name[-2:])
    assert "…" in cut
    view.horizontalHeader().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Fixed)
    view.horizontalHeader().resizeSection(NAME, 90)
    where = view.visualRect(_index(view, "arms_move_simultaneously", NAME)).center()
    event = QHelpEvent(QEvent.Type.ToolTip, where, view.viewport().mapToGlobal(where))
    QApplication.sendEvent(view.viewport(), event)
    assert QToolTip.text().startswith(f"{name}: ")
    QToolTip.hideText()


def test_tips_are_plain_words(view: ChecklistView, session: Session) -> None:
    rect = view.visualRect(_index(view, "clonic", NAME))
    where = rect.center()
    event = QHelpEvent(QEvent.Type.ToolTip, where, view.viewport().mapToGlobal(where))
    QApplication.sendEvent(view.viewport(), event)
    assert QToolTip.text().startswith("Rhythmic, regular")
    QToolTip.hideText()


def test_the_explanation_says_why_and_where(qtbot: QtBot, session: Session) -> None:
    view = _explanation(qtbot, session)
    session.selection.select("clonic")
    assert "left wrist moved at 3.1 Hz" in _words(view)
    assert "not validated on patients" in _words(view)
    assert "Rhythmic, regular" in _words(view)
    assert [button.span for button in _spans(view)] == [Span(0.2, 0.6), Span(1.0, 1.4)]
    session.selection.select("tonic")
    assert "Nothing moved." in _words(view)
    assert _spans(view) == []


def test_a_click_goes_there_and_a_double_click_repeats(qtbot: QtBot, session: Session) -> None:
    view = _explanation(qtbot, session)
    session.selection.select("clonic")
    second = _spans(view)[1]
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert session.playback.cursor == 1.0
    assert now(session.loop.span) is None
    QTest.mouseDClick(second, Qt.MouseButton.LeftButton)
    assert now(session.loop.span) == second.span
    assert now(second.isChecked())
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert session.loop.span is None
    assert not second.isChecked()
    _spans(view)[0].click()
    assert session.playback.cursor == 0.2, "as a screen reader presses it"


def test_a_span_is_reached_with_the_keyboard(qtbot: QtBot, session: Session) -> None:
    view = _explanation(qtbot, session)
    session.selection.select("clonic")
    second = _spans(view)[1]
    QTest.keyClick(second, Qt.Key.Key_Return)
    assert (session.playback.cursor, session.loop.span) == (1.0, None)
    QTest.keyClick(second, Qt.Key.Key_Return)
    assert session.loop.span == second.span


def test_what_a_reader_says_is_plain_text(qtbot: QtBot, session: Session) -> None:
    view = _explanation(qtbot, session)
    nasty = "<img src='file:///etc/passwd'><b>bold</b>\u202egnp.exe\x07" + "x" * 5000
    spans = tuple(Span(number, number + 0.5) for number in range(60))
    reading = session.answers.others[0]
    answer = Answer("clonic", Presence.YES, 87, spans, None, nasty)
    session.study.show_reading(replace(reading, answers={**reading.answers, "clonic": answer}))
    session.selection.select("clonic")
    shown = next(label for label in view.findChildren(QLabel) if "<img" in label.text())
    assert shown.textFormat() is Qt.TextFormat.PlainText
    assert "\u202e" not in shown.text()
    assert "\x07" not in shown.text()
    assert len(shown.text().replace("\u200b", "")) <= 2000
    assert shown.minimumSizeHint().width() < 600, "a run without spaces cannot widen the window"
    assert len(_spans(view)) == MOST_SPANS
    for label in view.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText


def test_without_a_reader_it_says_what_to_do(qtbot: QtBot) -> None:
    with opened(qtbot) as empty:
        view = _explanation(qtbot, empty)
        assert "Open a recording" in _words(view)


def test_words_on_lines(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    layout = FlowLayout(page, gap=4)
    for _ in range(5):
        label = QLabel("x")
        label.setFixedSize(50, 20)
        layout.addWidget(label)
    page.show()
    assert layout.heightForWidth(54 * 5) == 20
    assert layout.heightForWidth(54 * 3) == 44
    assert layout.heightForWidth(10) == 5 * 24 - 4
    assert layout.itemAt(7) is None
    assert layout.takeAt(7) is None
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        assert widget is not None
        widget.deleteLater()
    assert layout.count() == 0


def _index(view: ChecklistView, feature: str, column: int) -> Any:
    row = next(row for row in range(view.model().rowCount()) if _feature(view, row) == feature)
    return view.model().index(row, column)


def _feature(view: ChecklistView, row: int) -> str | None:
    found = view.model().feature(row)  # type: ignore[attr-defined]
    return None if found is None else found.id


def _click_segment(view: ChecklistView, feature: str, number: int) -> None:
    rect = view.visualRect(_index(view, feature, MINE))
    where = segment_rects(QRectF(rect))[number].center().toPoint()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(where))


def _explanation(qtbot: QtBot, session: Session) -> ExplanationView:
    view = ExplanationView(session)
    qtbot.addWidget(view)
    view.resize(460, 400)
    view.show()
    return view


def _words(view: ExplanationView) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel) if label.isVisibleTo(view))


def _spans(view: ExplanationView) -> list[SpanButton]:
    return sorted(
        (button for button in view.findChildren(SpanButton) if button.isVisibleTo(view)),
        key=lambda button: button.span,
    )


@pytest.mark.parametrize("width", [WIDE + 20, NARROW])
def test_yes_has_a_word_beside_its_sign_as_no_has(view: ChecklistView, width: int) -> None:
    view.resize(width, height_of_rows(28))
    cell = view.visualRect(view.model().index(1, MINE))
    font = body_font()
    font.setWeight(QFont.Weight.DemiBold)
    assert has_room_for_words(font, segment_rects(QRectF(cell))[0].width())
    assert not has_room_for_words(font, 30.0), "where one has no room none has a word"

"""The comparison as pictures: forest plot, all answers as cells, order of onsets, saved as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.agreement.answer_map import AnswerMap, SaidState
from app.core.agreement.comparison_choice import Compared
from app.core.semiology import FEATURES, Presence, Span
from app.ui.session.session import Session
from app.ui.theme import Mode
from app.ui.views.agreement_pictures import NO_ORDER, ONE_RECORDING, AgreementPicture, AgreementPictures
from app.ui.views.answer_heat_map import NAMES, ROW, AnswerHeatMap
from app.ui.views.comparison import PAGES, ComparisonView
from tests.ui.found_widgets import displayed
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

pytestmark = pytest.mark.usefixtures("statistics_are_loaded")
CLONIC = [feature.id for feature in FEATURES].index("clonic")


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        yield session


def made_map(recordings: int = 50, readers: int = 3) -> AnswerMap:
    states = np.random.default_rng(1).integers(0, 5, (recordings, len(FEATURES), readers)).astype(np.uint8)
    states[0, CLONIC] = [SaidState.YES, SaidState.NO, SaidState.UNANSWERED][:readers]
    names = tuple(f"recording {number}" for number in range(recordings))
    return AnswerMap(tuple(f"Reader {n}" for n in range(readers)), (1,) * recordings, names, states)


@pytest.fixture
def heat(qtbot: QtBot, session: Session) -> AnswerHeatMap:
    view: AnswerHeatMap = displayed(qtbot, AnswerHeatMap(session))
    view.resize(1000, 400)
    view.show_map(made_map())
    return view


def picture(view: AnswerHeatMap) -> QImage:
    return view.viewport().grab().toImage()


def test_all_features_fit_the_panel_and_rows_scroll(heat: AnswerHeatMap) -> None:
    last = heat.place_of(0, len(FEATURES) - 1)
    assert last.right() <= heat.viewport().width()
    assert heat.horizontalScrollBar().maximum() == 0
    assert heat.verticalScrollBar().maximum() == heat.head + 50 * ROW - heat.viewport().height()
    heat.resize(400, 120)
    assert heat.horizontalScrollBar().maximum() > 0, "cells do not become too small to be seen"


def test_a_cell_is_told_and_a_click_opens_its_recording(
    qtbot: QtBot, heat: AnswerHeatMap, session: Session
) -> None:
    told: list[str] = []
    heat.told.connect(told.append)
    place = QPointF(heat.place_of(0, CLONIC).center())
    assert heat.cell_at(place) == (0, CLONIC)
    assert heat.words_at(place) == "recording 0, Clonic. Reader 0: yes, Reader 1: no, Reader 2: unanswered."
    assert heat.words_at(QPointF(place.x(), 3)) == "Clonic"
    assert heat.words_at(QPointF(NAMES - 20, place.y())) == "recording 0"
    qtbot.mouseClick(heat.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert session.selection.feature == "clonic"
    assert "Clonic" in told[-1]


def test_the_keyboard_goes_from_cell_to_cell(qtbot: QtBot, heat: AnswerHeatMap, session: Session) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(heat, key)
    assert heat._current == (1, 2)
    for _ in range(6):
        qtbot.keyClick(heat, Qt.Key.Key_PageDown)
    assert heat._current == (49, 2)
    place = heat.place_of(49, 2)
    assert place.top() >= heat.head
    assert place.bottom() <= heat.viewport().height()
    qtbot.keyClick(heat, Qt.Key.Key_Return)
    assert session.selection.feature == FEATURES[2].id


def test_states_look_different_without_their_colours(heat: AnswerHeatMap, session: Session) -> None:
    for mode in (Mode.DARK, Mode.LIGHT):
        session.appearance.set_mode(mode)
        tiles = heat._tiles_for(session.appearance.theme, 18, 1.0)
        shapes = []
        for state in (SaidState.YES, SaidState.NO, SaidState.NOT_ASSESSABLE, SaidState.UNANSWERED):
            grey = (tiles[0, state] >> 8) & 0xFF
            shapes.append((grey != np.bincount(grey.ravel().astype(np.int64)).argmax()).tobytes())
        assert len(set(shapes)) == 4


def test_a_difference_is_underlined_and_nothing_is_shown_without_readers(heat: AnswerHeatMap) -> None:
    theme = heat._session.appearance.theme
    place = heat.place_of(0, CLONIC)
    assert picture(heat).pixelColor(place.center().x(), place.bottom()).name() == theme.caution.lower()
    heat.show_map(None)
    assert heat.cell_at(QPointF(place.center())) is None
    assert not picture(heat).isNull()


# --- in the panel ------------------------------------------------------------------------------


def test_the_comparison_is_shown_as_pictures(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    for feature in FEATURES:
        session.answers.answer(feature.id, Presence.NO)
    view = displayed(qtbot, ComparisonView(session))
    qtbot.waitUntil(lambda: view.figures.rowCount() == 21)
    pictures = view.pictures
    view.page.setCurrentText("Forest plot")
    assert view.pages.currentWidget() is pictures
    assert pictures.stack.currentWidget() is pictures.plot
    chart = pictures.shown
    assert chart is not None
    assert chart.value == "κ"
    pictures.figure.setCurrentText("Same")
    pictures.figure.activated.emit(3)
    assert pictures.shown.value == "Same"
    pictures.plot.chosen.emit(next(one for one in pictures.shown.points if one.wanted.feature == "tonic"))
    assert session.selection.feature == "tonic"
    view.page.setCurrentText("All answers")
    assert pictures.stack.currentWidget() is pictures.answers
    cell = QPointF(pictures.answers.place_of(0, CLONIC).center())
    assert pictures.answers.words_at(cell).startswith("seizure")
    view.page.setCurrentText("Order of onsets")
    assert pictures.empty.text() == NO_ORDER
    assert not pictures.save.isEnabled()
    view.page.setCurrentIndex(PAGES.index("All answers"))
    for kind in ("png", "svg", "csv"):
        path = tmp_path / f"answers.{kind}"
        pictures.write(path)
        qtbot.waitUntil(path.exists)
    qtbot.waitUntil(lambda: "was written" in view.sentence.text())


def test_a_file_that_cannot_be_written_is_said(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    pictures: AgreementPictures = displayed(qtbot, AgreementPictures(session))
    told: list[str] = []
    pictures.told.connect(told.append)
    pictures.show_compared(Compared(("A", "B", "C"), ("A", "B"), answers=made_map()))
    pictures.show_picture(AgreementPicture.ANSWERS)
    pictures.write(tmp_path / "nowhere" / "x.png")
    qtbot.waitUntil(lambda: bool(told))
    assert not (tmp_path / "nowhere").exists()


def test_one_recording_has_no_forest_plot(qtbot: QtBot, session: Session) -> None:
    session.labels.add_span("clonic", Span(0.2, 0.8))
    view = displayed(qtbot, ComparisonView(session))
    view.page.setCurrentText("Forest plot")
    view.over.setCurrentText("this recording")
    view.over.activated.emit(1)
    qtbot.waitUntil(lambda: view.pictures.empty.text() == ONE_RECORDING)


def test_what_is_sealed_is_in_no_picture(qtbot: QtBot, session: Session) -> None:
    session.readers.read_blind(False)
    session.answers.answer("clonic", Presence.YES)
    view = displayed(qtbot, ComparisonView(session))
    view.page.setCurrentText("All answers")
    qtbot.waitUntil(lambda: view.pictures.shown is not None)
    session.readers.read_blind(True)
    view.hide()
    session.readers.become("Somebody Else")
    assert view.pictures.shown is None
    assert view.pictures.answers.words_at(QPointF(300, 150)) == ""

"""The traces: of the selected feature, never of what is sealed, with values under the pointer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.ui.commands.panel_focus import is_seen
from app.ui.session.session import Session
from app.ui.theme import Mode
from app.ui.views.trace_link import TraceLink
from app.ui.views.traces import HEAD, NOT_SEEN, OUTDATED, SEALED, TracesView
from app.ui.window import Window
from tests.ui.found_widgets import child, displayed, docked, now
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path, saved
from tests.ui.trace_cases import SPAN, Measuring, made_traces, measuring

__all__ = ["measuring", "quick", "recording_path"]


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], measuring: Measuring, recording_path: Path
) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        session.selection.select("clonic")
        yield session


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> TracesView:
    view: TracesView = displayed(qtbot, TracesView(session))
    view.resize(800, 300)
    qtbot.waitUntil(lambda: session.analysis.traces.found is not None)
    return view


def at(view: TracesView, seconds: float, row: int = 0) -> QPointF:
    place = view.rows[row]
    return QPointF(view.scale_of_time.x(seconds), place.top + place.height / 2)


def picture(view: TracesView) -> QImage:
    return view.grab().toImage()


def test_the_command_that_shows_the_traces_hides_them(qtbot: QtBot, session: Session) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    dock = window._panels.docks["traces"]
    window.actions_["show_traces"].trigger()
    qtbot.waitUntil(lambda: is_seen(dock))
    qtbot.waitUntil(lambda: session.analysis.traces.found is not None)
    window.actions_["show_traces"].trigger()
    assert dock.isHidden()


def test_nothing_is_measured_until_somebody_looks(session: Session, measuring: Measuring) -> None:
    assert session.analysis.traces.readable
    assert session.analysis.traces.found is None
    assert measuring.count == 0


def test_the_selected_features_rows_are_shown(view: TracesView, session: Session) -> None:
    assert view.words() == ""
    assert [row.trace.name for row in view.rows][:2] == ["Wrist rate", "Row 0"]
    assert view.spans == (SPAN,)
    session.selection.select("tonic")
    assert view.words() == NOT_SEEN
    assert view.rows == ()
    session.selection.select("clonic")
    assert view.words() == ""


def test_the_pointer_tells_values_with_units_and_thresholds(view: TracesView) -> None:
    words = view.words_at(at(view, 1.0))
    assert "left wrist 2.9 Hz" in words
    assert "right wrist –" in words
    assert "at least 0.80 Hz" in words
    assert "at most 5.0 Hz" in words
    assert view.words_at(QPointF(20, at(view, 1.0).y())).startswith("Wrist rate, Hz")
    assert view.words_at(QPointF(300, HEAD / 2)) == ""
    before = picture(view)
    view.hover(at(view, 1.0))
    assert picture(view) != before
    view.hover(None)
    assert picture(view) == before


def test_curves_and_thresholds_are_painted_in_both_themes(view: TracesView, session: Session) -> None:
    for mode in (Mode.DARK, Mode.LIGHT):
        session.appearance.set_mode(mode)
        place = view.rows[0]
        y = round(place.y(2.9))
        x = round(view.scale_of_time.x(0.25))
        image = picture(view)
        ground = image.pixelColor(x, round(place.top + 2)).name()
        assert image.pixelColor(x, y).name() != ground


def test_twelve_rows_scroll_where_they_do_not_fit(view: TracesView) -> None:
    assert len(view.rows) == 12
    assert all(row.height >= 40 for row in view.rows)
    top = view.rows[0].top
    view._scroll.setValue(100)
    assert view.rows[0].top == top - 100
    view.resize(800, 700)
    assert view.rows[0].top == HEAD


def test_a_double_click_repeats_the_span_that_came_of_it(view: TracesView, session: Session) -> None:
    view.double_click(at(view, 1.0))
    assert session.loop.span == SPAN
    session.loop.reset()
    view.double_click(at(view, 0.2))
    assert session.loop.span is None


def test_an_answer_from_other_measures_is_said_to_be_one(
    qtbot: QtBot, session: Session, measuring: Measuring
) -> None:
    measuring.traces = made_traces(frozenset({"clonic"}))
    view = displayed(qtbot, TracesView(session))
    qtbot.waitUntil(lambda: session.analysis.traces.found is not None)
    assert view.note() == OUTDATED
    measuring.traces = made_traces()
    session.analysis.traces.take(measuring.traces)
    assert "shaded" in view.note()


def test_what_cannot_be_measured_is_said(qtbot: QtBot, session: Session, measuring: Measuring) -> None:
    measuring.error = UserError("The recording is gone.")
    view = displayed(qtbot, TracesView(session))
    qtbot.waitUntil(lambda: view.words() == "The recording is gone.")
    session.selection.select("tonic")
    assert measuring.count == 1, "what failed is not tried again with every selection"


def test_measured_once_and_anew_with_another_reading(
    qtbot: QtBot, view: TracesView, session: Session, measuring: Measuring
) -> None:
    session.selection.select("tonic")
    session.selection.select("clonic")
    view.hide()
    view.show()
    assert measuring.count == 1
    session.analysis.start_again()
    qtbot.waitUntil(lambda: measuring.count == 2)
    at_rest(qtbot, session)


def test_nothing_that_is_sealed_is_measured_or_shown(
    qtbot: QtBot, quick: type[QuickReader], measuring: Measuring, recording_path: Path
) -> None:
    with opened(qtbot) as session:
        view = displayed(qtbot, TracesView(session))
        link = TraceLink(session)
        qtbot.addWidget(link)
        session.readers.ask_for_new_studies(True)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        session.readers.read_blind(True)
        saved(qtbot, session)
        assert session.answers.my_reading.sealed
        assert view.words() == SEALED
        assert link.isHidden()
        assert now(session.analysis.traces.found) is None
        assert measuring.count == 0
        assert session.readers.lock_and_reveal()
        saved(qtbot, session)
        qtbot.waitUntil(lambda: session.analysis.traces.found is not None)
        assert not link.isHidden()


def test_traces_are_forgotten_when_their_answers_become_sealed(view: TracesView, session: Session) -> None:
    assert session.analysis.traces.found is not None
    session.analysis.traces._study = _Withheld()  # type: ignore[assignment]
    session.answers.readings_changed.emit()
    assert now(session.analysis.traces.found) is None
    assert view.rows == ()


class _NoOthers:
    others = ()


class _Withheld:
    """A study whose other readings are withheld."""

    patient = None
    content = _NoOthers()


def test_the_reason_leads_to_its_traces(qtbot: QtBot, session: Session) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    link = child(window, TraceLink)
    assert link.isVisibleTo(window)
    link.click()
    qtbot.waitUntil(lambda: session.analysis.traces.found is not None)
    assert docked(window, "traces", TracesView).isVisible()
    link.click()
    assert docked(window, "traces", TracesView).isVisible(), "a second click does not hide them"

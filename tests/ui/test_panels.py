"""Panels that can be moved and come back where they were; marks of jumps and of a loop that is begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot
from session_cases import QuickReader, opened, quick, recording_path
from stand_in_session import StandInSession

from app.core.semiology import FEATURES, Span
from app.ui.session.session import Changed
from app.ui.views.waveform import WaveformView
from app.ui.window import Window
from benchmarks.timeline import EVENTS, Moment, a_reading_of, rows_of

__all__ = ["quick", "recording_path"]


def _dock(window: Window, name: str) -> QDockWidget:
    dock = window.findChild(QDockWidget, name)
    assert isinstance(dock, QDockWidget)
    return dock


def test_panels_are_moved_and_stay_there(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    left = Qt.DockWidgetArea.LeftDockWidgetArea
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        movable = QDockWidget.DockWidgetFeature.DockWidgetMovable
        assert not _dock(window, "checklist").features() & movable
        window.actions_["move_panels"].trigger()
        assert _dock(window, "checklist").features() & movable
        window.addDockWidget(left, _dock(window, "checklist"))
        window.actions_["move_panels"].trigger()
        assert not _dock(window, "checklist").features() & movable
        window.close()
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        assert window.dockWidgetArea(_dock(window, "checklist")) is left
        window.close()


def _column(view: WaveformView, seconds: float) -> set[str]:
    """The colours that stand at a time of the panel."""
    image = QImage(QSize(800, 100), QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    view.paint_grid(painter, 0, 100)
    painter.end()
    x = round(view.scale_of_time.x(seconds))
    return {image.pixelColor(column, y).name() for column in (x, x + 1) for y in range(100)}


@pytest.fixture
def view(qtbot: QtBot) -> Any:
    session = StandInSession()
    view = WaveformView(session)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(800, 100)
    return view


def test_a_jump_of_the_recordings_time_is_marked(view: WaveformView) -> None:
    session: Any = view.session
    before = _column(view, 23.0)
    session.recording.jumps = (23.0,)
    session.tell(Changed.RECORDING)
    assert session.theme.caution in _column(view, 23.0) - before
    assert session.theme.caution not in _column(view, 33.0)


def test_where_no_picture_comes_is_marked(view: WaveformView) -> None:
    session: Any = view.session
    before = _column(view, 25.0)
    session.recording.gaps = (Span(23.0, 27.0),)
    session.tell(Changed.RECORDING)
    assert _column(view, 25.0) != before
    assert _column(view, 33.0) <= before


def test_where_a_loop_begins_is_marked(view: WaveformView) -> None:
    session: Any = view.session
    before = _column(view, 17.0)
    session.tell(Changed.LOOP, loop_from=17.0)
    assert _column(view, 17.0) != before


def test_the_benchmark_reads_its_rows() -> None:
    reading = a_reading_of(EVENTS, 7200.0)
    assert sum(len(reading.answer(feature.id).evidence) for feature in FEATURES) == EVENTS
    fast, slow = [Moment(5.0, 3.0)] * 40, [Moment(40.0, 30.0)] * 40
    rows = rows_of(fast, slow, 30.0, 7200.0)
    assert [row.holds for row in rows] == [True, None, False, None, True]

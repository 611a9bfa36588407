"""Panels that can be moved and come back where they were; marks of jumps and of a loop that is begun."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from app.core.recording.unreadable import UnreadableStretch
from app.core.semiology import FEATURES, Span
from app.ui.views.waveform import WaveformView
from app.ui.window import Window
from benchmarks.timeline import EVENTS, Moment, a_reading_of, rows_of
from tests.ui.session_cases import QuickReader, opened, quick, recording_path
from tests.ui.shown_session import a_recording, show, shown_session, with_jumps

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
def view(qtbot: QtBot, tmp_path: Path) -> Iterator[WaveformView]:
    with shown_session(tmp_path) as session:
        view = WaveformView(session)
        qtbot.addWidget(view)
        view.resize(800, 100)
        yield view


def test_a_jump_of_the_recordings_time_is_marked(view: WaveformView, tmp_path: Path) -> None:
    session = view.session
    before = _column(view, 23.0)
    show(session, with_jumps(a_recording(tmp_path), 23.0))
    assert session.appearance.theme.caution in _column(view, 23.0) - before
    assert session.appearance.theme.caution not in _column(view, 33.0)


def test_where_the_file_cannot_be_read_is_marked(view: WaveformView, tmp_path: Path) -> None:
    session = view.session
    before = _column(view, 23.0)
    show(session, a_recording(tmp_path, unreadable=(UnreadableStretch(23.0, 5_000_000, last=False),)))
    assert session.appearance.theme.caution in _column(view, 23.0) - before
    assert session.appearance.theme.caution not in _column(view, 33.0)


def test_where_no_picture_comes_is_marked(view: WaveformView, tmp_path: Path) -> None:
    session = view.session
    before = _column(view, 25.0)
    show(session, a_recording(tmp_path, gaps=(Span(23.0, 27.0),)))
    assert _column(view, 25.0) != before
    assert _column(view, 33.0) <= before


def test_where_a_loop_begins_is_marked(view: WaveformView) -> None:
    session = view.session
    before = _column(view, 17.0)
    session.playback.seek(17.0)
    session.loop.begin_here()
    assert _column(view, 17.0) != before


def test_the_benchmark_reads_its_rows() -> None:
    reading = a_reading_of(EVENTS, 7200.0)
    assert sum(len(reading.answer(feature.id).evidence) for feature in FEATURES) == EVENTS
    fast, slow = [Moment(5.0, 3.0)] * 40, [Moment(40.0, 30.0)] * 40
    rows = rows_of(fast, slow, 30.0, 7200.0)
    assert [row.holds for row in rows] == [True, None, False, None, True]

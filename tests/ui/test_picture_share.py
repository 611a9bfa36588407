"""How the window shares its room: the picture stays large, rows are seen, nothing lies over anything else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from app.ui.session.readers import Readers
from app.ui.theme import ROW_HEIGHT
from app.ui.views.banner import Banner
from app.ui.views.blind_question import BlindQuestion
from app.ui.views.checklist import ChecklistView
from app.ui.views.comparison import ComparisonView
from app.ui.views.dock_sizes import height_of_rows
from app.ui.views.picture_share import least_height
from app.ui.views.reader_question import ReaderQuestion
from app.ui.views.timeline import TimelineView
from app.ui.views.transport import TransportView
from app.ui.window import Window
from tests.ui.found_widgets import centre, child
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

SENTENCE = "The study on the drive of the department could not be saved, because the drive is full. "


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Window]:
    """A window in which nobody has said yet whether the study is read blind."""
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.readers.asking)
        yield window


def sized(qtbot: QtBot, window: Window, width: int, height: int) -> None:
    window.resize(width, height)
    stage = window._stage
    sizes: list[QSize] = []

    def settled() -> bool:
        sizes.append(stage.size())
        return len(sizes) > 3 and sizes[-1] == sizes[-3]

    qtbot.waitUntil(settled)
    assert window.size() == QSize(width, height)


def ends(widget: QWidget, window: Window) -> int:
    """The lower edge of a widget in its window."""
    return widget.mapTo(window, widget.rect().bottomLeft()).y()


def share_of_picture(window: Window) -> float:
    """Of the window's area, that of a picture of 16:9 in the view."""
    size = window._stage.size()
    wide = min(size.width(), size.height() * 16 / 9)
    return wide * wide * 9 / 16 / (window.width() * window.height())


@pytest.mark.parametrize("banners", [1, 2])
def test_the_picture_keeps_its_share_on_a_small_screen(qtbot: QtBot, window: Window, banners: int) -> None:
    if banners == 2:
        window.session.status.show_message(SENTENCE * 2)
    sized(qtbot, window, 1280, 800)
    assert child(window, BlindQuestion).isVisible()
    assert child(window, Banner).isVisible() is (banners == 2)
    assert share_of_picture(window) >= 0.35
    transport = child(window, TransportView)
    assert transport.height() >= transport.sizeHint().height()
    assert transport.geometry().top() > window._stage.geometry().bottom()


@pytest.mark.parametrize("size", [(960, 525), (720, 440), (1280, 800), (1920, 1050)])
def test_nothing_is_off_the_window_or_over_anything_else(
    qtbot: QtBot, window: Window, size: tuple[int, int]
) -> None:
    sized(qtbot, window, 1280, 800)
    sized(qtbot, window, *size)
    assert ends(window.statusBar(), window) < window.height()
    transport = child(window, TransportView)
    assert ends(transport, window) <= ends(centre(window), window)
    assert ends(child(window, TimelineView), window) < ends(window.statusBar(), window)


def test_panels_and_a_message_leave_the_controls_free_in_a_low_window(qtbot: QtBot, window: Window) -> None:
    sized(qtbot, window, 944, 496)
    window.session.readers.read_blind(False)
    window.session.status.show_message(SENTENCE)
    window.actions_["show_worklist"].trigger()
    further, panel = QDockWidget(), QWidget()
    panel.setMinimumHeight(72)
    further.setWidget(panel)
    further.setTitleBarWidget(QWidget())
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, further, Qt.Orientation.Vertical)
    sized(qtbot, window, 945, 496)
    transport, timeline = child(window, TransportView), child(window, TimelineView)
    assert ends(transport, window) <= timeline.mapTo(window, timeline.rect().topLeft()).y()
    right = window._docks["checklist"]
    assert right.geometry().right() < window.width(), "nothing is off the window"
    shown = [one for one in transport.children() if isinstance(one, QWidget) and one.isVisible()]
    places = sorted((one.geometry() for one in shown), key=lambda place: place.left())
    assert all(one.right() < other.left() for one, other in pairwise(places))


@pytest.mark.parametrize(("high", "rows"), [(800, 4), (720, 2)])
def test_a_comparison_has_rows_under_the_controls_and_the_question(
    qtbot: QtBot, window: Window, high: int, rows: int
) -> None:
    sized(qtbot, window, 1280, high)
    picture = window._stage.height()
    window.actions_["show_comparison"].trigger()
    view = child(window, ComparisonView)
    qtbot.waitUntil(lambda: view.figures.height() >= (1 + rows) * 22)
    (tabs,) = (bar for bar in window.findChildren(QTabBar) if bar.parent() is window and bar.y() > 0)
    assert child(window, BlindQuestion).isVisible()
    assert tabs.y() > ends(child(window, TransportView), window)
    assert ends(view, window) < ends(window._docks["waveform"], window) < window.statusBar().y()
    window.actions_["show_comparison"].trigger()
    qtbot.waitUntil(lambda: window._stage.height() == picture)


def test_a_question_with_long_names_stays_low_where_it_is_narrow(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("Prof. Bertram von Hohenlohe", "Dr. Anna Meier", "Chen")
    monkeypatch.setattr(Readers, "candidates", names)
    row = ReaderQuestion(window.session)
    qtbot.addWidget(row)
    heights = {}
    for width in (1200, 360):
        row.resize(width, 40)
        row.show()
        heights[width] = row.heightForWidth(width)
        words = row.words.fontMetrics().lineSpacing()
        assert row.words.heightForWidth(max(row.words.width(), 1)) <= 2 * words + 4
    assert heights[360] < 5 * heights[1200]


def test_every_row_is_seen_on_a_large_screen(qtbot: QtBot, window: Window) -> None:
    sized(qtbot, window, 1280, 800)
    sized(qtbot, window, 1920, 1050)
    checklist, timeline = child(window, ChecklistView), child(window, TimelineView)
    assert not checklist.verticalScrollBar().isVisible()
    assert not timeline._scroll.isVisible()


def test_a_view_is_no_higher_than_its_width_or_the_room_allows() -> None:
    window = QSize(1280, 800)
    assert least_height(window, 840, 700, 0.36) == 455
    assert least_height(window, 320, 700, 0.36) == 182
    assert least_height(window, 840, 200, 0.36) == 200
    assert least_height(window, 840, -50, 0.36) == 0


def test_what_a_large_window_has_left_over_is_the_explanations(qtbot: QtBot, window: Window) -> None:
    checklist, explanation = (window._docks[name] for name in ("checklist", "explanation"))
    listed = checklist.widget()
    assert isinstance(listed, ChecklistView)
    rows = height_of_rows(ROW_HEIGHT)
    sized(qtbot, window, 1920, 1050)
    assert listed.height() in (rows - 1, rows)
    assert explanation.height() > 300
    explanation.hide()
    qtbot.waitUntil(lambda: listed.height() > rows)
    explanation.show()
    qtbot.waitUntil(lambda: listed.height() <= rows)

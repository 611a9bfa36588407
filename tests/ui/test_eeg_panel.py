"""The EEG panel: a trace at its time and polarity, gaps, bad channels, filters, cursor, mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.edf_writing import WrittenAnnotation
from app.core.eeg.sync import Sync
from app.core.semiology import Span
from app.ui.session.session import Session
from app.ui.views.eeg_colours import COLOURS
from app.ui.views.eeg_page import EegPageView
from app.ui.views.eeg_panel import EegPanel
from app.ui.views.eeg_row_menu import row_menu
from tests.ui.shown_eeg import (
    RATE,
    displayed,
    flat,
    ink,
    inked,
    panel_on_screen,
    picture_of,
    read_whole_page,
    write_made_eeg,
)
from tests.ui.shown_session import player_of, shown_session

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
PULSE = (4.0, 4.25)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        yield session


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A minute of nothing but a positive pulse of 200 µV in C3 from 4 to 4.25 s."""
    values = flat(60)
    values[2, round(PULSE[0] * RATE) : round(PULSE[1] * RATE)] = 200.0
    notes = [WrittenAnnotation(7.0, 1.0, "Spasm")]
    return write_made_eeg(tmp_path / "pulse.edf", [(0.0, values)], notes=notes)


@pytest.fixture
def panel(qtbot: QtBot, session: Session, file: Path) -> Iterator[EegPanel]:
    with displayed(session, file):
        panel = panel_on_screen(qtbot, session)
        session.eeg.choose_montage("as_recorded")
        _unfiltered(session)
        session.eeg.position.go_to(0.0)
        read_whole_page(qtbot, session)
        yield panel


def _unfiltered(session: Session) -> None:
    session.eeg.set_filters(low_cut=None, high_cut=None, notch=None)


def _row(page: EegPageView, name: str) -> tuple[int, int]:
    """Top and bottom of what belongs to a row and its neighbours."""
    keys = page.display.keys
    middle = page.row_middle(next(n for n, key in enumerate(keys) if key.startswith(name)))
    return round(middle - 26), round(middle + 26)


def _middle(page: EegPageView, name: str) -> float:
    top, bottom = _row(page, name)
    return (top + bottom) / 2


def test_says_what_to_do_without_an_eeg(qtbot: QtBot, session: Session) -> None:
    panel = panel_on_screen(qtbot, session)
    assert not panel.page.isVisible()
    with qtbot.waitSignal(session.eeg.attach_wanted):
        panel.attach.click()


def test_a_pulse_is_at_its_time_and_negative_is_up(qtbot: QtBot, session: Session, panel: EegPanel) -> None:
    page = panel.page
    blue, canvas = COLOURS[session.appearance.theme.mode].left, page.canvas()
    inside, outside = round(canvas.x(4.1)), round(canvas.x(4.6))
    middle = _middle(page, "C3")
    image = picture_of(page)
    rows = range(*_row(page, "C3"))
    quiet = dict(zip(rows, ink(image, outside, blue, session.appearance.theme.panel, rows), strict=True))
    line = [y for y, much in quiet.items() if much > 0.2]
    assert line
    assert all(abs(y - middle) <= 2 for y in line)
    down = inked(image, inside, blue, round(middle) + 5, page.height())
    assert down, "positive is drawn downwards"
    session.eeg.change(negative_up=False)
    image = picture_of(page)
    assert inked(image, inside, blue, round(page.axis_height), round(middle) - 5)


def test_the_edge_of_a_pulse_is_where_it_is_on_the_axis(session: Session, panel: EegPanel) -> None:
    page = panel.page
    blue, canvas, middle = COLOURS[session.appearance.theme.mode].left, page.canvas(), _middle(page, "C3")
    image = picture_of(page)
    high = [
        x
        for x in range(round(canvas.x(3.5)), round(canvas.x(4.8)))
        if inked(image, x, blue, round(middle) + 4, round(middle) + 24)
    ]
    assert high[0] == pytest.approx(canvas.x(PULSE[0]), abs=2)
    assert high[-1] == pytest.approx(canvas.x(PULSE[1]), abs=2)


def test_sensitivity_is_in_millimetres_of_the_screen(session: Session, panel: EegPanel) -> None:
    page = panel.page
    session.eeg.change(dots_per_inch=100.0)
    session.eeg.set_sensitivity(40.0)
    canvas, middle = page.canvas(), _middle(page, "C3")
    blue = COLOURS[session.appearance.theme.mode].left
    image, top = picture_of(page), round(middle) + 8
    found = inked(image, round(canvas.x(4.1)), blue, top, top + 22)
    assert found
    assert all(y - middle == pytest.approx(200 / 40 * 100 / 25.4, abs=2) for y in found)


def test_a_gap_is_hatched_and_no_trace_crosses_it(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    path = write_made_eeg(tmp_path / "gap.edf", [(0.0, flat(3)), (5.0, flat(3))])
    with displayed(session, path):
        panel = panel_on_screen(qtbot, session)
        page = panel.page
        session.eeg.choose_montage("as_recorded")
        _unfiltered(session)
        read_whole_page(qtbot, session)
        canvas, image = page.canvas(), picture_of(page)
        blue, middle = COLOURS[session.appearance.theme.mode].left, round(_middle(page, "C3"))
        plain = session.appearance.theme.panel
        for seconds, there in ((1.1, 1), (4.1, 0), (6.1, 1)):
            found = ink(image, round(canvas.x(seconds)), blue, plain, range(middle - 3, middle + 4))
            assert sum(found) == pytest.approx(there, abs=0.4), seconds
        area = {image.pixelColor(round(canvas.x(4.0)) + n, middle + n % 9).name() for n in range(30)}
        assert len(area - {plain}) > 0, "the gap is hatched"


def test_a_bad_channel_is_left_out_of_the_average(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    values = flat(20)
    values[5] = 500.0 * np.sin(np.arange(values.shape[1]) * 2 * np.pi * 9 / RATE)  # Fp2
    path = write_made_eeg(tmp_path / "bad.edf", [(0.0, values)])

    def spread() -> float:
        read_whole_page(qtbot, session)
        _, tiles = session.eeg.pages.shown()
        number = session.eeg.keys.index("O1-Avg")
        values = [block.values[block.numbers.index(number)] for tile in tiles for block in tile.blocks]
        return max(float(np.nanmax(one) - np.nanmin(one)) for one in values)

    with displayed(session, path) as file:
        session.eeg.choose_montage("common_average")
        _unfiltered(session)
        assert spread() > 50
        session.eeg.show(replace(file, bad=frozenset({"EEG Fp2-REF"})))
        assert spread() < 1
        assert [row.has_bad for row in session.eeg.rows if row.name.startswith("Fp2")] == [True]


def test_the_filters_take_effect_and_are_told_in_words(
    qtbot: QtBot, session: Session, panel: EegPanel
) -> None:
    session.eeg.set_filters(low_cut=0.5, high_cut=70.0)
    read_whole_page(qtbot, session)
    words = panel.toolbar.words.text()
    assert "0.5–70 Hz" in words
    assert "causal" in words
    assert "filters begin 2.4 s before the page" in words
    session.eeg.change(zero_phase=True)
    assert "zero phase" in panel.toolbar.words.text()
    assert session.eeg.pages.plan is not None
    assert session.eeg.pages.plan.filters[ChannelKind.EEG].zero_phase


def test_the_cursor_is_where_the_frame_is(session: Session, panel: EegPanel, file: Path) -> None:
    assert session.eeg.file is not None
    session.eeg.show(replace(session.eeg.file, sync=Sync(2.0, 1e-4)))
    session.playback.seek(6.5)
    page = panel.page
    page.grab()
    at = session.eeg.file.sync.to_eeg(6.5)
    assert session.eeg.position.cursor == pytest.approx(at, abs=1e-9)
    cursor = session.appearance.theme.cursor
    image = picture_of(page)
    x = round(page.canvas().x(at))
    columns = [n for n in range(x - 4, x + 5) if len(inked(image, n, cursor, 60, page.height())) > 150]
    assert columns
    assert min(abs(n - x) for n in columns) <= 1


def test_a_click_shows_that_frame_and_a_drag_scrubs(qtbot: QtBot, session: Session, panel: EegPanel) -> None:
    page = panel.page
    canvas = page.canvas()
    qtbot.mousePress(page, LEFT, pos=QPoint(round(canvas.x(3.0)), 200))
    qtbot.mouseMove(page, QPoint(round(canvas.x(5.0)), 200))
    QApplication.processEvents()
    qtbot.mouseRelease(page, LEFT, pos=QPoint(round(canvas.x(5.0)), 200))
    seeks = player_of(session).said("seek")
    assert seeks[0] == (pytest.approx(3.0, abs=0.02), False)
    assert seeks[-1] == (pytest.approx(5.0, abs=0.02), True)


def test_a_drag_with_shift_measures_and_is_the_loop_of_all_panels(
    qtbot: QtBot, session: Session, panel: EegPanel
) -> None:
    page = panel.page
    canvas, y = page.canvas(), round(_middle(page, "C3"))
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(page, LEFT, shift, QPoint(round(canvas.x(3.5)), y))
    qtbot.mouseMove(page, QPoint(round(canvas.x(5.0)), y))
    QApplication.processEvents()
    qtbot.mouseRelease(page, LEFT, shift, QPoint(round(canvas.x(5.0)), y))
    assert not player_of(session).said("seek")
    found = session.eeg_selection.measurement()
    assert found is not None
    assert found.amplitude == pytest.approx(200, abs=1)
    assert found.duration == pytest.approx(1.5, abs=0.05)
    loop = session.loop.span
    assert loop is not None
    assert (loop.start, loop.end) == pytest.approx((3.5, 5.0), abs=0.02)
    session.loop.set(Span(10, 12))
    assert session.eeg_selection.span is None


def _turn(page: EegPageView, steps: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    place = QPointF(page.canvas().x(page.display.position.start + 3.0), 200)
    event = QWheelEvent(
        place,
        page.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(page, event)


def test_the_wheel_turns_pages_zooms_and_scales(session: Session, panel: EegPanel) -> None:
    position = session.eeg.position
    _turn(panel.page, -1)
    assert position.start == 10.0
    _turn(panel.page, 1)
    assert position.start == 0.0
    position.go_to(20.0)
    anchored = panel.page.canvas().x(23.0)
    _turn(panel.page, 1, Qt.KeyboardModifier.ControlModifier)
    assert position.seconds == 5.0
    assert panel.page.canvas().x(23.0) == pytest.approx(anchored, abs=2)
    _turn(panel.page, 1, Qt.KeyboardModifier.ShiftModifier)
    assert session.eeg.choices.sensitivity[ChannelKind.EEG] == 5.0


def test_keys_in_the_page_turn_it_and_choose_rows(session: Session, panel: EegPanel) -> None:
    page = panel.page
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_PageDown)
    assert session.eeg.position.start == 10.0
    QTest.keyClick(page, Qt.Key.Key_Down)
    QTest.keyClick(page, Qt.Key.Key_Down)
    assert session.eeg.row == session.eeg.keys[1]
    QTest.keyClick(page, Qt.Key.Key_Up)
    assert session.eeg.row == session.eeg.keys[0]


def test_how_filters_settle_is_said_once_a_page_was_read(qtbot: QtBot, session: Session, file: Path) -> None:
    with displayed(session, file):
        panel = panel_on_screen(qtbot, session)
        assert not session.eeg.pages.loaded
        assert "causal" in panel.toolbar.words.text()
        assert "filters begin" not in panel.toolbar.words.text(), "it would hold up the window for a second"
        read_whole_page(qtbot, session)
        assert "filters begin 2.4 s" in panel.toolbar.words.text()


def test_a_row_is_moved_by_its_name(session: Session, panel: EegPanel) -> None:
    page, keys = panel.page, session.eeg.keys

    def drag(row: int, to: int, *, stop: bool = False) -> None:
        start, end = (QPoint(20, round(page.row_middle(number))) for number in (row, to))
        QTest.mousePress(page, LEFT, NONE, start)
        QTest.mouseMove(page, end)
        if stop:
            QTest.keyClick(page, Qt.Key.Key_Escape)
        QTest.mouseRelease(page, LEFT, NONE, end)

    drag(2, 4, stop=True)
    assert session.eeg.keys == keys
    drag(2, 4)
    assert session.eeg.keys[:5] == (keys[0], keys[1], keys[3], keys[4], keys[2])
    drag(4, 0)
    assert session.eeg.keys[:3] == (keys[2], keys[0], keys[1])
    assert session.eeg.row == "", "a drag chooses nothing"


def test_the_page_follows_the_cursor_and_leaves_somebody_who_turned_away(
    session: Session, panel: EegPanel
) -> None:
    position = session.eeg.position
    for tenth in range(121):
        session.playback._move(tenth / 10)
    assert position.start == 10.0, "the next page begins where the last one ended"
    position.turn(2)
    session.playback._move(12.1)
    assert position.start == 30.0, "the person looks somewhere else"
    session.playback._move(45.0)
    assert position.contains(45.0), "a jump is followed"


def test_while_playing_the_page_scrolls_under_the_cursor(session: Session, panel: EegPanel) -> None:
    session.eeg.change(smooth=True)
    session.playback.play()
    for tenth in range(200, 260):
        session.playback._move(tenth / 10)
    position = session.eeg.position
    assert position.start == pytest.approx(25.9 - 5.0)


def test_scrolling_paints_what_a_new_picture_shows(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(0, 40, flat(60).shape).astype(np.float32)
    path = write_made_eeg(tmp_path / "noise.edf", [(0.0, values)])
    with displayed(session, path):
        panel = panel_on_screen(qtbot, session)
        page = panel.page
        _unfiltered(session)
        read_whole_page(qtbot, session)
        picture_of(page)
        for start in (0.4, 0.9, 3.3, 2.8, 12.1):
            session.eeg.position.go_to(start)
            read_whole_page(qtbot, session)
            scrolled = picture_of(page)
            page.refresh()
            assert picture_of(page) == scrolled, start


def test_rows_are_hidden_moved_and_marked_bad_by_their_menu(
    qtbot: QtBot, session: Session, panel: EegPanel
) -> None:
    display, key = session.eeg, session.eeg.keys[2]
    menu = row_menu(session, key, panel)
    actions = {action.text(): action for action in menu.actions()}
    actions["Move up"].trigger()
    assert display.keys[1] == key
    with qtbot.waitSignal(display.bad_wanted) as said:
        actions["EEG C3-REF is a bad channel"].trigger()
    assert said.args == ["EEG C3-REF", True]
    actions["Larger waves in this row"].trigger()
    assert display.sensitivities()[display.keys.index(key)] < 7.0
    next(action for text, action in actions.items() if text.startswith("Hide")).trigger()
    assert key not in display.keys
    display.show_all_rows()
    assert display.keys[2] == key

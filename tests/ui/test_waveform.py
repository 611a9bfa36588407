"""The waveform: what it says without sound, that it is aligned, and what the mouse does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.semiology import Span
from app.core.timeline.clock_text import TimeForm, clock, frame_number, parse_clock, span_text, written
from app.core.timeline.time_axis import TimeScale, followed, panned, ticks, zoomed
from app.ui.session.session import Session
from app.ui.theme import LIGHT, Mode
from app.ui.views.timeline import TimelineView
from app.ui.views.waveform import WaveformView
from tests.ui.shown_session import a_recording, a_waveform, a_waveform_of, player_of, show, shown_session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        yield session


@pytest.fixture
def view(session: Session, qtbot: QtBot) -> WaveformView:
    session.sound_detail.take_waveform(a_waveform())
    panel = WaveformView(session)
    qtbot.addWidget(panel)
    panel.resize(800, 90)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def picture(panel: WaveformView) -> QImage:
    return panel.grab().toImage()


def colours(image: QImage, x: int) -> set[str]:
    return {image.pixelColor(x, y).name() for y in range(image.height())}


def test_says_why_nothing_is_shown(session: Session, view: WaveformView, tmp_path: Path) -> None:
    assert view.empty_words() == ""
    session.sound_detail.take_waveform(None)
    assert view.empty_words() == "Waveform is being built…"
    show(session, a_recording(tmp_path, sound=False))
    assert view.empty_words() == "No sound in this recording"
    session.opened.take(None)
    session.opened.recording_changed.emit()
    assert view.empty_words().startswith("The sound of an open recording")
    assert not picture(view).isNull()


def test_loud_parts_are_higher_than_quiet_ones(session: Session, view: WaveformView) -> None:
    image, scale = picture(view), view.scale_of_time
    ink = QColor(session.appearance.theme.muted).name()
    heights = {
        seconds: sum(
            image.pixelColor(round(scale.x(seconds)), y).name() == ink for y in range(image.height())
        )
        for seconds in (12.0, 27.0)
    }
    assert heights[27.0] > 2 * heights[12.0] > 0


def test_the_quiet_recording_is_not_blown_up_to_noise(session: Session, view: WaveformView) -> None:
    session.sound_detail.take_waveform(a_waveform_of(np.full(6000, 0.001)))
    image = picture(view)
    ink = QColor(session.appearance.theme.muted).name()
    x = round(view.scale_of_time.x(30))
    assert sum(image.pixelColor(x, y).name() == ink for y in range(image.height())) < 10


def test_lies_exactly_under_the_timeline(session: Session, view: WaveformView, qtbot: QtBot) -> None:
    timeline = TimelineView(session)
    qtbot.addWidget(timeline)
    for width in (420, 560, 800, 1400):
        timeline.resize(width, 300)
        view.resize(width, 90)
        assert timeline.scale_of_time == view.scale_of_time


def test_a_drag_scrubs_and_the_release_is_exact(session: Session, view: WaveformView, qtbot: QtBot) -> None:
    scale = view.scale_of_time
    port = view
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(round(scale.x(10)), 40))
    qtbot.mouseMove(port, QPoint(round(scale.x(20)), 40))
    QApplication.processEvents()
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(round(scale.x(21)), 40))
    seeks = player_of(session).said("seek")
    assert seeks[0] == (pytest.approx(10, abs=0.1), False)
    assert all(not exact for _, exact in seeks[:-1])
    assert seeks[-1] == (pytest.approx(21, abs=0.1), True)


def test_scrubbing_pauses_and_goes_on(session: Session, view: WaveformView, qtbot: QtBot) -> None:
    session.playback.play()
    place = QPoint(round(view.scale_of_time.x(10)), 40)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=place)
    assert not session.playback.playing
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place)
    assert session.playback.playing


def test_a_drag_never_leaves_the_visible_span(session: Session, view: WaveformView, qtbot: QtBot) -> None:
    session.visible.set(Span(10, 20))
    place = QPoint(view.width() - 2, 40)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert session.playback.cursor == pytest.approx(20)
    assert session.visible.span == Span(10, 20)


def wheel(view: WaveformView, x: float, y: int, modifier: Qt.KeyboardModifier | None = None) -> None:
    place = QPointF(x, 40)
    event = QWheelEvent(
        place,
        QPointF(view.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, y),
        Qt.MouseButton.NoButton,
        modifier or Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_the_wheel_zooms_about_the_pointer_and_shift_pans(session: Session, view: WaveformView) -> None:
    x = view.scale_of_time.x(30)
    wheel(view, x, 360)
    assert session.visible.span.duration == pytest.approx(30)
    assert view.scale_of_time.x(30) == pytest.approx(x, abs=0.5)
    start = session.visible.span.start
    wheel(view, x, -120, Qt.KeyboardModifier.ShiftModifier)
    assert session.visible.span.start > start
    wheel(view, x, -36000)
    assert session.visible.span == Span(0, 60)


def test_the_cursor_is_drawn_where_the_clock_stands(session: Session, view: WaveformView) -> None:
    session.playback.seek(45.0)
    x = round(view.scale_of_time.x(45.0))
    assert session.appearance.theme.cursor in colours(picture(view), x)
    session.playback.seek(50.0)
    assert session.appearance.theme.cursor not in colours(picture(view), x)


def test_a_moving_cursor_does_not_paint_the_sound_again(
    session: Session, view: WaveformView, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(view)
    painted: list[object] = []
    monkeypatch.setattr(view._ground, "_paint_ground", lambda *arguments: painted.append(arguments))
    for seconds in (1.0, 2.0, 30.0):
        session.playback.seek(seconds)
        picture(view)
    assert painted == []
    session.visible.set(Span(0, 30))
    picture(view)
    assert len(painted) == 1


def test_the_page_turns_when_the_cursor_leaves_it(session: Session, view: WaveformView) -> None:
    session.visible.set(Span(0, 10))
    session.playback.seek(9.9)
    session.playback.seek(10.1)
    assert session.visible.span.start == pytest.approx(9.6)
    session.visible.set(Span(40, 50))
    session.playback.seek(10.2)
    assert session.visible.span == Span(40, 50)


def test_follows_the_theme(session: Session, view: WaveformView) -> None:
    session.appearance.set_mode(Mode.LIGHT)
    image = picture(view)
    assert image.pixelColor(4, 4).name() == LIGHT.panel


def test_is_crisp_at_any_scaling(view: WaveformView) -> None:
    image = picture(view)
    assert image.size() == view.size() * view.devicePixelRatioF()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00.000"),
        (41.2333, "00:41.233"),
        (59.9996, "01:00.000"),
        (3725.5, "1:02:05.500"),
        (-1, "00:00.000"),
    ],
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_written_forms() -> None:
    times = np.array([0.0, 0.04, 0.11])
    assert written(0.1, TimeForm.SECONDS, times) == "0.100 s"
    assert written(0.1, TimeForm.FRAME, times) == "frame 1"
    assert written(0.1, TimeForm.FRAME, None) == "–"
    assert frame_number(times, 0.11) == 2
    assert span_text(Span(12.4, 31)) == "00:12.4–00:31.0"
    assert span_text(Span(12.4, 12.4)) == "00:12.4"


@given(st.integers(0, 35_999_999))
def test_a_clock_is_read_back(milliseconds: int) -> None:
    assert parse_clock(clock(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, abs=1e-6)


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_none(text: str) -> None:
    seconds = parse_clock(text)
    assert seconds is None or seconds >= 0


spans = st.tuples(st.floats(0, 3600), st.floats(0.05, 3600)).map(lambda two: Span(two[0], two[0] + two[1]))


@given(spans, st.floats(50, 2000))
def test_ticks_are_apart_and_inside(span: Span, width: float) -> None:
    scale = TimeScale(span, 100, width)
    result = ticks(scale, 60)
    places = [scale.x(tick.seconds) for tick in result]
    assert all(99 <= x <= 101 + width for x in places)
    labelled = [scale.x(tick.seconds) for tick in result if tick.text]
    assert all(b - a > 59 for a, b in pairwise(labelled))
    assert len({tick.text for tick in result if tick.text}) == len(labelled)


@given(spans, st.floats(0, 1), st.floats(0.01, 100), st.floats(-1e4, 1e4))
def test_zoom_and_pan_stay_inside_the_recording(span: Span, at: float, factor: float, move: float) -> None:
    duration = 7200.0
    for result in (
        zoomed(span, span.start + at * span.duration, factor, duration),
        panned(span, move, duration),
    ):
        assert 0 <= result.start <= result.end <= duration + 1e-6


@given(spans, st.floats(0, 7200))
def test_a_turned_page_shows_the_cursor(span: Span, cursor: float) -> None:
    page = followed(span, span.start, cursor, 7200.0)
    if page is None:
        assert span.contains(cursor) or span.duration >= 7200
    else:
        assert page.start - 1e-6 <= cursor <= page.end + 1e-6

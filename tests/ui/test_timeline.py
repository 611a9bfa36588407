"""The timeline: where bars lie, that readers differ in more than colour, and what the mouse does."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.core.reading import ReaderKind
from app.core.semiology import FEATURE, FEATURES, Answer, Presence, Span
from app.core.timeline.time_axis import RULER_HEIGHT, TimeScale
from app.core.timeline.timeline_rows import (
    HIGHEST_ROW,
    LOWEST_ROW,
    bars,
    content_height,
    edges,
    rows_for,
    span_at,
)
from app.ui.session.session import Session
from app.ui.theme import Mode
from app.ui.views.timeline import TimelineView
from app.ui.views.timeline_paint import TimelineCanvas
from app.ui.views.tool_tip import plain_tool_tip
from tests.ui.found_widgets import row_top
from tests.ui.shown_session import a_reading, answer_all, player_of, read_by, shown_session, yes

TRAP = "<b>bold</b> <img src='file:///etc/passwd'>"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    signal = (
        yes("clonic", (30, 40), (50, 52), confidence=87, why=TRAP),
        Answer("close_eyes", Presence.NOT_ASSESSABLE),
        Answer("figure4", Presence.NO, 70),
    )
    with shown_session(tmp_path) as session:
        answer_all(session, yes("clonic", (10, 20)), yes("tonic"), Answer("figure4", Presence.NO))
        read_by(session, a_reading(ReaderKind.SIGNAL, "Signal reader", signal))
        session.selection.select("blank_stare")
        player_of(session).calls.clear()
        yield session


@pytest.fixture
def view(session: Session, qtbot: QtBot) -> TimelineView:
    panel = TimelineView(session)
    qtbot.addWidget(panel)
    panel.resize(900, 480)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def place(view: TimelineView, feature: str, seconds: float, lane: int = 0) -> QPoint:
    """The middle of a lane at a time."""
    height = view._rows[0].height
    return QPoint(
        round(view.scale_of_time.x(seconds)), round(row_top(view, feature) + height * (0.3 + 0.4 * lane))
    )


def colour_at(image: QImage, point: QPoint) -> str:
    return image.pixelColor(point).name()


def row_of(image: QImage, y: int, view: TimelineView) -> list[str]:
    scale = view.scale_of_time
    return [image.pixelColor(x, y).name() for x in range(round(scale.left) + 1, round(scale.right))]


def test_a_changed_answer_is_painted_as_if_all_were_painted_anew(
    session: Session, view: TimelineView
) -> None:
    """Only its row is; what stands there then is the same to the pixel."""
    painted: list[str] = []
    former = view._paint_rows

    def watch(painter: QPainter, size: QSize, part: QRectF, canvas: TimelineCanvas) -> None:
        painted.append("all" if part.height() > 100 else "a row")
        former(painter, size, part, canvas)

    view._paint_rows = watch  # type: ignore[method-assign]
    session.selection.select("clonic")
    session.labels.marks.set("onset", 14.0)
    view.grab()
    assert painted.pop() == "all", "there is a mark more"
    for spans in (((10, 21),), ((10, 21), (23, 24)), (), ((0, 60),)):
        answer_all(session, yes("clonic", *spans))
        image = view.grab().toImage()
        assert painted.pop() == "a row"
        view.refresh()
        assert view.grab().toImage() == image
        assert painted.pop() == "all"
    read_by(session, a_reading(ReaderKind.SIGNAL, "Signal reader", (yes("clonic", (1, 2)),)))
    image = view.grab().toImage()
    assert painted.pop() == "a row", "of what the reading says otherwise"
    view.refresh()
    assert view.grab().toImage() == image


def test_mine_is_solid_and_the_readers_hollow(session: Session, view: TimelineView) -> None:
    image = view.grab().toImage()
    mine, signal = session.appearance.theme.mine, session.appearance.theme.signal
    assert colour_at(image, place(view, "clonic", 15)) == mine
    inside = colour_at(image, place(view, "clonic", 35, 1))
    assert inside not in (signal, session.appearance.theme.panel)
    top, height = view._rows[0].lane(1, 2)
    outline = round(row_top(view, "clonic") + top)
    assert signal in row_of(image, outline, view)
    assert height >= 4


def test_no_evidence_is_drawn_for_no_and_unanswered(session: Session, view: TimelineView) -> None:
    image = view.grab().toImage()
    readers = {session.appearance.theme.mine, session.appearance.theme.signal}
    for feature in ("figure4", "head_turning"):
        for y in range(round(row_top(view, feature)) + 1, round(row_top(view, feature)) + 17):
            assert not readers & set(row_of(image, y, view))


def test_yes_without_a_span_and_not_assessable_differ_from_bars(session: Session, view: TimelineView) -> None:
    image = view.grab().toImage()

    def ink(feature: str, colour: str) -> list[float]:
        top = round(row_top(view, feature))
        rows = [row_of(image, y, view) for y in range(top, top + 20)]
        return [sum(pixel == colour for pixel in row) / len(row) for row in rows]

    hatched = [share for share in ink("tonic", session.appearance.theme.mine) if share > 0]
    assert len(hatched) >= 3
    assert max(hatched) < 0.5
    dotted = [share for share in ink("close_eyes", session.appearance.theme.signal) if share > 0]
    assert 1 <= len(dotted) <= 2
    assert max(dotted) < 0.5


def test_presence_stands_beside_the_name(session: Session, view: TimelineView) -> None:
    """Both readers say no to figure 4: nothing over time, but a glyph each in the gutter."""
    image = view.grab().toImage()
    top, left = round(row_top(view, "figure4")), round(view.scale_of_time.left)
    gutter = {image.pixelColor(x, y).name() for x in range(left - 40, left - 2) for y in range(top, top + 18)}
    assert session.appearance.theme.mine in gutter


def test_a_click_on_a_bar_selects_and_goes_there(session: Session, view: TimelineView, qtbot: QtBot) -> None:
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, "clonic", 35, 1))
    assert session.selection.feature == "clonic"
    assert player_of(session).said("seek") == [(30, True)]
    assert session.loop.span is None


def test_a_double_click_on_a_bar_loops_it(session: Session, view: TimelineView, qtbot: QtBot) -> None:
    point = place(view, "clonic", 15)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=point)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=point)
    assert session.loop.span == Span(10, 20)
    assert session.playback.playing


def test_a_drag_from_a_bar_scrubs(session: Session, view: TimelineView, qtbot: QtBot) -> None:
    start, end = place(view, "clonic", 15), place(view, "clonic", 25)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert 10.0 not in [seconds for seconds, _exact in player_of(session).said("seek")], "the bar's start"
    assert player_of(session).said("seek")[-1] == (pytest.approx(25, abs=0.1), True)


def test_a_click_on_empty_time_goes_there_and_selects_the_row(
    session: Session, view: TimelineView, qtbot: QtBot
) -> None:
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, "head_turning", 42))
    assert session.selection.feature == "head_turning"
    assert player_of(session).said("seek")[-1] == (pytest.approx(42, abs=0.1), True)


def test_a_click_on_a_name_only_selects(session: Session, view: TimelineView, qtbot: QtBot) -> None:
    point = QPoint(20, place(view, "eye_blinking", 0).y())
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=point)
    assert session.selection.feature == "eye_blinking"
    assert player_of(session).said("seek") == []


def test_the_ruler_scrubs_and_selects_nothing(session: Session, view: TimelineView, qtbot: QtBot) -> None:
    point = QPoint(round(view.scale_of_time.x(12)), RULER_HEIGHT // 2)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=point)
    assert session.selection.feature == "blank_stare"
    assert session.playback.cursor == pytest.approx(12, abs=0.1)


def test_what_hovering_tells(session: Session, view: TimelineView) -> None:
    words = view.words_at(QPointF(place(view, "clonic", 35, 1)))
    assert words.startswith("Clonic\nSignal reader: yes, 87 %\n00:30.0–00:40.0")
    assert TRAP in words
    name = view.words_at(QPointF(20, place(view, "clonic", 0).y()))
    assert FEATURE["clonic"].observable in name
    assert "no time span given" in view.words_at(QPointF(place(view, "tonic", 30)))
    assert view.words_at(QPointF(view.scale_of_time.x(30), 5)) == "00:30.0"


def test_a_tool_tip_shows_markup_as_it_stands() -> None:
    tip = plain_tool_tip(TRAP)
    assert "<img" not in tip
    assert "<b>" not in tip
    assert "&lt;b&gt;" in tip
    assert plain_tool_tip("") == ""


def test_a_small_dock_scrolls_to_the_selected_row(session: Session, view: TimelineView) -> None:
    view.resize(700, 200)
    assert view._scroll.isVisible()
    session.selection.select("ictal_vocalization")
    top = row_top(view, "ictal_vocalization")
    assert top >= RULER_HEIGHT
    assert top + view._rows[-1].height <= 200
    session.selection.select("occur_during_sleep")
    assert row_top(view, "occur_during_sleep") >= RULER_HEIGHT


def test_the_selected_row_is_marked(session: Session, view: TimelineView) -> None:
    session.selection.select("tonic")
    image = view.grab().toImage()
    assert colour_at(image, QPoint(1, place(view, "tonic", 0).y())) == session.appearance.theme.text
    assert colour_at(image, QPoint(1, place(view, "clonic", 0).y())) == session.appearance.theme.panel


def test_answers_that_arrive_are_shown(session: Session, view: TimelineView) -> None:
    point = place(view, "head_turning", 25)
    assert colour_at(view.grab().toImage(), point) == session.appearance.theme.panel
    answer_all(session, yes("head_turning", (20, 30)))
    assert colour_at(view.grab().toImage(), point) == session.appearance.theme.mine


def test_the_second_lane_is_that_of_the_reader_who_is_shown(session: Session, view: TimelineView) -> None:
    truth = a_reading(ReaderKind.PHANTOM, "truth", (yes("clonic", (1, 2)),))
    read_by(session, truth)
    session.answers.show_reader(truth.reader)
    lanes = [reading.reader.name for reading in view.readings]
    assert lanes == [session.readers.me, "truth", "Signal reader"]
    hit = view.hit(QPointF(view.scale_of_time.x(1.5), row_top(view, "clonic") + 11))
    assert hit is not None
    assert hit.span == Span(1, 2)
    session.answers.show_reader(session.answers.others[-1].reader)
    assert not view.grab().isNull()


def test_nothing_open_says_what_will_be_here(qtbot: QtBot) -> None:
    session = Session()
    panel = TimelineView(session)
    qtbot.addWidget(panel)
    panel.resize(600, 200)
    qtbot.mouseClick(panel, Qt.MouseButton.LeftButton, pos=QPoint(400, 100))
    assert not panel.grab().isNull()
    assert session.playback.cursor == 0.0
    assert not panel._scroll.isVisible()
    session.close()


def test_a_moving_cursor_paints_no_row_again(
    session: Session, view: TimelineView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.grab()
    painted: list[object] = []
    monkeypatch.setattr(view._ground, "_paint_ground", lambda *arguments: painted.append(arguments))
    for seconds in (1.0, 1.03, 40.0):
        session.playback.seek(seconds)
        view.grab()
    assert painted == []


def test_the_theme_changes_at_once(session: Session, view: TimelineView) -> None:
    session.appearance.set_mode(Mode.LIGHT)
    image = view.grab().toImage()
    assert colour_at(image, place(view, "clonic", 15)) == session.appearance.theme.mine
    assert colour_at(image, QPoint(2, 2)) == QColor(session.appearance.theme.panel).name()


@given(st.floats(0, 4000))
def test_rows_are_in_order_and_between_bounds(available: float) -> None:
    rows = rows_for(available)
    assert [row.feature for row in rows] == [feature.id for feature in FEATURES]
    assert all(LOWEST_ROW <= row.height <= HIGHEST_ROW for row in rows)
    assert all(b.top >= a.top + a.height for a, b in itertools.pairwise(rows))
    assert sum(row.opens_group for row in rows) == 2
    assert content_height(rows) <= max(available, 20 * LOWEST_ROW + 20)


spans = st.tuples(st.floats(0, 100), st.floats(0, 30)).map(lambda two: Span(two[0], two[0] + two[1]))


@given(st.lists(spans, max_size=60), st.floats(0, 90), st.floats(0.5, 100))
def test_bars_cover_what_is_seen_and_nothing_else(evidence: list[Span], start: float, length: float) -> None:
    scale = TimeScale(Span(start, start + length), 150, 600)
    shown = bars(edges(Answer("clonic", Presence.YES, None, tuple(evidence))), scale)
    left, right = shown
    assert np.all(left >= 150 - 1e-6)
    assert np.all(right <= 750 + 1e-6)
    assert np.all(left[1:] > right[:-1])
    assert shown.shape[1] <= 600
    for span in evidence:
        for seconds in (span.start, span.end):
            if scale.span.contains(seconds):
                x = scale.x(seconds)
                assert np.any((left - 3.001 <= x) & (x <= right + 0.001))
    for a, b in shown.T:
        assert any(scale.x(s.start) <= b + 3.001 and scale.x(s.end) >= a - 3.001 for s in evidence)


@given(st.lists(spans, min_size=1, max_size=30), st.integers(0, 29), st.floats(0, 1))
def test_every_bar_can_be_hit(evidence: list[Span], which: int, share: float) -> None:
    scale = TimeScale(Span(0, 130), 150, 600)
    span = evidence[which % len(evidence)]
    answer = Answer("clonic", Presence.YES, None, tuple(evidence))
    hit = span_at(edges(answer), scale, scale.x(span.start + share * span.duration))
    assert hit is not None
    assert hit.duration <= span.duration + 1e-9


def test_ten_thousand_spans_are_at_most_as_many_bars_as_pixels() -> None:
    generator = np.random.default_rng(3)
    starts = np.sort(generator.uniform(0, 3600, 10_000))
    shown = bars(np.array([starts, starts + 0.01]), TimeScale(Span(0, 3600), 150, 600))
    assert shown.shape[1] <= 600 / 4 + 1


def test_the_readers_name_is_shown_plainly(session: Session, view: TimelineView) -> None:
    named = a_reading(ReaderKind.MODEL, "evil\u202ename" + "x" * 200, (yes("clonic", (30, 40)),))
    read_by(session, named)
    session.answers.show_reader(named.reader)
    words = view.words_at(QPointF(place(view, "clonic", 35, 1)))
    assert "\u202e" not in words
    assert not re.search("x{60}", words)

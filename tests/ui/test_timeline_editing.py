"""Drawing and dragging evidence in the timeline with the mouse, and that scrubbing stays what it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot
from stand_in_session import StandInSession, a_reading, yes

from app.core.reading import ReaderKind
from app.core.semiology import Span
from app.core.study.marks import Mark, MarkKind
from app.ui.session.my_reading import NOTHING
from app.ui.session.state import Changed
from app.ui.views.time_axis import RULER_HEIGHT
from app.ui.views.timeline import TimelineView


@pytest.fixture
def session() -> StandInSession:
    stand_in = StandInSession()
    stand_in.mine = a_reading(ReaderKind.PERSON, "me", (yes("clonic", (10, 20)),))
    stand_in.others = (a_reading(ReaderKind.PERSON, "other", (yes("clonic", (30, 40)),)),)
    return stand_in


@pytest.fixture
def view(session: StandInSession, qtbot: QtBot) -> TimelineView:
    panel = TimelineView(session)  # type: ignore[arg-type]
    qtbot.addWidget(panel)
    panel.resize(900, 480)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def place(view: TimelineView, feature: str, seconds: float) -> QPoint:
    top, height = view.own_lane(feature)
    return QPoint(round(view.scale_of_time.x(seconds)), round(top + height / 2))


def drag(
    qtbot: QtBot, view: TimelineView, start: QPoint, end: QPoint, *, ctrl: bool = False, drop: bool = True
) -> None:
    keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, keys, start)
    qtbot.mouseMove(view, (start + end) / 2)
    qtbot.mouseMove(view, end)
    if drop:
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, keys, end)


def test_ctrl_and_drag_draws_a_span_and_leaves_the_cursor(
    session: StandInSession, view: TimelineView, qtbot: QtBot
) -> None:
    drag(qtbot, view, place(view, "tonic", 5), place(view, "tonic", 8), ctrl=True)
    ((feature, span),) = session.said("add_span")
    assert feature == session.feature == "tonic"
    assert span.start == pytest.approx(5, abs=0.1)
    assert span.end == pytest.approx(8, abs=0.1)
    assert session.said("seek") == []
    assert not view._editing.preview.shown


def test_in_draw_mode_a_drag_draws_without_a_key(
    session: StandInSession, view: TimelineView, qtbot: QtBot
) -> None:
    session.labels.drawing = True
    drag(qtbot, view, place(view, "tonic", 8), place(view, "tonic", 5))
    ((_feature, span),) = session.said("add_span")
    assert span.start < span.end


def test_without_it_a_drag_scrubs_as_before(
    session: StandInSession, view: TimelineView, qtbot: QtBot
) -> None:
    drag(qtbot, view, place(view, "tonic", 5), place(view, "tonic", 8))
    assert session.said("add_span") == []
    assert session.said("seek")


@pytest.mark.parametrize(
    "dragged",
    [(10, 12, Span(12, 20)), (20, 25, Span(10, 25)), (15, 18, Span(13, 23)), (10, 25, Span(20, 25))],
)
def test_ends_and_the_whole_of_an_own_span_are_dragged(
    session: StandInSession, view: TimelineView, qtbot: QtBot, dragged: tuple[float, float, Span]
) -> None:
    start, end, expected = dragged
    drag(qtbot, view, place(view, "clonic", start), place(view, "clonic", end))
    ((feature, former, span),) = session.said("move_span")
    assert (feature, former) == ("clonic", Span(10, 20))
    assert span.start == pytest.approx(expected.start, abs=0.15)
    assert span.end == pytest.approx(expected.end, abs=0.15)


def test_a_click_chooses_the_span_and_goes_there(
    session: StandInSession, view: TimelineView, qtbot: QtBot
) -> None:
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, "clonic", 15))
    assert session.said("select_span") == [(Span(10, 20),)]
    assert session.said("show_span") == [(Span(10, 20), False)]


def test_a_preview_is_shown_without_painting_the_rows_again(
    session: StandInSession, view: TimelineView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.grab()
    painted: list[object] = []
    monkeypatch.setattr(view._ground, "_paint_ground", lambda *arguments: painted.append(arguments))
    drag(qtbot, view, place(view, "clonic", 20), place(view, "clonic", 25), drop=False)
    assert view._editing.preview.shown
    view.grab()
    assert painted == []
    view._editing.cancel()
    assert session.said("move_span") == []


def test_another_person_has_another_colour_than_mine(session: StandInSession, view: TimelineView) -> None:
    image = view.grab().toImage()
    top, height = view._rows[0].lane(1, 2)
    y = round(view.row_top("clonic") + top)
    row = {image.pixelColor(x, y).name() for x in range(round(view.scale_of_time.x(31)), 700)}
    assert session.theme.reference in row
    assert session.theme.mine not in row
    assert height > 0


def test_nothing_can_be_drawn_where_nothing_can_be_kept(
    session: StandInSession, view: TimelineView, qtbot: QtBot
) -> None:
    session.read_only = True
    drag(qtbot, view, place(view, "tonic", 5), place(view, "tonic", 8), ctrl=True)
    assert session.said("add_span") == []


def test_a_mark_is_dragged_by_its_flag_and_chosen_with_a_click(
    session: StandInSession, view: TimelineView, qtbot: QtBot
) -> None:
    phase = Mark(MarkKind.PHASE, 12.0, "tonic")
    session.tell(Changed.ANSWERS, own=replace(NOTHING, marks=(Mark(MarkKind.ONSET, 5.0), phase)))
    flag = QPoint(round(view.scale_of_time.x(12.0)) + 6, RULER_HEIGHT + 5)
    assert view.words_at(flag.toPointF()).startswith("tonic 00:12")
    drag(qtbot, view, flag, QPoint(round(view.scale_of_time.x(20.0)) + 6, RULER_HEIGHT + 5))
    ((mark, seconds),) = session.said("mark move")
    assert mark == phase
    assert seconds == pytest.approx(20.0, abs=0.2)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=flag)
    assert session.said("mark choose") == [(phase,)]
    assert session.said("seek")[-1][0] == 12.0
    assert session.said("add_span") == session.said("move_span") == []

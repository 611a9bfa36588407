"""Drawing and dragging evidence in the timeline with the mouse, and that scrubbing stays what it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.core.reading import ReaderKind
from app.core.semiology import Span
from app.core.study.marks import Mark, MarkKind
from app.core.timeline.time_axis import RULER_HEIGHT
from app.ui.session.session import Session
from app.ui.views.timeline import TimelineView
from tests.ui.found_widgets import row_top
from tests.ui.shown_session import a_reading, answer_all, player_of, read_by, shown_session, yes


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        session.readers.read_blind(False)
        answer_all(session, yes("clonic", (10, 20)))
        read_by(session, a_reading(ReaderKind.PERSON, "other", (yes("clonic", (30, 40)),)))
        session.selection.select("clonic")
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


def place(view: TimelineView, feature: str, seconds: float) -> QPoint:
    top, height = view.my_lane(feature)
    return QPoint(round(view.scale_of_time.x(seconds)), round(top + height / 2))


def spans_of(session: Session, feature: str) -> tuple[Span, ...]:
    """The person's evidence for a feature."""
    return session.answers.mine.answer(feature).evidence


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
    session: Session, view: TimelineView, qtbot: QtBot
) -> None:
    drag(qtbot, view, place(view, "tonic", 5), place(view, "tonic", 8), ctrl=True)
    (span,) = spans_of(session, "tonic")
    assert session.selection.feature == "tonic"
    assert span.start == pytest.approx(5, abs=0.1)
    assert span.end == pytest.approx(8, abs=0.1)
    assert player_of(session).said("seek") == []
    assert not view._editing.drawn.shown


def test_in_draw_mode_a_drag_draws_without_a_key(session: Session, view: TimelineView, qtbot: QtBot) -> None:
    session.labels.set_drawing(True)
    drag(qtbot, view, place(view, "tonic", 8), place(view, "tonic", 5))
    (span,) = spans_of(session, "tonic")
    assert span.start < span.end


def test_without_it_a_drag_scrubs_as_before(session: Session, view: TimelineView, qtbot: QtBot) -> None:
    drag(qtbot, view, place(view, "tonic", 5), place(view, "tonic", 8))
    assert spans_of(session, "tonic") == ()
    assert player_of(session).said("seek")


@pytest.mark.parametrize(
    "dragged",
    [(10, 12, Span(12, 20)), (20, 25, Span(10, 25)), (15, 18, Span(13, 23)), (10, 25, Span(20, 25))],
)
def test_ends_and_the_whole_of_an_own_span_are_dragged(
    session: Session, view: TimelineView, qtbot: QtBot, dragged: tuple[float, float, Span]
) -> None:
    start, end, expected = dragged
    drag(qtbot, view, place(view, "clonic", start), place(view, "clonic", end))
    (span,) = spans_of(session, "clonic")
    assert span.start == pytest.approx(expected.start, abs=0.15)
    assert span.end == pytest.approx(expected.end, abs=0.15)


def test_a_click_chooses_the_span_and_goes_there(session: Session, view: TimelineView, qtbot: QtBot) -> None:
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, "clonic", 15))
    assert session.labels.chosen == Span(10, 20)
    assert player_of(session).said("seek") == [(10, True)]
    assert session.loop.span is None


def test_a_preview_is_shown_without_painting_the_rows_again(
    session: Session, view: TimelineView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.grab()
    painted: list[object] = []
    monkeypatch.setattr(view._ground, "_paint_ground", lambda *arguments: painted.append(arguments))
    drag(qtbot, view, place(view, "clonic", 20), place(view, "clonic", 25), drop=False)
    assert view._editing.drawn.shown
    view.grab()
    assert painted == []
    view._editing.cancel()
    assert spans_of(session, "clonic") == (Span(10, 20),)


def test_another_person_has_another_colour_than_mine(session: Session, view: TimelineView) -> None:
    image = view.grab().toImage()
    top, height = view._rows[0].lane(1, 2)
    y = round(row_top(view, "clonic") + top)
    row = {image.pixelColor(x, y).name() for x in range(round(view.scale_of_time.x(31)), 700)}
    assert session.appearance.theme.reference in row
    assert session.appearance.theme.mine not in row
    assert height > 0


def test_nothing_can_be_drawn_where_nothing_can_be_kept(
    session: Session, view: TimelineView, qtbot: QtBot
) -> None:
    session.study.of_recording.clear("A copy of the study is being restored.")
    session.study.show_again()
    drag(qtbot, view, place(view, "tonic", 5), place(view, "tonic", 8), ctrl=True)
    assert spans_of(session, "tonic") == ()
    assert session.status.message == "", "it was not even tried"


def test_a_mark_is_dragged_by_its_flag_and_chosen_with_a_click(
    session: Session, view: TimelineView, qtbot: QtBot
) -> None:
    phase = Mark(MarkKind.PHASE, 12.0, "tonic")
    session.labels.marks.set("onset", 5.0)
    session.labels.marks.add_phase(12.0, "tonic")
    flag = QPoint(round(view.scale_of_time.x(12.0)) + 6, RULER_HEIGHT + 5)
    assert view.words_at(flag.toPointF()).startswith("tonic 00:12")
    drag(qtbot, view, flag, QPoint(round(view.scale_of_time.x(20.0)) + 6, RULER_HEIGHT + 5))
    onset, moved = session.labels.marks.all
    assert (moved.kind, moved.label) == (phase.kind, phase.label)
    assert moved.seconds == pytest.approx(20.0, abs=0.2)
    assert onset == Mark(MarkKind.ONSET, 5.0)
    session.labels.marks.choose(None)
    there = QPoint(round(view.scale_of_time.x(moved.seconds)) + 6, RULER_HEIGHT + 5)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=there)
    assert session.labels.marks.chosen == moved
    assert player_of(session).said("seek")[-1][0] == moved.seconds
    assert spans_of(session, "clonic") == (Span(10, 20),)

"""Loops, held spans, marks and the next event on the real session: what is too near, and what too short."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.semiology import Presence, Span
from app.ui.commands.moving_commands import go_to_event
from app.ui.session.session import Session
from tests.ui.session_cases import QuickReader, opened, player_of, quick, recording_path

__all__ = ["quick", "recording_path"]

FRAME = 0.04
"""Seconds; the recording has 25 frames a second and lasts two."""


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        session.selection.select("tonic")
        yield session


@pytest.mark.parametrize(("length", "kept"), [(0.0, False), (0.03, False), (0.06, True), (0.5, True)])
def test_a_loop_has_at_least_a_twentieth_of_a_second(session: Session, length: float, kept: bool) -> None:
    session.playback.seek(1.0)
    session.loop.begin_here()
    session.playback.seek(1.0 + length)
    session.loop.end_here()
    assert session.loop.span == (Span(1.0, 1.0 + length) if kept else None)
    assert (session.loop.begun is None) is kept
    assert ("would be empty" in session.status.line) is not kept
    assert player_of(session).said("set_loop") == ([(Span(1.0, 1.0 + length),)] if kept else [])


@pytest.mark.parametrize(("begin", "kept"), [(1.47, False), (1.44, True)])
def test_a_loop_whose_beginning_moves_to_its_end_begins_anew(
    session: Session, begin: float, kept: bool
) -> None:
    session.loop.set(Span(1.0, 1.5))
    session.playback.seek(begin)
    session.loop.begin_here()
    assert session.loop.span == (Span(begin, 1.5) if kept else None)
    assert session.loop.begun == (None if kept else begin)


def test_a_loop_may_be_ended_before_it_began(session: Session) -> None:
    session.playback.seek(1.5)
    session.loop.begin_here()
    session.playback.seek(0.5)
    session.loop.end_here()
    assert session.loop.span == Span(0.5, 1.5)


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_a_held_span_goes_back_by_the_reaction_time_at_the_playing_speed(
    session: Session, speed: float
) -> None:
    session.playback.set_speed(speed)
    session.labels.set_reaction(0.2)
    session.playback.seek(1.0)
    session.labels.hold()
    session.labels.let_go(at=1.6)
    (span,) = session.answers.mine.answer("tonic").evidence
    late = 0.2 * speed
    assert (span.start, span.end) == pytest.approx((1.0 - late, 1.6 - late), abs=FRAME / 2 + 1e-6)


def test_a_key_that_is_only_touched_makes_no_span(session: Session) -> None:
    session.playback.seek(1.0)
    for end in (1.1, 1.14):
        session.labels.hold()
        session.labels.let_go(at=end)
        assert session.answers.mine.answer("tonic").evidence == ()
    session.labels.hold()
    session.labels.let_go(at=1.16)
    assert len(session.answers.mine.answer("tonic").evidence) == 1


def test_the_next_event_is_none_that_the_cursor_is_on(session: Session) -> None:
    """Within a fiftieth of a second it is the same place; a frame further it is another one."""
    session.labels.add_span("tonic", Span(0.52, 0.6))
    session.labels.add_span("tonic", Span(1.0, 1.2))
    for cursor, direction, found in (
        (0.4, 1, 0.52),
        (0.52, 1, 1.0),
        (0.505, 1, 1.0),
        (0.48, 1, 0.52),
        (1.0, -1, 0.52),
        (1.015, -1, 0.52),
        (1.04, -1, 1.0),
    ):
        session.playback.seek(cursor)
        go_to_event(session, direction, any_feature=False)
        assert session.playback.cursor == pytest.approx(found, abs=1e-6), (cursor, direction)
    session.playback.seek(1.0)
    go_to_event(session, 1, any_feature=False)
    assert session.playback.cursor == 1.0
    assert session.status.line == "no evidence after the cursor"


def test_the_next_mark_is_none_that_the_cursor_is_on(session: Session) -> None:
    for seconds in (0.52, 1.0):
        session.labels.marks.add_phase(seconds, "tonic")
    for cursor, direction, found in ((0.505, 1, 1.0), (0.48, 1, 0.52), (1.015, -1, 0.52), (1.04, -1, 1.0)):
        session.playback.seek(cursor)
        session.labels.marks.step(direction)
        assert session.playback.cursor == pytest.approx(found, abs=1e-6), (cursor, direction)


def test_any_features_events_are_met_in_order_and_selected(session: Session) -> None:
    session.labels.add_span("close_eyes", Span(0.4, 0.48))
    assert session.answers.mine.answer("close_eyes").presence is Presence.YES
    session.playback.seek(0.3)
    go_to_event(session, 1, any_feature=True)
    assert session.selection.feature == "close_eyes"
    assert session.playback.cursor == pytest.approx(0.4)
    go_to_event(session, 1, any_feature=True)
    assert session.selection.feature == "clonic"  # the reader's, whose answers may be seen
    assert session.playback.cursor == pytest.approx(1.0)

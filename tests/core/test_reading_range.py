"""The part of a recording that a model reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.readers.models.reading_range import (
    EventTimes,
    RangeKind,
    ReadingRange,
    event_from_text,
    event_times,
    event_to_text,
    parse_range,
)
from app.core.readers.models.segments import segments, windows
from app.core.semiology import Span
from app.core.study.marks import Mark, MarkKind


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("whole", ReadingRange()),
        ("event", ReadingRange(RangeKind.EVENT)),
        ("event:15", ReadingRange(RangeKind.EVENT, 15.0)),
        ("60-120", ReadingRange(RangeKind.SPAN, span=Span(60, 120))),
        (" 1:00 – 1:02:00.5", ReadingRange(RangeKind.SPAN, span=Span(60, 3720.5))),
    ],
)
def test_a_part_is_written_and_read(text: str, part: ReadingRange) -> None:
    assert parse_range(text) == part
    assert parse_range(part.text) == part


@pytest.mark.parametrize("text", ["", "all", "event:", "event:9999", "120-60", "5-5", "-5", "1e9-2e9", "60-"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="whole, event"):
        parse_range(text)


@given(st.text(max_size=30))
def test_any_text_is_a_part_or_refused_in_a_sentence(text: str) -> None:
    try:
        part = parse_range(text)
    except UserError:
        return
    assert parse_range(part.text) == part


def test_the_event_has_a_margin_and_stays_in_the_recording() -> None:
    event = ReadingRange(RangeKind.EVENT, 10.0)
    assert event.of(200.0, EventTimes(50.0, 90.0)) == Span(40, 100)
    assert event.of(95.0, EventTimes(5.0, 90.0)) is None, "all of it"
    assert event.of(200.0, EventTimes(50.0)) == Span(40, 200), "an event without an end goes on"
    with pytest.raises(UserError, match="onset is not marked"):
        event.of(200.0, EventTimes(None, 90.0))
    with pytest.raises(UserError, match="nothing to read"):
        ReadingRange(RangeKind.SPAN, span=Span(300, 310)).of(200.0, EventTimes())
    assert ReadingRange().of(200.0, EventTimes(50.0)) is None


def test_of_the_marks_only_onset_and_end_are_taken() -> None:
    marks = (
        Mark(MarkKind.PHASE, 55.0, "clonic left arm"),
        Mark(MarkKind.ONSET, 50.0, "canary"),
        Mark(MarkKind.END, 90.0),
    )
    told = event_times(marks)
    assert told == EventTimes(50.0, 90.0)
    assert "canary" not in event_to_text(told)
    assert event_from_text(event_to_text(told)) == told
    assert event_times((Mark(MarkKind.ONSET, 50.0), Mark(MarkKind.END, 40.0))) == EventTimes(50.0)
    assert not event_times(()).marked


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[[1], 2", "nonsense", '["a", {}]'])
def test_damaged_times_are_none(text: str) -> None:
    assert event_from_text(text) == EventTimes()


@given(st.floats(0, 5000), st.floats(0.5, 5000))
def test_the_segments_of_a_part_cover_it_and_nothing_else(start: float, length: float) -> None:
    part = Span(start, start + length)
    for pieces in (segments(20_000, within=part), windows(20_000, 4.0, within=part)):
        assert pieces[0].span.start == part.start
        assert pieces[-1].span.end == part.end
        assert all(piece.span.duration > 0 for piece in pieces)
        starts = [piece.span.start for piece in pieces]
        assert starts == sorted(starts)


def test_empty_time_inside_a_part_is_left_out() -> None:
    pieces = segments(1000.0, stretches=(Span(0, 110), Span(190, 1000)), within=Span(100, 200))
    assert [piece.span for piece in pieces] == [Span(100, 130), Span(175, 200)]

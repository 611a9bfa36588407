"""Courses, clocks and schedules: pure arithmetic of playing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.playback.clock import Course, PlaybackClock
from app.core.playback.schedule import MOST_PER_SECOND, Due, Schedule
from app.core.semiology import Span

speeds = st.sampled_from([0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0])


class Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.heard: float | None = 0.0


def test_wall_clock_runs_at_the_speed() -> None:
    time = Time()
    clock = PlaybackClock(lambda: time.now)
    clock.start(Course(5.0, 0.5, 60.0))
    assert clock.run() == 5.0
    time.now += 4
    assert clock.run() == pytest.approx(7.0)
    clock.stop()
    assert not clock.running
    with pytest.raises(RuntimeError):
        clock.run()


def test_sound_is_the_clock_and_the_wall_goes_on_without_a_jump() -> None:
    time = Time()
    clock = PlaybackClock(lambda: time.now)
    clock.start(Course(0.0, 2.0, 60.0), lambda: time.heard)
    time.now += 3
    assert clock.run() == 0.0
    time.heard = 1.5
    assert clock.run() == pytest.approx(3.0)
    time.heard = 1.4
    assert clock.run() == pytest.approx(3.0)
    time.now += 10
    time.heard = None
    assert clock.run() == pytest.approx(3.0)
    time.now += 1
    assert clock.run() == pytest.approx(5.0)
    time.heard = 99.0
    assert clock.run() == pytest.approx(5.0)


@given(st.lists(st.one_of(st.none(), st.floats(0, 50)), max_size=30), speeds)
def test_the_clock_never_goes_back(reports: list[float | None], speed: float) -> None:
    time = Time()
    clock = PlaybackClock(lambda: time.now)
    clock.start(Course(1.0, speed, 60.0), lambda: time.heard)
    last = clock.run()
    for report in reports:
        time.heard = report
        time.now += 0.01
        now = clock.run()
        assert now >= last
        last = now


def test_position_stays_in_the_loop_once_it_is_there() -> None:
    course = Course(1.0, 1.0, 60.0, Span(2.0, 5.0))
    assert [course.position(run) for run in (1.0, 4.5, 5.0, 7.9, 8.0)] == pytest.approx([1, 4.5, 2, 4.9, 2])
    assert not course.ended(1000.0)
    behind = Course(6.0, 1.0, 60.0, Span(2.0, 5.0))
    assert behind.position(7.0) == 7.0
    assert behind.ended(60.0)
    assert Course(0.0, 1.0, 60.0, Span(2.0, 2.0)).around is None


@given(st.floats(0, 20), st.floats(0.06, 5), st.floats(0, 30), st.floats(0, 100))
def test_position_is_always_before_the_loops_end(start: float, length: float, at: float, more: float) -> None:
    loop = Span(start, start + length)
    course = Course(at, 1.0, 1000.0, loop)
    position = course.position(at + more)
    if at < loop.end:
        assert position <= loop.end + 1e-9
        assert position >= min(at, loop.start) - 1e-9
    else:
        assert position == pytest.approx(at + more)


def dues(schedule: Schedule, now: float = 0.0, most: int = 1000) -> list[Due]:
    found: list[Due] = []
    due = schedule.first()
    while due is not None and len(found) < most:
        found.append(due)
        due = schedule.after(due, now)
    return found


TIMES = np.arange(300) / 30


def test_every_frame_is_due_at_its_time_up_to_double_speed() -> None:
    for speed in (0.25, 1.0, 2.0):
        found = dues(Schedule(TIMES, Course(1.0, speed, 10.0)))
        assert [due.number for due in found] == list(range(30, 300))
        assert [due.run for due in found] == pytest.approx(TIMES[30:].tolist())


def test_frames_too_close_to_be_seen_are_left_out() -> None:
    found = dues(Schedule(TIMES, Course(0.0, 4.0, 10.0)))
    steps = np.diff([due.run for due in found]) / 4
    assert steps.min() > 0.5 / MOST_PER_SECOND
    assert steps.max() < 2.5 / MOST_PER_SECOND
    assert found[-1].number >= 297


def test_frames_that_were_over_are_left_out() -> None:
    schedule = Schedule(TIMES, Course(0.0, 1.0, 10.0))
    first = schedule.first()
    assert first is not None
    late = schedule.after(first, 5.01)
    assert late is not None
    assert late.number == 150
    due = schedule.after(late, 0.0)
    assert due is not None
    assert (due.number, due.lap) == (151, 0)
    assert due.run == pytest.approx(TIMES[151])


def test_the_last_frame_always_comes() -> None:
    found = Schedule(TIMES, Course(9.9, 1.0, 10.0)).after(Due(298, 0, float(TIMES[298])), 50.0)
    assert found is not None
    assert found.number == 299


def test_a_loop_is_due_again_and_again() -> None:
    loop = Span(1.0, 1.5)
    found = dues(Schedule(TIMES, Course(0.9, 1.0, 10.0, loop)), most=40)
    assert [due.number for due in found] == [*range(27, 45), *range(30, 45), *range(30, 37)]
    assert np.diff([due.run for due in found]) == pytest.approx(np.full(39, 1 / 30))
    course = Course(0.9, 1.0, 10.0, loop)
    for due in found:
        assert course.position(due.run + 1e-9) == pytest.approx(TIMES[due.number], abs=1e-6)


@given(
    st.lists(st.floats(0.001, 0.7), min_size=1, max_size=60),
    speeds,
    st.floats(0, 12),
    st.one_of(st.none(), st.tuples(st.floats(0, 10), st.floats(0.05, 3))),
    st.floats(0, 40),
)
def test_what_is_due_only_moves_forward(
    steps: list[float], speed: float, start: float, span: tuple[float, float] | None, now: float
) -> None:
    times = np.cumsum([0.0, *steps])
    loop = Span(span[0], span[0] + span[1]) if span is not None else None
    schedule = Schedule(times, Course(start, speed, float(times[-1]) + 0.04, loop))
    found = dues(schedule, now, most=80)
    assert found
    assert (np.diff([due.run for due in found]) >= 0).all()
    assert all(0 <= due.number < len(times) for due in found)

"""When an EEG begins, and where its segments are, by the stamps of its records."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from app.core.eeg.timeline import UNSTAMPED, stamped_timeline
from tests.core.eeg_files import Channel, Note, Plan, with_noise
from tests.core.eeg_reading import F, Read, S, codes, onsets, read, spans

__all__ = ["read"]


@pytest.mark.parametrize(
    ("date", "time", "recording", "expected"),
    [
        ("02.03.02", "08.15.04", "Startdate 02-MAR-2002 X X X", "2002-03-02T08:15:04"),
        ("31.12.85", "23.59.59", "X", "1985-12-31T23:59:59"),
        ("31.12.84", "00.00.00", "X", "2084-12-31T00:00:00"),
        ("31.12.yy", "00.00.00", "Startdate 31-DEC-2090 X X X", "2090-12-31T00:00:00"),
        ("06.11.76", "13.43.04", "Startdate 06-NOV-1976 X X X", "1976-11-06T13:43:04"),
        ("06.11.76", "13:43:04", "Startdate 07-NOV-1976 X X X", "2076-11-06T13:43:04"),
        ("6-1-2009", "1:2:3", "X", "2009-01-06T01:02:03"),
        ("42.13.00", "08.15.04", "Startdate 02-MAR-2002 X X X", None),
        ("30.02.02", "08.15.04", "Startdate X X X X", None),
        ("02.03.02", "25.15.04", "Startdate X X X X", None),
        ("31.12.yy", "00.00.00", "Startdate X X X X", None),
        ("", "", "", None),
    ],
)
def test_start(read: Read, date: str, time: str, recording: str, expected: str | None) -> None:
    found = read(Plan("EDF+C", recording=recording, fields={"date": date.encode(), "time": time.encode()}))
    assert found.start == (None if expected is None else datetime.fromisoformat(expected))
    assert ("bad_start" in codes(found)) == (expected is None)


def test_startdate_means_nothing_in_plain_edf(read: Read) -> None:
    found = read(Plan("EDF", annotation_channels=0, date="06.11.76", recording="Startdate 06-NOV-1976 X"))
    assert found.start is not None
    assert found.start.year == 2076


def test_first_sample_comes_a_fraction_of_a_second_after_the_header(read: Read) -> None:
    found = read(with_noise(Plan("EDF+C", onsets=onsets("0.3945312"), notes=(Note(0, F(1)),))))
    assert found.start == datetime(2002, 3, 2, 8, 15, 4, 394531)  # noqa: DTZ001
    assert found.annotations[0].onset == 0.6054688
    assert spans(found) == [(0.0, 1.0)]


def test_gaps_are_the_truth_of_time(read: Read) -> None:
    found = read(with_noise(Plan(onsets=onsets(0, 1, 43200.5, 43201.5, 129600))))
    assert spans(found) == [(0.0, 2.0), (43200.5, 2.0), (129600.0, 1.0)]
    assert found.duration == 129601.0
    assert codes(found) == set()


def test_stamps_of_a_file_that_says_it_has_no_gaps_are_not_followed_but_told(read: Read) -> None:
    found = read(with_noise(Plan("EDF+C", onsets=onsets(0, 1, 5))))
    assert spans(found) == [(0.0, 3.0)]
    assert codes(found) == {"stamps_disagree"}


def test_records_without_a_stamp_follow_the_one_before(read: Read) -> None:
    found = read(with_noise(Plan(onsets=onsets(0, 1, 2), stamped=False, notes=(Note(1, F(1)),))))
    assert spans(found) == [(0.0, 3.0)]
    assert codes(found) == {"no_time_stamps"}


def test_stamps_rounded_by_the_writer_make_no_gaps() -> None:
    third = 333_333_300
    rounded = np.array([round(number * third, -6) for number in range(3000)], np.int64)
    assert len(stamped_timeline(rounded, 3000, third, S // 2000).segments) == 1


def test_a_clock_that_drifts_by_half_a_sample_begins_a_new_segment() -> None:
    stamps = np.arange(1000, dtype=np.int64) * (S + 12_000)
    timeline = stamped_timeline(stamps, 1000, S, S // 512)
    assert len(timeline.segments) > 1
    for segment in timeline.segments:
        assert abs(segment.start_ns - int(stamps[segment.first])) == 0
        last = segment.first + segment.records - 1
        assert abs(segment.start_ns + (segment.records - 1) * S - int(stamps[last])) <= S // 512


@pytest.mark.parametrize(
    ("seconds", "expected", "misplaced"),
    [
        ((0, 1, 2), [(0, 3)], 0),
        ((0, None, 2), [(0, 3)], 0),
        ((0, None, 7), [(0, 2), (7, 1)], 0),
        ((None, 1, 2), [(0, 3)], 0),
        ((0, 1, 99, 3, 4), [(0, 5)], 1),
        ((0, 1, 99, 100, 4), [(0, 2), (99, 3)], 1),
        ((0, 0, 0), [(0, 3)], 2),
        ((10, 5, 6), [(0, 3)], 2),
        ((0, 1, 50, 10, 11), [(0, 3), (10, 2)], 1),
    ],
)
def test_stamps_that_cannot_be_believed(
    seconds: tuple[int | None, ...], expected: list[tuple[int, int]], misplaced: int
) -> None:
    stamps = np.array([UNSTAMPED if second is None else second * S for second in seconds], np.int64)
    timeline = stamped_timeline(stamps, len(stamps), S, S // 100)
    assert [(segment.start_ns // S, segment.records) for segment in timeline.segments] == expected
    assert timeline.misplaced == misplaced
    assert list(timeline.starts) == sorted(set(timeline.starts.tolist()))


def test_overlapping_records_are_told(read: Read) -> None:
    found = read(with_noise(Plan(onsets=onsets(0, 1, "1.5"), channels=(Channel(per_record=100),))))
    assert spans(found) == [(0.0, 2.0), (1.5, 1.0)]
    assert codes(found) == {"overlap"}

"""EEG files whose faults have a name: what becomes of each, by what stands in the file."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from app.core.eeg import (
    EegRecording,
    anonymous_header,
    first_timeline,
    opened_eeg,
    read_page,
    read_recording,
    read_values,
    scan_records,
    timeline_until,
)
from app.core.eeg.annotation_lists import read_lists
from app.core.eeg.header_fields import text_of
from app.core.eeg.samples import stored_numbers
from app.core.eeg.timeline import UNSTAMPED, stamped_timeline
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress
from tests.core.eeg_files import Channel, Note, Plan, edf, with_noise

F = Fraction
S = 10**9
Read = Callable[[Plan], EegRecording]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def call(plan: Plan) -> EegRecording:
        path = tmp_path / "a.edf"
        path.write_bytes(edf(plan))
        with opened_eeg(path) as eeg:
            return read_recording(eeg)

    return call


def onsets(*seconds: float | str) -> tuple[F, ...]:
    return tuple(F(str(second)) for second in seconds)


def codes(recording: EegRecording) -> set[str]:
    return {warning.code for warning in recording.warnings}


def spans(recording: EegRecording) -> list[tuple[float, float]]:
    return [(segment.start, segment.duration) for segment in recording.segments]


# the start


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


# segments


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


# records


@pytest.mark.parametrize(
    ("change", "records", "code"),
    [
        ({"said": -1}, 3, "records_not_counted"),
        ({"said": 9}, 3, "records_missing"),
        ({"said": 1}, 3, "more_records"),
        ({"fields": {"records": b"many"}}, 3, "records_not_counted"),
        ({"cut": 5}, 2, "truncated"),
        ({"tail": b"\x1a"}, 3, "truncated"),
        ({"header_bytes": 0}, 3, "header_size"),
        ({"fields": {"seconds": b"never"}}, 3, "bad_record_duration"),
        ({"fields": {"seconds": b"-1"}}, 3, "bad_record_duration"),
        ({"fields": {"seconds": b"0"}}, 3, "no_rate"),
        ({"fields": {"seconds": b"1,0"}}, 3, "decimal_comma"),
        ({"annotation_channels": 0}, 3, "no_annotation_channel"),
        ({"fields": {"reserved": b""}}, 3, "unexpected_annotations"),
        ({"channels": (Channel(physical=("5", "5")),)}, 3, "no_calibration"),
        ({"channels": (Channel(physical=("ten", "5")),)}, 3, "no_calibration"),
        ({"channels": (Channel(digital=(7, 7)),)}, 3, "no_calibration"),
        ({"channels": (Channel(physical=("5", "-5")),)}, 3, "inverted"),
        ({"channels": (Channel(""),)}, 3, "blank_labels"),
        ({"channels": (Channel(), Channel())}, 3, "duplicate_labels"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_it_is_read(
    read: Read,
    change: dict[str, object],
    records: int,
    code: str,
) -> None:
    plan = Plan("EDF+C", onsets=onsets(0, 1, 2))
    plan = replace(plan, **change)  # type: ignore[arg-type]
    found = read(_filled(plan))
    assert found.header.records == records
    assert code in codes(found)


def _filled(plan: Plan) -> Plan:
    return replace(
        plan,
        channels=tuple(
            replace(channel, stored=(7,) * channel.per_record * len(plan.onsets)) for channel in plan.channels
        ),
    )


def test_names_are_unique_and_never_empty(read: Read) -> None:
    labels = ("EEG T3", "", "EEG T3", "EEG T3 (2)", "EEG T3", "Signal 2")
    found = read(_filled(Plan(channels=tuple(Channel(label) for label in labels))))
    names = [signal.name for signal in found.header.signals]
    assert names == ["EEG T3", "Signal 2", "EEG T3 (3)", "EEG T3 (2)", "EEG T3 (4)", "Signal 2 (2)"]
    assert [signal.label for signal in found.header.signals] == list(labels)


def test_a_label_cut_inside_its_last_character_keeps_the_rest() -> None:
    assert text_of("EKG Herzübertraü".encode()[:16]) == "EKG Herzübertra"
    assert text_of("Überprüfung abé".encode()[:16]) == "Überprüfung ab"
    assert text_of("EKG Herzzeiger é".encode("latin-1")) == "EKG Herzzeiger é"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (b"  uV  ", "uV"),
        (b"uV\0rest", "uV"),
        (b"\0\0", ""),
        (b"\xb5V", "µV"),
        ("μV".encode(), "μV"),
        (b"a\x1b[b", "a[b"),
    ],
)
def test_fields_are_plain_text(field: bytes, text: str) -> None:
    assert text_of(field) == text


# samples


def test_inverted_range_is_a_negative_gain(tmp_path: Path) -> None:
    channel = Channel(physical=("100", "-100"), digital=(-100, 100), per_record=3, stored=(-100, 0, 50))
    path = tmp_path / "a.edf"
    path.write_bytes(edf(Plan("EDF", channels=(channel,), annotation_channels=0)))
    with opened_eeg(path) as eeg:
        found = read_values(eeg, first_timeline(eeg), eeg.header.signals[0], 0, 3)
    assert found.tolist() == [100.0, 0.0, -50.0]


def test_nothing_is_before_between_and_after(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    channel = Channel(physical=("-100", "100"), digital=(-100, 100), per_record=2, stored=(1, 2, 3, 4))
    path.write_bytes(edf(Plan(onsets=onsets(0, "2.2"), channels=(channel,))))
    with opened_eeg(path) as eeg:
        timeline = read_recording(eeg).timeline
        found = read_values(eeg, timeline, eeg.header.signals[0], F(-1), 10).tolist()
    # Wanted at -1, -0.5, …, 3.5 s; there are samples at 0, 0.5, 2.2 and 2.7 s.
    expected = [None, None, 1, 2, None, None, 3, 4, None, None]
    assert [None if math.isnan(value) else value for value in found] == expected


@pytest.mark.parametrize("at", [-1e300, -1e10, 1e10, 1e300])
def test_nothing_is_centuries_off(tmp_path: Path, at: float) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(edf(with_noise(Plan(onsets=onsets(0, 5)))))
    with opened_eeg(path) as eeg:
        timeline = read_recording(eeg).timeline
        assert np.isnan(read_values(eeg, timeline, eeg.header.signals[0], at, 5)).all()
        assert first_timeline(eeg).known_ns == S


def test_records_without_a_duration_make_no_segments(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(edf(_filled(Plan("EDF+D", F(0), onsets=onsets(0, 1, 2)))))
    with opened_eeg(path) as eeg:
        assert first_timeline(eeg).known_ns == 0
        assert first_timeline(eeg).segments == read_recording(eeg).segments == ()


def test_24_bits_with_a_sign() -> None:
    numbers = [-8388608, -1, 0, 1, 8388607]
    raw = b"".join(number.to_bytes(3, "little", signed=True) for number in numbers)
    assert stored_numbers(np.frombuffer(raw, np.uint8), 3).tolist() == numbers


def test_a_long_record_is_read_in_part(tmp_path: Path) -> None:
    """A file may be one single record: what is wanted of it is read, not all of it."""
    path = tmp_path / "a.edf"
    stored = tuple(number % 1000 for number in range(200_000))
    path.write_bytes(
        edf(Plan("EDF", F(200), (Channel(per_record=200_000, stored=stored),), annotation_channels=0))
    )
    with opened_eeg(path) as eeg:
        read: list[int] = []
        before = eeg.contents.read

        def noted(offset: int, count: int) -> bytes:
            read.append(count)
            return before(offset, count)

        eeg.contents.read = noted  # type: ignore[method-assign]
        signal = eeg.header.signals[0]
        found = read_values(eeg, first_timeline(eeg), signal, 100, 5)
    assert found.tolist() == pytest.approx([signal.gain * number + signal.base for number in range(5)])
    assert sum(read) == 10


def test_pages_of_many_blocks_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.eeg.samples._BLOCK", 200)
    path = tmp_path / "a.edf"
    channels = (Channel(per_record=8), Channel(per_record=3))
    path.write_bytes(edf(with_noise(Plan(onsets=onsets(0, 1, 2, 5, 6, 7, 8, 9), channels=channels))))
    with opened_eeg(path) as eeg:
        timeline = read_recording(eeg).timeline
        pages = read_page(eeg, timeline, eeg.header.signals, 0.5, 12)
        for signal, page in zip(eeg.header.signals, pages, strict=True):
            alone = read_values(eeg, timeline, signal, 0.5, len(page))
            assert page.tobytes() == alone.tobytes()
            assert not np.isnan(page).all()


def test_a_signal_without_a_rate_has_no_times(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(edf(_filled(Plan("EDF+D", F(0)))))
    with opened_eeg(path) as eeg, pytest.raises(ValueError, match="no rate"):
        read_values(eeg, first_timeline(eeg), eeg.header.signals[0], 0, 1)


# annotations


@pytest.mark.parametrize(
    ("raw", "stamp", "texts"),
    [
        (b"+0\x14\x14\0\0\0", 0, []),
        (b"+12.5\x14\x14\0+13\x14Spasm\x14\0", 12.5, [(13, None, "Spasm")]),
        (b"+1\x14\x14here\x14\0", 1, [(1, None, "here")]),
        (b"+1\x14here\x14\0", None, [(1, None, "here")]),
        (b"-0.5\x152.25\x14a\x14b\x14\0", None, [(-0.5, 2.25, "a"), (-0.5, 2.25, "b")]),
        (b"7,5\x14a\x14\0", None, [(7.5, None, "a")]),
        (b"+7\x15\x14a\x14\0", None, [(7, None, "a")]),
        (b"+7\x14cut off", None, [(7, None, "cut off")]),
        ("+7\x14Müll\x14".encode("latin-1"), None, [(7, None, "Müll")]),
        (b"+7\x14\x1b[31mred\x14\0", None, [(7, None, "[31mred")]),
        (b"\0\0\0\0", None, []),
        (b"", None, []),
    ],
)
def test_lists(raw: bytes, stamp: float | None, texts: list[tuple[float, float | None, str]]) -> None:
    found = read_lists(raw, 1000)
    assert found.stamp_ns == (None if stamp is None else stamp * S)
    assert [
        (tal.onset_ns / S, None if tal.duration_ns is None else tal.duration_ns / S, text)
        for tal in found.tals
        for text in tal.texts
    ] == texts
    assert found.damaged == 0


@pytest.mark.parametrize(
    "raw", [b"noise", b"+\x14a\x14", b"+99999999999\x14a\x14\0", b"\x14\x14", b"+1e5\x14a"]
)
def test_what_is_no_list_is_counted(raw: bytes) -> None:
    assert read_lists(raw, 1000).damaged == 1


def test_lists_and_texts_are_bounded() -> None:
    assert len(read_lists(b"+1\x14a\x14\0" * 100, 10).tals) == 10
    assert len(read_lists(b"+1\x14" + b"a\x14" * 100, 10).tals[0].texts) == 10


def test_annotations_beyond_the_limit_are_left_out_and_told(
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.core.eeg.record_scan.ANNOTATION_LIMIT", 3)
    found = read(
        _filled(Plan("EDF+C", notes=tuple(Note(0, F(number)) for number in range(2)), onsets=onsets(0, 1)))
    )
    assert len(found.annotations) == 2
    found = read(
        _filled(Plan("EDF+C", notes=tuple(Note(n % 2, F(n)) for n in range(5)), onsets=onsets(0, 1)))
    )
    assert len(found.annotations) == 3
    assert "too_many_annotations" in codes(found)


def test_records_beyond_the_limit_follow_and_are_told(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.eeg.record_scan.RECORD_LIMIT", 2)
    found = read(_filled(Plan(onsets=onsets(0, 5, 50, 51))))
    assert spans(found) == [(0.0, 1.0), (5.0, 3.0)]
    assert codes(found) == {"too_many_records"}


@pytest.mark.parametrize("seconds", ["99999999", "9e8"])
def test_records_that_last_for_centuries_have_no_time(read: Read, seconds: str) -> None:
    plan = _filled(Plan(onsets=onsets(*range(0, 200, 2)), fields={"seconds": seconds.encode()}))
    assert "bad_record_duration" in codes(read(plan))
    few = _filled(Plan(onsets=onsets(0, 2_000_000_000 - 1), fields={"seconds": b"99999999"}))
    assert read(few).header.record_ns == 99_999_999 * S


def test_an_annotation_says_which_signal_it_is_about(read: Read) -> None:
    found = read(_filled(Plan("EDF+C", notes=(Note(0, F(0), None, ("Spike@@EEG Fp1-REF",)),))))
    assert (found.annotations[0].text, found.annotations[0].channel) == ("Spike", "EEG Fp1-REF")


# published as it is read


def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a scan publish every few hundred records, however fast the machine is."""
    ticks = count()
    monkeypatch.setattr("app.core.eeg.record_scan._EVERY", 0.0)
    monkeypatch.setattr("app.core.eeg.record_scan.monotonic", lambda: float(next(ticks)))


def test_a_scan_is_published_as_it_comes_and_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    often(monkeypatch)
    path = tmp_path / "a.edf"
    path.write_bytes(edf(_filled(Plan(onsets=tuple(F(2 * number) for number in range(900))))))
    with opened_eeg(path) as eeg:
        published = list(scan_records(eeg))
        assert len(published) > 2
        known = [part.timeline.known for part in published]
        assert known == sorted(known)
        assert known[-1] == 900
        assert published[0].timeline.records == 900
        token = CancelToken()
        token.cancel()
        with pytest.raises(Cancelled):
            list(scan_records(eeg, cancel=token))
        told: list[Progress] = []
        read_recording(eeg, report=told.append)
        assert told[-1].done == 1.0


def test_what_is_published_can_come_from_another_process(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(edf(with_noise(Plan(onsets=onsets(0, 1, 5), notes=(Note(1, F(1)),)))))
    with opened_eeg(path) as eeg:
        *_, last = scan_records(eeg)
    copy = pickle.loads(pickle.dumps(last))
    assert copy.timeline.segments == last.timeline.segments
    assert (copy.annotations, copy.warnings, copy.done) == (last.annotations, last.warnings, last.done)


def test_only_so_much_is_read_as_a_time_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    often(monkeypatch)
    path = tmp_path / "a.edf"
    path.write_bytes(edf(_filled(Plan(onsets=tuple(F(2 * number) for number in range(1000))))))
    with opened_eeg(path) as eeg:
        part, whole = timeline_until(eeg, 50.0), timeline_until(eeg, 1e6)
    assert part.known < 1000 == whole.known
    assert part.segments[:26] == whole.segments[:26]


def test_records_too_large_to_be_read_whole_give_their_stamps(
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.core.eeg.record_scan._WHOLE_RECORD", 0)
    plan = _filled(
        Plan(onsets=onsets(0, 1, 7), annotation_channels=2, notes=(Note(1, F(1), None, ("x",), 1),))
    )
    found = read(plan)
    assert spans(found) == [(0.0, 2.0), (7.0, 1.0)]
    assert [note.text for note in found.annotations] == ["x"]


# the anonymous header


@pytest.mark.parametrize("kind", ["EDF", "EDF+C"])
def test_anonymous_header_is_that_of_the_specification(kind: str) -> None:
    raw = edf(Plan(kind, patient="F Haagse_Harry", recording="Startdate 02-MAR-2002 PSG-1 Tessa X9"))
    kept, without = anonymous_header(raw), anonymous_header(raw, keep_date=False)
    assert kept[8:88] == b"X X X X".ljust(80)
    assert kept[88:168] == b"Startdate 02-MAR-2002 X X X".ljust(80)
    assert without[88:168] == b"Startdate X X X X".ljust(80)
    assert (kept[168:176], without[168:176]) == (b"02.03.02", b"01.01.85")
    for header in (kept, without):
        assert len(header) == len(raw)
        assert header[176:] == raw[176:]
        assert not any(name in header for name in (b"Harry", b"PSG", b"Tessa"))
    far = edf(Plan("EDF+C", date="31.12.yy", recording="Startdate 31-DEC-2090 X X X"))
    assert anonymous_header(far)[168:176] == b"31.12.yy"
    assert anonymous_header(far)[88:115] == b"Startdate 31-DEC-2090 X X X"


def test_a_date_field_that_holds_something_else_does_not_get_into_the_anonymous_header() -> None:
    raw = edf(Plan(date="Harry"))
    assert b"Harry" not in anonymous_header(raw)


def test_files_without_signals_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(edf(Plan("EDF", channels=(), annotation_channels=0)))
    with pytest.raises(UserError, match="no signals"), opened_eeg(path):
        pass

"""Annotations and time stamps of EEG files: how lists are read, and published as they come."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from app.core.eeg.annotation_lists import read_lists
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.file_bytes import FileBytes
from app.core.eeg.record_scan import read_recording, scan_records, timeline_until
from app.core.errors import Cancelled
from app.core.jobs import CancelToken, Progress
from tests.core.eeg_files import Note, Plan, edf, with_noise
from tests.core.eeg_reading import F, Read, S, codes, filled, onsets, read, spans

__all__ = ["read"]


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
        filled(Plan("EDF+C", notes=tuple(Note(0, F(number)) for number in range(2)), onsets=onsets(0, 1)))
    )
    assert len(found.annotations) == 2
    found = read(filled(Plan("EDF+C", notes=tuple(Note(n % 2, F(n)) for n in range(5)), onsets=onsets(0, 1))))
    assert len(found.annotations) == 3
    assert "too_many_annotations" in codes(found)


def test_records_beyond_the_limit_follow_and_are_told(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.eeg.record_scan.RECORD_LIMIT", 2)
    found = read(filled(Plan(onsets=onsets(0, 5, 50, 51))))
    assert spans(found) == [(0.0, 1.0), (5.0, 3.0)]
    assert codes(found) == {"too_many_records"}


@pytest.mark.parametrize("seconds", ["99999999", "9e8"])
def test_records_that_last_for_centuries_have_no_time(read: Read, seconds: str) -> None:
    plan = filled(Plan(onsets=onsets(*range(0, 200, 2)), fields={"seconds": seconds.encode()}))
    assert "bad_record_duration" in codes(read(plan))
    few = filled(Plan(onsets=onsets(0, 2_000_000_000 - 1), fields={"seconds": b"99999999"}))
    assert read(few).header.record_ns == 99_999_999 * S


def test_an_annotation_says_which_signal_it_is_about(read: Read) -> None:
    found = read(filled(Plan("EDF+C", notes=(Note(0, F(0), None, ("Spike@@EEG Fp1-REF",)),))))
    assert (found.annotations[0].text, found.annotations[0].channel) == ("Spike", "EEG Fp1-REF")


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
    path.write_bytes(edf(filled(Plan(onsets=tuple(F(2 * number) for number in range(900))))))
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
    path.write_bytes(edf(filled(Plan(onsets=tuple(F(2 * number) for number in range(1000))))))
    with opened_eeg(path) as eeg:
        part, whole = timeline_until(eeg, 50.0), timeline_until(eeg, 1e6)
    assert part.known < 1000 == whole.known
    assert part.segments[:26] == whole.segments[:26]


def test_the_first_long_record_is_published_before_further_ones_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    often(monkeypatch)
    monkeypatch.setattr("app.core.eeg.record_scan._WHOLE_RECORD", 0)
    read_each, asked = FileBytes.read_each, list[int]()

    def counted(self: FileBytes, places: Sequence[tuple[int, int]]) -> list[bytes]:
        asked.append(len(places))
        return read_each(self, places)

    monkeypatch.setattr(FileBytes, "read_each", counted)
    path = tmp_path / "a.edf"
    path.write_bytes(edf(filled(Plan(onsets=tuple(F(2 * number) for number in range(150))))))
    with opened_eeg(path) as eeg:
        scans = scan_records(eeg)
        assert next(scans).timeline.known == 1
        assert asked == [1]
        *_, last = scans
    assert last.timeline.known == 150
    assert asked == [1, 64, 64, 21]


@pytest.mark.parametrize("together", [1, 2, 64])
def test_records_too_large_to_be_read_whole_give_their_stamps(
    read: Read, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr("app.core.eeg.record_scan._WHOLE_RECORD", 0)
    monkeypatch.setattr("app.core.eeg.record_scan._TOGETHER", together)
    plan = filled(
        Plan(onsets=onsets(0, 1, 7), annotation_channels=2, notes=(Note(1, F(1), None, ("x",), 1),))
    )
    found = read(plan)
    assert spans(found) == [(0.0, 2.0), (7.0, 1.0)]
    assert [note.text for note in found.annotations] == ["x"]

"""Samples of EEG files: their values, gaps between them, and how little is read for them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.record_scan import first_timeline, read_recording
from app.core.eeg.samples import read_page, read_values, stored_numbers
from tests.core.eeg_files import Channel, Plan, edf, with_noise
from tests.core.eeg_reading import F, S, filled, onsets


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
    path.write_bytes(edf(filled(Plan("EDF+D", F(0), onsets=onsets(0, 1, 2)))))
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


@pytest.mark.parametrize(("long_record", "bank"), [(10**9, 10**9), (10**9, 400), (1, 10**9), (1, 400)])
def test_pages_of_many_blocks_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long_record: int, bank: int
) -> None:
    """Whether records are read together or by neighbouring signals, of which there are few or many."""
    monkeypatch.setattr("app.core.eeg.samples._BLOCK", 200)
    monkeypatch.setattr("app.core.eeg.samples._LONG_RECORD", long_record)
    monkeypatch.setattr("app.core.eeg.samples._BANK", bank)
    path = tmp_path / "a.edf"
    channels = (Channel(per_record=8), Channel(per_record=8), Channel(per_record=3))
    path.write_bytes(edf(with_noise(Plan(onsets=onsets(0, 1, 2, 5, 6, 7, 8, 9), channels=channels))))
    with opened_eeg(path) as eeg:
        timeline = read_recording(eeg).timeline
        pages = read_page(eeg, timeline, eeg.header.signals, 0.5, 12)
        for signal, page in zip(eeg.header.signals, pages, strict=True):
            alone = read_values(eeg, timeline, signal, 0.5, len(page))
            assert page.tobytes() == alone.astype(page.dtype).tobytes()
            assert not np.isnan(page).all()


@pytest.mark.parametrize(
    ("kind", "physical", "digital", "itemsize"),
    [
        pytest.param("EDF", ("-3276.8", "3276.7"), (-32768, 32767), 4, id="microvolts"),
        pytest.param("EDF", ("3276.8", "-3276.7"), (-32768, 32767), 4, id="inverted"),
        pytest.param("EDF", ("0", "65535"), (-32768, 32767), 4, id="as far from 0 as float32 may be"),
        pytest.param("EDF", ("36", "38"), (-32768, 32767), 8, id="a temperature"),
        pytest.param("EDF", ("-1e40", "1e40"), (-32768, 32767), 8, id="beyond float32"),
        pytest.param("EDF", ("-1e13", "1e13"), (-32768, 32767), 8, id="beyond it squared in millionths"),
        pytest.param("EDF", ("-1e-40", "1e-40"), (-32768, 32767), 8, id="below float32"),
        pytest.param("BDF", ("-262144", "262143"), (-8388608, 8388607), 8, id="24 bits"),
    ],
)
def test_a_page_tells_all_stored_numbers_apart(
    tmp_path: Path, kind: str, physical: tuple[str, str], digital: tuple[int, int], itemsize: int
) -> None:
    """Whether float32 holds them: each value is within 1/256 of a step of its place."""
    path = tmp_path / "a.edf"
    stored = (digital[0], digital[0] + 1, -1, 0, 1, digital[1] - 1, digital[1])
    channel = Channel(physical=physical, digital=digital, per_record=7, stored=stored)
    path.write_bytes(edf(Plan(kind, channels=(channel,), annotation_channels=0)))
    with opened_eeg(path) as eeg:
        signal = eeg.header.signals[0]
        (page,) = read_page(eeg, first_timeline(eeg), [signal], 0, 1)
        alone = read_values(eeg, first_timeline(eeg), signal, 0, 7)
    assert page.dtype.itemsize == itemsize
    assert page.tobytes() == alone.astype(page.dtype).tobytes(), "rounded once"
    exact = [number * F(signal.gain) + F(signal.base) for number in stored]
    errors = [abs(F(float(value)) - right) for value, right in zip(page, exact, strict=True)]
    assert max(errors) <= abs(F(signal.gain)) / 256


def test_neighbours_of_different_precision_are_read_together(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    far, near = ("36", "38"), ("-100", "100")
    channels = tuple(Channel(physical=one, per_record=8) for one in (near, far, far, near, near))
    path.write_bytes(edf(with_noise(Plan(onsets=onsets(0, 1), channels=channels))))
    with opened_eeg(path) as eeg:
        timeline = first_timeline(eeg)
        pages = read_page(eeg, timeline, eeg.header.signals, 0, 2)
        for signal, page in zip(eeg.header.signals, pages, strict=True):
            alone = read_values(eeg, timeline, signal, 0, len(page))
            assert page.tobytes() == alone.astype(page.dtype).tobytes()
    assert [page.dtype.itemsize for page in pages] == [4, 8, 8, 4, 4]


def test_where_segments_overlap_the_later_one_counts_in_every_bank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.eeg.samples._LONG_RECORD", 1)
    monkeypatch.setattr("app.core.eeg.samples._BANK", 1)
    path = tmp_path / "a.edf"
    channels = tuple(Channel(per_record=8) for _ in range(12))
    path.write_bytes(edf(with_noise(Plan("EDF+D", onsets=onsets(0, "0.5", "0.75", 3), channels=channels))))
    with opened_eeg(path) as eeg:
        timeline = read_recording(eeg).timeline
        pages = read_page(eeg, timeline, eeg.header.signals, 0, 4)
        for signal, page in zip(eeg.header.signals, pages, strict=True):
            alone = read_values(eeg, timeline, signal, 0, len(page))
            assert page.tobytes() == alone.astype(page.dtype).tobytes()


def test_a_signal_without_a_rate_has_no_times(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(edf(filled(Plan("EDF+D", F(0)))))
    with opened_eeg(path) as eeg, pytest.raises(ValueError, match="no rate"):
        read_values(eeg, first_timeline(eeg), eeg.header.signals[0], 0, 1)

"""Blocks of samples written as EDF while they come, and the files of other systems they come from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.edf_writing import WrittenAnnotation
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.other_recording import (
    Block,
    OtherChannel,
    OtherRecording,
    OtherStretch,
    StatedTime,
    second_of,
    stretches_of,
)
from app.core.eeg.other_times import brainvision_moments, nihon_blocks, nihon_events, persyst_moments
from app.core.eeg.record_scan import read_recording
from app.core.eeg.samples import read_values
from app.core.errors import UserError
from tests.core import other_eeg_files as other
from tests.core.other_eeg_files import written

F = Fraction


@st.composite
def recordings(draw: st.DrawFn) -> tuple[OtherRecording, Block]:
    """Recordings of odd rates, with gaps, and their values."""
    rate = draw(st.sampled_from([F(256), F(200), F(1), F(10000, 39), F(5000, 3), F(499)]))
    counts = draw(st.lists(st.integers(1, 900), min_size=1, max_size=4))
    stretches, first, start = [], 0, F(0)
    for count in counts:
        stretches.append(OtherStretch(first, count, start))
        first += count
        start += count / rate + draw(st.sampled_from([F(1), F(7, 3), F(3600), F(1, 10**6)])) + 20 / rate
    total = sum(counts)
    channels = draw(st.integers(1, 3))
    generator = np.random.default_rng(draw(st.integers(0, 100)))
    scale = draw(st.sampled_from([0.1, 0.048828125, 1.0, 30.0]))
    values = generator.integers(-30_000, 30_000, (channels, total)) * scale
    step = draw(st.sampled_from([scale, None]))
    notes = tuple(
        WrittenAnnotation(draw(st.integers(0, 5000)) / 1000, None, text)
        for text in draw(st.lists(st.sampled_from(["Spasm", "Überleitung", "a, b"]), max_size=5))
    )
    started = draw(st.sampled_from([None, datetime(2024, 1, 2, 3, 4, 5, 250_000)]))  # noqa: DTZ001
    recording = OtherRecording(
        tuple(OtherChannel(f"C{number}", "uV", step) for number in range(channels)),
        rate,
        tuple(stretches),
        notes,
        started,
        lambda first, count: values[:, first : first + count],
    )
    return recording, values


@settings(max_examples=60)
@given(recordings())
def test_blocks_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[OtherRecording, Block]
) -> None:
    recording, values = drawn
    path = tmp_path_factory.mktemp("blocks") / "a.edf"
    shares: list[float] = []
    cost = written(path, recording, shares)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    largest = max(np.ptp(row) for row in values) / 65_535
    assert cost.worst_error <= max(0.51 * largest, 0.02)
    with opened_eeg(path) as eeg:
        read = read_recording(eeg)
        expected = recording.start
        assert read.start == expected if expected else read.header.format.startswith("EDF+")
        assert len(read.annotations) == len(recording.annotations)
        assert not {one.code for one in read.warnings} - {"overlap", "bad_start"}
        for number, signal in enumerate(eeg.header.signals):
            assert signal.rate == recording.rate
            for stretch in recording.stretches:
                found = read_values(eeg, read.timeline, signal, stretch.start, stretch.count)
                wanted = values[number, stretch.first : stretch.first + stretch.count]
                assert np.abs(found - wanted).max() <= cost.worst_error + 1e-9


def test_values_that_are_no_numbers_are_counted(tmp_path: Path) -> None:
    values = np.array([[1.0, np.nan, 3.0, np.inf] * 25])
    recording = OtherRecording(
        (OtherChannel("C1", "uV"),),
        F(100),
        (OtherStretch(0, 100, F(0)),),
        (),
        None,
        lambda first, count: values[:, first : first + count],
    )
    cost = written(tmp_path / "a.edf", recording)
    assert cost.not_finite == 50
    assert cost.worst_error < 1e-4
    nothing = replace(recording, read=lambda _first, count: np.full((1, count), np.nan))
    assert written(tmp_path / "b.edf", nothing).not_finite == 100


def test_a_rate_that_fits_no_record_is_refused(tmp_path: Path) -> None:
    recording = OtherRecording(
        (OtherChannel("C1", "uV"),),
        F(1_000_003, 7919),
        (OtherStretch(0, 10, F(0)),),
        (),
        None,
        lambda _first, count: np.zeros((1, count)),
    )
    with pytest.raises(UserError, match="sampling rate"):
        written(tmp_path / "a.edf", recording)


def test_pauses_are_found_by_the_times_that_a_file_states() -> None:
    rate = F(100)
    moments = [StatedTime(0, F(50)), StatedTime(200, F(52)), StatedTime(300, F(60)), StatedTime(400, F(59))]
    found = stretches_of(moments, 500, rate, F(1, 20))
    assert found == (OtherStretch(0, 300, F(0)), OtherStretch(300, 200, F(10)))
    assert second_of(found, 350, rate) == 10.5
    assert second_of(found, 100, rate) == 1.0
    assert stretches_of([], 500, rate, F(1, 20)) == (OtherStretch(0, 500, F(0)),)
    assert stretches_of([StatedTime(900, F(1))], 500, rate, F(1, 20)) == (OtherStretch(0, 500, F(0)),)


def test_brainvision_dates() -> None:
    text = "Mk1=New Segment,,1,1,0,20240229235950000000\nMk2=New Segment,,11,1,0,20240301000000250000\n"
    first, second = brainvision_moments(text + "Mk3=New Segment,,20,1,0,20249999999999999999\n")
    assert (first.sample, second.sample) == (0, 10)
    assert second.seconds - first.seconds == F(41, 4)


def test_persyst_times_begin_anew_at_midnight() -> None:
    found = persyst_moments({"0": "86390.5", "100": "10", "x": "1", "200": "nothing", "300": "1/0"})
    assert found == [StatedTime(0, F("86390.5")), StatedTime(100, F(86_410))]


def test_nihon_kohden_blocks_and_events(tmp_path: Path) -> None:
    made = other.nihon_kohden(tmp_path)
    blocks = list(nihon_blocks(made.path))
    assert [samples for _, samples in blocks] == list(other.COUNTS)
    assert blocks[0][0] == other.BEGAN
    assert blocks[1][0] == other.second_start().replace(microsecond=0)
    assert list(nihon_events(made.path.with_suffix(".LOG"))) == [(33.0, other.NOTE)]


@settings(max_examples=200)
@given(st.binary(max_size=400), st.integers(0, 0x1040))
def test_a_damaged_log_ends(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    folder = tmp_path_factory.mktemp("log")
    log = other.nihon_kohden(folder).path.with_suffix(".LOG")
    raw = bytearray(log.read_bytes())
    raw[at : at + len(noise)] = noise
    log.write_bytes(raw)
    assert len(list(nihon_events(log))) < 256 * 256

"""Files that edfio, an independent program, writes and reads: the same samples, times and annotations."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import edfio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.patient_fields import anonymous_header
from app.core.eeg.record_scan import read_recording
from app.core.eeg.samples import read_values
from tests.core.eeg_files import PATIENT, Plan, edf, with_noise

RATES = (1, 10, 128, 256, 512)
notes = st.builds(
    edfio.EdfAnnotation,
    st.integers(0, 100_000).map(lambda tenths: tenths / 10_000),
    st.none() | st.integers(0, 9000).map(lambda ms: ms / 1000),
    st.sampled_from(["Spasm", "Überleitung", "发作", "a, b; c"]),
)


@settings(max_examples=30)
@given(
    st.booleans(),
    st.lists(st.sampled_from(RATES), min_size=1, max_size=4),
    st.integers(0, 999_999),
    st.lists(notes, max_size=5),
)
def test_what_edfio_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    is_bdf: bool,
    rates: list[int],
    microsecond: int,
    annotations: list[edfio.EdfAnnotation],
) -> None:
    chance = np.random.default_rng(microsecond)
    signal: Any = edfio.BdfSignal if is_bdf else edfio.EdfSignal
    make: Any = edfio.Bdf if is_bdf else edfio.Edf
    written = make(
        [
            signal(chance.normal(0, 100, rate * 10), rate, label=f"EEG {place}", physical_dimension="uV")
            for place, rate in enumerate(rates)
        ],
        recording=edfio.Recording(startdate=date(2026, 11, 2)),
        starttime=time(23, 59, 59, microsecond),
        annotations=annotations,
    )
    path = tmp_path_factory.mktemp("edfio") / "a.edf"
    written.write(path)
    with opened_eeg(path) as eeg:
        recording = read_recording(eeg)
        assert recording.start == written.startdatetime
        assert recording.duration == pytest.approx(written.duration)
        for ours, theirs in zip(eeg.header.signals, written.signals, strict=True):
            assert (ours.label, float(ours.rate or 0)) == (theirs.label, theirs.sampling_frequency)
            found = read_values(eeg, recording.timeline, ours, 0, ours.samples)
            np.testing.assert_allclose(found, theirs.data, atol=1e-9)
    expected = sorted((note.onset, note.duration or 0.0, note.text) for note in written.annotations)
    found_notes = sorted((note.onset, note.duration or 0.0, note.text) for note in recording.annotations)
    assert [note[1:] for note in found_notes] == [note[1:] for note in expected]
    np.testing.assert_allclose([note[0] for note in found_notes], [note[0] for note in expected], atol=1e-6)


def test_edfio_reads_the_anonymous_header() -> None:
    raw = edf(with_noise(Plan("EDF+C", patient=PATIENT)))
    found = edfio.read_edf(anonymous_header(raw[:768]) + raw[768:])
    assert (found.patient.name, found.patient.code, found.recording.hospital_administration_code) == (
        "X",
    ) * 3
    assert found.startdate == date(2002, 3, 2)
    hidden = edfio.read_edf(anonymous_header(raw[:768], keep_date=False) + raw[768:])
    with pytest.raises(edfio.AnonymizedDateError):
        _ = hidden.startdate

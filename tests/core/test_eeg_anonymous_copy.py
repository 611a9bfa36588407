"""The anonymous copy: the same samples and times, nobody's name, whole or not there."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import edfio
import numpy as np
import pytest
from hypothesis import given, settings

from app.core.eeg.anonymous_copy import CopyChoice, write_anonymous_copy
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.patient_fields import read_identity
from app.core.eeg.record_scan import read_recording
from app.core.eeg.samples import read_values
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress, no_report
from tests.core.eeg_files import PATIENT, SECRETS, TECHNICIAN, Channel, Note, Plan, edf, plans

NAMED = Plan(
    kind="EDF+D",
    channels=(Channel(stored=tuple(range(24))),),
    onsets=(Fraction(1, 4), Fraction(5, 4), Fraction(9)),
    notes=(Note(1, Fraction(3, 2), texts=("Harry blinks",)), Note(2, Fraction(9), None, ("Spasm",), 0)),
    patient=PATIENT,
    recording=TECHNICIAN,
    tail=b"Harry",
)


def copied(folder: Path, plan: Plan, choice: CopyChoice) -> tuple[Path, Path]:
    source, target = folder / "source.edf", folder / "target.edf"
    source.write_bytes(edf(plan))
    write_anonymous_copy(source, target, choice, report=no_report, cancel=CancelToken())
    return source, target


@settings(max_examples=40, deadline=None)
@given(plans())
def test_the_copy_has_the_same_samples_and_times(plan: Plan) -> None:
    named = replace(plan, patient=PATIENT)
    with tempfile.TemporaryDirectory() as folder:
        source, target = copied(Path(folder), named, CopyChoice(annotations=True, date=True))
        with opened_eeg(source) as one, opened_eeg(target) as other:
            before, after = read_recording(one), read_recording(other)
            assert after.segments == before.segments
            assert after.annotations == before.annotations
            assert after.start == before.start
            for signal, copy in zip(one.header.signals, other.header.signals, strict=True):
                assert (copy.label, copy.unit, copy.rate) == (signal.label, signal.unit, signal.rate)
                if signal.rate and signal.samples:
                    values = read_values(one, before.timeline, signal, 0.0, signal.samples)
                    same = read_values(other, after.timeline, copy, 0.0, signal.samples)
                    assert np.array_equal(values, same, equal_nan=True)
        assert b"Haagse" not in target.read_bytes()


def test_nobody_is_named_and_only_the_time_stamps_stay(tmp_path: Path) -> None:
    source, target = copied(tmp_path, NAMED, CopyChoice())
    raw = target.read_bytes()
    for secret in SECRETS:
        assert secret.encode() not in raw
    with opened_eeg(source) as one, opened_eeg(target) as other:
        before, after = read_recording(one), read_recording(other)
        assert read_identity(other).patient == "X X X X"
    assert after.annotations == ()
    assert len(before.annotations) == 2
    assert after.segments == before.segments
    assert len(after.segments) == 2
    assert (after.start or before.start).time() == (before.start or after.start).time()  # type: ignore[union-attr]


def test_edfio_reads_the_copy(tmp_path: Path) -> None:
    plan = replace(NAMED, kind="EDF+C", onsets=(Fraction(0), Fraction(1), Fraction(2)), tail=b"", notes=())
    _, target = copied(tmp_path, plan, CopyChoice(date=True))
    read = edfio.read_edf(target)
    assert read.patient.name == "X"
    assert read.patient.code == "X"
    assert read.recording.startdate == date(2002, 3, 2)
    assert read.num_data_records == 3
    assert list(read.signals[0].digital) == list(range(24))


def test_free_text_in_reserved_fields_goes(tmp_path: Path) -> None:
    source = tmp_path / "source.edf"
    raw = bytearray(edf(replace(NAMED, kind="EDF", notes=())))
    raw[192:203] = b"Harry wrote"
    end = int(raw[184:192])
    raw[end - 5 : end] = b"Harry"  # the last signal's reserved field
    source.write_bytes(raw)
    target = tmp_path / "target.edf"
    write_anonymous_copy(source, target, CopyChoice(True, True), report=no_report, cancel=CancelToken())
    assert b"Harry" not in target.read_bytes()


def test_a_cancelled_copy_leaves_nothing_and_the_source_is_never_changed(tmp_path: Path) -> None:
    source, target = tmp_path / "source.edf", tmp_path / "target.edf"
    source.write_bytes(edf(NAMED))
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        write_anonymous_copy(source, target, CopyChoice(), report=no_report, cancel=cancel)
    assert [entry.name for entry in tmp_path.iterdir()] == ["source.edf"]
    with pytest.raises(UserError, match="never changed"):
        write_anonymous_copy(source, source, CopyChoice(), report=no_report, cancel=CancelToken())
    seen: list[Progress] = []
    write_anonymous_copy(source, target, CopyChoice(), report=seen.append, cancel=CancelToken())
    assert seen[-1].done == 1.0
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before

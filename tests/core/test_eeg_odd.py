"""EEG files of every shape against what they were made from: each value, each segment, each annotation."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.eeg_file import EegFile, opened_eeg
from app.core.eeg.eeg_recording import EegRecording, Signal
from app.core.eeg.record_scan import read_recording, scan_records
from app.core.eeg.samples import read_page, read_values
from tests.core.eeg_files import Plan, edf, plans

HALF = Fraction(1, 2)


def check(plan: Plan, folder: Path, chance: st.DataObject) -> None:
    """Hold all that is read of the plan's file to the plan."""
    path = folder / "odd.edf"
    path.write_bytes(edf(plan))
    with opened_eeg(path) as eeg:
        recording = read_recording(eeg)
        check_recording(recording, plan)
        for number, signal in enumerate(eeg.header.signals):
            check_samples(eeg, recording, plan, number, chance)
            assert signal.samples == len(plan.channels[number].stored)
        check_page(eeg, recording, plan)


def check_recording(recording: EegRecording, plan: Plan) -> None:
    header = recording.header
    assert header.format == plan.kind
    assert recording.start is not None
    moved = (recording.start - plan.started).total_seconds()
    assert moved == pytest.approx(float(plan.zero), abs=1e-6)
    assert [(Fraction(s.start_ns, 10**9), Fraction(s.duration_ns, 10**9)) for s in recording.segments] == (
        plan.segments()
    )
    expected = plan.segments()[-1] if plan.segments() else (0, 0)
    assert recording.duration == pytest.approx(float(sum(expected)))
    found = [
        (
            Fraction(note.onset_ns, 10**9),
            None if note.duration_ns is None else Fraction(note.duration_ns, 10**9),
            f"{note.text}@@{note.channel}" if note.channel else note.text,
        )
        for note in recording.annotations
    ]
    assert Counter(found) == Counter(plan.annotations())
    assert [note[0] for note in found] == sorted(note[0] for note in found)
    names = [signal.name for signal in header.signals]
    assert len(set(names)) == len(names)
    assert all(name.strip() for name in names)
    for signal, channel in zip(header.signals, plan.channels, strict=True):
        assert signal.label == channel.label
        assert signal.rate == channel.per_record / plan.seconds
    codes = {warning.code for warning in recording.warnings}
    assert ("records_not_counted" in codes) == (plan.said == -1)
    assert ("truncated" in codes) == bool(plan.tail)
    assert "bad_time_stamps" not in codes
    assert "overlap" not in codes


def check_samples(
    eeg: EegFile, recording: EegRecording, plan: Plan, number: int, chance: st.DataObject
) -> None:
    """Values from an odd time on against the nearest of all samples, looked for one by one."""
    signal = eeg.header.signals[number]
    samples = plan.samples(number)
    if not samples or signal.rate is None:
        return
    anchor = samples[chance.draw(st.integers(0, len(samples) - 1))][0]
    shift = chance.draw(st.integers(-40, 40)) + Fraction(chance.draw(st.integers(-4, 4)), 10)
    at, count = anchor + shift / signal.rate, chance.draw(st.integers(1, 60))
    found = read_values(eeg, recording.timeline, signal, at, count)
    for place, value in enumerate(found.tolist()):
        assert_nearest(value, at + place / signal.rate, samples, signal)


def assert_nearest(value: float, at: Fraction, samples: list[tuple[Fraction, float]], of: Signal) -> None:
    assert of.rate is not None
    when, expected = min(samples, key=lambda sample: abs(sample[0] - at))
    distance = abs(when - at) * of.rate
    if distance == HALF:  # as near as the next one, which may be nothing
        return
    if distance < HALF:
        assert value == pytest.approx(expected, abs=1e-9 + abs(of.gain) * 1e-6)
    else:
        assert math.isnan(value)


def check_page(eeg: EegFile, recording: EegRecording, plan: Plan) -> None:
    """A page of all signals holds what each of them gives alone."""
    signals = [signal for signal in eeg.header.signals if signal.rate]
    seconds = min(float(plan.seconds) * 3.5, 100.0)
    pages = read_page(eeg, recording.timeline, signals, 0.3, seconds)
    for signal, page in zip(signals, pages, strict=True):
        alone = read_values(eeg, recording.timeline, signal, 0.3, len(page))
        assert page.tobytes() == alone.astype(page.dtype).tobytes()


@settings(max_examples=60)
@given(plans(), st.data())
def test_odd_files_are_read_as_they_were_made(
    tmp_path_factory: pytest.TempPathFactory, plan: Plan, chance: st.DataObject
) -> None:
    check(plan, tmp_path_factory.mktemp("odd"), chance)


@pytest.mark.slow
@settings(max_examples=600)
@given(plans(), st.data())
def test_many_more_odd_files_are_read_as_they_were_made(
    tmp_path_factory: pytest.TempPathFactory, plan: Plan, chance: st.DataObject
) -> None:
    check(plan, tmp_path_factory.mktemp("odd"), chance)


@settings(max_examples=30)
@given(plans())
def test_what_is_published_last_is_what_is_read_at_once(
    tmp_path_factory: pytest.TempPathFactory, plan: Plan
) -> None:
    path = tmp_path_factory.mktemp("odd") / "odd.edf"
    path.write_bytes(edf(plan))
    with opened_eeg(path) as eeg:
        *_, last = scan_records(eeg)
        recording = read_recording(eeg)
    assert last.done == 1.0
    assert last.timeline.segments == recording.segments
    assert last.annotations == recording.annotations

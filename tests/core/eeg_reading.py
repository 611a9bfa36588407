"""Made EEG files read whole, and what is asked of them, for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.eeg_recording import EegRecording
from app.core.eeg.record_scan import read_recording
from tests.core.eeg_files import Plan, edf

F = Fraction
S = 10**9
Read = Callable[[Plan], EegRecording]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file by its plan and reads it."""

    def call(plan: Plan) -> EegRecording:
        path = tmp_path / "a.edf"
        path.write_bytes(edf(plan))
        with opened_eeg(path) as eeg:
            return read_recording(eeg)

    return call


def onsets(*seconds: float | str) -> tuple[F, ...]:
    """When records begin."""
    return tuple(F(str(second)) for second in seconds)


def codes(recording: EegRecording) -> set[str]:
    """The codes of the warnings."""
    return {warning.code for warning in recording.warnings}


def spans(recording: EegRecording) -> list[tuple[float, float]]:
    """Start and duration of each segment."""
    return [(segment.start, segment.duration) for segment in recording.segments]


def filled(plan: Plan) -> Plan:
    """The plan with the same number in all samples."""
    return replace(
        plan,
        channels=tuple(
            replace(channel, stored=(7,) * channel.per_record * len(plan.onsets)) for channel in plan.channels
        ),
    )

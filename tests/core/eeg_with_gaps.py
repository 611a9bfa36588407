"""A made EEG file with a gap in it, one that names somebody, and the commands for EEG files, for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from app import cli
from tests.core.eeg_files import PATIENT, TECHNICIAN, Channel, Note, Plan, edf, with_noise

F = Fraction
Run = Callable[..., tuple[int, str, str]]
PLAN = with_noise(
    Plan(
        onsets=tuple(F(number) for number in (0, 1, 2, 50, 51, 52)),
        channels=(Channel(), Channel("EEG T3", per_record=5), Channel("SpO2", "%", 1, ("0", "100"))),
        notes=(Note(1, F("1.5"), F(2)), Note(3, F(51), None, ("a", "b"), 1)),
        annotation_channels=2,
    )
)
NAMED = replace(PLAN, kind="EDF+C", patient=PATIENT, recording=TECHNICIAN)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: object) -> tuple[int, str, str]:
        code = cli.main(["eeg", *(str(argument) for argument in argv)])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.edf"
    made.write_bytes(edf(PLAN))
    return made

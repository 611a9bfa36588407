"""Times on the command line: every form that the program writes is taken, and what is taken is said."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from app.commands import arguments
from app.core.timeline.clock_text import TIME_FORMS
from tests.core.test_cli import Run, clip, run

__all__ = ["clip", "run"]


@pytest.mark.parametrize("at", ["0:00:00.95", "0:0.95", "00:00,95", "0.95 s", "9.5e-1"])
def test_a_time_is_taken_in_every_form_that_the_program_writes(
    run: Run, clip: Path, tmp_path: Path, at: str
) -> None:
    code, stdout, _ = run("frame", clip, "--at", at, "--as-recorded", "--out", tmp_path / "frame.png")
    assert code == 0
    assert stdout.startswith("frame 9 at ")


@pytest.mark.parametrize(
    "argv",
    [
        ("frame", "a.mp4", "--at", "soon", "--out", "a.png"),
        ("eeg", "page", "a.edf", "--at", "1:2:3:4", "--out", "a.png"),
        ("eeg", "samples", "a.edf", "--at", "1:", "--signal", "0", "--count", "1"),
        ("eeg", "page", "a.edf", "--at", "0", "--seconds", "ten", "--out", "a.png"),
        ("deidentify", "a.mp4", "--from", "x", "--to", "1", "--out", "b.mp4"),
        ("phantom", "--seed", "1", "--duration", "long", "--out", "a.mp4"),
        ("phantom", "--seed", "1", "--eeg-offset", "early", "--out", "a.mp4"),
    ],
)
def test_a_refused_time_says_what_is_understood(run: Run, argv: tuple[str, ...]) -> None:
    code, _, err = run(*argv)
    assert code == 2
    assert "not a time" in err
    assert TIME_FORMS in err


def test_times_of_either_sign_and_lengths_have_the_same_forms() -> None:
    assert arguments.time_within("-0:20.5", 60) == -20.5
    assert arguments.time_within("1:00:00", 3600) == 3600
    assert arguments.length("1:30") == 90
    for wrong in ("-0:01", "-1"):
        with pytest.raises(argparse.ArgumentTypeError, match="from 0 s on"):
            arguments.time(wrong)
    with pytest.raises(argparse.ArgumentTypeError, match="at most 60 seconds"):
        arguments.time_within("1:01", 60)


@pytest.mark.parametrize(
    "slip", ["1:75", "1:60", "1:90:00", "1:00:60", "1,000", "12,500", "1_000", "nan", "inf"]
)
def test_a_time_that_can_be_a_slip_is_refused(slip: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="not a time"):
        arguments.time(slip)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90:00", 5400),
        ("1:5", 65),
        ("0,125", 0.125),
        ("12,5", 12.5),
        ("1:00,500", 60.5),
        ("14.998998998999", 14.998998998999),
        (".5", 0.5),
        ("1234,567", 1234.567),
    ],
)
def test_times_that_are_no_slips_are_taken(text: str, seconds: float) -> None:
    assert arguments.time(text) == seconds

"""The canary: what the header of an EEG says of a person appears in no output, picture, error or log."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests.core.eeg_files import PATIENT, SECRETS, TECHNICIAN, Channel, Plan, edf

ROOT = Path(__file__).parents[2]
NAMED = Plan(
    kind="EDF+C",
    channels=tuple(
        Channel(label, stored=tuple(range(8)) * 20) for label in ("EEG Fp1-REF", "EEG F7-REF", "ECG")
    ),
    onsets=tuple(Fraction(second) for second in range(20)),
    patient=PATIENT,
    recording=TECHNICIAN,
)
DISPLACED = replace(NAMED, fields={"signals": b"Harr"})
"""A header whose fields are damaged, where an error could quote them."""


def run(home: Path, *argv: object) -> subprocess.CompletedProcess[bytes]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, argv)],
        cwd=ROOT,
        env={**os.environ, "SEMIOSCOPE_HOME": str(home)},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("plan", [NAMED, DISPLACED], ids=["whole", "damaged"])
def test_who_was_recorded_is_nowhere(tmp_path: Path, plan: Plan) -> None:
    source, out, home = tmp_path / "source.edf", tmp_path / "out", tmp_path / "home"
    source.write_bytes(edf(plan))
    out.mkdir()
    said = b""
    for argv in (
        ("eeg", "probe", source),
        ("eeg", "probe", source, "--json"),
        ("eeg", "samples", source, "--signal", 0, "--at", 0, "--count", 3),
        ("eeg", "page", source, "--at", 2, "--out", out / "page.png"),
        ("eeg", "page", source, "--at", 900, "--out", out / "no.png"),
        ("eeg", "page", source, "--at", 2, "--bad", "nobody", "--out", out / "no.png"),
        ("eeg", "anonymise", source, "--out", out / "copy.edf"),
        ("eeg", "anonymise", source, "--out", source, "--replace"),
    ):
        ended = run(home, *argv)
        assert b"Traceback" not in ended.stderr, ended.stderr
        assert (ended.returncode == 0) or ended.stderr, argv
        said += ended.stdout + ended.stderr
    files = [path for folder in (out, home) for path in folder.rglob("*") if path.is_file()]
    if plan is NAMED:
        assert {"page.png", "copy.edf"} <= {path.name for path in files}
    for secret in SECRETS:
        assert secret.encode() not in said
        assert secret.encode("utf-16-le") not in said
        for path in files:
            assert secret.encode() not in path.read_bytes(), path.name

"""The commands for EEG files, and that nobody is named unless it is asked for."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.eeg import describe_eeg, to_dict
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.patient_fields import read_identity
from app.core.eeg.record_scan import read_recording, scan_records
from tests.core.eeg_files import PATIENT, SECRETS, TECHNICIAN, edf
from tests.core.eeg_with_gaps import NAMED, PLAN, F, Run, path, run

__all__ = ["path", "run"]


def test_nobody_is_named(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = tmp_path / "a.edf"
    made.write_bytes(edf(NAMED))
    shown = []
    with opened_eeg(made) as eeg:
        recording = read_recording(eeg)
        identity = read_identity(eeg)
        *_, last = scan_records(eeg)
        shown += [repr(found) for found in (eeg, eeg.header, eeg.contents, recording, last, identity)]
        shown += [str(identity), f"{eeg}", describe_eeg(recording), json.dumps(to_dict(recording))]
        shown += [str(vars_of(found)) for found in (eeg.header, recording, last)]
    for command in (
        ("probe", made),
        ("probe", made, "--json"),
        ("samples", made, "--signal", 0, "--at", 0, "--count", 3),
        ("samples", made, "--signal", 99, "--at", 0, "--count", 3),
    ):
        shown += [str(part) for part in run(*command)]
    shown.append(caplog.text)
    for secret in SECRETS:
        assert not any(secret in text for text in shown), secret


def vars_of(found: object) -> list[object]:
    """All that an object with slots holds."""
    return [getattr(found, name) for name in getattr(type(found), "__slots__", ())]


def test_who_was_recorded_is_shown_when_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "a.edf"
    made.write_bytes(edf(NAMED))
    assert PATIENT in run("probe", made, "--identity")[1]
    found = json.loads(run("probe", made, "--identity", "--json")[1])
    assert found["identity"] == {"patient": PATIENT, "recording": TECHNICIAN}


def test_probe_and_samples_as_json(run: Run, path: Path) -> None:
    code, out, err = run("probe", path, "--json")
    assert code == 0
    found = json.loads(out)
    assert list(found) == [
        "format", "start", "duration", "signals", "segments", "annotations", "warnings",
    ]  # fmt: skip
    assert found["start"] == "2002-03-02T08:15:04.000000"
    assert found["segments"] == [{"start": 0.0, "duration": 3.0}, {"start": 50.0, "duration": 3.0}]
    assert found["annotations"][0] == {"onset": 1.5, "duration": 2.0, "text": "Spasm"}
    assert found["annotations"][1] == {"onset": 51.0, "duration": None, "text": "a"}
    assert found["signals"][2] == {"label": "SpO2", "name": "SpO2", "rate": 1.0, "unit": "%", "samples": 6}
    code, out, err = run("samples", path, "--signal", 2, "--at", "1", "--count", "4", "--json")
    found = json.loads(out)
    assert list(found) == ["values", "unit", "rate"]
    assert found["values"][2:] == [None, None]
    assert (found["unit"], found["rate"]) == ("%", 1.0)
    assert "Spasm" in run("probe", path)[1]
    assert "–" in run("samples", path, "--signal", 2, "--at", "-1", "--count", "4")[1]
    assert err == "" or "100%" in err


@pytest.mark.parametrize(
    "options",
    [
        ("--signal", "x", "--at", "0", "--count", "1"),
        ("--signal", "0", "--at", "nan", "--count", "1"),
        ("--signal", "0", "--at", "1e300", "--count", "1"),
        ("--signal", "0", "--at", "0", "--count", "0"),
        ("--signal", "0", "--at", "0", "--count", "99999999999"),
        ("--signal", "0", "--at", "0"),
    ],
)
def test_usage(run: Run, path: Path, options: tuple[str, ...]) -> None:
    code, out, _ = run("samples", path, *options)
    assert (code, out) == (2, "")


def test_a_signal_that_is_not_there_or_has_no_rate_is_told(run: Run, path: Path) -> None:
    for number in (3, -1):
        code, _, err = run("samples", path, f"--signal={number}", "--at", 0, "--count", 1)
        assert code == 1
        assert "has 3 signals" in err
    path.write_bytes(edf(replace(PLAN, seconds=F(0))))
    assert "no sampling rate" in run("samples", path, "--signal", 0, "--at", 0, "--count", 1)[2]

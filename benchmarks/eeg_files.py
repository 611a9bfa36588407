"""Odd and real EEG files against what is true of them, by the collection beside the repository."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from app.commands.eeg import to_dict
from app.core.eeg.eeg_file import EegFile, opened_eeg
from app.core.eeg.eeg_recording import EegRecording
from app.core.eeg.record_scan import read_recording
from app.core.eeg.samples import read_values
from app.core.errors import UserError
from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, at_most, fact, machine
from benchmarks.stage import ROOT, seconds_of

FOLDER = ROOT.parent / "shared" / "media" / "eeg"
"""The collection: files, their truth, and the program that makes more."""

SEEDS = range(101, 110)
MADE = 500
"""The least number of made files."""

Truth = dict[str, Any]


def run(options: Options) -> Result:
    """`runs` is the number of seeds of which odd files are made, with a file for each of some 60 oddities."""
    folder = FOLDER
    if not (folder / "make_edf.py").is_file():
        note = "The collection of EEG files (shared/media/eeg) is not beside the repository."
        return Result("eeg_files", machine(), (), (note,))
    seeds = list(SEEDS)[: options.runs or len(SEEDS)]
    with tempfile.TemporaryDirectory() as made:
        for number, seed in enumerate(seeds):
            options.report(Progress("Making odd EEG files", 0.3 * number / len(seeds)))
            command = [sys.executable, str(folder / "make_edf.py"), made, "--seed", str(seed)]
            subprocess.run(command, check=True, capture_output=True)
        odd = _Tally(Path(made))
        taken = seconds_of(odd.read_all)
        real = _Tally(folder)
        real.read_all()
    rows = (
        at_most("odd files that are read wrongly", odd.wrong, "files", 0.0),
        at_most("unexpected errors on them", odd.errors, "", 0.0),
        fact("odd files", odd.files, "files"),
        fact("values, times and texts compared in them", odd.compared, ""),
        fact("all of them read and compared", taken, "s"),
        at_most("files of the collection that are read wrongly", real.wrong, "files", 0.0),
        at_most("unexpected errors on them", real.errors, "", 0.0),
        fact("files of the collection", real.files, "files"),
    )
    notes = (
        "A file is wrong if its format, start, duration, segments, a label, rate, number of samples, an "
        "annotation (1 ms or half a sample) or one of the checked values (one digital step, in the sample "
        "nearest to its second) is not the truth, if a gap has a value, or if a fault has no warning.",
        *(f"Wrong: {text}" for text in (*odd.faults, *real.faults)[:10]),
    )
    return Result("eeg_files", machine(), rows, notes)


class _Tally:
    """What came of reading all files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._truth: dict[str, Truth] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        self.files = len(self._truth)
        self.wrong = self.errors = self.compared = 0
        self.faults: list[str] = []

    def read_all(self) -> None:
        for name, truth in self._truth.items():
            try:
                faults = self._faults(self._folder / name, truth)
            except Exception as error:  # noqa: BLE001 - an unexpected error is what is counted
                self.errors += 1
                faults = [type(error).__name__]
            self.wrong += bool(faults)
            self.faults += [f"{name}: {fault}" for fault in faults[:1]]

    def _faults(self, path: Path, truth: Truth) -> list[str]:
        try:
            with opened_eeg(path) as eeg:
                recording = read_recording(eeg)
                return [*self._of_recording(recording, truth), *self._of_values(eeg, recording, truth)]
        except UserError:
            return ["refused"] if truth["readable"] else []

    def _of_recording(self, recording: EegRecording, truth: Truth) -> list[str]:
        found = to_dict(recording)
        rates = [signal["rate"] for signal in truth["signals"] if signal["rate"]]
        half = 0.5 / max(rates, default=1000.0) + 1e-9
        wrong = []
        if found["format"].upper() not in truth["format"]:
            wrong.append("format")
        if all(start != found["start"] for start in truth["start"]):
            wrong.append("start")
        lasting = [one for one in found["segments"] if one["duration"] > 0]
        if truth["segments"] and abs(found["duration"] - truth["duration"]) > half:
            wrong.append("duration")
        pairs = (
            [(a["start"], a["duration"]) for a in lasting],
            [(a["start"], a["duration"]) for a in truth["segments"]],
        )
        if not _near(*pairs, half):
            wrong.append("segments")
        signals = [(one["label"].strip(), one["samples"]) for one in found["signals"]]
        if signals != [(one["label"].strip(), one["samples"]) for one in truth["signals"]]:
            wrong.append("signals")
        if not _same_notes(found["annotations"], truth["annotations"], min(half, 1e-3)):
            wrong.append("annotations")
        if truth["warn"] and not found["warnings"]:
            wrong.append("no warning")
        self.compared += 5 + len(signals) + len(lasting) + len(found["annotations"])
        return wrong

    def _of_values(self, eeg: EegFile, recording: EegRecording, truth: Truth) -> list[str]:
        wrong = []
        checks = [
            (number, check, signal["step"])
            for number, signal in enumerate(truth["signals"])
            for check in signal["checks"]
        ]
        checks += [(gap["signal"], gap, 0.0) for gap in truth["gap_checks"]]
        for number, check, step in checks:
            expected = np.array([np.nan if one is None else one for one in check["values"]])
            signal = eeg.header.signals[number]
            values = read_values(eeg, recording.timeline, signal, check["at"], len(expected))
            allowed = step * 1.000001 + 1e-9 * np.nanmax(np.abs(expected), initial=0.0)
            if not np.allclose(values, expected, rtol=0.0, atol=allowed, equal_nan=True):
                wrong.append(f"values of signal {number}")
            self.compared += len(expected)
        return wrong


def _near(found: list[tuple[float, float]], wanted: list[tuple[float, float]], allowed: float) -> bool:
    return len(found) == len(wanted) and all(
        abs(a - b) <= allowed
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def _same_notes(found: list[Truth], wanted: list[Truth], allowed: float) -> bool:
    """Whether these are the same annotations; the order of those at one moment is free."""
    there = [one for one in found if one["text"].strip()]
    texts = Counter(_bare(one["text"]) for one in there)
    if texts != Counter(_bare(one["text"]) for one in wanted):
        return False
    for note in wanted:
        same = [
            one
            for one in there
            if _bare(one["text"]) == _bare(note["text"])
            and abs(one["onset"] - note["onset"]) <= allowed
            and abs((one["duration"] or 0.0) - (note["duration"] or 0.0)) <= allowed + 1e-6
        ]
        if not same:
            return False
        there.remove(same[0])
    return True


def _bare(text: str) -> str:
    return text.strip().partition("@@")[0].strip()

"""The same day of EEG from 256 electrodes beside other readers: mne, edfio, pyedflib."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, Row, fact, machine, within
from benchmarks.eeg import GAP, SECONDS, SUBSECOND, check_holes, write_day
from benchmarks.stage import ROOT

PEERS = ("mne", "edfio", "pyedflib")
RUNS, PATIENCE = 3, 600.0
"""Runs of each reader, and seconds after which one is stopped; a slow one runs once."""

_SLOW = 60.0
_PROCESS = Path(__file__).with_name("eeg_peer_process.py")
_PLACE = ROOT / "build" / "eeg-peers" / "venv" / "bin" / "python"
_NOTE = "Last"
"""The annotation in the last record, which is right only if no time was lost before it."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a reader took: seconds of the page and of everything, MB, and the last annotation (s); or `error`,
    why it could not read the file."""

    page: float = 0.0
    everything: float = 0.0
    memory: float = 0.0
    last: float = 0.0
    error: str = ""


def run(options: Options) -> Result:
    """`seconds` is the length of the EEG, `runs` the readings by each reader."""
    seconds = int(options.seconds or SECONDS)
    notes, rows = [_note(seconds)], []
    with tempfile.TemporaryDirectory() as folder:
        check_holes(Path(folder))
        for kind in ("EDF+C", "EDF+D"):
            path = Path(folder) / f"{kind}.edf"
            options.report(Progress(f"Writing {seconds / 3600:.3g} h of {kind}", 0.0))
            write_day(path, seconds, kind=kind, last_note=_NOTE)
            found = _readings(path, options)
            mine, peers = found["semioscope"], {name: found[name] for name in PEERS}
            gap = GAP if kind == "EDF+D" else 0
            right = seconds - 0.5 + gap
            notes += _faults(kind, found, right)
            rows += _rows(kind, mine, {name: one for name, one in peers.items() if not one.error})
            path.unlink()
    return Result("eeg_peers", machine(), tuple(rows), tuple(notes))


def _note(seconds: int) -> str:
    return (
        f"EDF+C and EDF+D of {seconds / 3600:.3g} h, 256 signals of 2048 Hz, an annotation in the last "
        f"record, the first sample {SUBSECOND} s after the header's second. Each reader in a separate "
        "process, its import not counted; memory is the most that was gained. The floor is the best of the "
        "readers that can read the file. All compute the page as float64 in physical units; here it is then "
        "kept as float32, within 1/256 of a step between two samples, by the others as float64."
    )


def _readings(path: Path, options: Options) -> dict[str, _Reading]:
    """The medians of all readers, in turn, so that a busy moment meets all of them."""
    names, runs = ("semioscope", *PEERS), options.runs or RUNS
    found: dict[str, list[_Reading]] = {name: [] for name in names}
    for number in range(runs):
        for place, name in enumerate(names):
            options.report(Progress(f"Reading with {name}", (number + place / len(names)) / runs))
            if not found[name] or not (found[name][-1].error or found[name][-1].everything > _SLOW):
                found[name].append(_once(name, path))
    return {name: _middle(ones) for name, ones in found.items()}


def _middle(readings: list[_Reading]) -> _Reading:
    """The medians of a reader; its last failure, if there is one."""
    last = readings[-1]
    if last.error:
        return last
    return _Reading(
        median(one.page for one in readings),
        median(one.everything for one in readings),
        median(one.memory for one in readings),
        last.last,
    )


def _once(name: str, path: Path) -> _Reading:
    python = sys.executable if name == "semioscope" else str(_PLACE)
    if not Path(python).exists():
        return _Reading(error="not installed (installer/peers.sh eeg)")
    try:
        done = subprocess.run(
            [python, "-P", str(_PROCESS), name, str(path)],
            env=os.environ | {"PYTHONPATH": str(ROOT) if name == "semioscope" else ""},
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return _Reading(error=f"not ready after {PATIENCE:.0f} s")
    if done.returncode:
        return _Reading(error=f"its process ended with {done.returncode}")
    row = json.loads(done.stdout.splitlines()[-1])
    if "error" in row:
        return _Reading(error=row["error"])
    return _Reading(row["page"], row["all"], row["memory"], row["last"])


def _rows(kind: str, mine: _Reading, peers: dict[str, _Reading]) -> list[Row]:
    """Where no peer can read the file there is nothing to be ahead of."""
    if not peers:
        return [
            fact(f"{kind}: open, and a page of 10 s", mine.page * 1000, "ms"),
            fact(f"{kind}: and all annotations", mine.everything, "s"),
            fact(f"{kind}: memory gained", mine.memory, "MB"),
        ]
    best = peers.values()
    rows = [
        within(
            f"{kind}: open, and a page of 10 s", mine.page * 1000, "ms", min(p.page for p in best) * 1000, 1.0
        ),
        within(f"{kind}: and all annotations", mine.everything, "s", min(p.everything for p in best), 1.0),
        within(f"{kind}: memory gained", mine.memory, "MB", min(p.memory for p in best), 1.0),
    ]
    for name, one in peers.items():
        rows.append(fact(f"{kind}: {name}: open, and a page of 10 s", one.page * 1000, "ms"))
        rows.append(fact(f"{kind}: {name}: and all annotations", one.everything, "s"))
        rows.append(fact(f"{kind}: {name}: memory gained", one.memory, "MB"))
    return rows


def _faults(kind: str, readings: dict[str, _Reading], right: float) -> list[str]:
    """What readers cannot do, or get wrong."""
    found = []
    for name, one in readings.items():
        if one.error:
            found.append(f"{kind}: {name} did not read it: {one.error}.")
        elif abs(one.last - right) > 0.001:
            where = f"{one.last - right:+.3f} s from its place" if one.last >= 0 else "left out"
            found.append(f"{kind}: {name} gives the last annotation {where}.")
    return found

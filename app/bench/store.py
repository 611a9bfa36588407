"""How long a tick takes until it is on disk, and whether programs that write at once lose any."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from app.bench.benchmark import Options, Result, Row, at_most, fact, machine
from app.bench.stage import ROOT, seconds_of
from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.edits import SetAnswer
from app.core.study.filesystem import on_network_share
from app.core.study.store import Study

TICKS, PROGRAMS, WRITES = 1000, 4, 500
BAR = 0.1


@dataclass(frozen=True, slots=True)
class _Clip:
    path: Path
    name: str = "clip.mp4"
    fingerprint: str = "0" * 64
    duration: float = 60.0


def run(options: Options) -> Result:
    """Ticks in one program, then several programs on one study; `runs` is the number of ticks."""
    ticks = options.runs or TICKS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "clip.semioscope"
        options.report(Progress("Ticking", 0.0))
        kept, floor = _ticks(folder, ticks)
        options.report(Progress(f"{PROGRAMS} programs write {WRITES} ticks each", 0.5))
        rows = (_p95("tick until it is on disk, p95", kept, floor), *_together(folder))
        share = on_network_share(Path(place))
    disk = "network share" if share else "local disk"
    return Result(
        "store",
        machine(),
        rows,
        (
            f"{ticks} ticks, the history growing with each; the floor is the p95 of appending and syncing "
            f"4 KiB to a file in the same folder, which is on a {disk}.",
        ),
    )


def _p95(what: str, seconds: Sequence[float], floor: Sequence[float]) -> Row:
    return at_most(what, float(np.percentile(seconds, 95)), "s", BAR, floor=float(np.percentile(floor, 95)))


def _ticks(folder: Path, count: int) -> tuple[list[float], list[float]]:
    kept, floor = [], []
    with Study.open(folder, author="bench") as study, (folder.parent / "floor").open("wb") as file:
        edits = _edits(study, "bench", count)
        for edit in edits:
            kept.append(seconds_of(partial(study.apply, edit)))
            floor.append(seconds_of(partial(_append_synced, file.fileno())))
    return kept, floor


def _append_synced(handle: int) -> None:
    os.write(handle, bytes(4096))
    os.fsync(handle)


def _edits(study: Study, name: str, count: int) -> list[SetAnswer]:
    """So many ticks of one person, each from what the one before left."""
    reader = ReaderIdentity(ReaderKind.PERSON, name, "1")
    recording = study.recording(_Clip(study.folder.parent / "clip.mp4"))
    answers: dict[str, Answer] = {}
    edits = []
    for number in range(count):
        feature = FEATURES[number % len(FEATURES)].id
        after = Answer(feature, list(Presence)[number % 3], explanation=str(number))
        edits.append(SetAnswer(recording, reader, answers.get(feature, Answer(feature)), after))
        answers[feature] = after
    return edits


def _together(folder: Path) -> tuple[Row, ...]:
    begun = time.perf_counter()
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "app.bench.store", str(folder), f"program {number}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
        for number in range(PROGRAMS)
    ]
    outputs = [program.communicate()[0] for program in programs]
    seconds = time.perf_counter() - begun
    failed = sum(program.returncode != 0 for program in programs)
    acknowledged = sum(len(output.splitlines()) for output in outputs)
    with Study.open(folder, author="bench") as study:
        kept = sum(row.who.startswith("program") for row in study.history())
        broken = len(study.verify_history())
    what = f"{PROGRAMS} programs, {WRITES} ticks each"
    return (
        at_most(f"{what}: programs that failed", failed, "programs", 0),
        at_most(f"{what}: ticks lost", PROGRAMS * WRITES - min(kept, acknowledged), "ticks", 0),
        at_most(f"{what}: breaks in the history", broken, "rows", 0),
        fact(f"{what}: all of them, with the programs' starts", seconds, "s"),
    )


def _write_beside_others(folder: Path, name: str) -> None:
    with Study.open(folder, author=name, shared=True) as study:
        for edit in _edits(study, name, WRITES):
            study.apply(edit)
            os.write(1, b"kept\n")


if __name__ == "__main__":
    _write_beside_others(Path(sys.argv[1]), sys.argv[2])

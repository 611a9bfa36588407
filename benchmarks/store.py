"""How long a tick takes until it is on disk, whether programs that write at once lose any, and how fast
a large study opens."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study import changes, recording_table, schema
from app.core.study.database import FILE_NAME, open_for_writing
from app.core.study.edits import SetAnswer
from app.core.study.filesystem import on_network_share
from app.core.study.store import Study
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.stage import ROOT, seconds_of

TICKS, PROGRAMS, WRITES = 1000, 4, 500
BAR = 0.1
RECORDINGS, READERS, OPENINGS = 2000, 3, 20
OPEN_BAR = 1.0


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
        options.report(Progress(f"{PROGRAMS} programs write {WRITES} ticks each", 0.3))
        rows = (_p95("tick until it is on disk, p95", kept, floor), *_together(folder))
        options.report(Progress(f"A study of {RECORDINGS} recordings is made, opened and listed", 0.6))
        rows = (*rows, *_large(Path(place) / "large"))
        share = on_network_share(Path(place))
    disk = "network share" if share else "local disk"
    return Result(
        "store",
        machine(),
        rows,
        (
            f"{ticks} ticks, the history growing with each; the floor is the p95 of appending and syncing "
            f"4 KiB to a file in the same folder, which is on a {disk}.",
            f"The large study holds {READERS} whole readings of each recording with their history; the "
            "floor of listing it is a bare connection that counts the answers of each recording. The "
            "disagreement is looked for where there is none: the whole study is searched.",
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
            [sys.executable, "-m", "benchmarks.store", str(folder), f"program {number}"],
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
        kept = sum(row.who.startswith("program") for row in study.history(viewer=None))
        broken = len(study.verify_history())
    what = f"{PROGRAMS} programs, {WRITES} ticks each"
    return (
        at_most(f"{what}: programs that failed", failed, "programs", 0),
        at_most(f"{what}: ticks lost", PROGRAMS * WRITES - min(kept, acknowledged), "ticks", 0),
        at_most(f"{what}: breaks in the history", broken, "rows", 0),
        fact(f"{what}: all of them, with the programs' starts", seconds, "s"),
    )


def _large(folder: Path) -> tuple[Row, ...]:
    Study.open(folder, author="bench").close()
    people = [ReaderIdentity(ReaderKind.PERSON, f"reader {number}", "1") for number in range(READERS)]
    _fill(folder, people)
    opened = [seconds_of(partial(_open_and_list, folder, people[0])) for _ in range(OPENINGS)]
    floor = [seconds_of(partial(_count_bare, folder)) for _ in range(OPENINGS)]
    with Study.open(folder, author="bench") as study:
        differing = [seconds_of(partial(study.next_disagreement, viewer=None)) for _ in range(OPENINGS)]
        unanswered = [seconds_of(partial(study.next_unanswered, people[0])) for _ in range(OPENINGS)]
        copied = seconds_of(study.back_up_if_due)
    what = f"{RECORDINGS} recordings × {READERS} readers"
    return (
        at_most(
            f"{what}: opened and listed, p95",
            float(np.percentile(opened, 95)),
            "s",
            OPEN_BAR,
            floor=float(np.percentile(floor, 95)),
        ),
        at_most(f"{what}: next disagreement, p95", float(np.percentile(differing, 95)), "s", OPEN_BAR),
        at_most(f"{what}: next unanswered, p95", float(np.percentile(unanswered, 95)), "s", OPEN_BAR),
        fact(f"{what}: daily copy, checked", copied, "s"),
    )


def _fill(folder: Path, people: Sequence[ReaderIdentity]) -> None:
    """In one transaction, because it is not what is measured."""
    identity = RecordingIdentity("", "", 60.0)
    database = open_for_writing(folder / FILE_NAME, busy_seconds=2.0, steps=schema.STEPS)
    with database.writing() as connection:
        for number in range(RECORDINGS):
            name = f"{number}.mp4"
            recording = recording_table.put_recording(connection, f"{number:064x}", name, f"../{name}", 60.0)
            answers = {
                feature.id: Answer(
                    feature.id,
                    list(Presence)[(number + place) % 3],
                    80,
                    (Span(1.0, 2.5),),
                    explanation="…" * 40,
                )
                for place, feature in enumerate(FEATURES)
            }
            for person in people:
                changes.keep(connection, recording, Reading(identity, person, answers), person.name, "")
    database.close()


def _open_and_list(folder: Path, reader: ReaderIdentity) -> None:
    with Study.open(folder, author="bench") as study:
        items = study.worklist(reader, viewer=None)
        if len(items) != RECORDINGS:
            raise RuntimeError("the worklist does not hold every recording")


def _count_bare(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("SELECT recording_id, count(*) FROM answers GROUP BY recording_id").fetchall()


def _write_beside_others(folder: Path, name: str) -> None:
    with Study.open(folder, author=name, shared=True) as study:
        for edit in _edits(study, name, WRITES):
            study.apply(edit)
            os.write(1, b"kept\n")


if __name__ == "__main__":
    _write_beside_others(Path(sys.argv[1]), sys.argv[2])

"""A batch: 10,000 recordings listed and resumed, and two readings at once against one."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from app.core.batch.batch_reader import BatchReader
from app.core.batch.results import SUMMARY, open_results
from app.core.jobs import Progress
from app.core.phantom.random_course import random_script
from app.core.phantom.render import render_phantom
from app.core.readers.signal.reader import IDENTITY
from app.core.reading import Reading, RecordingIdentity, to_json
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine

RECORDINGS, SECONDS_BAR, MEMORY_BAR = 10_000, 2.0, 300.0
PHANTOMS, SPEED_BAR, SHARE_BAR, WORK_BAR = 8, 1.6, 0.9, 1.05
ROOT = Path(__file__).parents[1]
_TELLING_MEMORY = """
import re, sys
from app.cli import main
code = main(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1], file=sys.stderr)
sys.exit(code)
"""
"""The program, and then its largest memory in KiB; the parent's figure counts its memory before the start."""


def run(options: Options) -> Result:
    """`runs` is the number of phantoms."""
    with tempfile.TemporaryDirectory() as folder:
        options.report(Progress(f"{RECORDINGS:,} recordings", 0.0))
        rows = [*_resumed(Path(folder))]
        options.report(Progress("two readings at once", 0.3))
        rows += _speed(Path(folder) / "emu", options.runs or PHANTOMS)
    note = (
        "The speed-ups are by the clock: they say something only on an idle machine. One reading keeps more "
        "than one core busy by itself (decoding, pose and face run beside each other), so two at once can be "
        "faster by no more than the cores over those that one keeps busy; the second row holds what is "
        "reached of that. The processor time is true on a busy machine too: two readings do not fight."
    )
    return Result("batch", machine(), tuple(rows), (note,))


def _resumed(folder: Path) -> tuple[Row, ...]:
    """A whole program that finds everything done; files that are not videos, since none is opened."""
    (folder / "r").mkdir()
    names, known, reader = ["path"], [], BatchReader("signal")
    with open_results(folder / "out") as results:
        for number in range(RECORDINGS):
            path = folder / "r" / f"{number:05}.mp4"
            path.write_text(str(number))
            names.append(f"r/{path.name}")
            sha256, status = hashlib.sha256(str(number).encode()).hexdigest(), path.stat()
            known.append(json.dumps([f"{path.absolute()}|{status.st_size}|{status.st_mtime_ns}", sha256]))
            reading = Reading(RecordingIdentity(path.name, sha256, 3.0), IDENTITY, {})
            results.path_of(reader.key_for(sha256, None)).write_text(to_json(reading))
    (folder / "out" / "contents.jsonl").write_text("\n".join(known) + "\n")
    (folder / "list.csv").write_text("\n".join(names) + "\n")
    bare = _used(("batch", "--help"), folder)
    used = _batch(folder / "list.csv", folder / "out", folder, "--resume")
    assert (folder / "out" / SUMMARY).read_text(encoding="utf-8-sig").count(",earlier,") == RECORDINGS
    return (
        at_most(f"{RECORDINGS:,} rows listed and resumed, processor time", used[1], "s", SECONDS_BAR,
                floor=bare[1]),
        at_most("memory of the same", used[2], "MB", MEMORY_BAR, floor=bare[2]),
    )  # fmt: skip


def _speed(emu: Path, count: int) -> tuple[Row, ...]:
    emu.mkdir()
    for seed in range(count):
        script = replace(random_script(seed, 6.0, features=()), fps=10.0, size=(426, 240))
        render_phantom(script, emu / f"p{seed:02}.mp4")
    seconds, processor = {}, {}
    for jobs in (1, 2):
        place = emu.parent / f"jobs-{jobs}"
        begun = time.perf_counter()
        used = _batch(emu, place / "out", place, "--jobs", str(jobs))
        seconds[jobs], processor[jobs] = time.perf_counter() - begun, used[1]
    faster, busy = seconds[1] / seconds[2], processor[1] / seconds[1]
    possible = min(2.0, max((os.cpu_count() or 1) / busy, 1.0))
    return (
        at_least("--jobs 2 against 1", faster, "×", SPEED_BAR),
        at_least("of the speed-up that the cores leave", faster / possible, "", SHARE_BAR),
        fact("cores that one reading at a time keeps busy", busy, ""),
        fact(f"{count} phantoms of 6 s with --jobs 1", seconds[1], "s"),
        at_most("processor time of --jobs 2 against 1", processor[2] / processor[1], "×", WORK_BAR),
    )


def _batch(source: Path, out: Path, home: Path, *options: str) -> tuple[float, float, float]:
    return _used(("batch", str(source), "--out", str(out), *options), home / "home")


def _used(arguments: tuple[str, ...], home: Path) -> tuple[float, float, float]:
    """Seconds by the clock, processor seconds with all its processes, and the program's own memory in MB."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _TELLING_MEMORY, *arguments],
        cwd=ROOT,
        env={**os.environ, "SEMIOSCOPE_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begun, processor, float(done.stderr.split()[-1]) / 1024

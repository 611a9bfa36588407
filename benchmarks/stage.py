"""What the benchmarks are measured on: phantoms that are rendered once, folders that are empty."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import app
from app import __version__
from app.core.folders import cache_folder
from app.core.jobs import Progress, Report

ROOT = Path(app.__file__).resolve().parent.parent
"""Where `python -m app` is found."""


def phantom_file(seconds: float, size: tuple[int, int], report: Report) -> Path:
    """The demonstration's course of so many seconds at 30 Hz, rendered once into the cache folder.

    In a separate process: cv2 must not come into one that will open a window.
    """
    folder = cache_folder() / "bench"
    folder.mkdir(exist_ok=True)
    path = folder / f"demonstration-{__version__}-{seconds:g}s-{size[0]}x{size[1]}.mp4"
    if not path.exists():
        report(Progress(f"Rendering {seconds:g} s of phantom at {size[0]}×{size[1]}", 0.0))
        options = ["--seed", "7", "--demonstration", "--duration", f"{seconds:g}"]
        options += ["--size", f"{size[0]}x{size[1]}", "--fps", "30", "--out", str(path)]
        run_python(["-m", "app", "phantom", *options])
    return path


def run_python(arguments: Sequence[str]) -> str:
    """Run this Python; its stdout. Raises RuntimeError with its last words when it fails."""
    done = subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, cwd=ROOT, timeout=1800
    )
    if done.returncode:
        raise RuntimeError(f"{arguments[:3]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


@contextmanager
def fresh_home() -> Iterator[Path]:
    """Settings, caches and logs in an empty folder for a while, here and in child processes."""
    before = os.environ.get("SEMIOSCOPE_HOME")
    with tempfile.TemporaryDirectory(prefix="semioscope-bench-") as folder:
        os.environ["SEMIOSCOPE_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["SEMIOSCOPE_HOME"]
            else:
                os.environ["SEMIOSCOPE_HOME"] = before


def alternated(
    runs: int, measures: Sequence[Callable[[], float]], what: str, report: Report
) -> tuple[float, ...]:
    """Medians of several measures in turn, `runs` times each, so that a busy moment meets all of them."""
    found: list[list[float]] = [[] for _ in measures]
    for number in range(runs):
        for place, measure in enumerate(measures):
            report(Progress(what, (number * len(measures) + place) / (runs * len(measures))))
            found[place].append(measure())
    return tuple(median(values) for values in found)


def seconds_of(work: Callable[[], object]) -> float:
    """How long `work` takes, by the wall clock."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun

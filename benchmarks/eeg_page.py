"""The pages and trends of an EEG without a window: accuracy of filters and clocks, time and memory."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from app.core.eeg.filters import Filters, apply_filters, run_in
from app.core.eeg.page import PageStretch, reduce_for_drawing
from app.core.eeg.sync import MarkPair, Sync, sync_from_pairs
from app.core.jobs import Progress
from app.core.phantom.eeg import EegScript, phantom_eeg
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.eeg_overview import CHANNELS, RATE

SECONDS, RUNS = 86_400.0, 60
SIZES = ((32, 16.0), (128, 33.0))
"""Channels of a page and the milliseconds of a frame that its painting shares."""

PAGE_RATE, PAGE, COLUMNS = Fraction(512), 10, 1600
FILTERS = (
    Filters(0.1, 70.0, 50.0, harmonics=True),
    Filters(0.5, 70.0),
    Filters(1.6, 35.0, 60.0),
    Filters(0.5, 70.0, 50.0, zero_phase=True),
)


def run(options: Options) -> Result:
    """`seconds` is the length of the overview, `runs` the pages that are measured."""
    seconds, runs = options.seconds or SECONDS, options.runs or RUNS
    options.report(Progress("Filtering pages", 0.0))
    rows = [_accuracy(filters) for filters in FILTERS]
    for number, (channels, frame) in enumerate(SIZES):
        options.report(Progress(f"Drawing pages of {channels} channels", 0.1 + 0.1 * number))
        rows += _pages(channels, frame, runs)
    rows.append(_two_marks())
    options.report(Progress(f"Computing the overview of {seconds / 3600:.3g} h", 0.3))
    rows += _overview_rows(seconds)
    return Result(
        "eeg_page",
        machine(),
        tuple(rows),
        (
            "Processor time without painting. Filtering includes the run-in. The overview is that of the "
            "common average, computed from generated samples in memory, without reading a file.",
            "The onset is that of the phantom's seizure, which says nothing about patients.",
        ),
    )


def _accuracy(filters: Filters) -> Row:
    """How far pages that were run in are from the whole signal filtered from its start."""
    rate = float(RATE)
    whole = phantom_eeg(EegScript(1, 180.0)).values[:19].astype(np.float64)
    right = apply_filters(whole, rate, filters)
    lead, length = math.ceil(run_in(filters, rate) * rate), round(PAGE * rate)
    worst = 0.0
    for first in range(lead, whole.shape[1] - length - lead, length // 2):
        after = lead if filters.zero_phase else 0
        page = apply_filters(whole[:, first - lead : first + length + after], rate, filters)
        expected = right[:, first : first + length]
        errors = np.abs(page[:, lead : lead + length] - expected).max(axis=1)
        worst = max(worst, float((errors / np.abs(expected).max(axis=1)).max()))
    return at_most(f"page against the whole signal filtered, {_words(filters)}", 100 * worst, "%", 0.2)


def _words(filters: Filters) -> str:
    parts = [f"{filters.low_cut:g}–{filters.high_cut:g} Hz"]
    parts += [f"notch {filters.notch:g} Hz"] if filters.notch else []
    parts += ["zero phase"] if filters.zero_phase else []
    return ", ".join(parts)


def _pages(channels: int, frame: float, runs: int) -> list[Row]:
    filters = FILTERS[1]
    lead = math.ceil(run_in(filters, float(PAGE_RATE)) * float(PAGE_RATE))
    count = lead + round((PAGE + 2) * PAGE_RATE)
    values = np.random.default_rng(1).normal(0, 30, (channels, count)).astype(np.float32)
    ready = apply_filters(values, float(PAGE_RATE), filters)[:, lead:]
    width = Fraction(PAGE, COLUMNS)

    def reduce(number: int) -> None:
        start = width * (number % 300)
        reduce_for_drawing(ready, PAGE_RATE, Fraction(0), PageStretch(start, start + PAGE, COLUMNS))

    def filter_all(_number: int) -> None:
        apply_filters(values, float(PAGE_RATE), filters)

    size = f"{channels} channels × {PAGE} s × {PAGE_RATE} Hz"
    return [
        at_most(f"{size} onto {COLUMNS} columns, p95", _p95(reduce, runs), "ms", frame / 2),
        fact("the same page filtered, p95", _p95(filter_all, runs), "ms"),
    ]


def _p95(do: Callable[[int], None], runs: int) -> float:
    """Milliseconds of processor time."""
    do(0)  # what is kept from then on is there
    taken = []
    for number in range(1, runs + 1):
        begun = time.thread_time()
        do(number)
        taken.append((time.thread_time() - begun) * 1000)
    return float(np.percentile(taken, 95))


def _two_marks() -> Row:
    """Two marks, each a quarter of a frame off, a day, 12 µs/s: the farthest from the truth anywhere."""
    truth, frame, worst = Sync(-321.0, 12e-6), 1 / 30, 0.0
    for first, second in ((-frame / 4, frame / 4), (frame / 4, -frame / 4)):
        marks = ((3600.0, first), (82_800.0, second))
        fit = sync_from_pairs([MarkPair(at, truth.to_recording(at) + error) for at, error in marks])
        times = np.linspace(0.0, 86_400.0, 1000).tolist()
        worst = max(worst, *(abs(fit.sync.to_recording(at) - truth.to_recording(at)) for at in times))
    return at_most("two marks, drift 12 µs/s, anywhere in 24 h", worst / frame, "frames", 1.0)


def _overview_rows(seconds: float) -> list[Row]:
    """The overview in a separate process, where the linear algebra has one thread: several wait for each
    other by spinning, which counts as processor time when other programs are at work."""
    command = [sys.executable, "-m", "benchmarks.eeg_overview", str(seconds)]
    done = subprocess.run(
        command, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}, capture_output=True, check=True
    )
    found = json.loads(done.stdout)
    return [
        at_most(
            f"overview of {seconds / 3600:.3g} h × {CHANNELS} channels × {RATE} Hz, processor time",
            found["seconds"],
            "s",
            30.0,
        ),
        at_most("memory that it takes", found["memory"], "MB", 200.0),
        at_most("onset of the phantom's seizure, off by", found["onset_off"], "s", 12.0),
        fact("evolving events proposed in all", found["events"], ""),
    ]

"""The EEG in the window: pages turned, scrolled, zoomed and scaled with their painting; 1080p30 with it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.core.eeg.displayed_file import DisplayedFile
from app.core.eeg.edf_writing import WrittenChannel, WrittenStretch, write_edf
from app.core.eeg.eeg_file import open_eeg
from app.core.eeg.record_scan import read_recording
from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.playback import frames_of, played
from benchmarks.playback import rows_of as playback_rows
from benchmarks.screen import screen
from benchmarks.stage import fresh_home, phantom_file
from benchmarks.timeline import Moment
from benchmarks.window import settle, shown_window, wait_for

if TYPE_CHECKING:
    from app.ui.session.session import Session
    from app.ui.views.eeg_page import EegPageView
    from app.ui.window import Window

SECONDS, SIZE = 60.0, (1920, 1080)
RATE, LENGTH = 512, 120
RUNS = 60
SIZES = ((32, 16.0), (128, 33.0))
"""Channels, and the milliseconds that a page may take."""


def run(options: Options) -> Result:
    """`seconds` is the length of what is played, `runs` the pages that are measured."""
    seconds, runs = options.seconds or SECONDS, options.runs or RUNS
    source = phantom_file(seconds, SIZE, options.report)
    rows: list[Row] = []
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(source, folder))
        with shown_window(*SIZE) as (window, session):
            _open(session, path)
            for number, (channels, bar) in enumerate(SIZES):
                options.report(Progress(f"Paging {channels} channels", 0.1 + 0.3 * number))
                _show(session, Path(folder) / f"{channels}.edf", channels)
                rows += _page_rows(window, session, runs, f"{channels} channels", bar)
            _show(session, Path(folder) / "32.edf", 32)
            for smooth in (False, True):
                options.report(Progress("Playing", 0.7 + 0.15 * smooth))
                rows += _playing(window, session, seconds, smooth=smooth)
            session.eeg.show(None)
    notes = (
        drawn_on,
        "A move is timed in the window's thread until it is painted, with the tiles beside the page read. "
        "After a zoom the samples that are known are painted at once; how long it then takes until the page "
        "is read in its new length, and a page that was not read ahead, are separate rows.",
    )
    return Result("eeg_panel", machine(), tuple(rows), notes)


def _open(session: Session, path: Path) -> None:
    session.readers.ask_for_new_studies(False)
    session.opening.open(path)
    wait_for(session, lambda: session.opened.recording is not None, "the recording")
    session.analysis.cancel()
    wait_for(session, lambda: session.analysis.work is None, "the work to end")


def write_page_file(path: Path, channels: int) -> None:
    """Write two minutes of noise as loud as an EEG, with that many channels."""
    generator = np.random.default_rng(5)
    steps = generator.normal(0, 1, (channels, RATE * LENGTH))
    smooth = np.apply_along_axis(lambda row: np.convolve(row, np.hanning(24), "same"), 1, steps)
    values = (12.0 * smooth / smooth.std()).astype(np.float32)
    written = [WrittenChannel(f"EEG {number}", Fraction(RATE)) for number in range(channels)]
    write_edf(path, written, [WrittenStretch(Fraction(0), tuple(values))])


def _show(session: Session, path: Path, channels: int) -> None:
    if not path.exists():
        write_page_file(path, channels)
    eeg = open_eeg(path)
    found = read_recording(eeg)
    session.eeg.show(DisplayedFile(eeg, found.timeline, found.annotations, key=path.name))
    settle(1.0)


def _page_rows(window: Window, session: Session, runs: int, size: str, bar: float) -> list[Row]:
    from app.ui.views.eeg_page import EegPageView

    view = window.findChild(EegPageView)
    assert isinstance(view, EegPageView)
    position, display = session.eeg.position, session.eeg
    position.set_length(10.0)
    position.go_to(0.0)
    settle(0.5)
    lengths, steps = (5.0, 10.0, 15.0, 10.0), (1, 1, -1, -1)
    moves: dict[str, Callable[[int], None]] = {
        "page turned": lambda n: position.turn(1 if n % 16 < 8 else -1),
        "scrolled": lambda n: position.go_to(20.0 + n / 30),
        "zoomed": lambda n: position.set_length(lengths[n % 4]),
        "sensitivity": lambda n: display.change_sensitivity(steps[n % 4]),
    }
    rows = []
    for name, move in moves.items():
        taken = [_timed(view, move, number) for number in range(runs)]
        what = f"{size} × 10 s × {RATE} Hz, {name}, p95"
        rows.append(at_most(what, _p95(taken), "ms", bar))
        busy = float(np.percentile([one.computed for one in taken], 95))
        rows.append(fact("of it computed by the GUI thread", busy, "ms"))
    still = [_timed(view, lambda _number: view.refresh(), number) for number in range(runs)]
    rows.append(fact(f"{size}, the same page painted anew, p95", _p95(still), "ms"))
    rows.append(fact("until a zoomed page is read in its new length", _zoomed(session, lengths), "ms"))
    rows.append(fact(f"{size}, until a page that was not read ahead is there", _jumped(session), "ms"))
    return rows


def _p95(taken: Sequence[Moment]) -> float:
    return float(np.percentile([one.took for one in taken], 95))


def _timed(view: EegPageView, move: Callable[[int], None], number: int) -> Moment:
    """A move until it is painted, after the tiles beside the page have been read."""
    settle(0.12)
    begun, computed = time.perf_counter(), time.thread_time()
    move(number)
    view.repaint()
    return Moment((time.perf_counter() - begun) * 1000, (time.thread_time() - computed) * 1000)


def _zoomed(session: Session, lengths: Sequence[float]) -> float:
    """The median milliseconds from a zoom until the tiles of the page have its length."""
    taken = []
    for number in range(2 * len(lengths)):
        settle(0.12)
        begun = time.perf_counter()
        session.eeg.position.set_length(lengths[number % len(lengths)])
        while session.eeg.pages.done < 1.0:
            settle(0.002)
        taken.append((time.perf_counter() - begun) * 1000)
    return float(np.median(taken))


def _jumped(session: Session) -> float:
    """The median milliseconds until the traces of a far page are there."""
    taken = []
    for start in (3.0, 61.0, 22.0, 88.0, 41.0):
        begun = time.perf_counter()
        session.eeg.position.go_to(start)
        while session.eeg.pages.done < 1.0:
            settle(0.002)
        taken.append((time.perf_counter() - begun) * 1000)
    return float(np.median(taken))


def _playing(window: Window, session: Session, seconds: float, *, smooth: bool) -> list[Row]:
    """1080p30 with 32 channels: frames dropped, and how far the cursor was from the frame."""
    session.eeg.change(smooth=smooth)
    session.playback.seek(0.0)
    settle(1.0)
    apart: list[float] = []

    def look() -> None:
        if session.playback.playing:
            apart.append(abs(session.eeg.position.cursor - session.playback.frame_time))

    session.playback.frame_shown.connect(look)
    watch = played(window, session, seconds)
    session.playback.frame_shown.disconnect(look)
    frame = 1 / 30
    words = "page scrolling" if smooth else "page turning"
    dropped, blocked, *_ = playback_rows(watch, frames_of(session), seconds)
    return [
        at_most(f"frames dropped with 32 channels, {words}", dropped.value, "%", 0.5),
        fact("longest the GUI thread was blocked", blocked.value, "ms"),
        at_most(
            "cursor of the EEG from the frame, p99", float(np.percentile(apart, 99)) / frame, "frames", 1.0
        ),
    ]

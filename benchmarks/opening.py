"""Opening two hours of 1080p in the real window: until the first picture is painted, until the recording is
open, until its whole waveform is there."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import av

from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, Row, fact, machine, within
from benchmarks.footage import write_long
from benchmarks.screen import screen
from benchmarks.stage import fresh_home, seconds_of
from benchmarks.window import shown_window, wait_for

if TYPE_CHECKING:
    from app.ui.session.session import Session

SECONDS, RUNS = 7200.0, 5
FIRST_BAR, WAVEFORM_BAR = 1.5, 1.2
FILES = {"MP4": "mp4", "TS": "ts"}
BARRED = frozenset({"MP4"})
"""A transport stream has no header: its floor is a few milliseconds, below one repaint of the window, and its
packets are known only when all of it has been read."""

_SHORT = 25.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The window, a short recording that is open before each run, and the folder where things are kept."""

    session: Session
    short: Path
    home: Path


@dataclass(slots=True)
class Times:
    """Seconds since the file was chosen, one for each run; `size` is that of the first picture in pixels."""

    first: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    waveform: list[float] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)


def run(options: Options) -> Result:
    """`seconds` is the length of the recordings."""
    seconds = options.seconds or SECONDS
    rows: list[Row] = []
    with screen() as drawn_on, fresh_home() as home, tempfile.TemporaryDirectory() as folder:
        short = write_long(Path(folder) / "short.mp4", _SHORT)
        with shown_window() as (_window, session):
            session.readers.ask_for_new_studies(False)
            for place, (name, suffix) in enumerate(FILES.items()):
                options.report(Progress(f"Writing {seconds / 3600:.1f} h of {name}", place / len(FILES)))
                path = write_long(Path(folder) / f"a.{suffix}", seconds)
                options.report(Progress(f"Opening {name}", (place + 0.5) / len(FILES)))
                rows += _rows(name, path, Stage(session, short, home), options.runs or RUNS)
                path.unlink()
    return Result(
        "opening",
        machine(),
        tuple(rows),
        (
            drawn_on,
            f"From the choice of a file of {seconds / 3600:.2g} h, while another one is open, until the "
            "window has painted its first picture; what is kept of the file is deleted before each run.",
            "The floor of the first picture is opening with PyAV, decoding and converting one frame; that of "
            "the waveform is decoding the sound with PyAV.",
            "A transport stream has no header and no table of its packets: all of it is read before it is "
            "open, so its rows have no bar.",
            "The picture hardly changes, so the files are small; one of full size takes longer to read.",
        ),
    )


def _rows(name: str, path: Path, stage: Stage, runs: int) -> list[Row]:
    """The rows of one file; both sides in turn, so that a busy moment meets all."""
    times = Times()
    floor: list[float] = []
    sound: list[float] = []
    again: list[float] = []
    _timed(stage, path, Times())  # the first one loads what all others find loaded
    for _ in range(runs):
        _timed(stage, path, times)
        floor.append(seconds_of(lambda: _bare_first(path, times.size)))
    for _ in range(2):
        _timed(stage, path, times, whole=True)
        sound.append(seconds_of(lambda: _bare_sound(path)))
        _open(stage.session, stage.short)
        again.append(_open(stage.session, path))
    first, bare = f"{name}: until the first picture is painted", median(floor)
    whole = f"{name}: until the whole waveform is there"
    shown, drawn = median(times.first) * 1000, median(times.waveform)
    return [
        within(first, shown, "ms", bare * 1000, FIRST_BAR)
        if name in BARRED
        else fact(first, shown, "ms", floor=bare * 1000),
        fact(f"{name}: until it is open for the first time", median(times.opened), "s", floor=bare),
        fact(f"{name}: until it is open again", median(again), "s", floor=bare),
        within(whole, drawn, "s", median(sound), WAVEFORM_BAR)
        if name in BARRED
        else fact(whole, drawn, "s", floor=median(sound)),
    ]


def _timed(stage: Stage, path: Path, times: Times, *, whole: bool = False) -> None:
    """Open a recording of which nothing is kept, after the short one; with `whole` until its waveform is
    there."""
    from PySide6.QtWidgets import QApplication

    session, home = stage.session, stage.home
    _open(session, stage.short)
    for kept in (*home.rglob("index/*.npz"), *home.rglob("waveform/*.npz")):
        kept.unlink()
    begun = time.perf_counter()
    session.opening.open(path)
    wait_for(session, lambda: session.opened.preview is not None, "the first picture")
    QApplication.processEvents()  # now it is painted
    times.first.append(time.perf_counter() - begun)
    image = session.playback.image
    assert image is not None
    times.size = (image.width(), image.height())
    wait_for(session, lambda: session.opened.recording is not None, "the recording")
    times.opened.append(time.perf_counter() - begun)
    if whole:
        wait_for(session, lambda: session.sound_detail.waveform is not None, "the waveform")
        times.waveform.append(time.perf_counter() - begun)
    _rest(session)


def _open(session: Session, path: Path) -> float:
    """Seconds until a recording is open whose packets may be known."""
    begun = time.perf_counter()
    session.opening.open(path)
    wait_for(
        session,
        lambda: session.opened.recording is not None and session.opened.recording.path == path,
        "the recording",
    )
    taken = time.perf_counter() - begun
    _rest(session)
    return taken


def _rest(session: Session) -> None:
    """End the analysis that every opening begins."""
    session.analysis.cancel()
    wait_for(session, lambda: session.analysis.work is None, "the work to end")


def _bare_first(path: Path, size: tuple[int, int]) -> None:
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        frame.to_ndarray(format="bgra", width=size[0], height=size[1])


def _bare_sound(path: Path) -> None:
    with av.open(str(path)) as container:
        for _ in container.decode(audio=0):
            pass

"""1080p30 playback with pose, waveform and checklist shown: frames that were due and never painted,
and how long the GUI thread was ever busy at a stretch."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.screen import screen
from benchmarks.stage import fresh_home, phantom_file
from benchmarks.window import open_and_analyse, settle, shown_window, wait_for

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QWidget

    from app.ui.session.session import Session

SECONDS, SIZE = 60.0, (1920, 1080)
DROPPED_BAR = 0.5
BLOCKED_BAR = 50.0
_BEAT = 5


@dataclass(slots=True)
class Watch:
    """What was painted while it played: numbers of frames; the gaps (ms) between heartbeats of the GUI
    thread, how much of each it computed itself, and how much it waited for a processor."""

    painted: list[int] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    computed: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    cursors: int = 0


def run(options: Options) -> Result:
    seconds = options.seconds or SECONDS
    source = phantom_file(seconds, SIZE, options.report)
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(source, folder))
        with shown_window(*SIZE) as (window, session):
            options.report(Progress("Finding the pose that is drawn", 0.0))
            open_and_analyse(session, path)
            session.playback.seek(0.0, exact=True)
            settle(1.0)
            options.report(Progress("Playing", 0.0))
            watch = played(window, session, seconds)
            frames = frames_of(session)
            silent = session.sound.silent
    notes = [drawn_on, silent and f"Played on the wall clock: {silent}"]
    return Result(
        "playback", machine(), rows_of(watch, frames, seconds), tuple(note for note in notes if note)
    )


def frames_of(session: Session) -> int:
    """How many frames the open recording has."""
    assert session.opened.recording is not None
    assert session.opened.recording.video is not None
    return session.opened.recording.video.n


def played(
    window: QWidget, session: Session, seconds: float, begun: Callable[[], None] = lambda: None
) -> Watch:
    """Play to the end and watch the picture being painted; `begun` is called when it plays."""
    from PySide6.QtCore import Qt, QTimer

    from app.ui.views.video import VideoView

    watch = Watch([session.playback.frame_number])  # painted already
    view = window.findChild(VideoView)
    assert isinstance(view, VideoView)
    observer = observe_paints(view, lambda: watch.painted.append(session.playback.frame_number))
    clocks = _clocks()
    last = clocks()

    def beat() -> None:
        nonlocal last
        now = clocks()
        gap, computed, waited = (now - last) * 1000
        watch.gaps.append(float(gap))
        watch.computed.append(float(computed))
        watch.waited.append(float(waited))
        last = now

    def count() -> None:
        watch.cursors += 1

    heart = QTimer()
    heart.setTimerType(Qt.TimerType.PreciseTimer)
    heart.timeout.connect(beat)
    session.playback.moved.connect(count)
    session.playback.play()
    wait_for(session, lambda: session.playback.playing, "playback to begin", 10.0)
    last = clocks()
    heart.start(_BEAT)
    begun()
    wait_for(session, lambda: not session.playback.playing, "the end of playback", seconds * 2 + 30)
    heart.stop()
    settle(0.2)
    session.playback.moved.disconnect(count)
    view.removeEventFilter(observer)
    return watch


def _clocks() -> Callable[[], npt.NDArray[np.float64]]:
    """Gives three times (s) of the thread that asked for it: the wall's, what it computed, and what it waited
    for a processor. The last is 0 where the system does not tell."""
    told = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    try:
        file = os.open(told, os.O_RDONLY)
    except OSError:
        return lambda: np.array([time.perf_counter(), time.thread_time(), 0.0])

    def now() -> npt.NDArray[np.float64]:
        waited = int(os.pread(file, 100, 0).split()[1]) / 1e9
        return np.array([time.perf_counter(), time.thread_time(), waited])

    return now


def observe_paints(view: QWidget, told: Callable[[], None]) -> QObject:
    """Call `told` at every paint of the view, before it."""
    from PySide6.QtCore import QEvent, QObject

    class Observer(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
            if event.type() is QEvent.Type.Paint and watched is view:
                told()
            return False

    observer = Observer(view)
    view.installEventFilter(observer)
    return observer


def rows_of(watch: Watch, frames: int, seconds: float) -> tuple[Row, ...]:
    """The measured rows; every one of the recording's `frames` was due once. What is shorter than `SECONDS`
    is held to no share of dropped frames."""
    painted = len({number for number in watch.painted if number >= 0})
    dropped = 100.0 * (frames - painted) / frames
    gaps = np.array(watch.gaps or [np.nan])
    own = gaps - np.array(watch.waited or [0.0])
    what = f"frames dropped of {frames} due in {seconds:g} s at 1080p30"
    return (
        # Of a few seconds two frames would already be too many.
        at_most(what, dropped, "%", DROPPED_BAR) if seconds >= SECONDS else fact(what, dropped, "%"),
        at_most("longest the GUI thread was blocked", float(gaps.max()), "ms", BLOCKED_BAR),
        fact("the same, 99th percentile", float(np.percentile(gaps, 99)), "ms"),
        fact("the same without waiting for a processor", float(own.max()), "ms"),
        fact("longest it computed at a stretch", max(watch.computed, default=np.nan), "ms"),
        fact("cursor moved", watch.cursors / seconds, "Hz"),
    )

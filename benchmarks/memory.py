"""Memory of the real window while a recording of two hours is played, searched and looked through."""

from __future__ import annotations

import os
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.jobs import Progress
from app.core.semiology import Span
from benchmarks.benchmark import Options, Result, at_most, machine
from benchmarks.screen import screen
from benchmarks.stage import fresh_home, run_python
from benchmarks.window import settle, shown_window, wait_for

if TYPE_CHECKING:
    from app.ui.session.session import Session

SECONDS = 7200.0
PLAYED = 300.0
"""Seconds by the clock, at eight times the speed: 40 min of the recording."""

FASTEST, SEEKS, SPANS = 8.0, 120, 120
BASE = 60.0
BAR = 100.0
IN_USE_BAR = 450.0


def run(options: Options) -> Result:
    """`seconds` is how long it is played, by the clock."""
    played = options.seconds or PLAYED
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        options.report(Progress("Writing two hours", 0.0))
        path = _two_hours(Path(folder))
        with shown_window() as (_window, session):
            session.readers.ask_for_new_studies(False)
            memory = Memory()
            session.sound_detail.show_spectrogram(True)
            session.opening.open(path)
            wait_for(session, lambda: session.sound_detail.waveform is not None, "the waveform")
            session.analysis.cancel()
            wait_for(session, lambda: session.analysis.work is None, "the work to end")
            wait_for(session, lambda: session.sound_detail.spectrogram is not None, "the spectrogram")
            options.report(Progress(f"Playing for {played:.0f} s", 0.1))
            at_a_minute = _played(session, memory, played)
            after_playing = memory.now()
            options.report(Progress("Searching", 0.8))
            searched = _searched(session, memory)
            settle(2.0)
            end = memory.now()
    return Result(
        "memory",
        machine(),
        (
            at_most("in use after 1 min of playing", at_a_minute, "MB", IN_USE_BAR),
            at_most(
                f"gained by {played / 60:.3g} min of playing at 8×", after_playing - at_a_minute, "MB", BAR
            ),
            at_most("gained by searching the two hours as well", end - at_a_minute, "MB", BAR),
            at_most("the most above that minute at any time", memory.most - at_a_minute, "MB", BAR),
        ),
        (
            drawn_on,
            "The whole window with waveform, spectrogram and timeline; played for "
            f"{played:.0f} s by the clock at 8× from the beginning ({played * FASTEST / 60:.0f} min of the "
            f"recording), then {searched}.",
            "Resident memory of the process, looked at every half second.",
        ),
    )


def _two_hours(folder: Path) -> Path:
    """Written by a separate process: what an encoder leaves in memory is not the window's."""
    path = folder / "a.mp4"
    lines = "import sys, pathlib, benchmarks.footage as footage"
    run_python(["-c", f"{lines}; footage.write_long(pathlib.Path(sys.argv[1]), {SECONDS})", str(path)])
    return path


@dataclass(slots=True)
class Memory:
    """Resident memory of this process in MB, and the most that was seen."""

    most: float = 0.0
    _process: Any = field(init=False)

    def __post_init__(self) -> None:
        import psutil  # type: ignore[import-untyped]  # it has no stubs here

        self._process = psutil.Process(os.getpid())

    def now(self) -> float:
        used = float(self._process.memory_info().rss) / 1e6
        self.most = max(self.most, used)
        return used


def _played(session: Session, memory: Memory, seconds: float) -> float:
    """Play at eight times the speed; gives the memory after a minute, or half of a shorter while."""
    session.playback.set_speed(FASTEST)
    session.playback.play()
    begun, base = time.perf_counter(), 0.0
    while (passed := time.perf_counter() - begun) < seconds:
        settle(0.5)
        used = memory.now()
        if not base and passed >= min(BASE, seconds / 2):
            base = memory.most = used
    session.playback.pause()
    return base


def _searched(session: Session, memory: Memory) -> str:
    """Go to places of the whole recording, step, drag, and look at spans of every length; what was done."""
    chance = random.Random(3)
    for place in range(SEEKS):
        session.playback.seek(chance.uniform(0.0, session.opened.duration), exact=place % 3 > 0)
        settle(0.1)
        for _ in range(4):
            session.playback.step(-1)
            settle(0.03)
        memory.now()
    for _ in range(SPANS):
        length = session.opened.duration * 2.0 ** -chance.uniform(0.0, 12.0)
        start = chance.uniform(0.0, session.opened.duration - length)
        session.visible.set(Span(start, start + length))
        settle(0.1)
        memory.now()
    for _ in range(6):
        session.playback.seek(chance.uniform(0.0, session.opened.duration * 0.9))
        session.playback.play()
        settle(3.0)
        session.playback.pause()
        memory.now()
    return (
        f"{SEEKS} places all over it with 4 steps back at each, {SPANS} spans from two hours to 2 s looked "
        "at, and 6 stretches played from places all over it"
    )

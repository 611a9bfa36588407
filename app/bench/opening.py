"""Opening two hours of 1080p: until the first picture, until the recording is open, until the whole waveform;
and how memory grows while it plays."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from statistics import median

import av

from app.bench.benchmark import Options, Result, Row, at_most, fact, machine, within
from app.bench.footage import write_long
from app.bench.stage import alternated, fresh_home, seconds_of
from app.core.jobs import Progress

SECONDS, RUNS = 7200.0, 5
VIEW = (1280, 720)
FIRST_BAR, WAVEFORM_BAR, MEMORY_BAR = 1.5, 1.2, 100.0
PLAYED = 120.0
_SETTLED = 0.5


def run(options: Options) -> Result:
    """`seconds` is the length of the recording."""
    seconds = options.seconds or SECONDS
    with fresh_home() as home, tempfile.TemporaryDirectory() as folder:
        options.report(Progress(f"Writing {seconds / 3600:.1f} h of 1080p", 0.0))
        path = write_long(Path(folder) / "a.mp4", seconds)
        first, floor = alternated(
            options.runs or RUNS, (lambda: _first(path), lambda: _bare_first(path)), "Opening", options.report
        )
        cold = median(_opened(path, home) for _ in range(3))
        warm = median(_opened(path, None) for _ in range(3))
        options.report(Progress("Building the waveform", 0.5))
        bare_sound = seconds_of(lambda: _bare_sound(path))
        waveform = _waveform(path)
        options.report(Progress("Playing", 0.8))
        memory = _memory(path, min(PLAYED, seconds))
    hours = f"{seconds / 3600:.2g} h"
    return Result(
        "opening",
        machine(),
        (
            within(
                f"{hours} of 1080p MP4: until the first picture", first * 1000, "ms", floor * 1000, FIRST_BAR
            ),
            fact("until it is open for the first time", cold, "s", floor=floor),
            fact("until it is open again", warm, "s", floor=floor),
            within("until the whole waveform is there", waveform, "s", bare_sound, WAVEFORM_BAR),
            *memory,
        ),
        (
            "The floor of the first picture is opening with PyAV, decoding and converting one frame.",
            "The picture hardly changes, so the file is small; one of full size takes longer to read.",
        ),
    )


def _first(path: Path) -> float:
    from app.core.recording.first import first_picture

    return seconds_of(lambda: first_picture(path, VIEW))


def _bare_first(path: Path) -> float:
    def work() -> None:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            frame.to_ndarray(format="bgra", width=VIEW[0], height=VIEW[1])

    return seconds_of(work)


def _opened(path: Path, home: Path | None) -> float:
    """Seconds until it is open and its first frame decoded; without the cache where `home` is given."""
    from app.core.recording import FrameReader, open_recording

    if home is not None:
        for kept in home.rglob("index/*.npz"):
            kept.unlink()

    def work() -> None:
        with FrameReader(open_recording(path), VIEW, "bgra") as reader:
            reader.frame(0)

    return seconds_of(work)


def _bare_sound(path: Path) -> None:
    with av.open(str(path)) as container:
        for _ in container.decode(audio=0):
            pass


def _waveform(path: Path) -> float:
    from app.core.recording import build_waveform, open_recording

    recording = open_recording(path)
    return seconds_of(lambda: build_waveform(recording))


def _memory(path: Path, seconds: float) -> list[Row]:
    """Resident memory while playing at the usual speed, and how much of it came in the second half."""
    try:
        import psutil  # type: ignore[import-untyped]  # it has no stubs here
    except ImportError:
        return []
    from PySide6.QtCore import QCoreApplication

    from app.core.recording import open_recording
    from app.ui.player.player import Player

    application = QCoreApplication.instance() or QCoreApplication([])
    process = psutil.Process(os.getpid())
    player = Player()
    player.set_size(*VIEW)
    player.open(open_recording(path))
    player.play()
    samples: list[tuple[float, float]] = []
    begun = time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        application.processEvents()
        time.sleep(0.002)
        if not samples or passed - samples[-1][0] > 1.0:
            samples.append((passed, process.memory_info().rss / 2**20))
    player.close()
    settled = [(at, used) for at, used in samples if at >= seconds * _SETTLED]
    grown = settled[-1][1] - settled[0][1] if settled else 0.0
    return [
        fact(f"memory after {seconds:.0f} s of playing", samples[-1][1], "MB"),
        at_most(
            f"memory gained in the last {seconds * (1 - _SETTLED):.0f} s of them", grown, "MB", MEMORY_BAR
        ),
    ]

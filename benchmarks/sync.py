"""Sound against picture through a real-time sound device, at several speeds, after seeks and with shifted
streams; how fast a pause is heard and seen; playing at eight times the speed."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine
from benchmarks.footage import RATE as FRAMES_PER_SECOND
from benchmarks.footage import write_flashes, write_numbered
from benchmarks.sound_server import RATE, Microphone, NoServer, sound_server
from benchmarks.stage import fresh_home

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.ui.player.player import Player

SECONDS = 14.0
BAR, PAUSE_BAR = 20.0, 50.0
SEEKS = 20
SPEEDS = (0.5, 1.0, 2.0)
_EVERY = 1.0
_LOUD = 0.05


@dataclass
class Watched:
    """When (`time.perf_counter`) frames were shown, and which were white."""

    shown: list[tuple[float, int, bool]] = field(default_factory=list)

    def frame(self, image: QImage, _seconds: float, number: int) -> None:
        bright = image.pixelColor(image.width() // 2, image.height() // 2).lightness() > 128
        self.shown.append((time.perf_counter(), number, bright))

    def flashes(self, begun: float) -> list[float]:
        return [at for at, _, bright in self.shown if bright and at >= begun]


def run(options: Options) -> Result:
    """`seconds` is how long is played at each speed."""
    from PySide6.QtCore import QCoreApplication

    application = QCoreApplication.instance() or QCoreApplication([])
    assert application is not None
    seconds = options.seconds or SECONDS
    notes = [
        "Heard through PulseAudio's null sink, whose monitor is recorded; seen when the player gives the "
        "frame to the window. The monitor is given sound when the server mixes it, some 7 ms before it "
        "would leave a loudspeaker, and the window a frame 8 ms before it is due, for its way to the screen: "
        "these two are not told apart."
    ]
    rows: list[Row] = []
    with fresh_home(), tempfile.TemporaryDirectory() as folder:
        plain = write_flashes(Path(folder) / "a.mkv", seconds * 2 + 4, _times(seconds * 2 + 4))
        shifted = write_flashes(Path(folder) / "b.mkv", seconds + 4, _times(seconds + 4), shift=0.4)
        try:
            with sound_server():
                for speed in SPEEDS:
                    options.report(Progress(f"Playing at {speed:g}×", 0.0))
                    rows += _rows(f"at {speed:g}×", _played(plain, speed, seconds))
                options.report(Progress("Playing after seeks", 0.5))
                seeks = options.runs or SEEKS
                rows += _rows(f"after {seeks} seeks", _sought(plain, seconds * 2, seeks))
                rows += _rows("with sound that begins 0.4 s late", _played(shifted, 1.0, seconds / 2))
                options.report(Progress("Playing denoised", 0.7))
                rows += _denoised(Path(folder) / "d.mkv", seconds)
                options.report(Progress("Pausing", 0.8))
                rows += _pauses(plain)
        except NoServer as reason:
            notes.append(str(reason))
        options.report(Progress("Playing at 8×", 0.9))
        rows += _fast(write_numbered(Path(folder) / "c.mp4", 900, 30))
    return Result("sync", machine(), tuple(rows), tuple(notes))


def _times(seconds: float) -> list[float]:
    return [n * _EVERY for n in range(1, int(seconds / _EVERY))]


def _rows(what: str, offsets: Sequence[float]) -> list[Row]:
    """Offsets in seconds, positive where sound is late."""
    if not len(offsets):
        return [at_most(f"sound against picture {what}: nothing was heard", float("nan"), "ms", BAR)]
    found = np.array(offsets) * 1000
    middle = abs(float(np.median(found)))
    return [
        at_most(f"sound against picture {what}, median of {len(found)}", middle, "ms", BAR),
        at_most(
            f"the same {what}, 95th percentile of its size",
            float(np.percentile(np.abs(found), 95)),
            "ms",
            BAR,
        ),
        fact(f"the same {what}, the largest", float(np.abs(found).max()), "ms"),
        fact(f"the same {what}, signed mean", float(found.mean()), "ms"),
    ]


def _opened(path: Path, watched: Watched) -> Player:
    from app.core.recording.probe import open_recording
    from app.ui.player.player import Player

    player = Player()
    player.frame_shown.connect(watched.frame)
    player.open(open_recording(path))
    _run_until(lambda: bool(watched.shown))
    _run_for(1.0)
    return player


def _played(
    path: Path, speed: float, seconds: float, profile: npt.NDArray[np.float32] | None = None
) -> list[float]:
    watched, microphone = Watched(), Microphone()
    player = _opened(path, watched)
    player.set_speed(speed)
    player.sound.set_denoised(profile)
    begun = time.perf_counter()
    player.play()
    _run_for(seconds)
    player.pause()
    _run_for(0.3)
    ended = time.perf_counter()
    player.close()
    return _paired(watched.flashes(begun), *microphone.close(begun, ended))


def _denoised(path: Path, seconds: float) -> list[Row]:
    """The same with the noise reduced, and what that takes of the time that it may take."""
    from app.core.enhance.denoise import SOUND_RATE
    from app.core.playback.clock import Course
    from app.core.playback.hearing import Taken
    from app.core.playback.stretch import course_sound
    from app.core.recording.probe import open_recording
    from app.core.recording.samples import SoundReader

    chance = np.random.default_rng(1)
    noise = (0.01 * chance.standard_normal(7 * RATE)).astype(np.float32)
    profile = (0.01 * chance.standard_normal(SOUND_RATE)).astype(np.float32)
    write_flashes(path, seconds * 2 + 4, _times(seconds * 2 + 4), noise=noise)
    rows = _rows("denoised, at 2×", _played(path, 2.0, seconds, profile))
    spent: list[float] = []
    for taken in (Taken(), Taken(profile=profile)):
        begun, heard = time.perf_counter(), 0
        with SoundReader(open_recording(path)) as reader:
            for samples in course_sound(reader, Course(0.0, 2.0, seconds * 2), RATE, 0.0, taken):
                heard += len(samples)
                if heard >= seconds * RATE:
                    break
        spent.append((time.perf_counter() - begun) / (heard / RATE) * 1000)
    return [
        *rows,
        fact("work for a second of sound at 2×, as recorded", spent[0], "ms"),
        at_most("work for a second of sound at 2×, denoised", spent[1], "ms", 500.0),
    ]


def _sought(path: Path, extent: float, seeks: int) -> list[float]:
    watched, microphone = Watched(), Microphone()
    player = _opened(path, watched)
    order = random.Random(3)
    begun = time.perf_counter()
    player.play()
    for _ in range(seeks):
        player.seek(order.randrange(0, int(extent)) + 0.55)
        _run_for(1.0)
    player.pause()
    _run_for(0.3)
    ended = time.perf_counter()
    player.close()
    return _paired(watched.flashes(begun), *microphone.close(begun, ended))


def _pauses(path: Path) -> list[Row]:
    """From the wish to pause until the last sound and the last new frame."""

    rows: list[Row] = []
    tone = path.with_name("tone.mkv")
    write_flashes(tone, 40.0, [n / 10 for n in range(1, 399)])  # sounds without a gap
    for speed in (0.5, 1.0, 2.0, 4.0):
        heard: list[float] = []
        seen: list[float] = []
        watched, microphone = Watched(), Microphone()
        player: Player = _opened(tone, watched)
        player.set_speed(speed)
        asked: list[float] = []
        for _ in range(3):
            player.play()
            _run_for(1.2)
            asked.append(time.perf_counter())
            player.pause()
            _run_for(0.7)
        ended = time.perf_counter()
        player.close()
        samples, times = microphone.close(asked[0], ended)
        for at in asked:
            loud = times[(np.abs(samples) > _LOUD) & (times > at) & (times < at + 0.6)]
            heard.append(float(loud.max()) - at if len(loud) else 0.0)
            frames = [shown - at for shown, _, _ in watched.shown if at < shown < at + 0.6]
            seen.append(max(frames, default=0.0))
        rows.append(at_most(f"pause at {speed:g}×: until silence", max(heard) * 1000, "ms", PAUSE_BAR))
        rows.append(at_most(f"pause at {speed:g}×: until the last frame", max(seen) * 1000, "ms", PAUSE_BAR))
    return rows


def _fast(path: Path) -> list[Row]:
    """1080p30 at eight times the speed: how often the picture changes, and how evenly."""
    watched = Watched()
    player = _opened(path, watched)
    player.set_size(1280, 720)
    player.set_speed(8.0)
    _run_for(0.3)
    begun = time.perf_counter()
    player.play()
    _run_until(lambda: not player.playing, 60.0)
    ended = time.perf_counter()
    player.close()
    shown = [(at, number) for at, number, _ in watched.shown if at > begun]
    gaps = np.diff([at for at, _ in shown]) * 1000
    duration = 900 / FRAMES_PER_SECOND
    return [
        at_least("8× of 1080p30: pictures shown", len(shown) / (ended - begun), "Hz", 15.0),
        fact("8× of 1080p30: longest a picture stood", float(gaps.max()), "ms"),
        fact("8× of 1080p30: speed that was kept", duration / (ended - begun), "×"),
    ]


def _paired(
    flashes: Sequence[float], samples: npt.NDArray[np.float32], times: npt.NDArray[np.float64]
) -> list[float]:
    """For each flash the seconds from it to the beep's begin, where one is near."""
    loud = np.flatnonzero(np.abs(samples) > _LOUD)
    if not len(loud):
        return []
    onsets = times[loud[np.concatenate([[True], np.diff(loud) > 0.15 * RATE])]]
    nearest = [float(onsets[np.argmin(np.abs(onsets - at))]) - at for at in flashes]
    return [offset for offset in nearest if abs(offset) < 0.25]


def _run_for(seconds: float) -> None:
    end = time.perf_counter() + seconds
    _run_until(lambda: time.perf_counter() >= end, seconds + 5)


def _run_until(condition: Callable[[], bool], patience: float = 20.0) -> None:
    """Let the player's timers run until it is so."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    look = QTimer()
    look.setInterval(2)
    look.timeout.connect(lambda: loop.quit() if condition() else None)
    look.start()
    QTimer.singleShot(round(patience * 1000), loop.quit)
    loop.exec()
    look.stop()
    if not condition():
        raise TimeoutError("the player did not get there")

"""Exact seeks and steps back on 1080p: whether the frame is the right one, and how long it takes beside a
bare PyAV loop and mpv."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine, within
from benchmarks.footage import number_in, write_numbered
from benchmarks.mpv import Mpv, MpvMissing
from benchmarks.stage import fresh_home

FRAMES, SEEKS = 600, 100
SIZE, VIEW = (1920, 1080), (1280, 720)
SEEK_BAR, STEP_BAR, MPV_BAR = 1.15, 33.0, 1.0
STEPS, STEPS_FROM = 150, 545
"""Steps back, and the frame from which on: they go across the keyframe 500 of a group of 250."""

_EXACT = 0.01
"""Seconds by which mpv's place may differ from the frame's time."""

FILES: dict[str, tuple[str, int, bool]] = {
    "MP4, GOP 30": ("mp4", 30, False),
    "MP4, GOP 250": ("mp4", 250, False),
    "TS, GOP 30": ("ts", 30, False),
    "TS, GOP 250": ("ts", 250, False),
    "MKV, GOP 30": ("mkv", 30, False),
    "MKV, GOP 250": ("mkv", 250, False),
    "MP4, variable rate, GOP 30": ("mp4", 30, True),
    "MKV, variable rate, GOP 250": ("mkv", 250, True),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A frame to go to: its number, and seconds on the clock at which it is on screen."""

    number: int
    seconds: float


def run(options: Options) -> Result:
    """`seconds` is the length of each file, `runs` how many seeks are made in it."""
    frames = round(options.seconds * 30) if options.seconds else FRAMES
    rows: list[Row] = []
    notes = [
        f"Every side gives the frame as {VIEW[0]}×{VIEW[1]} BGRA, mpv into its null output.",
        "The bare loop seeks to the keyframe before and decodes from there.",
        "In TS mpv's demuxer lands behind the target; it is set to seek one group of frames earlier, as its "
        "manual says, and only seeks that end at the right frame are compared.",
        f"Steps back: {STEPS} at 30 a second from frame {STEPS_FROM}, across keyframes.",
    ]
    with fresh_home(), tempfile.TemporaryDirectory() as folder:
        for place, (name, (suffix, gop, variable)) in enumerate(FILES.items()):
            options.report(Progress(f"Seeking in {name}", place / len(FILES)))
            path = write_numbered(Path(folder) / f"a.{suffix}", frames, gop, SIZE, variable=variable)
            early = gop / 30 if suffix == "ts" else 0.0
            rows += _measured(name, path, options.runs or SEEKS, notes, early=early)
            path.unlink()
    return Result("seek", machine(), tuple(rows), tuple(dict.fromkeys(notes)))


def _measured(name: str, path: Path, seeks: int, notes: list[str], *, early: float) -> list[Row]:
    """The rows of one file; `early` is what mpv needs there to be exact."""
    from app.core.recording.frames import FrameReader
    from app.core.recording.probe import open_recording

    recording = open_recording(path)
    assert recording.video is not None
    truth = _full_decode(path)
    order = random.Random(11)
    times = recording.video.times
    targets = [
        Target(n, float(times[n]) + 0.004) for n in (order.randrange(len(truth)) for _ in range(seeks))
    ]
    bare = _BareLoop(path, float(times[0]))
    ours: list[float] = []
    floor: list[float] = []
    peer: list[float] = []
    beside: list[float] = []
    wrong = astray = 0
    with FrameReader(recording, VIEW, "bgra") as reader, ExitStack() as stack:
        mpv = _mpv(path, stack, notes, early)
        for target in targets:  # in turn, so that a busy moment meets all
            begun = time.perf_counter()
            frame = reader.frame_at(target.seconds, alone=True)
            ours.append(time.perf_counter() - begun)
            wrong += number_in(frame.image) != truth[target.number]
            floor.append(bare.seek(target.seconds))
            if mpv is None:
                continue
            taken = mpv.seek(target.seconds)
            if abs(mpv.position() - times[target.number]) > _EXACT:
                astray += 1  # what is at another frame has not done what is measured
            else:
                peer.append(taken)
                beside.append(ours[-1])
    bare.close()
    p95, bare95 = (float(np.percentile(values, 95)) * 1000 for values in (ours, floor))
    rows = [
        at_most(f"{name}: wrong frames of {seeks}", wrong, "", 0),
        within(f"{name}: seek, 95th percentile", p95, "ms", bare95, SEEK_BAR),
        fact(
            f"{name}: seek, median", float(np.median(ours)) * 1000, "ms", floor=float(np.median(floor)) * 1000
        ),
    ]
    if peer:
        mine, mpv95 = (float(np.percentile(values, 95)) * 1000 for values in (beside, peer))
        rows.append(within(f"{name}: seek, 95th percentile, beside mpv", mine, "ms", mpv95, MPV_BAR))
    if astray:
        rows.append(fact(f"{name}: mpv at another frame than asked for, of {seeks}", astray, ""))
    rows.append(at_most(f"{name}: step back, 95th percentile", _stepped_back(path), "ms", STEP_BAR))
    return rows


def _mpv(path: Path, stack: ExitStack, notes: list[str], early: float) -> Mpv | None:
    try:
        return stack.enter_context(Mpv(path, VIEW, early=early))
    except MpvMissing as reason:
        notes.append(str(reason))
        return None


def _full_decode(path: Path) -> list[int]:
    """The truth: the number in every frame, decoded from the first to the last."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return [
            number_in(np.asarray(frame.to_ndarray(format="bgra", width=VIEW[0], height=VIEW[1]), np.uint8))
            for frame in container.decode(video=0)
        ]


class _BareLoop:
    """What anybody would write with PyAV: seek to the keyframe before, decode to the frame, convert it."""

    def __init__(self, path: Path, origin: float) -> None:
        self._container = av.open(str(path))
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        first = next(self._container.decode(self._stream))
        self._shift = float(first.time or 0.0) - origin

    def seek(self, seconds: float) -> float:
        """Seconds that it takes until the frame on screen at `seconds` is converted."""
        begun = time.perf_counter()
        wanted = seconds + self._shift
        base = self._stream.time_base
        assert base is not None
        self._container.seek(int(wanted / base), stream=self._stream)
        shown = None
        for frame in self._container.decode(self._stream):
            if frame.time is not None and frame.time > wanted:
                break
            shown = frame
        if shown is not None:
            shown.to_ndarray(format="bgra", width=VIEW[0], height=VIEW[1])
        return time.perf_counter() - begun

    def close(self) -> None:
        self._container.close()


def _stepped_back(path: Path) -> float:
    """Milliseconds (95th percentile) until the frame before is there, while the key is held at 30 Hz, through
    the decoder that the window uses."""
    from PySide6.QtCore import QCoreApplication

    from app.core.recording.probe import open_recording
    from app.ui.player.decoder import Decoder, Shown

    application = QCoreApplication.instance() or QCoreApplication([])
    recording = open_recording(path)
    assert recording.video is not None
    got: list[Shown] = []
    decoder = Decoder(recording)
    decoder.set_size(*VIEW)
    decoder.frame_ready.connect(got.append)
    decoder.start()
    number = min(STEPS_FROM, recording.video.n - 5)

    def shown(wanted: int) -> float:
        begun = time.perf_counter()
        assert recording.video is not None
        decoder.show(float(recording.video.times[wanted]) + 0.001, exact=True)
        _wait(application, lambda: bool(got) and got[-1].number == wanted)
        return time.perf_counter() - begun

    shown(number)
    end = time.perf_counter() + 0.6
    _wait(application, lambda: time.perf_counter() > end)
    taken: list[float] = []
    for wanted in range(number - 1, max(number - STEPS, 0) - 1, -1):
        next_key = time.perf_counter() + 1 / 30
        taken.append(shown(wanted))
        _wait(application, lambda until=next_key: time.perf_counter() > until)  # type: ignore[misc]  # bound as it is now
    decoder.close()
    return float(np.percentile(taken, 95)) * 1000


def _wait(application: object, condition: Callable[[], bool]) -> None:
    from PySide6.QtCore import QCoreApplication

    deadline = time.perf_counter() + 30
    while not condition():
        QCoreApplication.processEvents()
        if time.perf_counter() > deadline:
            raise TimeoutError("the decoder did not answer")
        time.sleep(0.0005)

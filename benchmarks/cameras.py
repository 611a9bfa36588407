"""Two 1080p30 recordings of one event played side by side: frames that were never painted of the camera that
leads and of the other, and how far apart the two pictures on screen ever are."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.playback import DROPPED_BAR, Watch, frames_of, observe_paints, played
from benchmarks.screen import screen
from benchmarks.stage import fresh_home, phantom_file
from benchmarks.window import open_and_analyse, settle, shown_window, wait_for

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.ui.player.cameras import Companion
    from app.ui.session.session import Session

SECONDS, SIZE = 60.0, (1920, 1080)
OFFSET = 1.01
"""Seconds by which the camera is ahead: its frames fall between those that lead."""
CAMERA_BAR = 2.0
APART_BAR = 40.0
"""Milliseconds: a frame of 30 Hz, and the time between two looks at the clock."""


@dataclass(slots=True)
class Seen:
    """What was painted of the camera: numbers of frames; and how far apart (s) the moments of the two
    pictures were whenever either was painted while playing."""

    painted: list[int] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)


def run(options: Options) -> Result:
    seconds = options.seconds or SECONDS
    source = phantom_file(seconds, SIZE, options.report)
    rows: list[Row] = []
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(source, Path(folder, "leading.mp4")))
        other = another_of(source, Path(folder, "camera.mp4"))
        with shown_window(*SIZE) as (window, session):
            options.report(Progress("Finding the pose that is drawn", 0.0))
            open_and_analyse(session, path)
            session.playback.seek(0.0, exact=True)
            settle(1.0)
            options.report(Progress("Playing without a camera", 0.0))
            alone = played(window, session, seconds)
            camera = _added(session, other)
            for alike, layout in ((False, "in a tile"), (True, "side by side")):
                options.report(Progress(f"Playing, the camera {layout}", 0.5 * alike))
                session.cameras.set_side_by_side(alike)
                session.playback.seek(0.0, exact=True)
                settle(1.0)
                watch, seen = _played(window, session, camera, seconds)
                rows += rows_of(alone, watch, seen, _frames(session, camera), layout)
            silent = session.sound.silent
    notes = [drawn_on, silent and f"Played on the wall clock: {silent}"]
    return Result("cameras", machine(), tuple(rows), tuple(note for note in notes if note))


def another_of(source: Path, out: Path) -> Path:
    """The same pictures and sound in a file of other bytes: what costs as much to decode and is not the same
    recording."""
    import av

    with av.open(str(source)) as given, av.open(str(out), "w") as made:
        made.metadata["title"] = "another camera"
        streams = {stream.index: made.add_stream_from_template(stream) for stream in given.streams}
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
    return out


def _added(session: Session, path: Path) -> Companion:
    session.cameras.add([path])
    (camera,) = session.cameras.shown
    while camera.recording is None:
        settle(0.1)
        if not session.cameras.shown:
            raise RuntimeError(f"the camera could not be opened: {session.status.message}")
    session.cameras.set_offset(camera, OFFSET)
    return camera


def _frames(session: Session, camera: Companion) -> tuple[int, int]:
    """How many frames of both were due: the camera ends before the leading one does."""
    assert camera.recording is not None
    assert camera.recording.video is not None
    due = camera.recording.video.n - camera.recording.video.number_at(OFFSET)
    return frames_of(session), due


def _played(window: QWidget, session: Session, camera: Companion, seconds: float) -> tuple[Watch, Seen]:
    """Play to the end and watch both pictures being painted."""
    from app.ui.views.camera_picture import CameraPicture

    picture = window.findChild(CameraPicture)
    assert isinstance(picture, CameraPicture)
    wait_for(session, lambda: camera.image is not None, "the camera's first picture", 10.0)
    seen = Seen([camera.frame_number])

    def painted() -> None:
        if camera.frame_number >= 0:
            seen.painted.append(camera.frame_number)
            if session.playback.playing:
                seen.apart.append(abs(camera.frame_time - OFFSET - session.playback.frame_time))

    observer = observe_paints(picture, painted)
    watch = played(window, session, seconds)
    picture.removeEventFilter(observer)
    return watch, seen


def rows_of(alone: Watch, watch: Watch, seen: Seen, frames: tuple[int, int], layout: str) -> tuple[Row, ...]:
    """The measured rows; `frames` of the leading recording and of the camera were due once. The floor is the
    leading recording played by itself in the same run."""
    floor, leading, camera = (
        100.0 * (due - len({number for number in painted if number >= 0})) / due
        for painted, due in (
            (alone.painted, frames[0]),
            (watch.painted, frames[0]),
            (seen.painted, frames[1]),
        )
    )
    apart = float(np.percentile(1000.0 * np.array(seen.apart or [np.nan]), 95))
    lead = f"leading frames dropped of {frames[0]}, the camera {layout}"
    return (
        at_most(lead, leading, "%", DROPPED_BAR, floor=floor),
        at_most(f"the camera's frames dropped of {frames[1]}, {layout}", camera, "%", CAMERA_BAR),
        at_most(f"the two pictures apart, 95th percentile, {layout}", apart, "ms", APART_BAR),
        fact(
            f"longest the GUI thread computed at a stretch, {layout}",
            max(watch.computed, default=np.nan),
            "ms",
            floor=max(alone.computed, default=np.nan),
        ),
    )

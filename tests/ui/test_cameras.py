"""Further cameras follow the recording that leads, frame by frame, whatever becomes of their files."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.recording.identity import fingerprint
from app.core.recording.presentation import PLAIN, Orientation, Streams
from app.core.semiology import Span
from app.core.study.camera_places import offset_text
from app.ui.player.cameras import Companion
from app.ui.session.session import Session
from app.ui.views.camera_layout import HEADER, large_and_strip, side_by_side
from app.ui.views.cameras import CameraStage, CameraTile
from app.ui.views.video import VideoView
from tests.media import number_in, tone, write_recording
from tests.odd_recordings import two_cameras
from tests.ui.found_widgets import now
from tests.ui.session_cases import at_rest, is_open, opened_path, quick, saved, stored

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["quick"]

RATE = 25
FIRST = 1000
"""The number in the first frame of the camera: its pictures cannot be taken for the leading ones."""


def _shown_number(image: QImage | None) -> int:
    assert image is not None
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return number_in(pixels[:, : 4 * image.width()].reshape(image.height(), image.width(), 4))


@pytest.fixture
def leading(tmp_path: Path) -> Path:
    """Four seconds of numbered frames."""
    return write_recording(tmp_path / "ward.mp4", frames=100, rate=RATE)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Three seconds at another rate, numbered from 1000."""
    return write_recording(tmp_path / "ceiling.mp4", frames=90, rate=30, first=FIRST, gop=15)


@contextmanager
def _opened(qtbot: QtBot, path: Path) -> Iterator[Session]:
    session = Session()
    try:
        session.opening.open(path)
        qtbot.waitUntil(lambda: session.opened.recording is not None and session.playback.image is not None)
        at_rest(qtbot, session)
        yield session
    finally:
        session.close()


def _added(qtbot: QtBot, session: Session, path: Path, offset: float | None = None) -> Companion:
    session.cameras.add([path])
    camera = session.cameras.shown[-1]
    qtbot.waitUntil(lambda: camera.recording is not None)
    if offset is not None:
        session.cameras.set_offset(camera, offset)
    return camera


def _expected(session: Session, camera: Companion) -> int | None:
    """The number that the camera's picture must show now; None when it did not run then."""
    assert camera.recording is not None
    assert camera.recording.video is not None
    own = session.playback.cursor + camera.offset
    if not 0 <= own <= camera.recording.duration:
        return None
    return FIRST + camera.recording.video.number_at(own)


def _has_moved(session: Session, begun: float) -> bool:
    return session.playback.cursor != begun or not session.playback.playing


def _agrees(session: Session, camera: Companion) -> bool:
    expected = _expected(session, camera)
    if expected is None:
        return camera.image is None and bool(camera.words)
    return camera.image is not None and camera.words == "" and _shown_number(camera.image) == expected


@pytest.mark.parametrize("offset", [0.0, 0.52, -0.7])
def test_after_any_moves_the_camera_shows_the_frame_of_the_same_moment(
    qtbot: QtBot, leading: Path, second: Path, offset: float
) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second, offset)
        picks = random.Random(7)
        for _ in range(20):
            move = picks.choice(["seek", "seek", "step", "back", "drag", "play"])
            if move == "seek":
                session.playback.seek(picks.uniform(0.0, 4.0))
            elif move == "drag":
                session.playback.seek(picks.uniform(0.0, 4.0), exact=False)
                session.playback.seek(picks.uniform(0.0, 4.0))
            elif move == "play":
                session.playback.set_speed(picks.choice([0.5, 1.0, 4.0]))
                begun = session.playback.cursor
                session.playback.play()
                qtbot.waitUntil(partial(_has_moved, session, begun))
                session.playback.pause()
            else:
                session.playback.step(1 if move == "step" else -1)
            qtbot.waitUntil(lambda: _agrees(session, camera))
            qtbot.waitUntil(lambda: _leads(session))


def _leads(session: Session) -> bool:
    assert session.opened.recording is not None
    assert session.opened.recording.video is not None
    return _shown_number(session.playback.image) == session.opened.recording.video.number_at(
        session.playback.cursor
    )


def test_while_playing_the_pictures_stay_together(qtbot: QtBot, leading: Path, second: Path) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second, 0.4)
        apart: list[float] = []

        def look() -> None:
            if session.playback.playing and camera.image is not None and session.playback.cursor > 0.3:
                apart.append(camera.frame_time - 0.4 - session.playback.cursor)

        camera.changed.connect(look)
        session.playback.play()
        qtbot.waitUntil(lambda: session.playback.cursor > 2.0)
        session.playback.pause()
        assert len(apart) > 10
        # A frame is shown at most a moment early, and as long as it lasts: no drift.
        assert max(apart) < 0.1
        assert float(np.median(np.abs(apart))) < 0.1


def test_before_its_start_and_after_its_end_it_says_so(qtbot: QtBot, leading: Path, second: Path) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second, -0.5)
        session.playback.seek(0.1)
        qtbot.waitUntil(lambda: camera.words == "Begins in 0.4 s")
        assert camera.image is None
        session.playback.seek(3.75)
        qtbot.waitUntil(lambda: camera.words.startswith("Ended 0.2 s ago"))
        assert camera.image is None
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: _agrees(session, camera))
        session.playback.seek(session.opened.duration)
        session.cameras.set_offset(camera, -1.0)
        qtbot.waitUntil(lambda: _agrees(session, camera))


def test_playing_over_its_start_and_end_shows_it_when_it_runs(
    qtbot: QtBot, leading: Path, tmp_path: Path
) -> None:
    short = write_recording(tmp_path / "short.mp4", frames=20, rate=RATE, first=FIRST)
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, short, -0.5)
        told: list[str] = []
        camera.changed.connect(lambda: told.append(camera.words[:5]))
        session.playback.seek(0.0)
        session.playback.play()
        qtbot.waitUntil(lambda: session.playback.cursor > 2.0)
        session.playback.pause()
        order = [words for at, words in enumerate(told) if at == 0 or told[at - 1] != words]
        assert order[-3:] == ["Begin", "", "Ended"]


@pytest.mark.parametrize("span", [Span(0.2, 0.6), Span(1.5, 2.2), Span(3.5, 3.9)])
def test_a_loop_is_followed_also_where_the_camera_did_not_run(
    qtbot: QtBot, leading: Path, tmp_path: Path, span: Span
) -> None:
    short = write_recording(tmp_path / "short.mp4", frames=40, rate=RATE, first=FIRST)
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, short, -1.0)
        cursors: list[float] = []
        session.playback.moved.connect(cursors.append)
        session.loop.show_span(span, repeat=True)
        qtbot.waitUntil(lambda: any(after < before for before, after in pairwise(cursors)))
        session.playback.pause()
        qtbot.waitUntil(lambda: _agrees(session, camera))


def test_a_file_that_vanishes_is_said_and_the_leading_one_plays_on(
    qtbot: QtBot, leading: Path, second: Path
) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second)
        away = second.with_suffix(".away")
        second.rename(away)
        qtbot.waitUntil(lambda: "is gone" in camera.words)
        assert camera.image is None
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: _leads(session))
        assert camera.image is None
        session.playback.play()
        qtbot.waitUntil(lambda: session.playback.cursor > 1.3)
        session.playback.pause()
        assert "gone" not in session.status.message
        away.rename(second)
        qtbot.waitUntil(lambda: _agrees(session, camera))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows the importance of a thread")
def test_a_camera_is_decoded_behind_the_leading_picture(qtbot: QtBot, leading: Path, second: Path) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second)
        qtbot.waitUntil(lambda: camera.image is not None)
        threads = [one for one in threading.enumerate() if one.name == "decoder" and one.native_id]
        nice = sorted(os.getpriority(os.PRIO_PROCESS, one.native_id or 0) for one in threads)
        assert len(nice) == 2
        assert nice[0] == os.getpriority(os.PRIO_PROCESS, os.getpid())
        assert nice[1] == min(nice[0] + 5, 19)


def test_a_damaged_camera_is_said_in_its_tile(qtbot: QtBot, leading: Path, second: Path) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second)
        camera._decoder.failed.emit("The picture cannot be decoded here.")  # type: ignore[union-attr]
        qtbot.waitUntil(lambda: "cannot be decoded" in camera.words)
        assert camera.image is None
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: _agrees(session, camera) and _leads(session))


def test_what_is_no_recording_is_refused_in_one_sentence(qtbot: QtBot, leading: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_bytes(b"no film" * 1000)
    with _opened(qtbot, leading) as session:
        session.cameras.add([tmp_path / "notes.mp4"])
        qtbot.waitUntil(lambda: "notes.mp4" in session.status.message)
        assert session.cameras.shown == ()


def test_the_same_recording_is_not_shown_twice(qtbot: QtBot, leading: Path, second: Path) -> None:
    with _opened(qtbot, leading) as session:
        session.cameras.add([leading])
        qtbot.waitUntil(lambda: "is shown already" in session.status.message)
        assert session.cameras.shown == ()
        _added(qtbot, session, second)
        session.cameras.add([Path(shutil.copy(second, second.with_name("copy.mp4")))])
        qtbot.waitUntil(lambda: len(session.cameras.shown) == 1)


def test_more_than_four_are_too_many(qtbot: QtBot, leading: Path, tmp_path: Path) -> None:
    files = [
        write_recording(tmp_path / f"{number}.mp4", frames=5, first=number, size=(64, 48))
        for number in range(2, 6)
    ]
    with _opened(qtbot, leading) as session:
        session.cameras.add(files)
        assert len(session.cameras.shown) == 3
        assert "At most 4" in session.status.message
        qtbot.waitUntil(lambda: all(one.recording for one in session.cameras.shown))


def _names_a_camera(leading: Path, *places: Path) -> None:
    """Let the study of the leading recording name these further cameras, as one from elsewhere can."""
    rows = [
        {
            "fingerprint": fingerprint(place) if place.exists() else "0" * 40,
            "name": place.name,
            "path": str(place),
            "offset": 0.0,
        }
        for place in places
    ]
    database = leading.with_suffix(".semioscope") / "study.sqlite"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE recordings SET cameras = ?", (json.dumps(rows),))


def test_a_place_elsewhere_is_offered_and_touched_only_when_somebody_asks(
    qtbot: QtBot, leading: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _opened(qtbot, leading):
        pass
    elsewhere = write_recording(tmp_path_factory.mktemp("elsewhere") / "x.mp4", frames=50, first=FIRST)
    _names_a_camera(leading, elsewhere, Path("//198.51.100.7/share/y.mp4"))
    touched: list[str] = []
    sys.addaudithook(lambda event, told: touched.append(f"{event} {told}") if event == "open" else None)
    with _opened(qtbot, leading) as session:
        qtbot.waitUntil(lambda: [one.words != "Opening…" for one in session.cameras.shown] == [True] * 2)
        first, second = session.cameras.shown
        qtbot.waitUntil(lambda: session.cameras.offered(second) is not None)
        assert session.cameras.offered(first) == elsewhere
        assert str(elsewhere) in first.words
        assert not [line for line in touched if "x.mp4" in line or "198.51.100.7" in line]
        session.cameras.open_offered(first)
        qtbot.waitUntil(lambda: first.recording is not None)
        assert session.cameras.offered(first) is None
    # From now on it is a place that this account has opened.
    with _opened(qtbot, leading) as session:
        first, _ = session.cameras.shown
        qtbot.waitUntil(lambda: first.recording is not None)


def test_cameras_come_back_with_their_offsets_after_the_folder_has_moved(
    qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "patient"
    folder.mkdir()
    leading = write_recording(folder / "ward.mp4", frames=50)
    second = write_recording(folder / "ceiling.mp4", frames=50, first=FIRST)
    with _opened(qtbot, leading) as session:
        _added(qtbot, session, second, 0.25)
    moved = folder.rename(tmp_path / "archive")
    with _opened(qtbot, moved / "ward.mp4") as session:
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.recording is not None)
        assert camera.offset == 0.25
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: _agrees(session, camera))


def test_nothing_is_left_of_cameras_that_were_closed(
    qtbot: QtBot, leading: Path, second: Path, tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "other.mp4", frames=60)
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second)
        qtbot.waitUntil(lambda: camera.image is not None)
        session.cameras.add([other])  # closed while it is still being opened
        for path in (other, leading, other):
            session.opening.open(path)
            qtbot.waitUntil(partial(is_open, session, path))
            at_rest(qtbot, session)
        assert session.cameras.shown == ()
        qtbot.waitUntil(lambda: session.cameras.findChildren(Companion) == [])


def test_a_missing_camera_is_named_and_can_be_found_again(
    qtbot: QtBot, leading: Path, second: Path, tmp_path: Path
) -> None:
    with _opened(qtbot, leading) as session:
        _added(qtbot, session, second, -0.3)
    elsewhere = tmp_path / "usb"
    elsewhere.mkdir()
    there = second.rename(elsewhere / "renamed.mp4")
    with _opened(qtbot, leading) as session:
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.words.startswith("“ceiling.mp4” was moved or renamed"))
        assert session.cameras.is_missing(camera)
        session.cameras.find(camera, leading)
        qtbot.waitUntil(lambda: "is not the recording" in camera.words)
        session.cameras.find(camera, there)
        qtbot.waitUntil(lambda: camera.recording is not None)
        assert camera.offset == -0.3
        qtbot.waitUntil(lambda: _agrees(session, camera))
    with _opened(qtbot, leading) as session:
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.recording is not None)


def test_closing_a_camera_and_shifting_it_can_be_undone(qtbot: QtBot, leading: Path, second: Path) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second)
        session.cameras.set_offset(camera, 0.5)
        session.undoing.undo()
        assert camera.offset == 0.0
        session.undoing.redo()
        assert camera.offset == 0.5
        session.cameras.remove(camera)
        assert now(session.cameras.shown) == ()
        session.undoing.undo()
        (again,) = session.cameras.shown
        assert again.offset == 0.5
        qtbot.waitUntil(lambda: _agrees(session, again))


def test_where_nothing_can_be_kept_a_camera_is_shown_all_the_same(
    qtbot: QtBot, leading: Path, second: Path
) -> None:
    with _opened(qtbot, leading), _opened(qtbot, leading) as session:
        assert session.study.read_only
        camera = _added(qtbot, session, second, 0.5)
        assert "open in another window" in session.status.message
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: _agrees(session, camera))
        session.order.step(1)
        session.study.reread.emit()
        assert session.cameras.shown == (camera,)


def test_at_the_end_the_camera_shows_what_it_saw_then(qtbot: QtBot, leading: Path, second: Path) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second, -1.1)
        session.playback.seek(3.6)
        session.playback.play()
        qtbot.waitUntil(
            lambda: session.playback.cursor == session.opened.duration and not session.playback.playing
        )
        qtbot.waitUntil(lambda: _agrees(session, camera) and camera.image is not None)


def test_nudges_shift_by_frames_of_the_camera_and_are_kept_as_one_change(
    qtbot: QtBot, leading: Path, second: Path
) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second)
        session.playback.seek(1.0)
        for _ in range(3):
            session.cameras.nudge(1)
        assert camera.offset == pytest.approx(0.1)
        qtbot.waitUntil(lambda: _shown_number(camera.image) == FIRST + 33, timeout=5000)
        qtbot.waitUntil(lambda: session.study.content.cameras[0].offset == pytest.approx(0.1), timeout=5000)
        saved(qtbot, session)
        with stored(session) as study:
            assert [row.subject for row in study.history(1)].count("cameras") == 2


def test_the_same_moment_marked_in_both_aligns_them(qtbot: QtBot, leading: Path, second: Path) -> None:
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second)
        session.playback.seek(2.0)
        session.cameras.aligning.mark()
        assert now(session.cameras.aligning.moment) is not None
        session.playback.seek(0.5)
        session.cameras.aligning.mark()
        assert session.cameras.aligning.moment is None
        assert camera.offset == pytest.approx(-1.5)
        assert session.playback.cursor == pytest.approx(2.0)
        qtbot.waitUntil(lambda: _shown_number(camera.image) == FIRST + 15)


def test_times_of_day_place_a_new_camera(qtbot: QtBot, tmp_path: Path) -> None:
    leading = write_recording(
        tmp_path / "a.mp4", frames=50, metadata={"creation_time": "2026-03-01T10:00:02Z"}
    )
    second = write_recording(
        tmp_path / "b.mp4", frames=90, first=FIRST, metadata={"creation_time": "2026-03-01T10:00:01Z"}
    )
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second)
        assert camera.offset == 1.0
        saved(qtbot, session)
        assert "clocks" in session.status.line or session.status.line.startswith("saved")


def test_another_recording_takes_its_own_cameras(qtbot: QtBot, leading: Path, second: Path) -> None:
    other = write_recording(leading.with_name("other.mp4"), frames=30, first=500)
    with _opened(qtbot, leading) as session:
        _added(qtbot, session, second, 0.2)
        session.cameras.nudge(1)  # not kept yet: it must not be lost
        session.opening.open(other)
        qtbot.waitUntil(lambda: opened_path(session) == other)
        at_rest(qtbot, session)
        assert now(session.cameras.shown) == ()
        session.opening.open(leading)
        qtbot.waitUntil(lambda: len(session.cameras.shown) == 1)
        assert session.cameras.shown[0].offset == pytest.approx(0.2 + 1 / 30)


class _Output:
    """A sound output that is never heard: whose sound it was given, and by how much it is late."""

    made: ClassVar[list[_Output]] = []
    level = 0.0

    def __init__(self, recording: Any, _tell: Any) -> None:
        self.name = recording.name
        self.late: list[float] = []
        self.taken: Any = None
        _Output.made.append(self)

    def set_hearing(self, hearing: Any) -> None:
        self.taken = hearing.taken

    def prepare(self, _course: Any, late: float) -> None:
        self.late.append(late)

    def heard(self) -> None:
        return None

    def release(self) -> None: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


def test_the_sound_of_a_camera_is_heard_on_the_leading_clock(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.player.heard.SoundOutput", _Output)
    _Output.made.clear()
    leading = write_recording(tmp_path / "ward.mp4", frames=50, sound=tone(2.0))
    second = write_recording(tmp_path / "ceiling.mp4", frames=50, first=FIRST, sound=tone(2.0))
    silent = write_recording(tmp_path / "door.mp4", frames=50, first=500)
    with _opened(qtbot, leading) as session:
        camera = _added(qtbot, session, second, 0.25)
        session.picture.present(replace(session.picture.presentation, streams=Streams(channel=0, offset=0.1)))
        session.cameras.hear(camera)
        session.playback.play()
        assert _Output.made[-1].name == "ceiling.mp4"
        assert _Output.made[-1].late == [-0.25]
        assert now(_Output.made[-1].taken.channel) is None
        session.cameras.set_offset(camera, 0.5)
        assert _Output.made[-1].late[-1] == -0.5
        session.cameras.hear(None)
        assert _Output.made[-1].name == "ward.mp4"
        assert _Output.made[-1].late == [0.1]
        assert _Output.made[-1].taken.channel == 0
        session.playback.pause()
        session.cameras.hear(camera)
        session.cameras.remove(camera)
        assert session.cameras.heard is None
        assert _Output.made[-1].name == "ward.mp4"
        mute = _added(qtbot, session, silent)
        session.cameras.hear(mute)
        assert session.cameras.heard is None
        assert "no sound" in session.status.line


# the stage


@pytest.fixture
def stage(qtbot: QtBot) -> Callable[[Session], CameraStage]:
    def made(session: Session) -> CameraStage:
        stage = CameraStage(session, VideoView(session))
        qtbot.addWidget(stage)
        stage.resize(900, 500)
        stage.show()
        return stage

    return made


def _video(stage: CameraStage) -> VideoView:
    view: Any = stage.findChild(VideoView)
    assert isinstance(view, VideoView)
    return view


def test_a_click_on_a_tile_makes_it_large_and_the_clock_stays(
    qtbot: QtBot, leading: Path, second: Path, stage: Callable[[Session], CameraStage]
) -> None:
    with _opened(qtbot, leading) as session:
        view = stage(session)
        assert now(view.tiles) == ()
        assert _video(view).geometry() == view.rect()
        camera = _added(qtbot, session, second)
        (tile,) = view.tiles
        session.playback.seek(1.0)
        assert _video(view).width() > 2 * tile.width()
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
        assert now(session.cameras.large) is camera
        assert tile.width() > 2 * _video(view).width()
        assert session.playback.cursor == 1.0
        qtbot.mouseClick(_video(view), Qt.MouseButton.LeftButton)
        assert session.cameras.large is None
        assert _video(view).width() > 2 * tile.width()
        tile.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(tile, Qt.Key.Key_Return)
        assert session.cameras.large is camera


def test_a_tile_shows_name_offset_and_why_it_is_empty(
    qtbot: QtBot, leading: Path, second: Path, stage: Callable[[Session], CameraStage]
) -> None:
    with _opened(qtbot, leading) as session:
        view = stage(session)
        camera = _added(qtbot, session, second, 1.5)
        (tile,) = view.tiles
        assert isinstance(tile, CameraTile)
        assert tile.offset.text() == "+1.50 s"
        assert "1.500 s earlier" in tile.offset.toolTip()
        view.resize(1400, 700)
        assert tile.offset.text() == "1.500 s earlier"
        assert "ceiling" in tile.accessibleName()
        asked: list[object] = []
        view.align_requested.connect(asked.append)
        tile.offset.click()
        assert asked == [camera]
        camera.refuse("“ceiling.mp4” is not where it was.")
        tile.show_state()
        assert not tile.find_button.isHidden()
        tile.close_button.click()
        assert view.tiles == ()
        assert _video(view).geometry() == view.rect()


def test_a_tile_zooms_with_the_wheel_moves_by_dragging_and_turns(
    qtbot: QtBot, leading: Path, second: Path, stage: Callable[[Session], CameraStage]
) -> None:
    with _opened(qtbot, leading) as session:
        view = stage(session)
        camera = _added(qtbot, session, second)
        session.cameras.enlarge(camera)
        (tile,) = view.tiles
        picture = tile.picture
        whole = picture.picture_area
        _wheel(picture, 720)
        assert picture.zoom.factor == pytest.approx(4.0)
        before = picture.picture_area
        middle = picture.rect().center()
        qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=middle)
        qtbot.mouseMove(picture, middle + QPoint(-40, -30))
        qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=middle + QPoint(-40, -30))
        assert picture.picture_area.left() == pytest.approx(before.left() - 40, abs=1)
        assert session.cameras.large is camera, "a drag is no click"
        picture.reset_zoom()
        assert picture.picture_area == whole
        session.cameras.set_look(camera, replace(PLAIN, orientation=Orientation(1)))
        turned = picture.picture_area
        assert turned.width() / turned.height() == pytest.approx(whole.height() / whole.width(), abs=0.01)
        qtbot.mouseClick(picture, Qt.MouseButton.LeftButton)
        assert session.cameras.large is None


def _wheel(widget: QWidget, turned: int) -> None:
    middle = QPointF(widget.rect().center())
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, turned), *none, False)
    QApplication.sendEvent(widget, event)


def test_side_by_side_gives_all_pictures_one_size(
    qtbot: QtBot, leading: Path, second: Path, stage: Callable[[Session], CameraStage]
) -> None:
    with _opened(qtbot, leading) as session:
        view = stage(session)
        _added(qtbot, session, second)
        session.cameras.set_side_by_side(True)
        (tile,) = view.tiles
        assert abs(_video(view).width() - tile.width()) <= 1
        session.cameras.enlarge_next()
        assert not session.cameras.side_by_side
        assert tile.width() > _video(view).width()


@pytest.mark.parametrize("size", [QSize(840, 420), QSize(1300, 640), QSize(500, 700), QSize(240, 160)])
@pytest.mark.parametrize("others", [1, 2, 3])
def test_no_places_overlap_or_leave_the_stage(size: QSize, others: int) -> None:
    for places in (large_and_strip(size, others), side_by_side(size, others + 1)):
        assert len(places) == others + 1
        for at, place in enumerate(places):
            assert place.left() >= 0
            assert place.top() >= 0
            assert place.right() < size.width()
            assert place.bottom() < size.height()
            assert place.height() > HEADER
            assert not any(place.intersects(other) for other in places[at + 1 :])
    large = large_and_strip(size, others)
    assert all(large[0].width() >= place.width() for place in large[1:])


@pytest.mark.parametrize(
    ("offset", "words"),
    [(0.0, "is in sync"), (3.25, "begins 3.250 s earlier"), (-0.04, "begins 0.040 s later")],
)
def test_offsets_in_words(offset: float, words: str) -> None:
    assert offset_text(offset) == words


def test_another_picture_of_the_file_is_a_camera_on_its_clock(qtbot: QtBot, tmp_path: Path) -> None:
    path = two_cameras(tmp_path / "two.mkv", (60, 60))
    with _opened(qtbot, path) as session:
        session.cameras.add_pictures()
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.recording is not None)
        assert (camera.name, camera.offset) == ("picture 2 of two.mkv", 0.0)
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: _agrees(session, camera))
        session.cameras.add_pictures()
        assert "no other picture" in session.status.line
        assert session.cameras.shown == (camera,)
    with _opened(qtbot, path) as session:
        qtbot.waitUntil(lambda: len(session.cameras.shown) == 1)
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.recording is not None)
        assert camera.recording is not None
        assert camera.recording.picture == 1
        session.cameras.remove(camera)
        assert session.cameras.shown == ()
        session.undoing.undo()
        qtbot.waitUntil(lambda: len(session.cameras.shown) == 1)

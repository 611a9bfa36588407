"""Further cameras are added, kept, found again, shifted and aligned, whatever becomes of their files."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.recording.identity import fingerprint
from app.ui.player.cameras import Companion
from tests.media import write_recording
from tests.odd_recordings import two_cameras
from tests.ui.camera_cases import (
    FIRST,
    add_camera,
    agrees,
    is_leading_shown,
    leading,
    opened_session,
    second,
    shown_number,
)
from tests.ui.found_widgets import now
from tests.ui.session_cases import at_rest, is_open, opened_path, quick, saved, stored

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["leading", "quick", "second"]


def test_a_damaged_camera_is_said_in_its_tile(qtbot: QtBot, leading: Path, second: Path) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second)
        camera._decoder.failed.emit("The picture cannot be decoded here.")  # type: ignore[union-attr]
        qtbot.waitUntil(lambda: "cannot be decoded" in camera.words)
        assert camera.image is None
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: agrees(session, camera) and is_leading_shown(session))


def test_what_is_no_recording_is_refused_in_one_sentence(qtbot: QtBot, leading: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_bytes(b"no film" * 1000)
    with opened_session(qtbot, leading) as session:
        session.cameras.add([tmp_path / "notes.mp4"])
        qtbot.waitUntil(lambda: "notes.mp4" in session.status.message)
        assert session.cameras.shown == ()


def test_the_same_recording_is_not_shown_twice(qtbot: QtBot, leading: Path, second: Path) -> None:
    with opened_session(qtbot, leading) as session:
        session.cameras.add([leading])
        qtbot.waitUntil(lambda: "is shown already" in session.status.message)
        assert session.cameras.shown == ()
        add_camera(qtbot, session, second)
        session.cameras.add([Path(shutil.copy(second, second.with_name("copy.mp4")))])
        qtbot.waitUntil(lambda: len(session.cameras.shown) == 1)


def test_more_than_four_are_too_many(qtbot: QtBot, leading: Path, tmp_path: Path) -> None:
    files = [
        write_recording(tmp_path / f"{number}.mp4", frames=5, first=number, size=(64, 48))
        for number in range(2, 6)
    ]
    with opened_session(qtbot, leading) as session:
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
    with opened_session(qtbot, leading):
        pass
    elsewhere = write_recording(tmp_path_factory.mktemp("elsewhere") / "x.mp4", frames=50, first=FIRST)
    _names_a_camera(leading, elsewhere, Path("//198.51.100.7/share/y.mp4"))
    touched: list[str] = []
    sys.addaudithook(lambda event, told: touched.append(f"{event} {told}") if event == "open" else None)
    with opened_session(qtbot, leading) as session:
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
    with opened_session(qtbot, leading) as session:
        first, _ = session.cameras.shown
        qtbot.waitUntil(lambda: first.recording is not None)


def test_cameras_come_back_with_their_offsets_after_the_folder_has_moved(
    qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "patient"
    folder.mkdir()
    leading = write_recording(folder / "ward.mp4", frames=50)
    second = write_recording(folder / "ceiling.mp4", frames=50, first=FIRST)
    with opened_session(qtbot, leading) as session:
        add_camera(qtbot, session, second, 0.25)
    moved = folder.rename(tmp_path / "archive")
    with opened_session(qtbot, moved / "ward.mp4") as session:
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.recording is not None)
        assert camera.offset == 0.25
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: agrees(session, camera))


def test_nothing_is_left_of_cameras_that_were_closed(
    qtbot: QtBot, leading: Path, second: Path, tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "other.mp4", frames=60)
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second)
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
    with opened_session(qtbot, leading) as session:
        add_camera(qtbot, session, second, -0.3)
    elsewhere = tmp_path / "usb"
    elsewhere.mkdir()
    there = second.rename(elsewhere / "renamed.mp4")
    with opened_session(qtbot, leading) as session:
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.words.startswith("“ceiling.mp4” was moved or renamed"))
        assert session.cameras.is_missing(camera)
        session.cameras.find(camera, leading)
        qtbot.waitUntil(lambda: "is not the recording" in camera.words)
        session.cameras.find(camera, there)
        qtbot.waitUntil(lambda: camera.recording is not None)
        assert camera.offset == -0.3
        qtbot.waitUntil(lambda: agrees(session, camera))
    with opened_session(qtbot, leading) as session:
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.recording is not None)


def test_closing_a_camera_and_shifting_it_can_be_undone(qtbot: QtBot, leading: Path, second: Path) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second)
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
        qtbot.waitUntil(lambda: agrees(session, again))


def test_where_nothing_can_be_kept_a_camera_is_shown_all_the_same(
    qtbot: QtBot, leading: Path, second: Path
) -> None:
    with opened_session(qtbot, leading), opened_session(qtbot, leading) as session:
        assert session.study.read_only
        camera = add_camera(qtbot, session, second, 0.5)
        assert "open in another window" in session.status.message
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: agrees(session, camera))
        session.order.step(1)
        session.study.reread.emit()
        assert session.cameras.shown == (camera,)


def test_nudges_shift_by_frames_of_the_camera_and_are_kept_as_one_change(
    qtbot: QtBot, leading: Path, second: Path
) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second)
        session.playback.seek(1.0)
        for _ in range(3):
            session.cameras.nudge(1)
        assert camera.offset == pytest.approx(0.1)
        qtbot.waitUntil(lambda: shown_number(camera.image) == FIRST + 33)
        qtbot.waitUntil(lambda: session.study.content.cameras[0].offset == pytest.approx(0.1))
        saved(qtbot, session)
        with stored(session) as study:
            assert [row.subject for row in study.history(1, viewer=None)].count("cameras") == 2


def test_the_same_moment_marked_in_both_aligns_them(qtbot: QtBot, leading: Path, second: Path) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second)
        session.playback.seek(2.0)
        session.cameras.aligning.mark()
        assert now(session.cameras.aligning.moment) is not None
        session.playback.seek(0.5)
        session.cameras.aligning.mark()
        assert session.cameras.aligning.moment is None
        assert camera.offset == pytest.approx(-1.5)
        assert session.playback.cursor == pytest.approx(2.0)
        qtbot.waitUntil(lambda: shown_number(camera.image) == FIRST + 15)


def test_times_of_day_place_a_new_camera(qtbot: QtBot, tmp_path: Path) -> None:
    leading = write_recording(
        tmp_path / "a.mp4", frames=50, metadata={"creation_time": "2026-03-01T10:00:02Z"}
    )
    second = write_recording(
        tmp_path / "b.mp4", frames=90, first=FIRST, metadata={"creation_time": "2026-03-01T10:00:01Z"}
    )
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second)
        assert camera.offset == 1.0
        saved(qtbot, session)
        assert "clocks" in session.status.line or session.status.line.startswith("saved")


def test_another_recording_takes_its_own_cameras(qtbot: QtBot, leading: Path, second: Path) -> None:
    other = write_recording(leading.with_name("other.mp4"), frames=30, first=500)
    with opened_session(qtbot, leading) as session:
        add_camera(qtbot, session, second, 0.2)
        session.cameras.nudge(1)  # not kept yet: it must not be lost
        session.opening.open(other)
        qtbot.waitUntil(lambda: opened_path(session) == other)
        at_rest(qtbot, session)
        assert now(session.cameras.shown) == ()
        session.opening.open(leading)
        qtbot.waitUntil(lambda: len(session.cameras.shown) == 1)
        assert session.cameras.shown[0].offset == pytest.approx(0.2 + 1 / 30)


def test_another_picture_of_the_file_is_a_camera_on_its_clock(qtbot: QtBot, tmp_path: Path) -> None:
    path = two_cameras(tmp_path / "two.mkv", (60, 60))
    with opened_session(qtbot, path) as session:
        session.cameras.add_pictures()
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.recording is not None)
        assert (camera.name, camera.offset) == ("picture 2 of two.mkv", 0.0)
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: agrees(session, camera))
        session.cameras.add_pictures()
        assert "no other picture" in session.status.line
        assert session.cameras.shown == (camera,)
    with opened_session(qtbot, path) as session:
        qtbot.waitUntil(lambda: len(session.cameras.shown) == 1)
        (camera,) = session.cameras.shown
        qtbot.waitUntil(lambda: camera.recording is not None)
        assert camera.recording is not None
        assert camera.recording.picture == 1
        session.cameras.remove(camera)
        assert session.cameras.shown == ()
        session.undoing.undo()
        qtbot.waitUntil(lambda: len(session.cameras.shown) == 1)

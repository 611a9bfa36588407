"""Further cameras follow the recording that leads, frame by frame."""

from __future__ import annotations

import os
import random
import sys
import threading
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.core.recording.presentation import Streams
from app.core.semiology import Span
from tests.media import tone, write_recording
from tests.ui.camera_cases import (
    FIRST,
    RATE,
    add_camera,
    agrees,
    has_moved,
    is_leading_shown,
    leading,
    opened_session,
    second,
)
from tests.ui.found_widgets import now
from tests.ui.session_cases import quick

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["leading", "quick", "second"]


@pytest.mark.parametrize("offset", [0.0, 0.52, -0.7])
def test_after_any_moves_the_camera_shows_the_frame_of_the_same_moment(
    qtbot: QtBot, leading: Path, second: Path, offset: float
) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second, offset)
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
                qtbot.waitUntil(partial(has_moved, session, begun))
                session.playback.pause()
            else:
                session.playback.step(1 if move == "step" else -1)
            qtbot.waitUntil(lambda: agrees(session, camera))
            qtbot.waitUntil(lambda: is_leading_shown(session))


def test_while_playing_the_pictures_stay_together(qtbot: QtBot, leading: Path, second: Path) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second, 0.4)
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
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second, -0.5)
        session.playback.seek(0.1)
        qtbot.waitUntil(lambda: camera.words == "Begins in 0.4 s")
        assert camera.image is None
        session.playback.seek(3.75)
        qtbot.waitUntil(lambda: camera.words.startswith("Ended 0.2 s ago"))
        assert camera.image is None
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: agrees(session, camera))
        session.playback.seek(session.opened.duration)
        session.cameras.set_offset(camera, -1.0)
        qtbot.waitUntil(lambda: agrees(session, camera))


def test_playing_over_its_start_and_end_shows_it_when_it_runs(
    qtbot: QtBot, leading: Path, tmp_path: Path
) -> None:
    short = write_recording(tmp_path / "short.mp4", frames=20, rate=RATE, first=FIRST)
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, short, -0.5)
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
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, short, -1.0)
        cursors: list[float] = []
        session.playback.moved.connect(cursors.append)
        session.loop.show_span(span, repeat=True)
        qtbot.waitUntil(lambda: any(after < before for before, after in pairwise(cursors)))
        session.playback.pause()
        qtbot.waitUntil(lambda: agrees(session, camera))


def test_a_file_that_vanishes_is_said_and_the_leading_one_plays_on(
    qtbot: QtBot, leading: Path, second: Path
) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second)
        away = second.with_suffix(".away")
        second.rename(away)
        qtbot.waitUntil(lambda: "is gone" in camera.words)
        assert camera.image is None
        session.playback.seek(1.0)
        qtbot.waitUntil(lambda: is_leading_shown(session))
        assert camera.image is None
        session.playback.play()
        qtbot.waitUntil(lambda: session.playback.cursor > 1.3)
        session.playback.pause()
        assert "gone" not in session.status.message
        away.rename(second)
        qtbot.waitUntil(lambda: agrees(session, camera))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows the importance of a thread")
def test_a_camera_is_decoded_behind_the_leading_picture(qtbot: QtBot, leading: Path, second: Path) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second)
        qtbot.waitUntil(lambda: camera.image is not None)
        threads = [one for one in threading.enumerate() if one.name == "decoder" and one.native_id]
        nice = sorted(os.getpriority(os.PRIO_PROCESS, one.native_id or 0) for one in threads)
        assert len(nice) == 2
        assert nice[0] == os.getpriority(os.PRIO_PROCESS, os.getpid())
        assert nice[1] == min(nice[0] + 5, 19)


def test_at_the_end_the_camera_shows_what_it_saw_then(qtbot: QtBot, leading: Path, second: Path) -> None:
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second, -1.1)
        session.playback.seek(3.6)
        session.playback.play()
        qtbot.waitUntil(
            lambda: session.playback.cursor == session.opened.duration and not session.playback.playing
        )
        qtbot.waitUntil(lambda: agrees(session, camera) and camera.image is not None)


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
    with opened_session(qtbot, leading) as session:
        camera = add_camera(qtbot, session, second, 0.25)
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
        mute = add_camera(qtbot, session, silent)
        session.cameras.hear(mute)
        assert session.cameras.heard is None
        assert "no sound" in session.status.line

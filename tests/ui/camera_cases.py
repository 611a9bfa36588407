"""Two cameras of one event, opened in a session, and what the second must show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.ui.player.cameras import Companion
from app.ui.session.session import Session
from tests.media import number_in, write_recording
from tests.ui.session_cases import at_rest

RATE = 25
FIRST = 1000
"""The number in the first frame of the camera: its pictures cannot be taken for the leading ones."""


def shown_number(image: QImage | None) -> int:
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
def opened_session(qtbot: QtBot, path: Path) -> Iterator[Session]:
    session = Session()
    try:
        session.opening.open(path)
        qtbot.waitUntil(lambda: session.opened.recording is not None and session.playback.image is not None)
        at_rest(qtbot, session)
        yield session
    finally:
        session.close()


def add_camera(qtbot: QtBot, session: Session, path: Path, offset: float | None = None) -> Companion:
    session.cameras.add([path])
    camera = session.cameras.shown[-1]
    qtbot.waitUntil(lambda: camera.recording is not None)
    if offset is not None:
        session.cameras.set_offset(camera, offset)
    return camera


def expected_number(session: Session, camera: Companion) -> int | None:
    """The number that the camera's picture must show now; None when it did not run then."""
    assert camera.recording is not None
    assert camera.recording.video is not None
    own = session.playback.cursor + camera.offset
    if not 0 <= own <= camera.recording.duration:
        return None
    return FIRST + camera.recording.video.number_at(own)


def has_moved(session: Session, begun: float) -> bool:
    return session.playback.cursor != begun or not session.playback.playing


def agrees(session: Session, camera: Companion) -> bool:
    expected = expected_number(session, camera)
    if expected is None:
        return camera.image is None and bool(camera.words)
    return camera.image is not None and camera.words == "" and shown_number(camera.image) == expected


def is_leading_shown(session: Session) -> bool:
    assert session.opened.recording is not None
    assert session.opened.recording.video is not None
    number = session.opened.recording.video.number_at(session.playback.cursor)
    return shown_number(session.playback.image) == number

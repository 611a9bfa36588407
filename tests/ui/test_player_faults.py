"""Faulty recordings in the player: each plays to its end and is searched, and nothing is said to fail."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.recording.probe import open_recording
from app.ui.player.player import Player
from tests.faulty_recordings import OPENED


@pytest.mark.parametrize("name", OPENED)
def test_faulty_recordings_play_and_are_searched(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    recording = open_recording(OPENED[name](tmp_path))
    video = recording.video
    assert video is not None
    player = Player()
    shown: list[int] = []
    failures: list[str] = []
    ends: list[bool] = []

    def is_shown(first: int, last: int) -> bool:
        return first <= shown[-1] <= last

    def seen(image: QImage, _seconds: float, number: int) -> None:
        assert not image.isNull()
        shown.append(number)

    player.frame_shown.connect(seen)
    player.failed.connect(failures.append)
    player.ended.connect(lambda: ends.append(True))
    try:
        player.set_size(64, 64)
        player.open(recording)
        qtbot.waitUntil(lambda: shown == [0])
        player.set_speed(8.0)
        player.play()
        qtbot.waitUntil(lambda: bool(ends))
        qtbot.waitUntil(lambda: shown[-1] >= video.n - 2)
        assert shown == sorted(shown)
        for share in (0.5, 0.1, 0.8):
            wanted = video.number_at(share * recording.duration)
            player.seek(share * recording.duration)
            qtbot.waitUntil(partial(is_shown, wanted - 1, wanted))
            player.step(-1)
            qtbot.waitUntil(partial(is_shown, 0, max(wanted, 1) - 1))
        assert failures == []
    finally:
        player.close()

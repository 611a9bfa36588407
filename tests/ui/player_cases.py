"""A player of a recording without sound, and what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.ui.player.player import Player
from tests.media import number_in, write_recording


def pixels(image: QImage) -> NDArray[np.uint8]:
    converted = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(converted.constBits(), np.uint8).reshape(image.height(), converted.bytesPerLine())
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4)


class Watcher:
    """What a player has told."""

    def __init__(self, player: Player) -> None:
        self.frames: list[tuple[int, float, int]] = []
        self.positions: list[float] = []
        self.states: list[bool] = []
        self.texts: list[str] = []
        self.ends = 0
        self.size = (0, 0)
        player.frame_shown.connect(self._frame)
        player.position_changed.connect(self.positions.append)
        player.playing_changed.connect(self.states.append)
        player.sound.silent.connect(self.texts.append)
        player.failed.connect(self.texts.append)
        player.ended.connect(self._ended)

    def shows(self, number: int) -> bool:
        return self.last == number

    def _frame(self, image: QImage, seconds: float, number: int) -> None:
        self.size = (image.width(), image.height())
        self.frames.append((number_in(pixels(image)), seconds, number))

    def _ended(self) -> None:
        self.ends += 1

    @property
    def last(self) -> int:
        return self.frames[-1][0] if self.frames else -1


@pytest.fixture
def silent_recording(tmp_path: Path) -> Recording:
    return open_recording(write_recording(tmp_path / "a.mp4", frames=75))


@pytest.fixture
def player(qtbot: QtBot) -> Any:
    player = Player()
    yield player
    player.close()


def opened(player: Player, recording: Recording, qtbot: QtBot) -> Watcher:
    watcher = Watcher(player)
    player.open(recording)
    qtbot.waitUntil(lambda: watcher.last == 0)
    return watcher

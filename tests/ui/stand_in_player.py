"""A player without threads or sound: the real surface, and a list of what was asked of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.ui.player.cameras import Companions


class StandInPlayer(QObject):
    frame_shown = Signal(QImage, float, int)
    position_changed = Signal(float)
    playing_changed = Signal(bool)
    ended = Signal()
    silent = Signal(str)
    failed = Signal(str)
    file_changed = Signal(object)
    outputs_found = Signal()
    level = 0.0

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.calls: list[tuple[Any, ...]] = []
        self.closed = False
        self.playing = False
        self.companions = Companions()
        self.sound = self  # one list of calls for both

    def open(self, recording: Any) -> None:
        self.calls.append(("open", recording.name))
        image = QImage(64, 48, QImage.Format.Format_RGB32)
        image.fill(0)
        self.frame_shown.emit(image, 0.0, 0)

    def play(self) -> None:
        self.calls.append(("play",))
        self.playing = True
        self.playing_changed.emit(True)

    def pause(self) -> None:
        self.calls.append(("pause",))
        self.playing = False
        self.playing_changed.emit(False)

    def seek(self, seconds: float, exact: bool = True) -> None:
        self.calls.append(("seek", seconds, exact))

    def step(self, frames: int) -> None:
        self.calls.append(("step", frames))

    def set_speed(self, speed: float) -> None:
        self.calls.append(("set_speed", speed))

    def set_muted(self, muted: bool) -> None:
        self.calls.append(("set_muted", muted))

    def set_volume(self, value: Any) -> None:
        self.calls.append(("set_volume", value))

    def set_device(self, value: Any) -> None:
        self.calls.append(("set_device", value))

    def set_channel(self, value: Any) -> None:
        self.calls.append(("set_channel", value))

    def look_for_outputs(self) -> None:
        self.calls.append(("look_for_outputs",))
        self.outputs_found.emit()

    def set_denoised(self, value: Any) -> None:
        self.calls.append(("set_denoised", value))

    def set_track(self, value: Any) -> None:
        self.calls.append(("set_track", value))

    def set_offset(self, value: Any) -> None:
        self.calls.append(("set_offset", value))

    def set_scrub_sound(self, value: Any) -> None:
        self.calls.append(("set_scrub_sound", value))

    def set_deinterlace(self, value: Any) -> None:
        self.calls.append(("set_deinterlace", value))

    def hear(self, camera: Any) -> None:
        self.calls.append(("hear", camera))

    def set_loop(self, span: Any) -> None:
        self.calls.append(("set_loop", span))

    def set_size(self, width: int, height: int) -> None:
        self.calls.append(("set_size", width, height))

    def close(self) -> None:
        self.closed = True

    def said(self, what: str) -> list[tuple[Any, ...]]:
        """The arguments of every call of one method."""
        return [call[1:] for call in self.calls if call[0] == what]

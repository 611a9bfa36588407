"""Playback of the open recording: the cursor on its clock, the frame on screen, playing, speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.ui.session.opened_recording import OpenedRecording

if TYPE_CHECKING:
    from app.ui.player.player import Player

SPEEDS: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""The speeds that slower and faster go through."""
_JUMP_SECONDS = (0.1, 600.0)


class Playback(QObject):
    """Moves on the recording's clock. Does nothing before there is a player, which `use` gives."""

    moved = Signal(float)
    """The cursor is at these seconds now."""
    frame_shown = Signal()
    """`image` is another one."""
    playing_changed = Signal(bool)
    speed_changed = Signal(float)
    jump_changed = Signal(float)

    def __init__(self, opened: OpenedRecording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._player: Player | None = None
        self._cursor = 0.0
        self._image: QImage | None = None
        self._frame_time = 0.0
        self._frame_number = -1
        self._playing = False
        self._speed = 1.0
        self._jump_seconds = 5.0
        self._picture_size = (0, 0)
        opened.preview_changed.connect(self._show_preview)

    def use(self, player: Player) -> None:
        """Play with this player."""
        player.frame_shown.connect(self._on_frame)
        player.position_changed.connect(self._move)
        player.playing_changed.connect(self._on_playing)
        if self._picture_size != (0, 0):
            player.set_size(*self._picture_size)
        player.set_speed(self._speed)
        self._player = player

    def begin(self, *, keep_image: bool) -> None:
        """Begin anew with another recording; `keep_image` where what is shown is its first frame already."""
        self._cursor = self._frame_time = 0.0
        # The first frame that the player gives is the same one: nothing flashes in between.
        self._image = self._image if keep_image else None
        self._frame_number = -1

    # what is shown

    @property
    def cursor(self) -> float:
        """Seconds on the recording's clock."""
        return self._cursor

    @property
    def image(self) -> QImage | None:
        """The displayed frame, in the size set with `set_picture_size`."""
        return self._image

    @property
    def frame_time(self) -> float:
        """Presentation time of `image`, in seconds."""
        return self._frame_time

    @property
    def frame_number(self) -> int:
        """Number of `image` in the recording, from 0; -1 without one."""
        return self._frame_number

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def jump_seconds(self) -> float:
        """The length of the longer jump (s)."""
        return self._jump_seconds

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height in device pixels at which the picture is painted, (0, 0) while not known."""
        return self._picture_size

    # moving

    def seek(self, seconds: float, *, exact: bool = True) -> None:
        """Move the cursor; `exact=False` shows the nearest keyframe at once, for dragging."""
        if self._player is None:
            return
        seconds = min(max(seconds, 0.0), self._opened.duration)
        self._player.seek(seconds, exact)
        self._move(seconds)

    def jump(self, direction: int) -> None:
        """One longer jump forward (1) or back (-1)."""
        self.seek(self._cursor + direction * self._jump_seconds)

    def play(self) -> None:
        if self._player is not None and not self._playing:
            self._player.play()

    def pause(self) -> None:
        if self._player is not None and self._playing:
            self._player.pause()

    def toggle_play(self) -> None:
        if self._playing:
            self.pause()
        else:
            self.play()

    def step(self, frames: int) -> None:
        """One frame forward (+1) or back (-1); pauses."""
        if self._player is not None:
            self.pause()
            self._player.step(frames)

    def set_speed(self, speed: float) -> None:
        """Set the playing speed, 0.1–8."""
        self._speed = min(max(speed, SPEEDS[0]), SPEEDS[-1])
        if self._player is not None:
            self._player.set_speed(self._speed)
        self.speed_changed.emit(self._speed)

    def change_speed(self, steps: int) -> None:
        """Go `steps` up or down in `SPEEDS`."""
        nearest = min(range(len(SPEEDS)), key=lambda index: abs(SPEEDS[index] - self._speed))
        self.set_speed(SPEEDS[min(max(nearest + steps, 0), len(SPEEDS) - 1)])

    def set_jump_seconds(self, seconds: float) -> None:
        """Set the longer jump, 0.1–600 s."""
        low, high = _JUMP_SECONDS
        self._jump_seconds = min(max(seconds, low), high)
        self.jump_changed.emit(self._jump_seconds)

    def set_picture_size(self, width: int, height: int) -> None:
        """Decode frames for a picture of this size, in device pixels."""
        self._picture_size = (width, height)
        if self._player is not None:
            self._player.set_size(width, height)

    # what the player does

    def _show_preview(self) -> None:
        preview = self._opened.preview
        self._image = None if preview is None else preview.image
        self.frame_shown.emit()

    def _on_frame(self, image: QImage, seconds: float, number: int) -> None:
        if self._opened.recording is None:
            return  # of one that has been put aside
        self._image, self._frame_time, self._frame_number = image, seconds, number
        self.frame_shown.emit()

    def _move(self, seconds: float) -> None:
        if seconds == self._cursor or self._opened.recording is None:
            return
        self._cursor = seconds
        self.moved.emit(seconds)

    def _on_playing(self, playing: bool) -> None:
        self._playing = playing
        self.playing_changed.emit(playing)

"""How the open recording is played: moving on its clock, and what the player tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from app.core.semiology import Span
from app.ui.session.listening import Listening
from app.ui.session.state import Changed

if TYPE_CHECKING:
    from app.ui.player.player import Player

SPEEDS: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""The speeds that slower and faster go through."""

MakePlayer = Callable[[QObject], "Player"]


class Playing(Listening):
    """The part of a session that moves on the recording's clock; the player is made with the first one."""

    def __init__(self, parent: QObject | None = None, *, make_player: MakePlayer | None = None) -> None:
        super().__init__(parent)
        self._make_player = make_player or _make_player
        self._picture_size = (0, 0)

    # the intents on time

    def seek(self, seconds: float, *, exact: bool = True) -> None:
        """Move the cursor; `exact=False` shows the nearest keyframe at once, for dragging."""
        if self._player is None:
            return
        seconds = min(max(seconds, 0.0), self.duration)
        self._player.seek(seconds, exact)
        self._moved(seconds)

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
        self.changed.emit(Changed.PLAYING)

    def change_speed(self, steps: int) -> None:
        """Go `steps` up or down in `SPEEDS`."""
        nearest = min(range(len(SPEEDS)), key=lambda index: abs(SPEEDS[index] - self._speed))
        self.set_speed(SPEEDS[min(max(nearest + steps, 0), len(SPEEDS) - 1)])

    def set_muted(self, muted: bool) -> None:
        self._muted = muted
        if self._player is not None:
            self._player.sound.set_muted(muted)
        self.changed.emit(Changed.PLAYING)

    def set_loop(self, span: Span | None) -> None:
        """Repeat a span while playing; None ends it."""
        self._loop = span
        if self._player is not None:
            self._player.set_loop(span)
        self.changed.emit(Changed.LOOP)

    def show_span(self, span: Span, *, loop: bool = False) -> None:
        """Go to the start of a span; with `loop`, play it over and over."""
        if self._loop is not None and not loop:
            self.set_loop(None)
        self.seek(span.start)
        if loop and span.duration > 0:
            self.set_loop(span)
            self.play()

    def set_visible(self, span: Span) -> None:
        """Set the part of the clock that the time panels show; it is kept inside the recording."""
        length = min(span.duration, self.duration)
        start = min(max(span.start, 0.0), self.duration - length)
        self._visible = Span(start, start + length)
        self.changed.emit(Changed.VISIBLE)

    def set_picture_size(self, width: int, height: int) -> None:
        """Tell how large the picture is painted, in device pixels."""
        self._picture_size = (width, height)
        if self._player is not None:
            self._player.set_size(width, height)

    # what the player tells

    def _ready_player(self) -> Player:
        if self._player is None:
            player = self._make_player(self)
            player.frame_shown.connect(self._on_frame)
            player.position_changed.connect(self._moved)
            player.playing_changed.connect(self._on_playing)
            player.sound.silent.connect(self._on_silent)
            player.failed.connect(self.show_message)
            if self._picture_size != (0, 0):
                player.set_size(*self._picture_size)
            player.set_speed(self._speed)
            player.sound.set_muted(self._muted)
            self.tune(player)
            self._player = player
        return self._player

    def _on_frame(self, image: QImage, seconds: float, number: int) -> None:
        if self._recording is None:
            return  # of one that has been put aside
        self._image, self._frame_time, self._frame_number = image, seconds, number
        self.changed.emit(Changed.FRAME)

    def _moved(self, seconds: float) -> None:
        if seconds == self._cursor or self._recording is None:
            return
        self._cursor = seconds
        self.changed.emit(Changed.CURSOR)

    def _on_playing(self, playing: bool) -> None:
        self._playing = playing
        self.changed.emit(Changed.PLAYING)

    def _on_silent(self, reason: str) -> None:
        self._silent = reason
        self.changed.emit(Changed.STATUS)


def _make_player(parent: QObject) -> Player:
    # Sound and decoding are loaded with the first recording, not with the window.
    from app.ui.player.player import Player

    return Player(parent)

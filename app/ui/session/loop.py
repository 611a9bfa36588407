"""The span that is repeated while playing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.semiology import Span
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.playback import Playback
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.ui.player.player import Player

_SHORTEST = 0.05
"""Seconds; a shorter loop is refused."""


class Loop(QObject):
    """Repeats a span, which is set as a whole, or begun and ended at the cursor."""

    changed = Signal()
    """`span` or `begun` is another one."""

    def __init__(
        self, opened: OpenedRecording, playback: Playback, status: StatusLine, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._playback = playback
        self._status = status
        self._player: Player | None = None
        self._span: Span | None = None
        self._begun: float | None = None

    def use(self, player: Player) -> None:
        """Repeat with this player."""
        self._player = player

    def reset(self) -> None:
        """Forget the loop of the former recording."""
        self._span = self._begun = None

    @property
    def span(self) -> Span | None:
        """The repeated span; None without one."""
        return self._span

    @property
    def begun(self) -> float | None:
        """The start (s) of a loop without an end yet; None otherwise."""
        return self._begun

    def set(self, span: Span | None) -> None:
        """Repeat a span while playing; None ends it."""
        self._span = span
        if self._player is not None:
            self._player.set_loop(span)
        self.changed.emit()

    def begin_here(self) -> None:
        """Let the loop begin at the cursor; one that ends later keeps its end."""
        if self._opened.recording is None:
            return
        cursor = self._playback.cursor
        if self._span is not None and self._span.end - cursor >= _SHORTEST:
            self._begun = None
            self.set(Span(cursor, self._span.end))
            return
        if self._span is not None:
            self.set(None)
        self._begun = cursor
        self._status.say("the loop begins here; ] ends it")
        self.changed.emit()

    def end_here(self) -> None:
        """Let the loop end at the cursor, begun where `begin_here` was or at the recording's start."""
        if self._opened.recording is None:
            return
        begin, cursor = self._begun, self._playback.cursor
        if begin is None:
            begin = self._span.start if self._span is not None else 0.0
        first, last = min(begin, cursor), max(begin, cursor)
        if last - first < _SHORTEST:
            self._status.say("the loop would be empty; move on and end it there")
            return
        self._begun = None
        self.set(Span(first, last))
        if cursor >= last:
            # At its end it would be played past, and not repeated.
            self._playback.seek(first)

    def forget(self) -> None:
        """Play on after the loop, and forget one that was only begun."""
        self._begun = None
        self.set(None)

    def show_span(self, span: Span, *, repeat: bool = False) -> None:
        """Go to the start of a span; with `repeat`, repeat it."""
        if self._span is not None and not repeat:
            self.set(None)
        self._playback.seek(span.start)
        if repeat and span.duration > 0:
            self.set(span)
            self._playback.play()

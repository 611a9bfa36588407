"""How the open recording is looked at and listened to: intents that change no answer."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from app.core.mirroring import mirrored_readings
from app.core.reading import Reading
from app.core.semiology import Span
from app.ui.session.look import PLAIN, Aim, Look
from app.ui.session.state import Changed, State

_SHORTEST_LOOP = 0.05


class Viewing(State):
    """The part of a session that is about seeing and hearing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = PLAIN
        self._loop_from: float | None = None
        self._jump_seconds = 5.0
        self._spectrogram_shown = False
        self._swapped: tuple[tuple[Reading, ...], tuple[Reading, ...]] | None = None

    # the picture

    @property
    def look(self) -> Look:
        """How the picture is shown."""
        return self._look

    @property
    def mirrored(self) -> bool:
        """Whether the picture is shown mirrored; left and right of `others` follow."""
        return self._look.orientation.mirrored

    def set_look(self, look: Look) -> None:
        """Show the picture so; mirroring also swaps the sides of what programs have read."""
        if look == self._look:
            return
        turned = look.orientation.mirrored is not self.mirrored
        self._look = look
        self.changed.emit(Changed.LOOK | Changed.ANSWERS if turned else Changed.LOOK)

    def aim(self, aim: Aim) -> None:
        """Zoom to the patient or the face and follow, or show the whole picture."""
        self.set_look(replace(self._look, aim=aim))

    @property
    def others(self) -> tuple[Reading, ...]:
        """All other readings of the recording, left and right as the picture shows them."""
        stored = super().others
        if not self.mirrored:
            return stored
        if self._swapped is None or self._swapped[0] is not stored:
            self._swapped = (stored, mirrored_readings(stored))
        return self._swapped[1]

    # moving

    @property
    def jump_seconds(self) -> float:
        """How far the longer jump goes."""
        return self._jump_seconds

    def set_jump_seconds(self, seconds: float) -> None:
        """Set the longer jump, 0.1–600 s."""
        self._jump_seconds = min(max(seconds, 0.1), 600.0)
        self.changed.emit(Changed.LOOK)

    @property
    def loop_from(self) -> float | None:
        """Where a loop begins whose end has not been given yet; seconds."""
        return self._loop_from

    def loop_start(self) -> None:
        """Let the loop begin at the cursor; one that ends later keeps its end."""
        if self.recording is None:
            return
        if self._loop is not None and self._loop.end - self._cursor >= _SHORTEST_LOOP:
            self._loop_from = None
            self.set_loop(Span(self._cursor, self._loop.end))
            return
        if self._loop is not None:
            self.set_loop(None)
        self._loop_from = self._cursor
        self._status = "the loop begins here; ] ends it"
        self.changed.emit(Changed.LOOP | Changed.STATUS)

    def loop_end(self) -> None:
        """Let the loop end at the cursor, begun where `loop_start` was or at the recording's start."""
        if self.recording is None:
            return
        begin = self._loop_from
        if begin is None:
            begin = self._loop.start if self._loop is not None else 0.0
        first, last = min(begin, self._cursor), max(begin, self._cursor)
        if last - first < _SHORTEST_LOOP:
            self.tell("the loop would be empty; move on and end it there")
            return
        self._loop_from = None
        self.set_loop(Span(first, last))

    def forget_loop(self) -> None:
        """Play on after the loop, and forget one that was only begun."""
        self._loop_from = None
        self.set_loop(None)

    def set_loop(self, span: Span | None) -> None:
        """Repeat a span while playing; None ends it."""
        raise NotImplementedError

    # saying

    def tell(self, line: str) -> None:
        """Say one short line on what was last done."""
        self._status = line
        self.changed.emit(Changed.STATUS)

    # sound

    @property
    def spectrogram_shown(self) -> bool:
        """Whether the spectrogram lies under the waveform."""
        return self._spectrogram_shown

    def show_spectrogram(self, on: bool) -> None:
        self._spectrogram_shown = on
        self.changed.emit(Changed.LOOK | Changed.WAVEFORM)

"""While clocks are set: a moment of the trace is chosen without moving the picture, and the page stays."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class HeldPicture(QObject):
    """Whether picture and trace are moved apart, and the moment of the trace that was chosen meanwhile."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on = False
        self._point: float | None = None

    @property
    def on(self) -> bool:
        """Whether a click in the trace chooses a moment and moves no picture."""
        return self._on

    @property
    def point(self) -> float | None:
        """The moment that was chosen, in seconds on the EEG's clock."""
        return self._point

    def set(self, on: bool) -> None:
        """Hold the picture, or no longer; no moment is chosen then."""
        if on != self._on:
            self._on, self._point = on, None
            self.changed.emit()

    def choose(self, seconds: float | None) -> None:
        """Choose a moment of the trace."""
        self._point = seconds
        self.changed.emit()

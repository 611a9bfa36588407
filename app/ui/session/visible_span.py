"""The part of the recording's clock that the time panels show."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.semiology import Span
from app.ui.session.opened_recording import OpenedRecording


class VisibleSpan(QObject):
    """One span for all time panels."""

    changed = Signal()

    def __init__(self, opened: OpenedRecording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._span = Span(0.0, 0.0)

    @property
    def span(self) -> Span:
        return self._span

    def show_all(self) -> None:
        """Show the whole recording, as at first."""
        self._span = Span(0.0, self._opened.duration)

    def set(self, span: Span) -> None:
        """Show this part; it is kept inside the recording. Nothing changes where it is shown already, as when
        somebody goes on dragging at an end."""
        length = min(span.duration, self._opened.duration)
        start = min(max(span.start, 0.0), self._opened.duration - length)
        span = Span(start, start + length)
        if span != self._span:
            self._span = span
            self.changed.emit()

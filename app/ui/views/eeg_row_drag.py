"""Moving a row of the EEG page by dragging its name: a line shows where it would stand."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from app.ui.session.eeg_display import EegDisplay
from app.ui.views.eeg_page import EegPageView

_LEAST = 6.0
"""Pixels from which a press on a name is a drag and no click."""


class RowDrag:
    """The name that is held, and the row whose place it would take."""

    def __init__(self, page: EegPageView, display: EegDisplay) -> None:
        self._page = page
        self._display = display
        self._key = ""
        self._pressed = 0.0
        self._target: int | None = None
        page.paint_dragged = self.paint

    @property
    def held(self) -> bool:
        """Whether a name is held."""
        return bool(self._key)

    def press(self, key: str, position: QPointF) -> None:
        """Take hold of the name of the row with this key."""
        self._key, self._pressed, self._target = key, position.y(), None

    def move(self, position: QPointF) -> None:
        """Follow the pointer."""
        if self._target is None and abs(position.y() - self._pressed) < _LEAST:
            return
        self._target = self._page.row_at(position)
        self._page.setCursor(Qt.CursorShape.SizeVerCursor)
        self._page.update()

    def release(self) -> bool:
        """Put the row where the line is; whether it was dragged at all."""
        key, target = self._key, self._target
        self.cancel()
        if target is None or key not in self._display.keys:
            return target is not None
        by = target - self._display.keys.index(key)
        if by:
            self._display.move_row(key, by)
        return True

    def cancel(self) -> None:
        """Let the name go where it was."""
        self._key, self._target = "", None
        self._page.unsetCursor()
        self._page.update()

    def paint(self, painter: QPainter) -> None:
        """The line at the edge of the row whose place would be taken."""
        keys, target = self._display.keys, self._target
        if target is None or self._key not in keys or target >= len(keys):
            return
        up = target <= keys.index(self._key)
        y = self._page.row_middle(target) + self._page.pitch / 2 * (-1 if up else 1)
        colour = QColor(self._page.theme.mine)
        painter.fillRect(QRectF(0, round(y) - 1, self._page.names_width - 1, 2), colour)

"""A line of text that is cut with an ellipsis where space is short."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

_LEAST = 24
_PADDING = 6


class ElidedLabel(QLabel):
    """Plain text on one line; `text` is always the whole text, for screen readers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(_LEAST)
        # One pixel more than is painted between: a text's width is not a whole number.
        self.setContentsMargins(_PADDING, 0, _PADDING + 1, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        room = self.contentsRect().adjusted(0, 0, 1, 0)
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()

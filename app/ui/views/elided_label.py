"""A line of text that is cut with an ellipsis where space is short."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QToolTip, QWidget

from app.ui.views.tool_tip import tool_tip

_LEAST = 24
_PADDING = 6


class ElidedLabel(QLabel):
    """Plain text on one line, cut in the middle; `text` is always the whole text, for screen readers.

    Where the whole does not fit, `short` is shown if there is one. A text that is cut is whole in its tip.
    """

    def __init__(self, parent: QWidget | None = None, *, short: str = "") -> None:
        super().__init__(parent)
        self._short = short
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(_LEAST)
        # One pixel more than is painted between: a text's width is not a whole number.
        self.setContentsMargins(_PADDING, 0, _PADDING + 1, 0)

    def set_texts(self, text: str, short: str) -> None:
        """Show this text, and where it does not fit the `short` one."""
        self._short = short
        self.setText(text)
        self.update()

    @property
    def shown(self) -> str:
        """What is painted of the text."""
        metrics, room = self.fontMetrics(), self.contentsRect().width() + 1
        whole = self._short if self._short and metrics.horizontalAdvance(self.text()) > room else self.text()
        return metrics.elidedText(whole, Qt.TextElideMode.ElideMiddle, room)

    def width_of(self, words: str) -> int:
        """How wide the label is when it shows these words whole."""
        return self.fontMetrics().horizontalAdvance(words) + 2 * _PADDING + 1

    def event(self, event: QEvent) -> bool:
        cut = event.type() is QEvent.Type.ToolTip and not self.toolTip() and self.shown != self.text()
        if cut and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tool_tip(self.text()), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        room = self.contentsRect().adjusted(0, 0, 1, 0)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.shown)
        painter.end()

"""A ring around the focused view, drawn only when the focus came with a key."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter
from PySide6.QtWidgets import QWidget

from app.ui.theme import Theme

_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def by_keyboard(event: QFocusEvent) -> bool:
    """Whether the focus came with a key: a click needs no ring."""
    return event.reason() in _BY_KEYBOARD


def paint_ring(painter: QPainter, widget: QWidget, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(theme.text))
    painter.drawRect(QRectF(0, 0, widget.width() - 1, widget.height() - 1))

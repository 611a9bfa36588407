"""A panel of rows below one another over the same time, with a scroll bar where they have no room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar, QWidget

from app.ui.session.session import Session
from app.ui.views.time_panel import TimePanel

_WIDTH, _EDGE = 10, 11
_PER_STEP = 0.4
"""Pixels for each unit of a turned wheel."""


class RowsPanel(TimePanel):
    """The wheel scrolls the rows over their names; elsewhere it zooms, as in every panel over time."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._scroll = QScrollBar(Qt.Orientation.Vertical, self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        over_names = event.position().x() < self.scale_of_time.left
        if turned and over_names and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._scroll.setValue(self._scroll.value() - round(turned * _PER_STEP))
            event.accept()
            return
        super().wheelEvent(event)

    def _fit_scroll_bar(self, top: int, available: int, content: int, row: float) -> None:
        """Let the scroll bar move rows of `content` pixels in all in `available` ones below `top`, if they
        do not fit; `row` is the height of one."""
        self._scroll.setGeometry(self.width() - _EDGE, top, _WIDTH, available)
        self._scroll.setPageStep(available)
        self._scroll.setSingleStep(round(row))
        self._scroll.setRange(0, max(0, content - available))
        self._scroll.setVisible(content > available)

"""A drop-down whose list is as wide as its longest text, and which says in its tip what its field elides."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

from app.core.plain_text import plain

_MARGINS = 32
"""Pixels beside the texts of the list: its edges and its scroll bar."""


class ComboBox(QComboBox):
    """As wide as its place gives it; what is longer, such as the name of a model, is read in the list."""

    def showPopup(self) -> None:  # noqa: N802 - overrides QComboBox.showPopup, so the name is Qt's
        texts = (self.itemText(row) for row in range(self.count()))
        widest = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0)
        self.view().setMinimumWidth(min(widest + _MARGINS, self.screen().availableSize().width()))
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and not self.toolTip() and self.cuts:
            words = plain(self.currentText(), 300)
            # What looks like markup would be painted as such in a tip.
            self.setToolTip("" if "<" in words else words)
            handled = super().event(event)
            self.setToolTip("")
            return handled
        return super().event(event)

    @property
    def cuts(self) -> bool:
        """Whether its text is longer than its field."""
        return self.shown != self.currentText()

    @property
    def shown(self) -> str:
        """What is painted of its text: where it is longer than the field it ends in an ellipsis."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        text, room = self.currentText(), field.width()
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.isEditable():
            super().paintEvent(event)
            return
        option, painter = QStyleOptionComboBox(), QStylePainter(self)
        self.initStyleOption(option)
        option.currentText = self.shown
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

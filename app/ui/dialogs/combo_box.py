"""A drop-down whose list is as wide as its longest text, and which says in its tip what its field cuts."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox

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
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        return self.fontMetrics().horizontalAdvance(self.currentText()) > field.width()

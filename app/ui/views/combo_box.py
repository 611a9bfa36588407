"""A drop-down whose list is as wide as its longest text, and whose field cuts a long one with an ellipsis and
says it whole in its tip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

from app.core.plain_text import plain
from app.ui.views.tool_tip import tool_tip

_MARGINS = 32
"""Pixels beside the texts of the list: its edges and its scroll bar."""


class ComboBox(QComboBox):
    """As wide as its place gives it; what is longer, such as the name of a model, is read in the list."""

    def showPopup(self) -> None:  # noqa: N802 - overrides QComboBox.showPopup, so the name is Qt's
        view = self.view()
        view.ensurePolished()  # its font is not that of the field
        room = view.sizeHintForColumn(0) + _MARGINS
        view.setMinimumWidth(min(room, self.screen().availableSize().width()))
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and not self.toolTip() and self.cuts:
            words = plain(self.currentText(), 300)
            # What looks like markup would be painted as such in a tip.
            self.setToolTip(tool_tip(words))
            handled = super().event(event)
            self.setToolTip("")
            return handled
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.isEditable():
            super().paintEvent(event)
            return
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    @property
    def cuts(self) -> bool:
        """Whether its text is longer than its field."""
        return self.fontMetrics().horizontalAdvance(self.currentText()) > self._room()

    @property
    def shown(self) -> str:
        """What its field shows of the text."""
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, self._room())

    def _room(self) -> int:
        """The pixels that the field has for its text."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        area = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self)
        return area.width() - 2  # styles leave a pixel on either side

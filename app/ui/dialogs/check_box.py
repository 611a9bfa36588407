"""A check box whose frame can be seen in both themes."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton, QStylePainter

from app.core.semiology import Presence
from app.ui.session.session import Session
from app.ui.theme import draw_presence

_SIDE = 15.0


class CheckBox(QCheckBox):
    """A check box with a frame in the colour of clickable elements."""

    def __init__(self, session: Session, text: str = "") -> None:
        super().__init__(text)
        self._session = session

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        style, theme = self.style(), self._session.appearance.theme
        place = style.subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        box = QRectF(0, 0, _SIDE, _SIDE)
        box.moveCenter(QRectF(place).center())
        painter = QStylePainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, enabled = self.isChecked(), self.isEnabled()
        edge = theme.text if self.hasFocus() or self.underMouse() else theme.edge
        painter.setPen(QPen(QColor(edge if enabled else theme.line), 1.2))
        painter.setBrush(QColor(theme.mine if on and enabled else theme.panel))
        painter.drawRoundedRect(box.adjusted(0.6, 0.6, -0.6, -0.6), 3, 3)
        if on:
            draw_presence(
                painter,
                box.adjusted(2.5, 2.5, -2.5, -2.5),
                Presence.YES,
                theme.panel if enabled else theme.edge,
            )
        option.rect = style.subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, self)
        painter.drawControl(QStyle.ControlElement.CE_CheckBoxLabel, option)
        painter.end()

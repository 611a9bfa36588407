"""Check boxes and radio buttons whose frames can be seen in both themes."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QRadioButton,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
)

from app.core.semiology import Presence
from app.ui.session.session import Session
from app.ui.theme import Theme, draw_presence

_SIDE = 15.0


class CheckBox(QCheckBox):
    """A check box with a frame in the colour of clickable elements."""

    def __init__(self, session: Session, text: str = "") -> None:
        super().__init__(text)
        self._session = session

    def paintEvent(self, _event: QPaintEvent) -> None:
        option, theme, style = QStyleOptionButton(), self._session.appearance.theme, self.style()
        self.initStyleOption(option)
        painter, box = QStylePainter(self), _frame(self, option, QStyle.SubElement.SE_CheckBoxIndicator)
        on = _set_colours(painter, self, theme)
        painter.drawRoundedRect(box, 3, 3)
        if on:
            colour = theme.panel if self.isEnabled() else theme.edge
            draw_presence(painter, box.adjusted(1.9, 1.9, -1.9, -1.9), Presence.YES, colour)
        option.rect = style.subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, self)
        painter.drawControl(QStyle.ControlElement.CE_CheckBoxLabel, option)
        painter.end()


class RadioButton(QRadioButton):
    """A radio button with a frame in the colour of clickable elements."""

    def __init__(self, session: Session, text: str = "") -> None:
        super().__init__(text)
        self._session = session

    def paintEvent(self, _event: QPaintEvent) -> None:
        option, theme, style = QStyleOptionButton(), self._session.appearance.theme, self.style()
        self.initStyleOption(option)
        painter, box = QStylePainter(self), _frame(self, option, QStyle.SubElement.SE_RadioButtonIndicator)
        on = _set_colours(painter, self, theme)
        painter.drawEllipse(box)
        if on:
            painter.setBrush(QColor(theme.panel if self.isEnabled() else theme.edge))
            painter.drawEllipse(box.adjusted(4.2, 4.2, -4.2, -4.2))
        option.rect = style.subElementRect(QStyle.SubElement.SE_RadioButtonContents, option, self)
        painter.drawControl(QStyle.ControlElement.CE_RadioButtonLabel, option)
        painter.end()


def _frame(button: QAbstractButton, option: QStyleOptionButton, indicator: QStyle.SubElement) -> QRectF:
    """The square of the frame, in the middle of where the style has its own."""
    box = QRectF(0, 0, _SIDE - 1.2, _SIDE - 1.2)
    box.moveCenter(QRectF(button.style().subElementRect(indicator, option, button)).center())
    return box


def _set_colours(painter: QStylePainter, button: QAbstractButton, theme: Theme) -> bool:
    """Whether the button is on, after its frame's pen and ground have been chosen."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    on, enabled = button.isChecked(), button.isEnabled()
    edge = theme.text if button.hasFocus() or button.underMouse() else theme.edge
    painter.setPen(QPen(QColor(edge if enabled else theme.line), 1.2))
    painter.setBrush(QColor(theme.mine if on and enabled else theme.panel))
    return on

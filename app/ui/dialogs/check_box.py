"""Check boxes and radio buttons whose frames can be seen in both themes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
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
_Draw = Callable[[QPainter, QRectF, str | None], None]
"""Draws a frame, and the mark of a button that is on in its colour."""


class _Parts(NamedTuple):
    """What the style calls the parts of a button."""

    indicator: QStyle.SubElement
    contents: QStyle.SubElement
    label: QStyle.ControlElement


_BOX = _Parts(
    QStyle.SubElement.SE_CheckBoxIndicator,
    QStyle.SubElement.SE_CheckBoxContents,
    QStyle.ControlElement.CE_CheckBoxLabel,
)
_CIRCLE = _Parts(
    QStyle.SubElement.SE_RadioButtonIndicator,
    QStyle.SubElement.SE_RadioButtonContents,
    QStyle.ControlElement.CE_RadioButtonLabel,
)


class CheckBox(QCheckBox):
    """A check box with a frame in the colour of clickable elements."""

    def __init__(self, session: Session, text: str = "") -> None:
        super().__init__(text)
        self._session = session

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        _paint(self, option, self._session.appearance.theme, _BOX, _draw_box)


class RadioButton(QRadioButton):
    """A radio button with a frame in the colour of clickable elements."""

    def __init__(self, session: Session, text: str = "") -> None:
        super().__init__(text)
        self._session = session

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        _paint(self, option, self._session.appearance.theme, _CIRCLE, _draw_circle)


def _paint(
    button: QAbstractButton, option: QStyleOptionButton, theme: Theme, parts: _Parts, draw: _Draw
) -> None:
    """Paint the frame as this program draws it, and the text as the style does."""
    painter = QStylePainter(button)
    on = _set_colours(painter, button, theme)
    colour = theme.panel if button.isEnabled() else theme.edge
    draw(painter, _frame(button, option, parts.indicator), colour if on else None)
    option.rect = button.style().subElementRect(parts.contents, option, button)
    painter.drawControl(parts.label, option)
    painter.end()


def _draw_box(painter: QPainter, box: QRectF, mark: str | None) -> None:
    painter.drawRoundedRect(box, 3, 3)
    if mark is not None:
        draw_presence(painter, box.adjusted(1.9, 1.9, -1.9, -1.9), Presence.YES, mark)


def _draw_circle(painter: QPainter, box: QRectF, mark: str | None) -> None:
    painter.drawEllipse(box)
    if mark is not None:
        painter.setBrush(QColor(mark))
        painter.drawEllipse(box.adjusted(4.2, 4.2, -4.2, -4.2))


def _frame(button: QAbstractButton, option: QStyleOptionButton, indicator: QStyle.SubElement) -> QRectF:
    """The square of the frame, in the middle of where the style has its own and on whole pixels: between two
    of them a line would be half as strong."""
    box = QRectF(0, 0, _SIDE - 1.0, _SIDE - 1.0)
    box.moveCenter(QRectF(button.style().subElementRect(indicator, option, button)).center())
    box.moveTopLeft(QPointF(math.floor(box.left()) + 0.5, math.floor(box.top()) + 0.5))
    return box


def _set_colours(painter: QStylePainter, button: QAbstractButton, theme: Theme) -> bool:
    """Whether the button is on, after its frame's pen and ground have been chosen."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    on, enabled = button.isChecked(), button.isEnabled()
    edge = theme.text if button.hasFocus() or button.underMouse() else theme.edge
    # Wider too: between two light colours alone the focus would hardly be seen to move.
    painter.setPen(QPen(QColor(edge if enabled else theme.line), 2.4 if button.hasFocus() else 1.2))
    painter.setBrush(QColor(theme.mine if on and enabled else theme.panel))
    return on

"""The volume slider, whose groove is the level meter."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from app.ui.session.session import Session
from app.ui.views.focus_ring import paint_ring
from app.ui.views.tool_tip import tool_tip

_EVERY = 50
"""Milliseconds between looks at the level while playing."""
_FALL = 0.8
"""What is left of the shown level after each look: a meter that can be read falls slowly."""
_QUIETEST = -48.0
"""dB of full scale at the meter's left end; the right one is 0."""
_HOT = -3.0
"""dB from which on the sound is near to its limit."""


def meter_share(level: float) -> float:
    """Where a level of 0–1 stands on the meter, 0–1, evenly in dB."""
    if level <= 0:
        return 0.0
    return min(max(1.0 - 20.0 * math.log10(level) / _QUIETEST, 0.0), 1.0)


class VolumeSlider(QSlider):
    """0–100 %; the arrow keys and the wheel move it by 5."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._session = session
        self._shown = 0.0
        self.setRange(0, 100)
        self.setSingleStep(5)
        self.setPageStep(20)
        self.setAccessibleName("Volume")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaximumWidth(120)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self._look)
        self.valueChanged.connect(self._set)
        session.sound.volume_changed.connect(self._show)
        session.sound.heard_changed.connect(self._show)
        session.playback.playing_changed.connect(self._show)
        session.opened.recording_changed.connect(self._show)
        session.appearance.theme_changed.connect(self.update)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(84, 24)

    def _set(self, value: int) -> None:
        if round(self._session.sound.volume * 100) != value:
            self._session.sound.set_volume(value / 100)

    def _show(self) -> None:
        session = self._session
        self.setValue(round(session.sound.volume * 100))
        self.setToolTip(tool_tip(f"Volume {self.value()} %; the bar shows how loud the sound is"))
        self.setEnabled(session.sound.audible and not session.sound.silent)
        if session.playback.playing and not self._timer.isActive():
            self._timer.start()
        self.update()

    def _look(self) -> None:
        """Follow the sound upwards at once and downwards slowly; rest when nothing is heard."""
        level = self._session.sound.level
        shown = max(level, self._shown * _FALL)
        if not self._session.playback.playing and shown < 0.002:
            shown = 0.0
            self._timer.stop()
        if shown != self._shown:
            self._shown = shown
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._session.appearance.theme
        groove = QRectF(7, self.height() / 2 - 2.5, self.width() - 14, 5)
        painter.fillRect(groove, QColor(theme.line))
        share = meter_share(self._shown)
        if share > 0 and self.isEnabled():
            hot = meter_share(10 ** (_HOT / 20))
            lit = QRectF(groove.left(), groove.top(), groove.width() * min(share, hot), groove.height())
            painter.fillRect(lit, QColor(theme.muted))
            if share > hot:
                left = groove.left() + groove.width() * hot
                over = QRectF(left, groove.top(), groove.width() * (share - hot), groove.height())
                painter.fillRect(over, QColor(theme.caution))
        x = groove.left() + groove.width() * self.value() / 100
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text if self.isEnabled() else theme.edge))
        painter.drawEllipse(QPointF(x, groove.center().y()), 5.5, 5.5)
        if self.hasFocus():
            paint_ring(painter, self, theme)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._take(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._take(event)

    def _take(self, event: QMouseEvent) -> None:
        self.setValue(round(100 * (event.position().x() - 7) / max(1, self.width() - 14)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.setValue(self.value() + (5 if event.angleDelta().y() > 0 else -5))
        event.accept()

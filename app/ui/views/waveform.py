"""The sound of the recording as an envelope on the shared time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.ui.session import Changed, Session
from app.ui.theme import small_font
from app.ui.views.time_panel import TimePanel

if TYPE_CHECKING:
    from app.core.recording.waveform import Waveform

_QUIETEST = 0.02
"""A recording quieter than this (of full scale) is not blown up further: noise should look like noise."""


class WaveformView(TimePanel):
    """Lowest and highest sample of every pixel column, a line for silence, the shared cursor."""

    ground_changes = TimePanel.ground_changes | Changed.WAVEFORM

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._gain = 1.0
        self._measured: object = None
        self.setAccessibleName("Waveform")
        self.setAccessibleDescription("The recording's sound over time. Drag to move the cursor.")
        self.setMinimumHeight(40)

    def sizeHint(self) -> QSize:
        return QSize(640, 84)

    def paint_ground(self, painter: QPainter, size: QSize) -> None:
        scale = self.scale_of_time
        area = QRectF(scale.left, 0, scale.width, size.height())
        words = self.empty_words()
        if words:
            self.paint_empty(painter, area if self.session.duration > 0 else QRectF(self.rect()), words)
        else:
            self.paint_grid(painter, 0, size.height())
            self._paint_envelope(painter, area)
            self._paint_name(painter, size)
        self.paint_focus(painter)

    def empty_words(self) -> str:
        """What is said instead of a waveform; empty when there is one."""
        recording = self.session.recording
        if recording is None:
            return "The sound of an open recording is shown here"
        if recording.audio is None:
            return "No sound in this recording"
        return "" if self.session.waveform is not None else "Waveform is being built…"

    def _paint_envelope(self, painter: QPainter, area: QRectF) -> None:
        waveform = self.session.waveform
        if waveform is None or self.visible_span.duration <= 0:
            return
        ratio = painter.device().devicePixelRatio()
        columns = max(1, round(area.width() * ratio))
        low, high = waveform.envelope(self.visible_span.start, self.visible_span.end, columns)
        gain = self._gain_of(waveform)
        colour = QColor(self.theme.muted)
        pen = QPen(colour, 0)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(_columns(low * gain, high * gain, area, ratio))

    def _gain_of(self, waveform: Waveform) -> float:
        """What makes the loudest sample of the recording fill the panel; the same at every zoom."""
        if waveform is not self._measured:
            low, high = waveform.envelope(0.0, self.session.duration, 2000)
            peak = float(max(np.max(np.abs(low), initial=0.0), np.max(np.abs(high), initial=0.0)))
            self._gain = 1.0 / max(peak, _QUIETEST)
            self._measured = waveform
        return self._gain

    def _paint_name(self, painter: QPainter, size: QSize) -> None:
        painter.setFont(small_font())
        painter.setPen(QColor(self.theme.muted))
        box = QRectF(12, 0, self.scale_of_time.left - 24, size.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, "Sound")


def _columns(
    low: npt.NDArray[np.float32], high: npt.NDArray[np.float32], area: QRectF, ratio: float
) -> list[QLineF]:
    """One upright line for every column, at least one device pixel high."""
    middle, reach = area.center().y(), area.height() / 2 - 3
    top = middle - np.clip(high, -1, 1) * reach
    bottom = middle - np.clip(low, -1, 1) * reach
    bottom = np.maximum(bottom, top + 1 / ratio)
    xs = area.left() + (np.arange(len(low)) + 0.5) / ratio
    return [QLineF(x, a, x, b) for x, a, b in zip(xs.tolist(), top.tolist(), bottom.tolist(), strict=True)]

"""The sound of the recording on the shared time axis, from hours to single samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from app.ui.session.session import Session
from app.ui.session.sound_detail import LONGEST
from app.ui.theme import small_font
from app.ui.views.time_panel import TimePanel

if TYPE_CHECKING:
    from app.core.recording.waveform import Waveform

_LEAST_PART = 34
"""Pixels of height below which waveform and spectrogram do not share the panel."""

_QUIETEST = 0.02
"""A recording quieter than this (of full scale) is not blown up further: noise should look like noise."""


class WaveformView(TimePanel):
    """Lowest and highest sample of every pixel column, a line for silence, the shared cursor."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._gain = 1.0
        self._measured: object = None
        detail = session.sound_detail
        for changed in (detail.waveform_changed, detail.read, detail.spectrogram_shown_changed):
            changed.connect(self.refresh)
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
            self._paint_empty(
                painter, area if self.session.opened.duration > 0 else QRectF(self.rect()), words
            )
        else:
            above, below = self._parts(area)
            if not below.isEmpty():
                self._paint_spectrogram(painter, below)
            self.paint_grid(painter, 0, size.height())
            self._paint_waveform(painter, above)
            self._paint_name(painter, above)
        self._paint_focus(painter)

    def empty_words(self) -> str:
        """The sentence in place of a waveform; "" when there is one."""
        recording = self.session.opened.recording
        if recording is None:
            return "The sound of an open recording is shown here"
        if recording.audio is None:
            return "No sound in this recording"
        return "" if self.session.sound_detail.waveform is not None else "Waveform is being built…"

    def _parts(self, area: QRectF) -> tuple[QRectF, QRectF]:
        """The waveform's part of the panel and the spectrogram's below it, empty when it is not shown."""
        if not self.session.sound_detail.spectrogram_shown or area.height() < 2 * _LEAST_PART:
            return area, QRectF()
        above = round(area.height() * 0.45)
        return (
            QRectF(area.left(), 0, area.width(), above),
            QRectF(area.left(), above, area.width(), area.height() - above),
        )

    def _paint_waveform(self, painter: QPainter, area: QRectF) -> None:
        waveform, visible = self.session.sound_detail.waveform, self.visible_span
        if waveform is None or visible.duration <= 0:
            return
        from app.ui.views.sound_paint import paint_columns, paint_samples, sample_columns

        columns = max(1, round(area.width() * painter.device().devicePixelRatio()))
        gain, colour = self._gain_of(waveform), QColor(self.theme.muted)
        detail = self.session.sound_detail.near(visible) if visible.duration <= LONGEST else None
        if detail is None:
            bounds = waveform.envelope(visible.start, visible.end, columns)
        else:
            near = sample_columns(detail, visible, columns)
            if near is None:
                paint_samples(painter, detail, self.scale_of_time, area, gain=gain, colour=colour)
                return
            bounds = near
        paint_columns(painter, (bounds[0] * gain, bounds[1] * gain), area, colour)

    def _paint_spectrogram(self, painter: QPainter, area: QRectF) -> None:
        from app.ui.views.sound_paint import paint_pitches, paint_spectrogram

        visible, scale = self.visible_span, self.scale_of_time
        detail = self.session.sound_detail.near(visible) if visible.duration <= LONGEST else None
        whole = self.session.sound_detail.spectrogram
        if detail is not None:
            paint_spectrogram(painter, detail.spectrogram, scale, area, self.theme, begins=detail.start)
        elif whole is not None:
            paint_spectrogram(painter, whole, scale, area, self.theme, begins=0.0)
        else:
            self._paint_empty(painter, area, "Spectrogram is being computed…")
        paint_pitches(painter, scale, area, self.theme)

    def _gain_of(self, waveform: Waveform) -> float:
        """The gain with which the loudest sample of the recording fills the panel; the same at every zoom."""
        import numpy as np

        if waveform is not self._measured:
            low, high = waveform.envelope(0.0, self.session.opened.duration, 2000)
            peak = float(max(np.max(np.abs(low), initial=0.0), np.max(np.abs(high), initial=0.0)))
            self._gain = 1.0 / max(peak, _QUIETEST)
            self._measured = waveform
        return self._gain

    def _paint_name(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(small_font())
        painter.setPen(QColor(self.theme.muted))
        box = QRectF(12, area.top(), area.left() - 24, area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, "Sound")

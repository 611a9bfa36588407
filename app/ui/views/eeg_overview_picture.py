"""The picture of a whole EEG: its trends over hours, the page as a window on it, and the cursor."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.eeg.display_choices import TrendView
from app.core.eeg.file_overview import FileOverview, chosen_trends
from app.core.eeg.row_layout import day_text, grid_steps, multiples, signed_clock
from app.core.eeg.trend_columns import PictureColumns, picture_columns
from app.ui.commands.actions import OWN_KEYS
from app.ui.session.session import Session
from app.ui.theme import Theme, small_font
from app.ui.views.eeg_band_paint import SCALE_WIDTH, paint_band_power, paint_spectrogram_of_day
from app.ui.views.eeg_overview_paint import (
    LANE,
    ShownTrends,
    paint_amplitude,
    paint_empty_columns,
    paint_events,
    paint_moments,
    paint_rhythm,
    paint_score,
    paint_seizure_marks,
    rows_of,
)
from app.ui.views.eeg_paint import AXIS_LINE, PageCanvas, paint_axis, paint_box, paint_grid
from app.ui.views.focus_ring import by_keyboard, paint_ring
from app.ui.views.time_layers import Cursor, Ground

_LEFT = 116.0
"""Pixels for names and scales at the left."""

_RIGHT = 8.0
_NARROWEST = 7.0
"""Pixels of the page's window, so that it can be taken hold of on a picture of a day."""


class EegOverviewPicture(QWidget):
    """Paints the overview; `eeg_overview_pointer` handles mouse and keys."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.focused_by_key = False
        self._ground = Ground(self, self._paint_ground)
        self._cursor = Cursor(self, head=False)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(OWN_KEYS, True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(96)
        self.setAccessibleName("Overview of the EEG")
        self.setAccessibleDescription(
            "Rhythm, amplitude and rhythmic stretches of the whole EEG. A click shows the page and the frame "
            "of that moment; Up and Down go to the previous and next rhythmic stretch."
        )
        self._connect()
        self._recolour()

    def sizeHint(self) -> QSize:
        return QSize(900, 150)

    def _connect(self) -> None:
        session = self.session
        for changed in (
            session.eeg_overview.changed,
            session.eeg_overview.moved,
            session.eeg_overview.source_changed,
            session.eeg.file_changed,
            session.answers.marks_changed,
        ):
            changed.connect(self.refresh)
        session.eeg.chosen_changed.connect(self.refresh)
        for moved in (session.eeg.position.moved, session.eeg.position.resized):
            moved.connect(self.update)
        session.playback.moved.connect(lambda _seconds: self._place_cursor())
        session.appearance.theme_changed.connect(self._on_theme)

    @property
    def theme(self) -> Theme:
        return self.session.appearance.theme

    def canvas(self) -> PageCanvas:
        """The plot under the axis, and the stretch that is seen."""
        start, end = self.session.eeg_overview.shown
        right = _RIGHT if self.session.eeg.choices.trend_view is TrendView.OVERVIEW else SCALE_WIDTH
        wide, high = max(self.width() - _LEFT - right, 1.0), max(self.height() - AXIS_LINE - 2, 1.0)
        return PageCanvas(QRectF(_LEFT, AXIS_LINE + 2, wide, high), start, max(end - start, 1e-3), self.theme)

    def page_window(self) -> QRectF:
        """The place of the page, at least as wide as can be taken hold of; empty when it is not in sight."""
        canvas, position = self.canvas(), self.session.eeg.position
        left, right = canvas.x(position.start), canvas.x(position.end)
        more = max((_NARROWEST - (right - left)) / 2, 0.0)
        left, right = max(left - more, canvas.plot.left()), min(right + more, canvas.plot.right())
        return QRectF(left, canvas.plot.top(), max(right - left, 0.0), canvas.plot.height())

    def refresh(self) -> None:
        """Repaint everything at the next event loop."""
        self._ground.refresh()
        self._place_cursor()

    def _on_theme(self) -> None:
        self._recolour()
        self.refresh()

    def _recolour(self) -> None:
        self._ground.colour = QColor(self.theme.panel)
        self._cursor.colour = QColor(self.theme.cursor)

    def _place_cursor(self) -> None:
        canvas, moment = self.canvas(), self.session.eeg.position.cursor
        seen = canvas.start <= moment <= canvas.start + canvas.seconds
        self._cursor.place(round(canvas.x(moment)) if seen and self.session.eeg.file is not None else None)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self.refresh()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.focused_by_key = by_keyboard(event)
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        self.focused_by_key = False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._ground.paint(painter)
        if self.session.eeg.file is not None:
            self._paint_window(painter)
            self._cursor.paint(painter)
        if self.focused_by_key:
            paint_ring(painter, self, self.theme)
        painter.end()

    # painting

    def _paint_window(self, painter: QPainter) -> None:
        window = self.page_window()
        if window.isEmpty():
            return
        shade = QColor(self.theme.text)
        shade.setAlpha(36)
        painter.fillRect(window, shade)
        painter.setPen(QPen(QColor(self.theme.text), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(window.toAlignedRect()).adjusted(0.5, 0.5, -0.5, -1.5))

    def _paint_ground(self, painter: QPainter, _size: QSize) -> None:
        file = self.session.eeg.file
        if file is None:
            return
        canvas = self.canvas()
        self._paint_axis(painter, canvas)
        found = self.session.eeg_overview.found
        chosen = chosen_trends(found, self.session.eeg_overview.source) if found is not None else None
        if found is None or chosen is None:
            self._paint_words(painter, canvas)
            return
        ratio = painter.device().devicePixelRatio()
        count = max(round(canvas.plot.width() * ratio), 1)
        columns = picture_columns(found.trends, canvas.start, canvas.start + canvas.seconds, count)
        self._paint_trends(painter, canvas, found, columns)
        self._paint_lane(painter, canvas, found, columns)

    def _paint_trends(
        self, painter: QPainter, canvas: PageCanvas, found: FileOverview, columns: PictureColumns
    ) -> None:
        chosen = chosen_trends(found, self.session.eeg_overview.source)
        assert chosen is not None
        shown = ShownTrends(*chosen, columns)
        area = _below_lane(canvas)
        view = self.session.eeg.choices.trend_view
        if view is TrendView.SPECTROGRAM:
            paint_spectrogram_of_day(painter, area, canvas, shown)
        elif view is TrendView.BANDS:
            paint_band_power(painter, area, canvas, shown)
        else:
            rhythm, amplitude, score = rows_of(area)
            paint_rhythm(painter, rhythm, canvas, shown)
            paint_amplitude(painter, amplitude, canvas, shown)
            paint_score(painter, score, canvas, found.score, columns)

    def _paint_lane(
        self, painter: QPainter, canvas: PageCanvas, found: FileOverview, columns: PictureColumns
    ) -> None:
        file = self.session.eeg.file
        assert file is not None
        lane = QRectF(canvas.plot.left(), canvas.plot.top(), canvas.plot.width(), LANE)
        painter.save()
        painter.setClipRect(canvas.plot)
        there = columns.mean(np.isfinite(found.groups.low[0]).astype(np.float32))
        paint_empty_columns(painter, _below_lane(canvas), canvas, there, lane)
        begun, ended = (file.sync.to_eeg(one) for one in (0.0, self.session.opened.duration))
        painter.fillRect(_foot(canvas.part(begun, ended)), QColor(self.theme.mine))
        shaded = self.session.eeg.choices.trend_view is not TrendView.SPECTROGRAM
        paint_events(painter, canvas, found.events, lane, shaded=shaded)
        paint_moments(painter, canvas, lane, (one.onset for one in file.annotations if one.text))
        marks = self.session.answers.my_reading.marks
        paint_seizure_marks(painter, canvas, (file.sync.to_eeg(one.seconds) for one in marks))
        painter.restore()

    def _paint_axis(self, painter: QPainter, canvas: PageCanvas) -> None:
        """Times of day where the file states its start, else the recording's clock."""
        file = self.session.eeg.file
        assert file is not None
        painter.setFont(small_font())
        steps = grid_steps(canvas.pixels_per_second, 74.0, 9.0)
        offset = 0.0
        if file.start is not None:
            began = file.start
            offset = began.hour * 3600.0 + began.minute * 60.0 + began.second
        else:
            offset = file.sync.to_recording(0.0)
        paint_grid(painter, canvas, steps, offset)
        moments = multiples(steps.labels, canvas.start + offset, canvas.start + canvas.seconds + offset)
        painter.setPen(QColor(self.theme.muted))
        labels = [
            (one - offset, day_text(file.start, one - offset) if file.start else signed_clock(one))
            for one in moments
        ]
        paint_axis(painter, canvas, 1, labels)
        painter.drawText(QPointF(8, AXIS_LINE - 3), "time of day" if file.start else "recording")
        painter.fillRect(QRectF(0, canvas.plot.top() - 1, self.width(), 1), QColor(self.theme.line))
        painter.fillRect(QRectF(_LEFT - 1, 0, 1, self.height()), QColor(self.theme.line))

    def _paint_words(self, painter: QPainter, canvas: PageCanvas) -> None:
        overview, file = self.session.eeg_overview, self.session.eeg.file
        words = overview.problem
        if not words and file is not None and not file.is_complete:
            words = "The time stamps of the EEG are being read first …"
        if not words and overview.progress is not None:
            words = f"Computing the overview … {overview.progress.done:.0%}"
        if words:
            paint_box(painter, canvas.plot.center() - QPointF(140, 14), [words], canvas)


def _below_lane(canvas: PageCanvas) -> QRectF:
    return canvas.plot.adjusted(0, LANE + 1, 0, -3)


def _foot(part: QRectF) -> QRectF:
    """The bar at the foot of the plot where there is a picture."""
    return QRectF(part.left(), part.bottom() - 2, max(part.width(), 2.0), 2)

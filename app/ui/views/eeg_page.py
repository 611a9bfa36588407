"""The page of an EEG: traces on their grid with names, marks, gaps and the cursor of all panels."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QScrollBar, QSizePolicy, QWidget

from app.core.eeg.displayed_file import gaps_between
from app.core.eeg.page_scale import PageScale, pixels_per_millimetre
from app.core.eeg.row_layout import RowLayout, day_text, grid_steps, multiples, row_layout, signed_clock
from app.ui.commands.actions import OWN_KEYS
from app.ui.session.session import Session
from app.ui.theme import Theme, small_font
from app.ui.views.eeg_colours import colour_of, layer_of
from app.ui.views.eeg_overlay import paint_events, paint_point, paint_scale, paint_selection, paint_spans
from app.ui.views.eeg_paint import (
    AXIS_LINE,
    PageCanvas,
    paint_axis,
    paint_beyond,
    paint_box,
    paint_gaps,
    paint_grid,
    paint_names,
)
from app.ui.views.eeg_traces import TracePicture, TraceScale
from app.ui.views.focus_ring import paint_ring
from app.ui.views.layered_picture import trace_colours
from app.ui.views.time_layers import Cursor, Ground

_Place = tuple[QSizeF, float, float, float]
"""Size of the plot, seconds of the page, pixels of the screen in one of the panel, dots per inch."""

_LEAST_PITCH = 7.0
_CLIP = 1.5
"""Half the height within which a clipped trace stays, in rows."""
_BEFORE_PLOT = 10.0
"""Pixels by which the first text of the axis may begin before the traces; the names leave them free."""


class EegPageView(QWidget):
    """Paints the page; `eeg_pointer` handles mouse and keys."""

    shown = Signal()
    """It has come up in its size."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.display = session.eeg
        self.focused_by_key = False
        self.paint_dragged: Callable[[QPainter], None] | None = None
        """Paints the place of a row that is dragged."""
        self._traces = TracePicture()
        self._scale: tuple[_Place, TraceScale] | None = None
        self._ground = Ground(self, self._paint_ground)
        self._cursor = Cursor(self, head=False)
        self._scroll = QScrollBar(Qt.Orientation.Vertical, self)
        self._scroll.valueChanged.connect(self._on_scrolled)
        self._layout = RowLayout((), _LEAST_PITCH, 0.0)
        self._names_width = self._wanted_names_width()
        self._names = Ground(self, self._paint_names)
        self._painted_names: list[tuple[str, QColor, str]] = []
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(OWN_KEYS, True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.setAccessibleName("EEG")
        self.setAccessibleDescription(
            "The page of the EEG. A click shows the frame of that moment; with Shift a drag measures."
        )
        self._connect()
        self._recolour()
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(900, 420)

    def _connect(self) -> None:
        session, display = self.session, self.display
        display.traces_changed.connect(self._repaint_traces)
        for anew in (display.file_changed, display.row_chosen):
            anew.connect(self._repaint_names)
        display.scale_changed.connect(self._on_scale)
        display.rows_changed.connect(self._on_rows)
        for moved in (display.position.moved, display.position.resized):
            moved.connect(self._on_moved)
        for other in (display.problem_changed, display.position.held.changed, session.loop.changed):
            other.connect(self._ground.refresh)
        session.answers.marks_changed.connect(self._ground.refresh)
        session.answers.mine_changed.connect(self._ground.refresh)
        session.selection.selected.connect(self._ground.refresh)
        session.eeg_selection.changed.connect(self._ground.refresh)
        session.playback.moved.connect(lambda _seconds: self._place_cursor())
        session.appearance.theme_changed.connect(self._on_theme)

    # what is where

    @property
    def theme(self) -> Theme:
        return self.session.appearance.theme

    @property
    def dots_per_inch(self) -> float:
        """As the person has measured, else as the screen says, else as is usual."""
        chosen = self.display.choices.dots_per_inch
        stated = self.screen().physicalDotsPerInch() if self.screen() else 96.0
        return chosen or (stated if 50 <= stated <= 400 else 96.0)

    @property
    def names_width(self) -> float:
        """The width of the column of names."""
        return self._names_width

    def _wanted_names_width(self) -> float:
        metrics = QFontMetricsF(small_font())
        wide = [metrics.horizontalAdvance(row.name) for row in self.display.rows]
        return round(min(max([*wide, metrics.horizontalAdvance("time of day")]), 150.0)) + 24.0

    @property
    def axis_height(self) -> float:
        file = self.display.file
        return 2.0 * AXIS_LINE + 4 if file is not None and file.start is not None else AXIS_LINE + 6.0

    def canvas(self) -> PageCanvas:
        """The plot and the page's times, moved to a whole column."""
        left, top = self.names_width, self.axis_height
        scroll = self._scroll.width() if self._scroll.isVisible() else 0
        plot = QRectF(left, top, max(self.width() - left - scroll, 1.0), max(self.height() - top, 1.0))
        position = self.display.position
        columns = max(round(plot.width() * self.devicePixelRatioF()), 1)
        start = round(position.start / position.seconds * columns) * position.seconds / columns
        return PageCanvas(plot, start, position.seconds, self.theme)

    def row_at(self, position: QPointF) -> int | None:
        """The row whose name or trace lies there."""
        return self._layout.nearest(position.y() - self.axis_height + self._scroll.value())

    def row_middle(self, number: int) -> float:
        """The height of a row in the panel."""
        return self.axis_height - self._scroll.value() + self._layout.middles[number]

    @property
    def pitch(self) -> float:
        """The height of a row."""
        return self._layout.pitch

    def over_names(self, position: QPointF) -> bool:
        """Whether a place is in the column of names."""
        return position.x() < self.names_width and position.y() >= self.axis_height

    # what changes

    def refresh(self) -> None:
        """Paint everything anew at the next occasion."""
        self._repaint_names()

    def _repaint_traces(self) -> None:
        self._traces.forget()
        self._scale = None
        self._ground.refresh()
        self._place_cursor()

    def _on_rows(self) -> None:
        self._names_width = self._wanted_names_width()
        self._repaint_names()

    def _on_scale(self) -> None:
        if self._shown_names() != self._painted_names:
            self._names.refresh()
        self._repaint_traces()

    def _repaint_names(self) -> None:
        self._arrange()
        self._names.refresh()
        self._repaint_traces()

    def _on_moved(self) -> None:
        self._ground.refresh()
        self._place_cursor()

    def _on_scrolled(self) -> None:
        self._repaint_names()

    def _on_theme(self) -> None:
        self._recolour()
        self._repaint_names()

    def _recolour(self) -> None:
        self._ground.colour = self._names.colour = QColor(self.theme.panel)
        self._cursor.colour = QColor(self.theme.cursor)

    def _arrange(self) -> None:
        """Lay out the rows, with a scroll bar when there are too many."""
        room = max(self.height() - self.axis_height, 1.0)
        self._layout = row_layout([row.gap for row in self.display.rows], room, _LEAST_PITCH)
        over = max(round(self._layout.height - room), 0)
        self._scroll.setVisible(over > 0)
        self._scroll.setRange(0, over)
        self._scroll.setPageStep(round(room))
        width = self._scroll.sizeHint().width()
        self._scroll.setGeometry(self.width() - width, round(self.axis_height), width, max(round(room), 1))
        self.display.pages.paint_on(round(self.canvas().plot.width() * self.devicePixelRatioF()))

    def _place_cursor(self) -> None:
        canvas, file = self.canvas(), self.display.file
        shown = file is not None and self.display.position.contains(self.display.position.cursor)
        ratio = self.devicePixelRatioF()
        self._cursor.place(round(canvas.x(self.display.position.cursor) * ratio) / ratio if shown else None)

    def showEvent(self, _event: QShowEvent) -> None:
        QTimer.singleShot(0, self, self.shown.emit)  # once the layout has given it its size

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._repaint_names()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._ground.paint(painter)
        painter.setClipRect(QRectF(0, self.axis_height, self.names_width - 1, self.height()))
        self._names.paint(painter)
        if self.paint_dragged is not None:
            self.paint_dragged(painter)
        painter.setClipping(False)
        self._cursor.paint(painter)
        painter.end()

    # painting

    def _paint_ground(self, painter: QPainter, _size: QSize) -> None:
        file = self.display.file
        if file is None:
            return
        canvas = self.canvas()
        millimetre = pixels_per_millimetre(self.dots_per_inch)
        steps = grid_steps(canvas.pixels_per_second, 74.0, millimetre)
        offset = self._clock_offset()
        painter.save()
        painter.setClipRect(canvas.plot)
        paint_grid(painter, canvas, steps, offset)
        paint_spans(painter, canvas, self.session)
        self._paint_traces(painter, canvas)
        gaps = gaps_between(file.timeline, canvas.start, canvas.start + canvas.seconds)
        paint_gaps(painter, canvas, gaps)
        unread, _ = self.display.pages.unread()
        paint_gaps(painter, canvas, [(float(first), float(last)) for first, last in unread], "not read")
        paint_beyond(painter, canvas, file.duration)
        paint_events(painter, canvas, self.session)
        if self.display.position.held.point is not None:
            paint_point(painter, canvas, self.display.position.held.point)
        self._paint_measures(painter, canvas)
        painter.restore()
        end = paint_scale(painter, canvas, self.display, self.dots_per_inch)
        self._paint_axis(painter, canvas, steps.labels, offset, end)
        if self.focused_by_key:
            paint_ring(painter, self, self.theme)

    def _clock_offset(self) -> float:
        """What the recording's clock shows at the page's start more than the EEG's; the drift within a page
        is less than a pixel."""
        file = self.display.file
        start = self.display.position.start
        return file.sync.to_recording(start) - start if file is not None else 0.0

    def _paint_axis(
        self, painter: QPainter, canvas: PageCanvas, step: float, offset: float, end: float
    ) -> None:
        began = self.display.file.start if self.display.file is not None else None
        painter.setFont(small_font())
        painter.fillRect(QRectF(0, self.axis_height - 1, self.width(), 1), QColor(self.theme.line))
        # The line between names and traces leaves out the texts, which may begin before it.
        below = QRectF(canvas.plot.left() - 1, self.axis_height, 1, self.height() - self.axis_height)
        painter.fillRect(below, QColor(self.theme.line))
        decimals = 0 if step >= 1 else 1 if step >= 0.1 else 2
        start = canvas.start + offset
        moments = multiples(step, start, start + canvas.seconds)
        painter.setPen(QColor(self.theme.text))
        labels = [(one - offset, signed_clock(one, decimals=decimals)) for one in moments]
        paint_axis(painter, canvas, 2, labels, end, room=_BEFORE_PLOT)
        if began is not None:
            painter.setPen(QColor(self.theme.muted))
            days = [(one - offset, day_text(began, one - offset, decimals=decimals)) for one in moments]
            paint_axis(painter, canvas, 2 + AXIS_LINE, days, end, room=_BEFORE_PLOT)
            painter.drawText(QPointF(8, 2 + 2 * AXIS_LINE - 4), "time of day")
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(QPointF(8, 2 + AXIS_LINE - 4), "recording")

    def _paint_names(self, painter: QPainter, _size: QSize) -> None:
        """The names, in a separate picture because they stay while pages turn."""
        canvas, display = self.canvas(), self.display
        names = self._painted_names = self._shown_names()
        area = QRectF(0, canvas.plot.top() - self._scroll.value(), canvas.plot.left() - 1, self.height())
        painter.save()
        painter.setClipRect(QRectF(0, canvas.plot.top(), canvas.plot.left() - 1, canvas.plot.height()))
        chosen = display.keys.index(display.row) if display.row in display.keys else None
        paint_names(painter, self._layout, names, area, chosen=chosen, theme=self.theme)
        painter.restore()

    def _shown_names(self) -> list[tuple[str, QColor, str]]:
        """The name of each row, its colour, and a remark."""
        coloured = self.display.choices.coloured
        return [
            (row.name, colour_of(row, self.theme, coloured=coloured), self._remark(number))
            for number, row in enumerate(self.display.rows)
        ]

    def _remark(self, number: int) -> str:
        display = self.display
        if display.rows[number].has_bad:
            return "bad"
        own = display.keys[number] in display.of_file.row_sensitivity
        return f"{display.sensitivities()[number]:g}" if own else ""

    def _paint_traces(self, painter: QPainter, canvas: PageCanvas) -> None:
        plan, tiles = self.display.pages.shown()
        if plan is None or not self.display.rows:
            self._paint_reading(painter, canvas)
            return
        ratio = self.devicePixelRatioF()
        scale = self._trace_scale(canvas, ratio)
        first = round(self.display.position.start / float(scale.seconds_per_column))
        image = self._traces.image(tiles, first, scale, trace_colours(self.theme.mode))
        image.setDevicePixelRatio(ratio)
        painter.drawImage(canvas.plot.topLeft(), image)
        self._paint_reading(painter, canvas)

    def _paint_measures(self, painter: QPainter, canvas: PageCanvas) -> None:
        selection = self.session.eeg_selection
        if selection.span is not None:
            known = selection.row in self.display.keys
            middle = self.row_middle(self.display.keys.index(selection.row)) if known else None
            paint_selection(painter, canvas, selection, middle)

    def _trace_scale(self, canvas: PageCanvas, ratio: float) -> TraceScale:
        """The scale of the traces, the same one until it changes: a page that moves asks for it each time."""
        of = (canvas.plot.size(), canvas.seconds, ratio, self.dots_per_inch)
        if self._scale is None or self._scale[0] != of:
            self._scale = of, self._new_trace_scale(canvas, ratio)
        return self._scale[1]

    def _new_trace_scale(self, canvas: PageCanvas, ratio: float) -> TraceScale:
        display, choices = self.display, self.display.choices
        columns = max(round(canvas.plot.width() * ratio), 1)
        pixels = PageScale(self.dots_per_inch, 1.0, choices.negative_up).pixels_per_microvolt * ratio
        middles = [(middle - self._scroll.value()) * ratio for middle in self._layout.middles]
        return TraceScale(
            columns,
            max(round(canvas.plot.height() * ratio), 1),
            Fraction(display.position.seconds) / columns,
            tuple(middles),
            tuple(pixels / sensitivity for sensitivity in display.sensitivities()),
            tuple(layer_of(row, coloured=choices.coloured) for row in display.rows),
            _CLIP * self._layout.pitch * ratio if choices.clipped else None,
            max(ratio, 1.0),
        )

    def _paint_reading(self, painter: QPainter, canvas: PageCanvas) -> None:
        """What is in place of traces that are not there yet, or cannot be read."""
        words = self.display.problem
        if not words and not self.display.rows:
            words = "Nothing of this montage can be shown of this EEG"
        if not words and self.display.pages.done < 1.0 and canvas.seconds >= 60:
            words = f"Reading the EEG … {self.display.pages.done:.0%}"
        if words:
            paint_box(painter, canvas.plot.center(), [words], canvas)

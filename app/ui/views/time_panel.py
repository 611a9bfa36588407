"""The common base of timeline and waveform: the axis, the cursor, scrubbing, zooming and panning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from app.core.semiology import Span
from app.core.timeline.time_axis import (
    RULER_HEIGHT,
    Tick,
    TimeScale,
    followed,
    panel_scale,
    panned,
    ticks,
    zoomed,
)
from app.ui.session.session import Session
from app.ui.theme import Theme, small_font
from app.ui.views.focus_ring import by_keyboard, paint_ring
from app.ui.views.time_layers import Cursor, Ground
from app.ui.views.tool_tip import show_words_at

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

_WHEEL_PER_DOUBLING = 360.0

_EDGE = 4.0
"""Pixels left of the axis in which something over time may end; names end before them."""


class TimePanel(QWidget):
    """A panel on the shared time axis.

    A drag scrubs, the wheel zooms about the pointer, Shift and wheel or the middle button pan. A
    subclass paints with `paint_ground`, says with `holds` what waits for the release of the button
    instead of scrubbing, and takes `click`, `double_click` and `hover`.
    """

    _has_ruler = False
    head = 0
    """Pixels at the upper edge that stand still when the axis moves."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._ground = Ground(self, self.paint_ground)
        self._cursor = Cursor(self, head=self._has_ruler)
        self._cursor_seconds = session.playback.cursor
        self._pressed: QPointF | None = None
        self._panning: float | None = None
        self._scrubbing = False
        self._resume = False
        self._ring = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        session.opened.recording_changed.connect(self._on_recording)
        session.visible.changed.connect(self._on_visible)
        session.loop.changed.connect(self.refresh)
        session.playback.moved.connect(self._on_moved)
        session.appearance.theme_changed.connect(self._on_theme)
        self._recolour()
        self._place_cursor()

    # what is where

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def visible_span(self) -> Span:
        """The part of the clock that is shown; the whole recording until somebody says otherwise."""
        shown = self.session.visible.span
        return shown if shown.end > shown.start else Span(0.0, max(self.session.opened.duration, 0.0))

    @property
    def scale_of_time(self) -> TimeScale:
        return panel_scale(self.visible_span, self.width())

    def _ruler_ticks(self, scale: TimeScale | None = None) -> tuple[Tick, ...]:
        """The ticks of this scale, of the panel's without one."""
        scale = scale or self.scale_of_time
        metrics = QFontMetricsF(small_font())
        longest = "00:00.000" if scale.span.duration < 1 else "00:00.00"
        return ticks(scale, metrics.horizontalAdvance(longest) + 18)

    def _painted_part(self, painter: QPainter) -> QRectF:
        """The part of the panel that is being painted: all of it, or what has changed."""
        return painter.clipBoundingRect() if painter.hasClipping() else QRectF(self.rect())

    def _names_in(self, part: QRectF) -> bool:
        """Whether some of the names left of the axis lie in this part."""
        return part.left() < self.scale_of_time.left - _EDGE

    # for subclasses

    def paint_ground(self, painter: QPainter, size: QSize) -> None:
        """Paint everything but the cursor, in pixels of the panel; only the `_painted_part` is seen."""

    def _paint_over(self, painter: QPainter) -> None:
        """Paint what changes too often to be kept with the ground, under the cursor."""

    def arrange(self) -> None:
        """Lay out what depends on the panel's size."""

    def holds(self, _position: QPointF) -> bool:
        """Whether a click here is for something other than the time."""
        return False

    def click(self, position: QPointF) -> None:
        """The button was pressed and released in the same place, over the names or where `holds`."""

    def double_click(self, position: QPointF) -> None:
        """As `click`, twice."""

    def hover(self, position: QPointF | None) -> None:
        """The pointer moved with no button down; None when it has left."""

    def words_at(self, _position: QPointF) -> str:
        """The plain text of the tool tip at a place; "" for none."""
        return ""

    def scrub_began(self, position: QPointF) -> None:
        """Before the cursor follows the pointer."""

    # the session

    def _on_recording(self) -> None:
        self._ground.refresh()
        self._on_moved()

    def _on_visible(self) -> None:
        # The names stand still when the axis moves.
        top, left = self.head, self.scale_of_time.left - _EDGE
        if self._has_ruler:
            top = RULER_HEIGHT
            self._ground.refresh_part(QRectF(0, 0, self.width(), top))
        self._ground.refresh_part(QRectF(left, top, self.width() - left, self.height() - top))
        self._on_moved()

    def _on_moved(self) -> None:
        self._follow()
        self._place_cursor()

    def _on_theme(self) -> None:
        self._recolour()
        self._ground.refresh()

    def refresh(self) -> None:
        """Paint everything anew at the next occasion."""
        self._ground.refresh()

    def _recolour(self) -> None:
        self._theme = self.session.appearance.theme
        self._ground.colour = QColor(self.theme.panel)
        self._cursor.colour = QColor(self.theme.cursor)

    def _follow(self) -> None:
        before, self._cursor_seconds = self._cursor_seconds, self.session.playback.cursor
        if self._scrubbing or before == self._cursor_seconds:
            return
        page = followed(self.visible_span, before, self._cursor_seconds, self.session.opened.duration)
        if page is not None:
            self.session.visible.set(page)

    def _place_cursor(self) -> None:
        scale = self.scale_of_time
        ratio = self.devicePixelRatioF()
        x = round(scale.x(self.session.playback.cursor) * ratio) / ratio
        shown = self.session.opened.duration > 0 and scale.left - 0.5 <= x <= scale.right + 0.5
        self._cursor.place(x if shown else None)

    # events of Qt

    def event(self, event: QEvent) -> bool:
        return show_words_at(self, event, self.words_at) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._ground.paint(painter)
        self._paint_over(painter)
        self._cursor.paint(painter)
        painter.end()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self.arrange()
        self._ground.refresh()
        self._place_cursor()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        position = event.position()
        if self.session.opened.duration <= 0:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = position.x()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._pressed = position
            if position.x() >= self.scale_of_time.left - 4 and not self.holds(position):
                self._begin_scrub(position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()
        position = event.position()
        if self._panning is not None:
            self._pan(self._panning - position.x())
            self._panning = position.x()
        elif self._scrubbing:
            self._scrub(position, exact=False)
        elif self._pressed is None:
            self.hover(position)
        elif self._is_drag(self._pressed, position):
            self._begin_scrub(position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        pressed, self._pressed, self._panning = self._pressed, None, None
        if self._scrubbing:
            self._end_scrub(event.position())
        elif pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            self.click(pressed)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if event.button() == Qt.MouseButton.LeftButton and self.session.opened.duration > 0:
            self.double_click(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        event.accept()
        self.hover(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        if turned.isNull() or self.session.opened.duration <= 0:
            event.ignore()
            return
        event.accept()
        if turned.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pan(-(turned.x() or turned.y()) * 0.5)
            return
        scale = self.scale_of_time
        x = min(max(event.position().x(), scale.left), scale.right)
        factor = 2.0 ** (-turned.y() / _WHEEL_PER_DOUBLING)
        duration = self.session.opened.duration
        self.session.visible.set(zoomed(self.visible_span, scale.seconds(x), factor, duration))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the window's actions have the keys

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ring = by_keyboard(event)
        self._ground.refresh()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ring = False
        self._ground.refresh()

    # scrubbing and panning

    def _is_drag(self, start: QPointF, position: QPointF) -> bool:
        far = (position - start).manhattanLength() >= QApplication.startDragDistance()
        return far and start.x() >= self.scale_of_time.left

    def _begin_scrub(self, position: QPointF) -> None:
        self._scrubbing = True
        self._resume = self.session.playback.playing
        if self._resume:
            self.session.playback.pause()
        self.scrub_began(position)
        self._scrub(position, exact=False)

    def _scrub(self, position: QPointF, *, exact: bool) -> None:
        scale = self.scale_of_time
        x = min(max(position.x(), scale.left), scale.right)
        self.session.playback.seek(scale.seconds(x), exact=exact)

    def _end_scrub(self, position: QPointF) -> None:
        self._scrub(position, exact=True)
        self._scrubbing = False
        if self._resume:
            self.session.playback.play()

    def _pan(self, pixels: float) -> None:
        seconds = pixels / self.scale_of_time.pixels_per_second
        self.session.visible.set(panned(self.visible_span, seconds, self.session.opened.duration))

    # painting that both panels share

    def paint_grid(
        self, painter: QPainter, top: float, bottom: float, scale: TimeScale | None = None
    ) -> None:
        """Faint lines at the ruler's labels, the loop as a band, the edge of the names."""
        scale = scale or self.scale_of_time
        line = QColor(self.theme.line)
        for x in (round(scale.x(tick.seconds)) for tick in self._ruler_ticks(scale) if tick.text):
            painter.fillRect(QRectF(x, top, 1, bottom - top), line)
        painter.fillRect(QRectF(scale.left - 1, 0, 1, bottom), line)
        recording = self.session.opened.recording
        if recording is not None and (recording.jumps or recording.gaps or recording.unreadable):
            self._paint_breaks(painter, recording, scale, top, bottom)
        if self.session.loop.begun is not None:
            self._paint_loop_begun(painter, self.session.loop.begun, scale, top, bottom)
        if self.session.loop.span is not None:
            self._paint_loop(painter, self.session.loop.span, scale, top, bottom)

    def _paint_breaks(
        self, painter: QPainter, recording: Recording, scale: TimeScale, top: float, bottom: float
    ) -> None:
        """In the colour of caution: a broken line where the recording's time stamps break off or the
        file cannot be read, hatching where no picture comes."""
        colour = QColor(self.theme.caution)
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
        for seconds in (*recording.jumps, *(one.seconds for one in recording.unreadable)):
            if scale.span.contains(seconds):
                x = round(scale.x(seconds)) + 0.5
                painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        colour.setAlpha(90)
        for gap in recording.gaps:
            if gap.overlaps(scale.span):
                left, right = max(scale.x(gap.start), scale.left), min(scale.x(gap.end), scale.right)
                area = QRectF(left, top, max(right - left, 1.0), bottom - top)
                painter.fillRect(area, QBrush(colour, Qt.BrushStyle.BDiagPattern))

    def _paint_loop_begun(
        self, painter: QPainter, begun: float, scale: TimeScale, top: float, bottom: float
    ) -> None:
        """Where a loop begins whose end has not been given yet."""
        if scale.span.contains(begun):
            shade = QColor(self.theme.text)
            shade.setAlpha(150)
            painter.fillRect(QRectF(round(scale.x(begun)), top, 2, bottom - top), shade)

    def _paint_loop(self, painter: QPainter, loop: Span, scale: TimeScale, top: float, bottom: float) -> None:
        """The part that is repeated, as a band with two edges."""
        if not loop.overlaps(scale.span):
            return
        left, right = max(scale.x(loop.start), scale.left), min(scale.x(loop.end), scale.right)
        shade = QColor(self.theme.text)
        shade.setAlpha(18)
        painter.fillRect(QRectF(left, top, right - left, bottom - top), shade)
        shade.setAlpha(120)
        for x in (left, right - 1):
            painter.fillRect(QRectF(round(x), top, 1, bottom - top), shade)

    def _paint_focus(self, painter: QPainter) -> None:
        """A ring when the keyboard is here."""
        if self._ring:
            paint_ring(painter, self, self.theme)

    def _paint_title(self, painter: QPainter, name: str, below: str = "") -> None:
        """The panel's name in the middle of the left edge, with a quieter line below it."""
        painter.setFont(small_font())
        line = painter.fontMetrics().height()
        top = (self.height() - line * (2 if below else 1)) / 2
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        for number, (words, colour) in enumerate(((name, self.theme.text), (below, self.theme.muted))):
            painter.setPen(QColor(colour))
            box = QRectF(12, top + number * line, self.scale_of_time.left - 24, line)
            painter.drawText(box, middle, words)

    def _paint_empty(self, painter: QPainter, area: QRectF, words: str) -> None:
        """A sentence in the middle of an area with nothing to show."""
        painter.setFont(small_font())
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

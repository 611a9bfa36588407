"""Drawing and dragging the person's evidence and marks in the timeline; the rest scrubs as before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from app.core.semiology import Span
from app.core.study.seizure_marks import mark_name
from app.core.timeline.clock_text import clock, span_text
from app.core.timeline.time_axis import RULER_HEIGHT
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.edited_timeline import EditedTimeline

if TYPE_CHECKING:
    from app.core.study.marks import Mark

_GRIP = 5.0
"""Pixels on either side of an end of a span where it can be taken."""
_SHORTEST = 0.02
"""Seconds; what is drawn shorter was a slip of the hand."""


class SpanPart(Enum):
    """The part of a span that is dragged."""

    NEW = auto()
    MARK = auto()
    START = auto()
    END = auto()
    WHOLE = auto()


@dataclass(frozen=True, slots=True)
class Grip:
    """What a press takes hold of: a span of a feature (None for a new one) and which part, or a mark."""

    feature: str
    part: SpanPart
    span: Span | None
    mark: Mark | None = None


@dataclass(slots=True)
class Drag:
    """A drag under way: where it began (pixels and seconds) and what would be kept now."""

    grip: Grip
    pressed: QPointF
    began: float
    now: Span
    moved: bool = False


class DrawnSpan:
    """The span that is being drawn, above everything else so that nothing else is repainted."""

    def __init__(self, panel: QWidget) -> None:
        self._panel = panel
        self._box: QRectF | None = None
        self._text = ""
        self._colour = QColor()
        self._ink = QColor()

    @property
    def shown(self) -> bool:
        return self._box is not None

    def show_at(self, box: QRectF, text: str, colour: str, ink: str) -> None:
        self._update()
        self._box, self._text = box, text
        self._colour, self._ink = QColor(colour), QColor(ink)
        self._update()

    def hide(self) -> None:
        self._update()
        self._box = None

    def _update(self) -> None:
        if self._box is not None:
            self._panel.update(self._box.adjusted(-2, -2, 140, 18).toAlignedRect())

    def paint(self, painter: QPainter) -> None:
        if self._box is None:
            return
        painter.fillRect(self._box, self._colour)
        painter.setPen(self._ink)
        painter.setFont(small_font())
        painter.drawText(QPointF(self._box.right() + 6, self._box.bottom() + 2), self._text)


class Editing:
    """Takes presses, moves and releases before the panel does; each gives whether it was taken."""

    def __init__(self, view: EditedTimeline, drawn: DrawnSpan, session: Session) -> None:
        self._view = view
        self._session = session
        self._drag: Drag | None = None
        self.drawn = drawn

    @property
    def dragging(self) -> bool:
        return self._drag is not None

    def grip_at(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> Grip | None:
        """What a press would take hold of there; None where it scrubs."""
        mark = self._view.mark_at(position)
        if mark is not None and not self._session.study.read_only:
            return Grip(self._session.selection.feature, SpanPart.MARK, None, mark)
        hit = self._view.hit(position)
        scale = self._view.scale_of_time
        if hit is None or not scale.left <= position.x() <= scale.right or self._session.study.read_only:
            return None
        # Which lane is under the hand does not matter: what is drawn is always the person's.
        if modifiers & Qt.KeyboardModifier.ControlModifier or self._session.labels.drawing:
            over = self._grip_of_span(hit.row.feature, position) if hit.mine else None
            return over or Grip(hit.row.feature, SpanPart.NEW, None)
        if not hit.mine or hit.row.feature != self._session.selection.feature:
            return None
        return self._grip_of_span(hit.row.feature, position)

    def _grip_of_span(self, feature: str, position: QPointF) -> Grip | None:
        mine = self._view.my_edges(feature)
        if mine is None:
            return None
        import numpy as np

        starts, ends = mine
        scale, x = self._view.scale_of_time, position.x()
        left, right = scale.xs(starts), scale.xs(ends)
        # In a short span the ends get a third each, so that its middle stays to be taken.
        room = np.minimum(_GRIP, np.maximum((right - left) / 3, 1.0))
        for part, under in (
            (SpanPart.START, np.abs(x - left) <= room),
            (SpanPart.END, np.abs(x - right) <= room),
            (SpanPart.WHOLE, (left < x) & (x < right)),
        ):
            found = np.flatnonzero(under)
            if len(found):
                return Grip(feature, part, Span(float(starts[found[0]]), float(ends[found[0]])))
        return None

    def press(self, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton or self._session.opened.duration <= 0:
            return False
        grip = self.grip_at(event.position(), event.modifiers())
        if grip is None:
            return False
        began = self._seconds(event.position())
        self._drag = Drag(grip, event.position(), began, grip.span or Span(began, began))
        return True

    def move(self, event: QMouseEvent) -> bool:
        drag = self._drag
        if drag is None:
            return False
        far = (event.position() - drag.pressed).manhattanLength() >= QApplication.startDragDistance()
        drag.moved = drag.moved or far
        if drag.moved:
            drag.now = self._dragged(drag, self._seconds(event.position()))
            self._show(drag)
        return True

    def release(self, event: QMouseEvent) -> bool:
        drag, self._drag = self._drag, None
        self.drawn.hide()
        if drag is None:
            return False
        labels = self._session.labels
        if drag.grip.mark is not None:
            self._let_go_of_mark(drag, drag.grip.mark)
            return True
        self._session.selection.select(drag.grip.feature)
        if not drag.moved:
            labels.choose_span(drag.grip.span)
            self._view.click(event.position())
        elif drag.grip.span is not None:
            labels.move_span(drag.grip.feature, drag.grip.span, drag.now)
        elif drag.now.duration >= _SHORTEST:
            labels.add_span(drag.grip.feature, drag.now)
        return True

    def _let_go_of_mark(self, drag: Drag, mark: Mark) -> None:
        if drag.moved:
            self._session.labels.marks.move(mark, drag.now.start)
        else:
            self._session.playback.seek(mark.seconds)
            self._session.labels.marks.choose(mark)

    def cancel(self) -> None:
        """Undo the present drag."""
        self._drag = None
        self.drawn.hide()

    def _dragged(self, drag: Drag, seconds: float) -> Span:
        span, part = drag.grip.span, drag.grip.part
        if drag.grip.mark is not None:
            # The flag is taken beside its line.
            moved = drag.grip.mark.seconds + seconds - drag.began
            moved = min(max(moved, 0.0), self._session.opened.duration)
            return Span(moved, moved)
        if span is None:
            return Span(min(drag.began, seconds), max(drag.began, seconds))
        if part is SpanPart.START:
            return Span(min(seconds, span.end), max(seconds, span.end))
        if part is SpanPart.END:
            return Span(min(seconds, span.start), max(seconds, span.start))
        shift = min(max(seconds - drag.began, -span.start), self._session.opened.duration - span.end)
        return Span(max(0.0, span.start + shift), max(0.0, span.end + shift))

    def _seconds(self, position: QPointF) -> float:
        scale = self._view.scale_of_time
        seconds = scale.seconds(min(max(position.x(), scale.left), scale.right))
        return min(max(seconds, 0.0), self._session.opened.duration)

    def _show(self, drag: Drag) -> None:
        scale, theme = self._view.scale_of_time, self._session.appearance.theme
        span = self._session.labels.snapped(drag.now)
        if drag.grip.mark is not None:
            x = round(scale.x(span.start))
            box = QRectF(x, RULER_HEIGHT, 2, self._view.height() - RULER_HEIGHT - 20)
            words = f"{mark_name(drag.grip.mark)}  {clock(span.start)}"
            self.drawn.show_at(box, words, theme.mine, theme.text)
            return
        top, height = self._view.my_lane(drag.grip.feature)
        left, right = max(scale.x(span.start), scale.left), min(scale.x(span.end), scale.right)
        box = QRectF(left, top - 1, max(2.0, right - left), height + 2)
        self.drawn.show_at(box, span_text(span), theme.mine, theme.text)


CURSORS: dict[SpanPart, Qt.CursorShape] = {
    SpanPart.NEW: Qt.CursorShape.CrossCursor,
    SpanPart.MARK: Qt.CursorShape.SizeHorCursor,
    SpanPart.START: Qt.CursorShape.SizeHorCursor,
    SpanPart.END: Qt.CursorShape.SizeHorCursor,
    SpanPart.WHOLE: Qt.CursorShape.OpenHandCursor,
}

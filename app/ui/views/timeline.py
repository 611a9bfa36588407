"""The timeline: a row per feature, in it a lane per reader with the evidence as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from app.core.reading import ReaderKind, Reading
from app.core.semiology import FEATURES, Answer
from app.core.study.timeline_tips import Hit, answer_tip, feature_tip, mark_tip
from app.core.timeline.clock_text import clock
from app.core.timeline.time_axis import RIGHT_MARGIN, RULER_HEIGHT
from app.core.timeline.timeline_rows import (
    GROUP_GAP,
    FloatArray,
    Row,
    content_height,
    edges,
    row_at,
    rows_for,
    span_at,
)
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.rows_panel import RowsPanel
from app.ui.views.timeline_annotations import annotation_words, paint_annotations, paint_page_extent
from app.ui.views.timeline_editing import CURSORS, DrawnSpan, Editing
from app.ui.views.timeline_left_out import paint_left_out
from app.ui.views.timeline_others import paint_others_marks, readings_of_lanes
from app.ui.views.timeline_paint import (
    PaintedLane,
    TimelineCanvas,
    flags,
    paint_bars,
    paint_chosen,
    paint_marks,
    paint_name,
    paint_row_ground,
    paint_ruler,
    timeline_canvas,
)

if TYPE_CHECKING:
    from app.core.study.marks import Mark


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The painted evidence of one reader for one feature."""

    answer: Answer
    edges: FloatArray | None

    def is_of(self, answer: Answer) -> bool:
        """Whether it is known to be this very answer; to compare thousands of spans would take longer."""
        return self.answer is answer or (not answer.evidence and self.answer == answer)


class TimelineView(RowsPanel):
    """All features over time, mine over the readers'; a click goes to evidence, a double click repeats it."""

    _has_ruler = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._features = self.session.order.in_timeline
        self._take_rows(0.0)
        self._evidence: dict[tuple[int, str], _Evidence] = {}
        self._lane_kinds: list[ReaderKind] = []
        self._editing = Editing(self, DrawnSpan(self), session)
        self._scroll.valueChanged.connect(self.refresh)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Evidence of each feature over time, yours above the reader's.")
        self.setMinimumHeight(RULER_HEIGHT + 60)
        self._gather_evidence()
        session.answers.mine_changed.connect(self._on_mine)
        session.answers.readings_changed.connect(self._on_readings)
        session.answers.marks_changed.connect(self.refresh)
        session.eeg.file_changed.connect(self._paint_annotations)
        session.analysis.pose_found.connect(self.refresh)
        session.eeg.position.moved.connect(self._paint_page)
        session.eeg.position.resized.connect(self._paint_page)
        session.labels.span_chosen.connect(self._paint_selected)
        session.labels.marks.mark_chosen.connect(self.refresh)
        session.order.changed.connect(self._list)
        session.selection.selected.connect(self._on_selected)

    def sizeHint(self) -> QSize:
        return QSize(640, RULER_HEIGHT + round(content_height(rows_for(0.0))) + 6)

    # what is where

    @property
    def readings(self) -> tuple[Reading, ...]:
        """A lane each, from the top: the person's, the shown reader's, and further ones."""
        return readings_of_lanes(self.session)

    def _row(self, feature: str) -> Row:
        """The row of a feature; of one that is not listed, where the selected one stands."""
        return self._row_of.get(feature, self._rows[-1])

    def my_lane(self, feature: str) -> tuple[float, float]:
        """(top, height) of the person's lane of a feature, in pixels of the panel."""
        top, height = self._row(feature).lane(0, len(self.readings))
        return RULER_HEIGHT + top - self._scroll.value(), height

    def hit(self, position: QPointF) -> Hit | None:
        """The row, reader and evidence at a place; None over the ruler and beside the rows."""
        if position.y() < RULER_HEIGHT:
            return None
        y = position.y() - RULER_HEIGHT + self._scroll.value()
        row = row_at(self._rows, y)
        if row is None:
            return None
        number = row.lane_at(y, len(self.readings))
        scale = self.scale_of_time
        inside = scale.left <= position.x() <= scale.right
        span = span_at(self._edges(number, row.feature), scale, position.x()) if inside else None
        return Hit(row, self.readings[number], span, mine=number == 0)

    def mark_at(self, position: QPointF) -> Mark | None:
        """The seizure's mark whose flag lies there; of flags over one another the last painted."""
        if self.session.opened.duration <= 0:
            return None
        marks = self.session.answers.my_reading.marks
        under = [
            number
            for number, flag in flags(marks, self.scale_of_time)
            if flag.adjusted(-3, 0, 3, 2).contains(position)
        ]
        return marks[under[-1]] if under else None

    def my_edges(self, feature: str) -> FloatArray | None:
        """(2, n) starts and ends of the person's evidence in seconds; None without evidence."""
        return self._edges(0, feature)

    def _edges(self, number: int, feature: str) -> FloatArray | None:
        return self._evidence[number, feature].edges

    def _gather_evidence(self) -> set[str]:
        """Know what is to be painted, reading no spans again; the features of which it is something else."""
        known, self._evidence = self._evidence, {}
        changed: set[str] = set()
        self._lane_kinds = [reading.reader.kind for reading in self.readings]
        for number, reading in enumerate(self.readings):
            for feature in FEATURES:
                answer, former = reading.answer(feature.id), known.get((number, feature.id))
                if former is None or not former.is_of(answer):
                    former = _Evidence(answer, edges(answer))
                    changed.add(feature.id)
                self._evidence[number, feature.id] = former
        return changed

    # the session

    def _on_recording(self) -> None:
        self._list()
        self._gather_evidence()
        self.arrange()
        self._show_selected(self.session.selection.feature)
        super()._on_recording()

    def _on_mine(self, features: frozenset[str]) -> None:
        # Dragging one span of ten thousand paints one row and not twenty.
        if self.session.order.follows_answers:
            self._list()
        for feature in features:
            answer = self.session.answers.mine.answer(feature)
            self._evidence[0, feature] = _Evidence(answer, edges(answer))
        self._paint_rows_of(*features, self.session.selection.feature)

    def _on_readings(self) -> None:
        self._list()
        former, changed = self._lane_kinds, self._gather_evidence()
        if former != self._lane_kinds:
            self.refresh()
        self._paint_rows_of(*changed)
        self.update()

    def _on_selected(self, feature: str, former: str) -> None:
        if self.session.order.only_evidence:  # the selected one is listed in any case
            self._list()
        self._show_selected(feature)
        self._paint_rows_of(feature, former)

    def _paint_annotations(self) -> None:
        self._ground.refresh_part(QRectF(0, 0, self.width(), RULER_HEIGHT))

    def _paint_page(self) -> None:
        self.update(0, 0, self.width(), RULER_HEIGHT)

    def _paint_selected(self) -> None:
        self._paint_rows_of(self.session.selection.feature)

    def _paint_rows_of(self, *features: str) -> None:
        """Paint the rows of these features anew at the next occasion."""
        for feature in dict.fromkeys(features):
            self._ground.refresh_part(self._row_box(feature))

    def _list(self) -> None:
        """Give every feature that is listed now its row."""
        features = self.session.order.in_timeline
        if features != self._features:
            self._features = features
            self.arrange()
            self.refresh()

    def _row_box(self, feature: str) -> QRectF:
        row = self._row(feature)
        return QRectF(0, RULER_HEIGHT + row.top - self._scroll.value(), self.width(), row.height)

    def _show_selected(self, feature: str) -> None:
        row = self._row(feature)
        page, top = self._scroll.pageStep(), self._scroll.value()
        if row.top < top:
            self._scroll.setValue(int(row.top - GROUP_GAP))
        elif row.top + row.height > top + page:
            self._scroll.setValue(int(row.top + row.height - page + GROUP_GAP))

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._editing.press(event):
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._editing.move(event):
            event.accept()
            return
        super().mouseMoveEvent(event)
        grip = None
        if not event.buttons():
            grip = self._editing.grip_at(event.position(), event.modifiers())
        if grip is not None:
            self.setCursor(CURSORS[grip.part])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._editing.release(event):
            event.accept()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._editing.dragging:
            self._editing.cancel()
            event.accept()
        else:
            super().keyPressEvent(event)

    def holds(self, position: QPointF) -> bool:
        hit = self.hit(position)
        return hit is not None and hit.span is not None

    def scrub_began(self, position: QPointF) -> None:
        hit = self.hit(position)
        if hit is not None:
            self.session.selection.select(hit.row.feature)

    def click(self, position: QPointF) -> None:
        hit = self.hit(position)
        if hit is None:
            return
        self.session.selection.select(hit.row.feature)
        if hit.span is not None:
            self.session.loop.show_span(hit.span)

    def double_click(self, position: QPointF) -> None:
        mark = self.mark_at(position)
        if mark is not None and mark.kind == "phase":
            self.session.playback.seek(mark.seconds)
            self.session.requests.phase.emit()
            return
        hit = self.hit(position)
        if hit is not None and hit.span is not None:
            self.session.selection.select(hit.row.feature)
            self.session.loop.show_span(hit.span, repeat=True)

    def hover(self, position: QPointF | None) -> None:
        hit = self.hit(position) if position is not None else None
        over = hit is not None and hit.span is not None
        on_ruler = position is not None and position.y() < RULER_HEIGHT
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.setCursor(Qt.CursorShape.SizeHorCursor if on_ruler else shape)

    def words_at(self, position: QPointF) -> str:
        """The plain text of the tool tip at a place."""
        mark = self.mark_at(position)
        if mark is not None:
            return mark_tip(mark)
        hit = self.hit(position)
        scale = self.scale_of_time
        if self.session.opened.duration <= 0:
            return ""
        noted = annotation_words(self.session.eeg.file, scale, position)
        if noted:
            return noted
        if hit is None:
            return clock(scale.seconds(position.x()), 1) if position.x() >= scale.left else ""
        return feature_tip(hit.row.feature) if position.x() < scale.left else answer_tip(hit)

    def _take_rows(self, available: float) -> None:
        self._rows = rows_for(available, self._features)
        self._row_of = {row.feature: row for row in self._rows}

    def arrange(self) -> None:
        """Give the rows their height, and a scroll bar where they do not fit."""
        available = max(0, self.height() - RULER_HEIGHT)
        self._take_rows(available)
        content = round(content_height(self._rows)) if self.session.opened.duration > 0 else 0
        self._fit_scroll_bar(RULER_HEIGHT, available, content, self._rows[0].height)

    # painting

    def paint_ground(self, painter: QPainter, size: QSize) -> None:
        duration = self.session.opened.duration
        if duration <= 0:
            self._paint_empty(painter, QRectF(self.rect()), "Evidence is shown here over time")
        else:
            part = self._painted_part(painter)
            canvas = timeline_canvas(self.scale_of_time, duration, self.theme)
            if part.top() < RULER_HEIGHT:
                ticks = self._ruler_ticks(canvas.scale)
                paint_ruler(painter, canvas.scale, ticks, canvas.theme, self.session.loop.span)
                paint_annotations(painter, self.session.eeg.file, canvas.scale, canvas.theme)
                paint_left_out(painter, self.session.analysis.pose, canvas.scale, canvas.theme)
            painter.save()
            below = QRectF(0, RULER_HEIGHT, size.width(), size.height() - RULER_HEIGHT)
            painter.setClipRect(below, Qt.ClipOperation.IntersectClip)
            self._paint_rows(painter, size, part, canvas)
            painter.restore()
        self._paint_focus(painter)

    def _paint_over(self, painter: QPainter) -> None:
        scale = self.scale_of_time
        paint_page_extent(painter, self.session.eeg, scale, self.theme)
        paint_others_marks(painter, self.session, scale, self.height())
        self._editing.drawn.paint(painter)

    def _paint_rows(self, painter: QPainter, size: QSize, part: QRectF, canvas: TimelineCanvas) -> None:
        offset = RULER_HEIGHT - self._scroll.value()
        shown = [
            Row(row.feature, row.top + offset, row.height, row.opens_group)
            for row in self._rows
            # The line between groups is above its row.
            if part.top() - row.height < row.top + offset < part.bottom() + GROUP_GAP * row.opens_group
        ]
        width = size.width() - (RIGHT_MARGIN if self._scroll.isVisible() else 0)
        selected = self.session.selection.feature
        for row in shown:
            paint_row_ground(painter, row, width, canvas.theme, selected=row.feature == selected)
        bottom = RULER_HEIGHT + min(size.height(), content_height(self._rows) - self._scroll.value())
        self.paint_grid(painter, RULER_HEIGHT, bottom, canvas.scale)
        colours = [canvas.theme.mine, *map(canvas.theme.beside, self._lane_kinds[1:])]
        painter.setFont(small_font())
        named = self._names_in(part)
        for row in shown:
            lanes = self._lanes(row, colours)
            if named:
                paint_name(painter, row, lanes, canvas, selected=row.feature == selected)
            for lane in lanes:
                paint_bars(painter, lane, canvas)
            if row.feature == selected:
                paint_chosen(painter, lanes[0], self.session.labels.chosen, canvas)
        marks = self.session.labels.marks
        if marks.all:
            paint_marks(painter, marks.all, canvas, bottom, marks.chosen)

    def _lanes(self, row: Row, colours: Sequence[str]) -> list[PaintedLane]:
        lanes = []
        for number, (colour, (top, height)) in enumerate(zip(colours, row.lanes(len(colours)), strict=True)):
            known = self._evidence[number, row.feature]
            lanes.append(PaintedLane(top, height, colour, known.answer, known.edges, mine=number == 0))
        return lanes

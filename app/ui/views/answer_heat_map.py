"""All readers' answers to all features in all recordings, as coloured cells with their signs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.core.agreement.answer_map import STATE_PRESENCES, AnswerMap, SaidState
from app.core.plain_text import plain
from app.core.semiology import FEATURES
from app.ui.session.session import Session
from app.ui.theme import Theme, draw_presence, small_font
from app.ui.views.focus_ring import by_keyboard, paint_ring
from app.ui.views.result_plot import reader_colour
from app.ui.views.tool_tip import show_words_at

ROW = 18
"""Height of a recording's row, in device-independent pixels."""
NAMES = 172
_LEAST, _MOST = 9, 22
"""Width of a cell, in device-independent pixels."""
_SLANT = -50.0
"""Degrees by which the names of features are turned, so that all are read."""
_LOW_HEAD, _HIGH_HEAD = 22, 96
_HEAD_SHARE = 3
"""A high head takes at most one part of so many of the panel."""

Pixels = npt.NDArray[np.uint32]


class AnswerHeatMap(QAbstractScrollArea):
    """A row for each recording, a column for each feature, in it a cell for each reader.

    Only what is in sight is painted. The current cell is described; a click or Return opens the recording
    there.
    """

    told = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._map = AnswerMap((), (), (), np.zeros((0, len(FEATURES), 0), np.uint8))
        self._differs = self._map.differs()
        self._tiles: tuple[Theme, int, float, Pixels] | None = None
        self._current: tuple[int, int] | None = None
        self._ring = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("All answers")
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(ROW)
        session.appearance.theme_changed.connect(self.viewport().update)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 80)

    def show_map(self, answers: AnswerMap | None) -> None:
        """Show these answers; none without any."""
        nothing = AnswerMap((), (), (), np.zeros((0, len(FEATURES), 0), np.uint8))
        self._map = answers or nothing
        self._differs = self._map.differs()
        self._tiles = self._current = None
        self._arrange()
        self.viewport().update()

    # what is where

    @property
    def cell_width(self) -> int:
        """Of one reader's cell: as wide as lets all features be seen, within bounds."""
        readers = max(len(self._map.readers), 1)
        room = (self.viewport().width() - NAMES) // (len(FEATURES) * readers)
        return min(max(room, _LEAST), _MOST)

    @property
    def head(self) -> int:
        """Height of the names of features: on a low panel they are cut, with the whole name below."""
        return _HIGH_HEAD if self.viewport().height() >= _HEAD_SHARE * _HIGH_HEAD else _LOW_HEAD

    def place_of(self, row: int, feature: int) -> QRect:
        """The area of a recording's answers to a feature, in pixels of the viewport."""
        wide = self.cell_width * len(self._map.readers)
        left = NAMES + feature * wide - self.horizontalScrollBar().value()
        return QRect(left, self.head + row * ROW - self.verticalScrollBar().value(), wide, ROW)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """The row and the place of the feature under a point; None beside the cells."""
        wide = self.cell_width * len(self._map.readers)
        x = position.x() - NAMES + self.horizontalScrollBar().value()
        y = position.y() - self.head + self.verticalScrollBar().value()
        if not wide or position.x() < NAMES or position.y() < self.head:
            return None
        row, feature = int(y // ROW), int(x // wide)
        inside = 0 <= row < len(self._map.names) and 0 <= feature < len(FEATURES)
        return (row, feature) if inside else None

    def _arrange(self) -> None:
        port = self.viewport()
        wide = NAMES + self.cell_width * len(FEATURES) * len(self._map.readers)
        high = self.head + ROW * len(self._map.names)
        for bar, whole, seen in (
            (self.horizontalScrollBar(), wide, port.width()),
            (self.verticalScrollBar(), high, port.height()),
        ):
            bar.setPageStep(seen)
            bar.setRange(0, max(0, whole - seen))

    # events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        found = self.cell_at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(*found)
            self._open()
        elif event.position().x() < NAMES and event.button() == Qt.MouseButton.LeftButton:
            row = self.cell_at(QPointF(NAMES + 1, event.position().y()))
            if row is not None:
                self._session.worklist.go_to(self._map.numbers[row[0]])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()
        found = self.cell_at(event.position())
        self.viewport().setCursor(
            Qt.CursorShape.ArrowCursor if found is None else Qt.CursorShape.PointingHandCursor
        )
        if found is not None:
            self.told.emit(plain(self._map.words(*found), 400))

    def viewportEvent(self, event: QEvent) -> bool:
        return show_words_at(self, event, self.words_at) or super().viewportEvent(event)

    def words_at(self, position: QPointF) -> str:
        """The tool tip at a place: a whole name, or what is said."""
        found = self.cell_at(position)
        if found is not None:
            return self._map.words(*found)
        if position.y() < self.head:
            column = self.cell_at(QPointF(position.x(), self.head + 1))
            return "" if column is None else FEATURES[column[1]].name
        row = self.cell_at(QPointF(NAMES + 1, position.y()))
        return "" if row is None else self._map.names[row[0]]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, feature = self._current or (0, 0)
        page = max(1, (self.viewport().height() - self.head) // ROW - 1)
        steps = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_PageUp: (-page, 0),
            Qt.Key.Key_PageDown: (page, 0),
        }
        key = Qt.Key(event.key())
        if not self._map.names:
            event.ignore()
        elif key in steps:
            down, right = steps[key] if self._current is not None else (0, 0)
            last = len(self._map.names) - 1
            self._choose(min(max(row + down, 0), last), min(max(feature + right, 0), len(FEATURES) - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self._open()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ring = by_keyboard(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ring = False
        self.viewport().update()

    def _choose(self, row: int, feature: int) -> None:
        self._current = row, feature
        place, bar = self.place_of(row, feature), self.verticalScrollBar()
        if place.top() < self.head:
            bar.setValue(bar.value() + place.top() - self.head)
        elif place.bottom() > self.viewport().height():
            bar.setValue(bar.value() + place.bottom() - self.viewport().height() + 1)
        self.told.emit(plain(self._map.words(row, feature), 400))
        self.setAccessibleDescription(plain(self._map.words(row, feature), 400))
        self.viewport().update()

    def _open(self) -> None:
        if self._current is not None:
            row, feature = self._current
            self._session.worklist.go_to(self._map.numbers[row], FEATURES[feature].id)

    # painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        port, theme = self.viewport(), self._session.appearance.theme
        painter = QPainter(port)
        painter.fillRect(port.rect(), QColor(theme.panel))
        if self._map.names and self._map.readers:
            painter.setFont(small_font())
            first = self.verticalScrollBar().value() // ROW
            last = min(first + (port.height() - self.head) // ROW + 2, len(self._map.names))
            painter.save()
            painter.setClipRect(QRectF(0, self.head, port.width(), port.height() - self.head))
            self._paint_cells(painter, first, last)
            self._paint_names(painter, first, last)
            painter.restore()
            self._paint_features(painter)
        if self._ring:
            paint_ring(painter, port, theme)
        painter.end()

    def _paint_cells(self, painter: QPainter, first: int, last: int) -> None:
        theme, ratio = self._session.appearance.theme, self.devicePixelRatioF()
        tiles = self._tiles_for(theme, self.cell_width, ratio)
        states = self._map.states[first:last].reshape(last - first, -1)
        readers = np.tile(np.arange(len(self._map.readers)), len(FEATURES))
        chosen = tiles[readers[None, :], states]
        rows, columns, high, wide = chosen.shape
        pixels = np.ascontiguousarray(chosen.transpose(0, 2, 1, 3).reshape(rows * high, columns * wide))
        image = QImage(pixels.data, columns * wide, rows * high, QImage.Format.Format_RGB32)
        place = self.place_of(first, 0)
        painter.setClipRect(
            QRectF(NAMES, self.head, self.viewport().width() - NAMES, self.viewport().height()),
            Qt.ClipOperation.IntersectClip,
        )
        painter.drawImage(
            QRectF(place.left(), place.top(), columns * wide / ratio, rows * high / ratio), image
        )
        bottom = place.top() + (last - first) * ROW
        for feature in range(len(FEATURES) + 1):
            left = self.place_of(0, feature).left()
            painter.fillRect(QRectF(left, place.top(), 1, bottom - place.top()), QColor(theme.line))
        for row, feature in np.argwhere(self._differs[first:last]).tolist():
            cell = self.place_of(first + row, feature)
            painter.fillRect(
                QRectF(cell.left() + 2, cell.bottom() - 1, cell.width() - 3, 2), QColor(theme.caution)
            )
        if self._current is not None:
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawRect(QRectF(self.place_of(*self._current)).adjusted(1, 0, 0, -1))

    def _tiles_for(self, theme: Theme, width: int, ratio: float) -> Pixels:
        """(readers, states, h, w) a picture of each state of each reader."""
        known = self._tiles
        if known is not None and known[:3] == (theme, width, ratio):
            return known[3]
        tiles = np.stack(
            [
                np.stack([_tile(theme, place, state, width, ratio) for state in SaidState])
                for place in range(len(self._map.readers))
            ]
        )
        self._tiles = theme, width, ratio, tiles
        return tiles

    def _paint_names(self, painter: QPainter, first: int, last: int) -> None:
        painter.setClipRect(QRectF(0, self.head, NAMES, self.viewport().height() - self.head))
        painter.setPen(QColor(self._session.appearance.theme.text))
        metrics = QFontMetricsF(small_font())
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        for row in range(first, last):
            name = plain(self._map.names[row], 120)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, NAMES - 16)
            top = self.place_of(row, 0).top()
            painter.drawText(QRectF(10, top, NAMES - 14, ROW), middle, shown)

    def _paint_features(self, painter: QPainter) -> None:
        theme, metrics = self._session.appearance.theme, QFontMetricsF(small_font())
        painter.setPen(QColor(theme.text))
        slanted = self.head == _HIGH_HEAD
        painter.setClipRect(QRectF(NAMES, 0, self.viewport().width() - NAMES, self.head))
        for place, feature in enumerate(FEATURES):
            cell = self.place_of(0, place)
            painter.save()
            if slanted:
                painter.translate(cell.center().x(), self.head - 4)
                painter.rotate(_SLANT)
                longest = (self.head - 14) / 0.77
                painter.drawText(
                    QPointF(0, 0), metrics.elidedText(feature.name, Qt.TextElideMode.ElideMiddle, longest)
                )
            else:
                shown = metrics.elidedText(feature.name, Qt.TextElideMode.ElideRight, cell.width() - 4)
                box = QRectF(cell.left() + 3, 0, cell.width() - 4, self.head)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
            painter.restore()
        painter.setClipRect(QRectF(0, 0, NAMES, self.head))
        self._paint_readers(painter, theme)
        painter.setClipping(False)
        painter.fillRect(QRectF(0, self.head - 1, self.viewport().width(), 1), QColor(theme.line))

    def _paint_readers(self, painter: QPainter, theme: Theme) -> None:
        """Who the cells of a feature are, from left to right."""
        metrics = QFontMetricsF(small_font())
        line = metrics.height()
        lines = max(1, int((self.head - 4) // line))
        shown = self._map.readers if len(self._map.readers) <= lines else self._map.readers[: lines - 1]
        rest = len(self._map.readers) - len(shown)
        top = self.head - 4 - line * (len(shown) + bool(rest))
        for place, name in enumerate(shown):
            painter.fillRect(QRectF(10, top + 3, 9, line - 6), QColor(reader_colour(theme, place)))
            words = metrics.elidedText(
                f"{place + 1}  {plain(name, 60)}", Qt.TextElideMode.ElideMiddle, NAMES - 34
            )
            painter.drawText(QPointF(24, top + metrics.ascent()), words)
            top += line
        if rest:
            painter.drawText(QPointF(24, top + metrics.ascent()), f"{rest} readers")


def _tile(theme: Theme, reader: int, state: SaidState, width: int, ratio: float) -> Pixels:
    """One cell (h, w): *yes* is filled in the reader's colour, and every answer has its sign."""
    wide, high = round(width * ratio), round(ROW * ratio)
    image = QImage(wide, high, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(theme.panel))
    painter = QPainter(image)
    box = QRectF(1, 1, width - 1.5, ROW - 2.5)
    presence = STATE_PRESENCES.get(state)
    side = min(box.width() - 1, 11.0)
    if state is SaidState.YES:
        painter.fillRect(box, QColor(reader_colour(theme, reader)))
        draw_presence(painter, box, presence, theme.panel, side=side)
    elif presence is not None:
        painter.fillRect(box, QColor(theme.raised))
        draw_presence(painter, box, presence, theme.muted, side=side - 2, suggestion=True)
    elif state is SaidState.SEALED:
        painter.fillRect(box, QColor(theme.line))
    painter.end()
    bits = np.frombuffer(image.constBits(), np.uint32)
    return np.asarray(bits.reshape(high, image.bytesPerLine() // 4)[:, :wide].copy())

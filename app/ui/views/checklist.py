"""The 20 features in their groups: the person's ticks next to a reader's answers."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from app.core.answer_words import answer_words
from app.core.presence_text import PRESENCE_NAMES
from app.core.reading import ReaderKind
from app.core.semiology import Feature, Group, Presence
from app.ui.session.session import Session
from app.ui.theme import DARK, ROW_HEIGHT, Theme, small_font
from app.ui.views.checklist_model import (
    FURTHER,
    MINE,
    NAME,
    READER,
    ChecklistModel,
    Index,
)
from app.ui.views.checklist_paint import SEGMENTS, CellPainter, is_cut, segment_rects
from app.ui.views.dock_sizes import HEADING_HEIGHT, LEAST_ROW_HEIGHT, height_of_rows
from app.ui.views.further_readers import COLUMN, DifferCount, FurtherReaders
from app.ui.views.reader_chooser import ReaderChooser
from app.ui.views.tool_tip import tool_tip
from app.ui.views.who_reads import WhoReads

KEYS = {Presence.YES: "Y", Presence.NO: "N", Presence.NOT_ASSESSABLE: "U"}

_LEAST_NAME = 150
"""Width that names of features have at least, in device-independent pixels."""
_TITLE = 58
"""Width of the title of their column."""
_LEAST_HEIGHT = 300
"""Of a list that scrolls, so that half of a screen of 1080 pixels (at 200 %) has room for everything."""
WIDE = 505
"""From this width on the words are written out."""
NARROW = 420
"""Narrower than this, the features could no longer be distinguished by their names."""


class _Delegate(QStyledItemDelegate):
    """Paints the cells and takes clicks on the three segments of *mine*."""

    def __init__(self, model: ChecklistModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.take_theme(DARK)
        self.selected = ""
        """The selected feature."""
        self.hovered: tuple[int, Presence | None] = (-1, None)

    def take_theme(self, theme: Theme) -> None:
        """Paint in these colours from now on."""
        self.theme = theme
        self._colours = {kind: theme.beside(kind) for kind in ReaderKind}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        number, column = index.row(), index.column()
        cell = CellPainter(painter, option.rect, self.theme, option.font)
        row = self._model.shown.get(number)
        if row is None:
            cell.heading(str(index.data() or ""))
            return
        selected, hovered = row.feature.id == self.selected, self.hovered[0] == number
        if selected or hovered:
            cell.ground(selected=selected)
        elif row.differs is not None:
            cell.differing()
        if column == NAME:
            cell.name(row.name, selected=selected)
        elif column == MINE and row.open:
            cell.segments(row.mine, self.hovered[1] if hovered else None, row.my_side)
        elif column == READER and row.reader is not None and row.reader_kind is not None:
            cell.answer(row.reader, self._colours[row.reader_kind], row.mine, differs=row.reader_differs)
        elif column == FURTHER:
            cell.further(row.further, [self._colours[one.kind] for one in row.further], COLUMN)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(60, ROW_HEIGHT)

    def segment_at(self, rect: QRect, x: float, y: float) -> Presence | None:
        for presence, box in zip(SEGMENTS, segment_rects(QRectF(rect)), strict=True):
            if box.contains(x, y):
                return presence
        return None


class ChecklistView(QTableView):
    """All 20 features; a click on a row selects, a click on one of the three signs answers."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._room = QSize()
        """For the rows. To ask for the viewport lets PySide6 look through all kinds of widgets for it."""
        self._model = ChecklistModel(session, self)
        self._delegate = _Delegate(self._model, self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Checklist of the 20 semiology features")
        self.chooser = ReaderChooser(session, self.horizontalHeader())
        self.who_reads = WhoReads(session, self.horizontalHeader())
        self.further = FurtherReaders(session, self.horizontalHeader())
        self.count = DifferCount(session, self.horizontalHeader())
        self._model.further = lambda: self.further.readings
        self._arrange()
        session.answers.mine_changed.connect(self._on_mine)
        session.answers.readings_changed.connect(self._on_answers)
        session.answers.marks_changed.connect(self._on_answers)
        session.opened.recording_changed.connect(self._on_recording)
        session.order.changed.connect(self._on_answers)
        session.answers.seal_changed.connect(self._on_answers)
        session.consensus.compared.changed.connect(self._on_answers)
        self.further.scrolled.connect(self._model.refresh)
        session.selection.selected.connect(self._show_selected)
        session.appearance.theme_changed.connect(self._recolour)
        self._recolour()
        self._show_selected(session.selection.feature)

    def _arrange(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(LEAST_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setFont(small_font())
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setFixedHeight(HEADING_HEIGHT)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(MINE, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(READER, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(FURTHER, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(1)
        # The header paints itself anew with every row that is selected, unless it has its own selection.
        header.setSelectionModel(QItemSelectionModel(self._model, header))
        header.geometriesChanged.connect(self._place_chooser)
        header.sectionResized.connect(lambda *_sizes: self._place_chooser())
        self._span_headings()

    def _span_headings(self) -> None:
        self.clearSpans()
        for number, row in enumerate(self._model.rows):
            if not isinstance(row, Feature):
                self.setSpan(number, NAME, 1, 4)

    @property
    def entry(self) -> QWidget:
        """The widget that takes the focus when the panel is reached: the list, not its heads."""
        return self

    def minimumSizeHint(self) -> QSize:
        return QSize(NARROW, _LEAST_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(WIDE, height_of_rows(ROW_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._room = event.size()
        self._set_heights()
        before = len(self.further.readings)
        self._set_widths()
        if len(self.further.readings) != before:
            self._model.refresh()
        super().resizeEvent(event)
        self._place_chooser()

    def _set_widths(self) -> None:
        """The further readers have what names and answers leave over."""
        room = self._room.width()
        several = len(self._session.answers.beside) > 1
        wide = room >= WIDE and not several
        mine, reader = (112, 88) if several else (150, 184) if wide else (146, 104)
        needed = self.further.fit(room - _LEAST_NAME - mine - reader)
        self.setColumnWidth(MINE, mine)
        self.setColumnWidth(READER, reader)
        self.setColumnWidth(FURTHER, needed)
        self.setColumnHidden(FURTHER, needed == 0)

    def _set_heights(self) -> None:
        headings = HEADING_HEIGHT * len(Group)
        room = (self._room.height() - headings) // len(self._model.row_of)
        height = min(max(room, LEAST_ROW_HEIGHT), ROW_HEIGHT)
        for number, row in enumerate(self._model.rows):
            self.setRowHeight(number, height if isinstance(row, Feature) else HEADING_HEIGHT)

    def _place_chooser(self) -> None:
        header = self.horizontalHeader()
        for button, column in ((self.who_reads, MINE), (self.chooser, READER)):
            button.setFixedHeight(HEADING_HEIGHT - 2)
            button.fit(header.sectionSize(column))
            button.move(header.sectionViewportPosition(column), 0)
        self.further.setFixedHeight(HEADING_HEIGHT - 2)
        self.further.move(header.sectionViewportPosition(FURTHER), 0)
        room, wanted = header.sectionSize(NAME) - 2, self.count.sizeHint().width()
        # Where both do not fit it stands in place of the column's title, never over the next head.
        left = room - wanted if room - wanted >= _TITLE else 0
        self.count.setGeometry(left, 0, room - left, HEADING_HEIGHT - 2)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().x()
        if turned and not self.isColumnHidden(FURTHER):
            self.further.scroll_by(-1 if turned > 0 else 1)
            event.accept()
        else:
            super().wheelEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.horizontalHeader().setFont(small_font())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        feature = self._model.feature(index.row()) if index.isValid() else None
        if feature is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        self._session.selection.select(feature.id)
        chosen = self._segment(index, event)
        if chosen is not None:
            same = self._session.answers.mine.answer(feature.id).presence is chosen
            self._session.answers.answer(feature.id, None if same else chosen)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self._hover((index.row(), self._segment(index, event)) if index.isValid() else (-1, None))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover((-1, None))
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            feature = self._model.feature(index.row()) if index.isValid() else None
            if feature is not None:
                QToolTip.showText(
                    event.globalPos(), tool_tip(self._tip(feature, index, event)), self.viewport()
                )
                return True
        return super().viewportEvent(event)

    def _tip(self, feature: Feature, index: QModelIndex, event: QHelpEvent) -> str:
        where = event.pos()
        segment = self._delegate.segment_at(self.visualRect(index), where.x(), where.y())
        if index.column() == MINE and segment is not None:
            return f"{PRESENCE_NAMES[segment].capitalize()}  ({KEYS[segment]})"
        if index.column() == FURTHER:
            place = (where.x() - self.columnViewportPosition(FURTHER)) // COLUMN
            return self._model.further_words(index.row(), place) or feature.observable
        if index.column() == READER:
            return answer_words(self._model.shown[index.row()].reader).capitalize()
        name = self._model.shown[index.row()].name
        cut = is_cut(name, self.font(), self.columnWidth(NAME))
        return f"{name}: {feature.observable}" if cut else feature.observable

    def _segment(self, index: QModelIndex, event: QMouseEvent) -> Presence | None:
        if not index.isValid() or index.column() != MINE or self._model.feature(index.row()) is None:
            return None
        where = event.position()
        return self._delegate.segment_at(self.visualRect(index), where.x(), where.y())

    def _hover(self, hovered: tuple[int, Presence | None]) -> None:
        if hovered != self._delegate.hovered:
            self._delegate.hovered = hovered
            self.viewport().update()

    def _on_mine(self, features: frozenset[str]) -> None:
        if self._session.order.by_onset:
            self._on_answers()
        else:
            self._model.refresh_mine(features)
            self._show_count()

    def _show_count(self) -> None:
        if self.count.refresh():
            self._place_chooser()

    def _on_answers(self) -> None:
        self._set_widths()
        self._show_count()
        if self._model.arrange():
            self._span_headings()
            self._set_heights()
            self._show_selected(self._session.selection.feature)
        self._model.refresh()

    def _on_recording(self) -> None:
        self._on_answers()
        self.viewport().update()

    def _show_selected(self, feature: str) -> None:
        self._delegate.selected = feature
        index = self._model.index(self._model.row_of[feature], NAME)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self._delegate.take_theme(theme)
        self.setStyleSheet(
            f"QTableView {{ background: {theme.panel}; selection-background-color: {theme.selection};"
            " border: 1px solid transparent; }"
            f"QTableView:focus {{ border-color: {theme.edge}; }}"
            f"QHeaderView::section {{ background: {theme.panel}; color: {theme.muted}; border: none;"
            f" border-bottom: 1px solid {theme.line}; padding-left: 10px; }}"
            f"QHeaderView {{ background: {theme.panel}; }}"
        )
        self.count.refresh()


__all__ = ["ChecklistModel", "ChecklistView"]

"""The recordings of the study: how far one is, who has read, who agrees; a click opens one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.batch.queue_words import states_in
from app.core.plain_text import plain
from app.core.study.saved_filters import BELOW, filter_text, work_filter
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.session.status import Offer
from app.ui.theme import small_font
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.queue_bar import QueueBar, further_ways
from app.ui.views.recording_times import RecordingTimes
from app.ui.views.table_style import panel_style
from app.ui.views.worklist_model import (
    AGREE,
    COLUMNS,
    PATIENT,
    QUEUE,
    READERS,
    STATUSES,
    TIME,
    FilteredWork,
    WorkModel,
)
from app.ui.views.worklist_table import WorkTable

if TYPE_CHECKING:
    from app.core.study.worklist import WorkFilter, WorkItem

_CALM = 400
"""Milliseconds after a change before the list is read again."""
_SEVERAL = "several"
_LONGEST_NAME = 60
_MISSING = "The file of this recording is no longer where it was."


class WorklistView(QWidget):
    """The panel of the worklist, read in the background after each answer."""

    several = Signal(bool)
    """Whether the study has more than one recording."""
    sorted = Signal(str)
    """By which column the person sorts now, see `set_sort`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Worklist")
        self.model = WorkModel(self)
        self._filter = FilteredWork(self)
        self._filter.setSourceModel(self.model)
        self.table = WorkTable()
        self.text, self.status = QLineEdit(), QComboBox()
        self.filters, self.menu, self.asks = QToolButton(), QMenu(self), ElidedLabel()
        self._statuses: tuple[str, ...] = ()
        self._reader, self._below, self._name = "", BELOW["any agreement"], ""
        self._has_queue = False
        self._of: tuple[Path, str, bool] | None = None
        """Whose list is shown, see `StudyAccess.whose`."""
        self._reading = Background("worklist", self, one_at_a_time=True)
        self._reading.done.connect(self._show)
        self._seeking = Background("search for the recording", self)
        self._seeking.done.connect(self._on_sought)
        self._seeking.failed.connect(session.status.show_message)
        self._times = RecordingTimes(session, self)
        self._times.changed.connect(self._show_times)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self.read)
        session.closing.connect(self._later.stop)
        self._arrange()
        session.study.recordings_changed.connect(self.read)
        session.opened.recording_changed.connect(self.read)
        session.study.edited.connect(self._read_later)
        session.study.reread.connect(self._read_later)
        session.answers.readings_changed.connect(self._read_later)
        session.appearance.theme_changed.connect(self._recolour)
        session.worklist.naming.changed.connect(self._apply)
        session.closing.connect(self._reading.close)
        session.closing.connect(self._seeking.close)
        session.analysis.queue.changed.connect(self._show_queue)
        self._recolour()

    def sizeHint(self) -> QSize:
        return QSize(300, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    @property
    def entry(self) -> QWidget:
        """The widget that takes the focus when the panel is opened."""
        return self.table

    def _arrange(self) -> None:
        self.table.setAccessibleName("Recordings of the study")
        self.table.setModel(self._filter)
        # Names of recordings differ at their end as often as at their beginning.
        self.table.setSortingEnabled(True)
        self.table.arrange()
        self.table.horizontalHeader().sortIndicatorChanged.connect(lambda *_now: self.sorted.emit(self.sort))
        self.table.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._ask_menu)
        self.table.activated.connect(self._open)
        self.table.doubleClicked.connect(self._open)
        self.text.setPlaceholderText("Filter by name, reader or patient")
        self.text.setAccessibleName("Filter")
        self.text.setClearButtonEnabled(True)
        self.text.textChanged.connect(self._filter_changed)
        self.status.addItem("any status", "")
        for status in STATUSES:
            self.status.addItem(status, status)
        self.status.setAccessibleName("Status")
        self.status.activated.connect(self._status_chosen)
        self.filters.setText("Filters ▾")
        self.filters.setToolTip("More conditions, and filters kept by name in the study")
        self.filters.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.filters.setMenu(self.menu)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.asks.setMinimumWidth(20)
        for widget in (self.text, self.status, self.filters, self.asks):
            widget.setFont(small_font())
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        for widgets in ((self.text, self.status), (self.filters, self.asks)):
            row = QHBoxLayout()
            row.setContentsMargins(8, 4, 8, 2)
            for widget in widgets:
                row.addWidget(widget, 1 if widget in (self.text, self.asks) else 0)
            page.addLayout(row)
        page.addWidget(self.table, 1)
        page.addWidget(QueueBar(self._session))

    # sorting

    @property
    def sort(self) -> str:
        """The column that it is sorted by, "-" before it when the greatest is first; "" as it was added."""
        header = self.table.horizontalHeader()
        column = header.sortIndicatorSection()
        if not 0 <= column < len(COLUMNS):
            return ""
        descending = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
        return f"{'-' if descending else ''}{COLUMNS[column]}"

    def set_sort(self, sort: str) -> None:
        """Sort by this column; any other name restores the order of adding."""
        name = sort.removeprefix("-")
        order = Qt.SortOrder.DescendingOrder if sort.startswith("-") else Qt.SortOrder.AscendingOrder
        self.table.sortByColumn(COLUMNS.index(name) if name in COLUMNS else -1, order)

    # filtering

    @property
    def wanted(self) -> WorkFilter:
        """The present filter."""
        return work_filter(self.text.text(), self._statuses, self._reader, self._below)

    def show_filter(self, wanted: WorkFilter | None, name: str = "") -> None:
        """Set every condition; None shows everything."""
        self._name = name
        self._statuses = () if wanted is None else tuple(map(str, wanted.statuses))
        self._reader = "" if wanted is None else wanted.reader
        self._below = None if wanted is None else wanted.agreement_below
        with QSignalBlocker(self.text):
            self.text.setText("" if wanted is None else wanted.text)
        self._show_statuses()
        self._apply()

    def _show_statuses(self) -> None:
        several = self.status.findText(_SEVERAL)
        if len(self._statuses) > 1 and several < 0:
            self.status.addItem(_SEVERAL, _SEVERAL)
        elif len(self._statuses) < 2 and several >= 0:
            self.status.removeItem(several)
        words = _SEVERAL if len(self._statuses) > 1 else self._statuses[0] if self._statuses else ""
        self.status.setCurrentIndex(self.status.findData(words))

    def _status_chosen(self, _index: int) -> None:
        status = str(self.status.currentData())
        if status != _SEVERAL:
            self._statuses = (status,) if status else ()
            self._show_statuses()
            self._filter_changed()

    def _filter_changed(self) -> None:
        self._name = ""
        self._apply()

    def _apply(self) -> None:
        everything = not (self.text.text().strip() or self._statuses or self._reader or self._below)
        wanted = None if everything else self.wanted
        self._filter.show(wanted)
        words = "" if wanted is None else self._name or filter_text(wanted)
        shown, count = self._filter.rowCount(), self.model.rowCount()
        found = "" if wanted is None else f"{shown} of {count}"
        study = "" if self._of is None or count < 2 else self._session.worklist.naming.name
        self.asks.setText(plain(" · ".join(filter(None, (words, found))) or study, 120))

    def fill_menu(self) -> None:
        """The saved filters, further conditions, and what can be done with them."""
        menu, saved = self.menu, self._session.worklist.saved_filters()
        menu.clear()
        for name, wanted in saved.items():
            self._row(
                menu,
                name,
                partial(self.show_filter, wanted, name),
                name == self._name,
            )
        menu.addSeparator()
        readers = menu.addMenu("Read by")
        names = sorted({name for item in self.model.rows for name in item.readers})
        self._row(readers, "any reader", partial(self._ask, reader=""), not self._reader)
        for name in names:
            self._row(readers, name, partial(self._ask, reader=name), name == self._reader)
        agreement = menu.addMenu("Agreement")
        for words, below in BELOW.items():
            self._row(agreement, words, partial(self._ask, below=below), below == self._below)
        statuses = menu.addMenu("Status")
        for status in STATUSES:
            self._row(statuses, status, partial(self._turn, status), status in self._statuses)
        menu.addSeparator()
        self._row(menu, "Show everything", partial(self.show_filter, None))
        self._row(menu, "Save this filter…", self.ask_name)
        delete = menu.addMenu("Delete")
        delete.setEnabled(bool(saved) and not self._session.study.read_only)
        for name in saved:
            self._row(delete, name, partial(self.delete, name))

    def _row(self, menu: QMenu, words: str, slot: Callable[[], None], checked: bool | None = None) -> None:
        action = QAction(plain(words, 60).replace("&", "&&"), menu)
        action.setCheckable(checked is not None)
        action.setChecked(bool(checked))
        action.triggered.connect(lambda _on=False: slot())
        menu.addAction(action)

    def _ask(self, *, reader: str | None = None, below: float | None = -1.0) -> None:
        self._reader = self._reader if reader is None else reader
        self._below = self._below if below == -1.0 else below
        self._filter_changed()

    def _turn(self, status: str) -> None:
        now = {*self._statuses} ^ {status}
        self._statuses = tuple(one for one in STATUSES if one in now)
        self._show_statuses()
        self._filter_changed()

    def ask_name(self) -> None:
        """Ask what the filter that is set shall be called, and keep it."""
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Save this filter")
        dialog.setLabelText("Name; an existing filter of this name is replaced")
        dialog.setTextValue(self._name)
        dialog.textValueSelected.connect(self.save)
        dialog.open()

    def save(self, name: str) -> None:
        """Store the present filter in the study."""
        name = " ".join(name.split())[:_LONGEST_NAME]
        if name and self._session.worklist.save_filter(name, self.wanted):
            self._name = name
            self._apply()

    def delete(self, name: str) -> None:
        """Forget a saved filter; undo brings it back."""
        if self._session.worklist.delete_filter(name):
            self._name = "" if self._name == name else self._name
            self._apply()

    # reading

    def _open(self, index: QModelIndex) -> None:
        item, access = self.model.rows[self._filter.mapToSource(index).row()], self._session.study.access()
        if access is not None:
            self._seeking.start(lambda _task: (item.recording_id, access.is_missing(item.recording_id)))

    def selected(self) -> frozenset[int]:
        """The numbers of the selected recordings."""
        rows = self.table.selectionModel().selectedRows()
        return frozenset(self.model.rows[self._filter.mapToSource(row).row()].recording_id for row in rows)

    def _ask_menu(self, place: QPoint) -> None:
        selected = self.selected()
        if selected:
            menu = QMenu(self.table)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            words = "Analyse this recording…" if len(selected) == 1 else "Analyse the selected recordings…"
            self._row(menu, words, partial(self._session.requests.batch.emit, selected))
            for words, do in further_ways(self._session, selected):
                self._row(menu, words, do)
            menu.popup(self.table.viewport().mapToGlobal(place))

    def _show_queue(self) -> None:
        """The state of each recording's analysis."""
        queued = states_in(self._session.analysis.queue.view, self._session.study.folder)
        self.model.show_queue(queued)
        if self._has_queue is not bool(queued):
            self._has_queue = bool(queued)
            self._show_columns()

    def _on_sought(self, found: tuple[int, bool]) -> None:
        number, missing = found
        if missing:
            self._session.status.make_offer(
                Offer(_MISSING, "Find moved recordings…", self._session.requests.moved.emit)
            )
        else:
            self._session.worklist.go_to(number)

    def _read_later(self) -> None:
        if self.isVisible():
            self._later.start()

    def read(self) -> None:
        """Read the study's recordings anew, in the background."""
        access = self._session.study.access()
        whose = None if access is None else access.whose
        if whose != self._of:
            # The numbers of its rows are those of other recordings, or it is of another person.
            self._of = whose
            self.model.show((), 0)
        if access is not None:
            self._reading.start(lambda _task: (access.worklist(), access.number))

    def _show_times(self) -> None:
        self.model.show_times(self._times.known)
        self._show_columns()

    def _show_columns(self) -> None:
        """Hide what nothing is known of, so that the names have room."""
        items = self.model.rows
        known = {
            PATIENT: any(item.patient_data.texts for item in items),
            TIME: bool(self._times.known),
            AGREE: any(item.agreement is not None or item.changed_since for item in items),
            READERS: any(item.readers for item in items),
            QUEUE: self._has_queue,
        }
        self.table.show_columns([column for column, is_known in known.items() if is_known])

    def _show(self, found: tuple[tuple[WorkItem, ...], int]) -> None:
        self.model.show(*found)
        numbers = frozenset(item.recording_id for item in self.model.rows if item.has_video)
        self._times.ask(self._session.study.access(), numbers)
        self._show_columns()
        self._show_queue()
        self._apply()
        self.several.emit(len(self.model.rows) > 1)

    def _recolour(self) -> None:
        self.setStyleSheet(panel_style(self._session.appearance.theme))

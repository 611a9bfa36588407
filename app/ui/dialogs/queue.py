"""The queue of analyses as a list: what waits in which order, what runs, what failed and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.batch.queue_words import order_tip, places, queue_words
from app.core.plain_text import breakable, plain
from app.core.readers.local_readers import short_name
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import CLOSE, button, buttons, form, lay_out, sentence, side_by_side, title
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.table_style import chosen_sentence, name_and_sentence, plain_table
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.batch.queue_orders import AnalysisOrder
    from app.core.batch.work_queue import QueueView

_TITLES = ("Recording", "Study", "Reader", "State")


def _state_words(order: AnalysisOrder, share: float, place: int) -> str:
    """The state of an order, with what is to be said of it; `share` is done, `place` counts who waits."""
    state = order.state.value
    if state == "failed":
        return f"failed: {order_tip(order, place)}"
    if state == "running":
        return f"being analysed, {share:.0%}"
    return f"waiting, number {place}" if place else "analysed and kept"


class QueueDialog(QDialog):
    """All orders of all studies; what is selected can be moved, taken out or tried again."""

    def __init__(self, session: Session, memory: Memory, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Queue of analyses")
        self._queue, self._memory = session.analysis.queue, memory
        self.words, self.whole = sentence(), sentence(small=True)
        self.whole.setMinimumHeight(2 * self.whole.fontMetrics().height())
        self.table = QTableWidget(0, len(_TITLES))
        plain_table(self.table)
        self.table.setSelectionMode(QTableWidget.SelectionMode.ExtendedSelection)
        self.table.setAccessibleName("Queued analyses")
        self.table.setHorizontalHeaderLabels(list(_TITLES))
        name_and_sentence(self.table, _TITLES.index("Recording"), _TITLES.index("State"))
        for column in (_TITLES.index("Study"), _TITLES.index("Reader")):
            self.table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        self.table.itemSelectionChanged.connect(self._show_buttons)
        self.first = button("First", lambda: self._move(-len(self._rows)))
        self.earlier = button("&Earlier", lambda: self._move(-1))
        self.later = button("&Later", lambda: self._move(1))
        self.again = button(
            "&Try again", self._try_again, tip="Let what failed wait again; nothing selected: all"
        )
        self.out = button("&Take out", lambda: self._queue.remove(self.selected), tip="What runs is stopped")
        self.clear = button("Forget what is &done", self._forget)
        self.pause = button("&Pause", self._turn)
        self.jobs = QSpinBox()
        self.jobs.setRange(1, most)
        self.jobs.setValue(min(memory.settings.queue_jobs, most))
        self.jobs.setToolTip("Each takes a core and about 500 MB of memory")
        self.jobs.valueChanged.connect(self._set_jobs)
        self.asks = CheckBox(session, "&Ask at the next start before it goes on")
        self.asks.setChecked(memory.settings.queue_asks)
        self.asks.toggled.connect(lambda on: memory.change(queue_asks=on))
        self._rows: tuple[AnalysisOrder, ...] = ()
        self._painted: list[tuple[AnalysisOrder, float, int]] = []
        """What each row shows: the order, its share and its place."""
        moves = side_by_side(self.first, self.earlier, self.later, self.out, self.again, self.clear)
        further = form((("Recordings at &once", side_by_side(self.jobs, self.asks)),))
        space = QWidget()
        ends = side_by_side(self.pause, space, buttons(self, CLOSE), growing=space)
        lay_out(self, self.words, self.table, self.whole, moves, further, ends, growing=self.table)
        self.resize(860, 460)
        session.analysis.queue.changed.connect(self._show)
        session.analysis.queue.begin()
        self._show()

    @property
    def selected(self) -> frozenset[int]:
        """The ids of the selected orders."""
        rows = self.table.selectionModel().selectedRows()
        return frozenset(self._rows[row.row()].id for row in rows)

    def _move(self, by: int) -> None:
        self._queue.move(self.selected, by)

    def _try_again(self) -> None:
        self._queue.try_again(self.selected or frozenset(row.id for row in self._rows))

    def _forget(self) -> None:
        self._queue.remove(frozenset(row.id for row in self._rows if row.state.value == "done"))

    def _turn(self) -> None:
        view = self._queue.view
        if view is not None:
            self._queue.pause(not view.orders.paused)

    def _set_jobs(self, jobs: int) -> None:
        self._memory.change(queue_jobs=jobs)
        self._queue.set_jobs(jobs)

    def _show(self) -> None:
        view, selected = self._queue.view, self.selected
        if view is None:
            self.words.setText("Nothing is queued.")
            self._show_buttons()
            return
        self.words.setText(queue_words(view) or "Nothing is queued.")
        self.pause.setText("&Go on" if view.orders.paused else "&Pause")
        self._fill(view)
        if selected != self.selected:
            self._select(selected)
        self._show_buttons()

    def _fill(self, view: QueueView) -> None:
        place_of = places(view)
        self._rows = view.orders.rows
        self.table.setRowCount(len(self._rows))
        painted = [(row, view.shares.get(row.id, 0.0), place_of.get(row.id, 0)) for row in self._rows]
        former, self._painted = self._painted, painted
        for number, shown in enumerate(painted):
            if number < len(former) and former[number] == shown:
                continue
            order, _share, place = shown
            state = _state_words(order, view.shares.get(order.id, 0.0), place)
            reader = "Signal reader" if order.reader == "signal" else short_name(order.reader)
            name = order.name or f"recording {order.number}"
            study = self._memory.settings.study_names.get(str(order.study)) or order.study.stem
            for column, words in enumerate((name, study, reader, state)):
                self._set(number, column, plain(words, 200))

    def _set(self, row: int, column: int, words: str) -> None:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.table.setItem(row, column, item)
        if item.text() != words:
            item.setText(words)
            item.setToolTip(tool_tip(words))

    def _select(self, ids: frozenset[int]) -> None:
        """Keep what is selected selected when the rows have moved."""
        self.table.clearSelection()
        chosen = self.table.selectionModel()
        flags = chosen.SelectionFlag.Select | chosen.SelectionFlag.Rows
        for number, order in enumerate(self._rows):
            if order.id in ids:
                chosen.select(self.table.model().index(number, 0), flags)

    def _show_buttons(self) -> None:
        selected = self.selected
        chosen = [row for row in self._rows if row.id in selected]
        waits = any(row.state.value == "waiting" for row in chosen)
        for one in (self.first, self.earlier, self.later):
            one.setEnabled(waits)
        self.out.setEnabled(bool(chosen))
        self.again.setEnabled(any(row.state.value == "failed" for row in chosen or self._rows))
        self.clear.setEnabled(any(row.state.value == "done" for row in self._rows))
        self.pause.setEnabled(any(row.is_left for row in self._rows))
        self.whole.setText(breakable(chosen_sentence(self.table, _TITLES.index("State"))))

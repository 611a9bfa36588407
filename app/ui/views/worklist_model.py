"""The worklist as a table model: cells, order and filter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QWidget

from app.core.plain_text import plain
from app.ui.views.columns_model import ColumnsModel, Index
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.batch.queue_words import QueuedState
    from app.core.study.worklist import WorkFilter, WorkItem

COLUMNS = ("Recording", "Mine", "Agree", "Readers", "Patient", "Time", "Queue")
MINE, AGREE, READERS, PATIENT, TIME, QUEUE = range(1, len(COLUMNS))
STATUSES = ("unanswered", "started", "done", "locked")
_GLYPHS = {"unanswered": "·", "started": "…", "done": "✓", "locked": "✓ locked"}
_FEW = 20
"""Rows that are painted anew one by one."""
_WORD = re.compile("[^ _.-]*[ _.-]")
_LONG_BEGINNING = 5
"""Characters that all names begin with before these are left out."""
_LEAST_LEFT = 3
"""Characters of a name without its ending that then remain at least."""
SORT_ROLE = Qt.ItemDataRole.UserRole


class WorkModel(ColumnsModel):
    """The items as a table; sorted and filtered by what stands under `SORT_ROLE`."""

    titles = COLUMNS
    rows: tuple[WorkItem, ...] = ()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.open_number = 0
        self._times: dict[int, datetime] = {}
        self._queued: dict[int, QueuedState] = {}
        self._names: dict[str, str] = {}

    def show(self, items: tuple[WorkItem, ...], open_number: int) -> None:
        self.open_number = open_number
        self._names = short_names(item.name for item in items)
        self.replace_rows(items)

    def show_times(self, times: dict[int, datetime]) -> None:
        """Show when recordings began, by their numbers."""
        self._times = times
        if self.rows:
            self.dataChanged.emit(self.index(0, TIME), self.index(len(self.rows) - 1, TIME))

    def show_queue(self, queued: dict[int, QueuedState]) -> None:
        """Show the state of analyses by the recording's number; only what has changed is painted."""
        former, self._queued = self._queued, queued
        numbers = (item.recording_id for item in self.rows)
        changed = [row for row, number in enumerate(numbers) if former.get(number) != queued.get(number)]
        # One that begins moves all others; then telling each by itself takes longer than painting.
        for first, last in ((row, row) for row in changed) if len(changed) < _FEW else ((0, changed[-1]),):
            self.dataChanged.emit(self.index(first, QUEUE), self.index(last, QUEUE))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.rows[index.row()]
        if index.column() in (QUEUE, TIME):
            return self._further_data(item.recording_id, index.column(), role)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(item, index.column())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() in range(5):
            words = _words(item, False)[index.column()]
            if index.column() == AGREE and item.changed_since:
                words += "\nAnswers were changed after the consensus on these features was decided."
            if index.column() == 0 and item.readers:  # whose column a narrow panel leaves out
                words += f"\nRead by {plain(', '.join(item.readers), 200)}"
            return tool_tip(words)
        if role == SORT_ROLE:
            return _order(item)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(_words(item, item.recording_id == self.open_number))
        return None

    def _shown(self, item: WorkItem, column: int) -> str:
        shown = replace(item, name=self._names[item.name])
        return _words(shown, item.recording_id == self.open_number)[column]

    def _further_data(self, number: int, column: int, role: int) -> object:
        if column == TIME:
            return _time_data(self._times.get(number), role)
        queued = self._queued.get(number)
        if queued is None:
            return "" if role in (Qt.ItemDataRole.DisplayRole, SORT_ROLE) else None
        if role in (Qt.ItemDataRole.DisplayRole, SORT_ROLE):
            return queued.words
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(queued.tip)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return queued.tip
        return None


class FilteredWork(QSortFilterProxyModel):
    """The items that a filter lets through; all without one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.wanted: WorkFilter | None = None
        self.setSortRole(SORT_ROLE)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole and index.column() == PATIENT and self.sortColumn() < 0:
            here = self._patient_at(index.row())
            if here and index.row() > 0 and self._patient_at(index.row() - 1) == here:
                # One patient's name stands once above their seizures.
                words = str(super().data(index, role))
                return words.removeprefix(plain(here, 200)).removeprefix(" ") or "·"
        return super().data(index, role)

    def _patient_at(self, row: int) -> str:
        model = self.sourceModel()
        assert isinstance(model, WorkModel)
        return model.rows[self.mapToSource(self.index(row, 0)).row()].patient_data.patient

    def show(self, wanted: WorkFilter | None) -> None:
        self.beginFilterChange()
        self.wanted = wanted
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:  # noqa: N802 - Qt calls it so
        model = self.sourceModel()
        assert isinstance(model, WorkModel)
        return self.wanted is None or self.wanted.shows(model.rows[row])


def _time_data(began: datetime | None, role: int) -> object:
    if role == SORT_ROLE:
        return "" if began is None else began.astimezone().isoformat()
    if began is None:
        return None
    if role == Qt.ItemDataRole.DisplayRole:
        return f"{began.astimezone():%H:%M}"
    if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        return f"Began on {began.astimezone():%Y-%m-%d at %H:%M:%S}, by the file"
    return None


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Names of files without their ending, where that leaves them different."""
    stems = {name: PurePath(name).stem for name in names}
    count, shared = Counter(stems.values()), len(_shared_beginning([*stems.values()]))
    short = {name: stem if count[stem] == 1 else name for name, stem in stems.items()}
    return {name: f"…{text[shared:]}" if shared else text for name, text in short.items()}


def _shared_beginning(names: Sequence[str]) -> str:
    """What all names without endings begin with, in whole words: a narrow column shows little more."""
    same = takewhile(lambda words: len({*words}) == 1, zip(*map(_WORD.findall, names), strict=False))
    shared = "".join(words[0] for words in same)
    left = min(map(len, names), default=0) - len(shared)
    return shared if len(names) > 1 and len(shared) >= _LONG_BEGINNING and left >= _LEAST_LEFT else ""


def _words(item: WorkItem, is_open: bool) -> tuple[str, ...]:
    status = item.status.value
    mine = f"{item.answered} of 20" if status == "started" else _GLYPHS[status]
    agree = "–" if item.agreement is None else f"{item.agreement:.0%}"
    if item.changed_since:
        agree += f" · {item.changed_since} changed"
    name = plain(item.name, 120)
    if not item.has_video:
        name = f"{name} (labels alone)"
    readers, patient = plain(", ".join(item.readers), 200), plain(_patient(item), 200)
    return (f"▸ {name}" if is_open else name, mine, agree, readers, patient)


def _patient(item: WorkItem) -> str:
    data = item.patient_data
    return " · ".join(filter(None, (data.patient, data.event, data.diagnosis or "", data.split)))


def _order(item: WorkItem) -> tuple[object, ...]:
    # What is not known stands below the least.
    agreement = -1.0 if item.agreement is None else item.agreement
    return (
        item.name.casefold(),
        STATUSES.index(item.status.value) * 100 + item.answered,
        agreement,
        len(item.readers),
        _patient(item).casefold(),
    )

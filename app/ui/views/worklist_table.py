"""The table of the worklist: all its columns have room side by side, however narrow the panel is."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView

from app.ui.views.table_style import CountedNames, CutSentences, fit_columns, plain_table
from app.ui.views.worklist_model import AGREE, MINE, PATIENT, QUEUE, READERS, SORT_ROLE, TIME

_NAME = 0
_LEAST = {_NAME: 64, MINE: 40, AGREE: 36, TIME: 40, QUEUE: 36, READERS: 52, PATIENT: 44}
"""Least widths of the columns in pixels; what is cut stands in the tip of its cell."""
_SHORT = (MINE, AGREE, TIME, QUEUE)
"""Columns with a few characters in each row, which would say nothing if they were cut."""
_DRAGGED = (READERS, PATIENT)
"""Columns with texts of any length, which a person may drag as wide as is wanted."""
_BESIDE_HEAD = 14
"""Pixels beside the words of a column's head."""
_NAMES = 140
"""Pixels of the names, or what they need, before a column whose width a person gave is so wide."""
_FIRST_TO_GO = (READERS, TIME, AGREE, QUEUE, PATIENT)
"""What is not shown where the panel is too narrow for all columns at their least widths, in this order; the
column that the rows are sorted by stays."""


class WorkTable(QTableView):
    """Columns of which nothing is known are hidden. The names have room for what is in them before the other
    columns are wider than they need to be, and take what these leave."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = frozenset({_NAME, MINE})
        self._wide = {PATIENT: 70}
        """The widths in pixels of columns that are not as wide as what is in them: as the person has dragged
        them, or at first."""
        self._fitting = False
        self._needed: dict[int, int] = {}
        """Pixels that the columns need for what is in them; empty until it is measured anew."""
        self._heads: dict[int, int] = {}
        """Pixels that the columns need for their heads, measured together with that."""
        plain_table(self)
        # Who the patient is comes first, diagnosis and split after it.
        self.setItemDelegateForColumn(PATIENT, CutSentences(self))
        self.setItemDelegateForColumn(READERS, CountedNames(self, SORT_ROLE))

    def arrange(self) -> None:
        """Put the columns into their order; once there is a model."""
        header, model = self.horizontalHeader(), self.model()
        header.setMinimumSectionSize(34)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSortIndicatorClearable(True)
        # The widths of the others follow from what is in them.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column in _DRAGGED:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        for place, column in enumerate((PATIENT, _NAME, QUEUE, MINE, TIME, AGREE, READERS)):
            header.moveSection(header.visualIndex(column), place)
        header.setResizeContentsPrecision(50)
        header.sectionResized.connect(self._on_dragged)
        header.sortIndicatorChanged.connect(self.fit)
        changes = (model.modelReset, model.rowsInserted, model.rowsRemoved, model.dataChanged)
        for changed in (*changes, model.headerDataChanged):
            changed.connect(self._measure_anew)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.fit()

    def show_columns(self, columns: Collection[int]) -> None:
        """Show these columns beside the names and how far the person is."""
        self._shown = frozenset({_NAME, MINE, *columns})
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)  # also when a scroll bar has come
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._measure_anew()

    def fit(self) -> None:
        """Give each column its width, so that nothing has to be scrolled to."""
        if self._fitting or self.model() is None:
            return
        self._fitting = True
        if not self._needed:
            self._needed = {column: self.sizeHintForColumn(column) for column in _LEAST}
            self._heads = {column: self._width_of_head(column) for column in _LEAST}
        shown, least = self._with_room()
        for column in _LEAST:
            self.setColumnHidden(column, column not in shown)
        header, wanted = self.horizontalHeader(), dict(self._wide)
        for column in shown - wanted.keys() - {_NAME}:
            wanted[column] = max(self._needed[column], header.sectionSizeHint(column))
        fit_columns(self, _NAME, wanted, least)
        self._fitting = False

    def _with_room(self) -> tuple[set[int], dict[int, int]]:
        """The columns that have room, and the least widths of all in pixels."""
        header, shown, room = self.horizontalHeader(), set(self._shown), self.viewport().width()
        least = {column: max(wide, header.minimumSectionSize()) for column, wide in _LEAST.items()}
        for column in _SHORT:
            least[column] = max(least[column], self._needed[column])
        for column in _FIRST_TO_GO:
            if sum(least[one] for one in shown) > room and column != header.sortIndicatorSection():
                shown.discard(column)
        left = room - sum(least[one] for one in shown - {_NAME})
        least[_NAME] = max(least[_NAME], min(left, self._heads[_NAME]))
        for column in sorted(shown):  # a head is cut sooner than a column is left out, but later than a name
            more = max(self._heads[column] - least[column], 0)
            if column != _NAME and more <= left - least[_NAME]:
                least[column] += more
                left -= more
        names = max(self._needed[_NAME], self._heads[_NAME])
        for column in self._wide.keys() & shown:
            more = min(self._wide[column] - least[column], left - max(least[_NAME], min(names, _NAMES)))
            least[column] += max(more, 0)
            left -= max(more, 0)
        least[_NAME] = max(least[_NAME], min(left, names))
        return shown, least

    def _width_of_head(self, column: int) -> int:
        words = str(self.model().headerData(column, Qt.Orientation.Horizontal) or "")
        return self.horizontalHeader().fontMetrics().horizontalAdvance(words) + _BESIDE_HEAD

    def _measure_anew(self) -> None:
        self._needed = {}

    def _on_dragged(self, column: int, _before: int, wide: int) -> None:
        if column in _DRAGGED and not self._fitting and wide > 0:
            self._wide[column] = wide
            self.fit()

"""The table of the worklist: all its columns have room side by side, however narrow the panel is."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableView

from app.ui.views.table_style import fit_columns, plain_table
from app.ui.views.worklist_model import AGREE, MINE, PATIENT, QUEUE, READERS, TIME

_NAME = 0
_LEAST = {_NAME: 64, MINE: 40, AGREE: 36, TIME: 40, QUEUE: 36, READERS: 52, PATIENT: 44}
"""Least widths of the columns in pixels; what is cut stands in the tip of its cell."""
_SHORT = (MINE, AGREE, TIME)
"""Columns with a few characters in each row, which would say nothing if they were cut."""
_NAMES = 140
"""Pixels of the names before the other columns are as wide as they want to be."""
_FIRST_TO_GO = (READERS, TIME, AGREE)
"""What is not shown where the panel is too narrow for all columns at their least widths."""


class WorkTable(QTableView):
    """Columns of which nothing is known are hidden; the names take what the others leave."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = frozenset({_NAME, MINE})
        self._wide = {READERS: 60, PATIENT: 70}
        """The widths of columns that are not as wide as what is in them: as the person has dragged them."""
        self._fitting = False
        plain_table(self)

    def arrange(self) -> None:
        """Put the columns into their order; once there is a model."""
        header = self.horizontalHeader()
        header.setMinimumSectionSize(34)
        header.setSortIndicatorClearable(True)
        for place, column in enumerate((PATIENT, _NAME, QUEUE, MINE, TIME, AGREE, READERS)):
            header.moveSection(header.visualIndex(column), place)
        header.setResizeContentsPrecision(50)
        header.sectionResized.connect(self._on_dragged)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.fit()

    def show_columns(self, columns: Collection[int]) -> None:
        """Show these columns beside the names and how far the person is."""
        self._shown = frozenset({_NAME, MINE, *columns})
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)  # also when a scroll bar has come
        self.fit()

    def fit(self) -> None:
        """Give each column its width, so that nothing has to be scrolled to."""
        if self._fitting or self.model() is None:
            return
        self._fitting = True
        shown, room = set(self._shown), self.viewport().width()
        least = {**_LEAST, **{column: self.sizeHintForColumn(column) for column in shown & {*_SHORT}}}
        for column in _FIRST_TO_GO:
            if sum(least[one] for one in shown) > room:
                shown.discard(column)
        left = room - sum(least[one] for one in shown - {_NAME})
        names = min(left, self.sizeHintForColumn(_NAME), _NAMES)
        least[_NAME] = max(_LEAST[_NAME], names)
        for column in _LEAST:
            self.setColumnHidden(column, column not in shown)
        header, wanted = self.horizontalHeader(), dict(self._wide)
        for column in shown - wanted.keys() - {_NAME}:
            wanted[column] = max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
        fit_columns(self, _NAME, wanted, least)
        self._fitting = False

    def _on_dragged(self, column: int, _before: int, wide: int) -> None:
        if column in self._wide and not self._fitting and wide > 0:
            self._wide[column] = wide

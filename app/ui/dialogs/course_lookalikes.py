"""What looks alike in the recordings of a course that is to be made, as the teacher chooses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.semiology import FEATURES
from app.core.teaching.lookalike_choice import LookalikeChoice, span_of_cells
from app.ui.dialogs.form import button, sentence, side_by_side

if TYPE_CHECKING:
    from app.core.teaching.course_order import CourseOffer

_TITLES = ("After the key of", "Feature", "Only resembles it", "From, s", "To, s")
_EVERY = "Every recording"
_ABOUT = (
    "After the key of a feature, learners can compare it with what only resembles it: with a drawing, or "
    "with the recording that you name here, all of it or from one second to another. It is shown once they "
    "have answered that feature in the named recording too, and never if that is kept for tests."
)


class LookalikeFields(QWidget):
    """Rows that can be added and removed; none is needed."""

    def __init__(self) -> None:
        super().__init__()
        self._recordings: list[tuple[str, int]] = []
        self.table = QTableWidget(0, len(_TITLES) + 1)
        self.table.setHorizontalHeaderLabels([*_TITLES, ""])
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setAccessibleName("What looks alike")
        self.table.verticalHeader().hide()
        head = self.table.horizontalHeader()
        for column in range(3):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column, width in ((3, 70), (4, 70), (5, 80)):
            head.resizeSection(column, width)
        self.add = button("Add", self.add_row)
        column_of_parts = QVBoxLayout(self)
        column_of_parts.addWidget(sentence(_ABOUT))
        column_of_parts.addWidget(self.table, 1)
        column_of_parts.addWidget(side_by_side(self.add))
        self._enable()

    def show_offer(self, offer: CourseOffer) -> None:
        """Let the recordings of the study be named."""
        self._recordings = [(plain(one.name, 120), one.number) for one in offer.recordings]
        self._enable()

    def add_row(self) -> None:
        """Add a row, at first on every recording."""
        row = self.table.rowCount()
        self.table.insertRow(row)
        recordings: list[tuple[str, object]] = [*self._recordings]
        choices: tuple[list[tuple[str, object]], ...] = (
            [(_EVERY, None), *recordings],
            [(feature.name, feature.id) for feature in FEATURES],
            recordings,
        )
        fields: list[QWidget] = [_choice(rows) for rows in choices]
        for column, field in enumerate([*fields, QLineEdit(), QLineEdit()]):
            field.setAccessibleName(_TITLES[column])
            self.table.setCellWidget(row, column, field)
        remove = button("Remove", lambda: self._remove(fields[0]))
        self.table.setCellWidget(row, len(_TITLES), remove)
        fields[1].setFocus()

    @property
    def choices(self) -> tuple[LookalikeChoice, ...]:
        """What the rows say. Raises UserError for a stretch that cannot be."""
        return tuple(self._choice_of(row) for row in range(self.table.rowCount()))

    def _choice_of(self, row: int) -> LookalikeChoice:
        recording, feature, other, start, end = (
            _value(self.table.cellWidget(row, column)) for column in range(len(_TITLES))
        )
        if not isinstance(feature, str) or not isinstance(other, int):
            raise UserError(f"Row {row + 1} of what looks alike names no recording.")
        span = span_of_cells(str(start), str(end), f"Row {row + 1}")
        return LookalikeChoice(feature, other, span, recording if isinstance(recording, int) else None)

    def _remove(self, first: QWidget) -> None:
        """Remove the row that begins with this field."""
        for row in range(self.table.rowCount()):
            if self.table.cellWidget(row, 0) is first:
                self.table.removeRow(row)
                self.add.setFocus()
                return

    def _enable(self) -> None:
        self.add.setEnabled(bool(self._recordings))


def _choice(rows: list[tuple[str, object]]) -> QComboBox:
    box = QComboBox()
    for words, value in rows:
        box.addItem(words, value)
    return box


def _value(field: QWidget | None) -> object:
    if isinstance(field, QComboBox):
        return field.currentData()
    return field.text().strip() if isinstance(field, QLineEdit) else None

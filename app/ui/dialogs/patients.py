"""Patient, event, diagnosis and split of the study's recordings: typed, from a table, or from names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHeaderView,
    QInputDialog,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.errors import UserError
from app.core.exchange.table_files import table_patterns
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.study.patient_data import FIXED, PatientData, columns_of, diagnosis_of
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, sentence, side_by_side
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.evaluation.describe_patients import TypedRow
    from app.core.evaluation.patient_rows import PatientRow
    from app.core.study.access import StudyAccess

_ABOUT = (
    "Whose event each recording shows, so that recordings of one patient stay together. Use pseudonyms. "
    "Patient data stay in this study and are in no export."
)
_SEALED = "Sealed until you have locked your reading and seen the others'."
_TABLES = f"Tables ({table_patterns()})"
_LONGEST = 1000
_NARROWEST, _WIDEST = 90, 360
"""Pixels of a column."""
_BLIND = frozenset(("patient", "event", "split"))
"""The columns that may be typed into while a recording is sealed."""


class PatientsDialog(WorkDialog):
    """A table with a row for each recording; what a table or the names say is filled in first, and nothing is
    kept before *Save*."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Patients and events", "Save", self.choose, parent)
        self.rows: tuple[TypedRow, ...] = ()
        self.table = QTableWidget()
        self.table.setAccessibleName("Patients and events")
        self.table.verticalHeader().hide()
        self.pattern = QLineEdit("{patient}_{event}_*")
        self.pattern.setAccessibleName("Pattern of the names")
        self.pattern.setToolTip("{patient}, {event}, {diagnosis}, {split}, {any title}; * for anything else")
        self.fill = button("Fill in from names", self.fill_from_names)
        from_table = button("Fill in from a table…", self.choose_table)
        column = button("Add a column…", self.ask_column)
        self._fills = (self.pattern, self.fill, from_table, column)
        for field in self._fills:
            field.setEnabled(False)  # until the recordings are there
        self.choices.addWidget(sentence(_ABOUT))
        self.choices.addWidget(self.table, 1)
        named = QLabel("Pattern of the &names")
        named.setBuddy(self.pattern)
        self.choices.addWidget(side_by_side(named, self.pattern, self.fill, growing=self.pattern))
        self.choices.addWidget(side_by_side(from_table, column))
        self.table.setMinimumHeight(300)
        self.table.horizontalHeader().setMinimumSectionSize(_NARROWEST)
        self.table.horizontalHeader().setMaximumSectionSize(_WIDEST)
        self.setMinimumWidth(740)
        self.work.posted.connect(self._posted)
        self._load()

    # reading and keeping

    def choose(self) -> None:
        """Keep what the table says; the button Save."""
        access = self._access()
        if access is None:
            return
        try:
            typed = self.typed()
        except UserError as error:
            self.say(str(error))
            return
        self.start(lambda task: _keep(access, typed, task))

    def _running(self, on: bool) -> None:
        super()._running(on)
        self.begin.setEnabled(bool(self.rows) and not on and not self.session.study.read_only)

    def _load(self) -> None:
        access = self._access()
        if access is not None:
            self.start(lambda task: _read(access, task))

    def _posted(self, found: tuple[TypedRow | PatientRow, ...]) -> None:
        from app.core.evaluation.describe_patients import TypedRow

        typed = tuple(row for row in found if isinstance(row, TypedRow))
        if typed or not self.rows:
            self.rows = typed
            self._show()
            self.session.study.recordings_changed.emit()
        else:
            self._fill_in(tuple(row for row in found if not isinstance(row, TypedRow)))

    # the table

    @property
    def titles(self) -> tuple[str, ...]:
        """The columns after that of the recording."""
        return tuple(self._title(column) for column in range(1, self.table.columnCount()))

    def _title(self, column: int) -> str:
        item = self.table.horizontalHeaderItem(column)
        return "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def _show(self) -> None:
        free = sorted({title for row in self.rows for title, _ in row.data.columns})
        self.table.clear()
        self.table.setColumnCount(1)
        self.table.setRowCount(len(self.rows))
        self.table.setHorizontalHeaderItem(0, QTableWidgetItem("Recording"))
        for number, row in enumerate(self.rows):
            name = QTableWidgetItem(plain(row.name, 120))
            name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self.table.setItem(number, 0, name)
        for title in (*FIXED, *free):
            self.add_column(title)
        for field in self._fills:
            field.setEnabled(bool(self.rows))
        self._share_width()

    def _share_width(self) -> None:
        """The names as wide as they are, the rest of the width shared by the other columns."""
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)

    def add_column(self, title: str) -> None:
        """A column, with what is known under its title."""
        if not title or title in self.titles:
            return
        column = self.table.columnCount()
        self.table.setColumnCount(column + 1)
        head = QTableWidgetItem(plain(title[:1].upper() + title[1:], 60))
        head.setData(Qt.ItemDataRole.UserRole, title)
        self.table.setHorizontalHeaderItem(column, head)
        for number, row in enumerate(self.rows):
            item = QTableWidgetItem(row.data.texts.get(title, ""))
            if row.sealed and title not in _BLIND:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setToolTip(_SEALED)
            self.table.setItem(number, column, item)

    def ask_column(self) -> None:
        title, given = QInputDialog.getText(self, "Add a column", "Title")
        if given:
            self.add_column(" ".join(title.split())[:60])

    def typed(self) -> tuple[TypedRow, ...]:
        """What the table says. Raises UserError for a word that is not a diagnosis, or too long a text."""
        return tuple(
            replace(row, data=self._data(number, plain(row.name, 60))) for number, row in enumerate(self.rows)
        )

    def _data(self, number: int, name: str) -> PatientData:
        said = {title: self._text(number, column) for column, title in enumerate(self.titles, 1)}
        patient, event, diagnosis, split = (said.pop(title) for title in FIXED)
        return PatientData(patient, event, diagnosis_of(diagnosis, f"“{name}”"), split, columns_of(said))

    def _text(self, number: int, column: int) -> str:
        item = self.table.item(number, column)
        return "" if item is None else item.text().strip()

    # filling in

    def fill_from_names(self) -> None:
        """Fill in what the names of the recordings say by the pattern."""
        from app.core.evaluation.patient_names import rows_of_names

        try:
            rows, others = rows_of_names([row.name for row in self.rows], self.pattern.text())
        except UserError as error:
            self.say(str(error))
            return
        self._fill_in(rows, f" Names that do not fit the pattern: {len(others)}." if others else "")

    def choose_table(self) -> None:
        beside = str(self.session.worklist.naming.places.beside)
        name, _ = QFileDialog.getOpenFileName(self, "Table of patients and events", beside, _TABLES)
        if name:
            self.fill_from_table(Path(name))

    def fill_from_table(self, path: Path) -> None:
        """Fill in what a table says."""
        self.start(lambda task: _read_table(path, task))

    def _fill_in(self, rows: tuple[PatientRow, ...], beside: str = "") -> None:
        from app.core.evaluation.patient_rows import key_of

        places: dict[str, list[int]] = {}
        for number, row in enumerate(self.rows):
            places.setdefault(key_of(row.name), []).append(number)
        filled = 0
        for said in rows:
            for number in places.get(said.key, ()):
                filled += 1
                for title, text in said.data.texts.items():
                    self._fill_cell(number, title, text)
        self.say(
            f"Filled in: {filled} of {plural(len(self.rows), 'recording')}; nothing is saved yet.{beside}"
        )

    def _fill_cell(self, number: int, title: str, text: str) -> None:
        self.add_column(title)
        item = self.table.item(number, 1 + self.titles.index(title))
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEditable or item.text() == text:
            return
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        item.setText(text[:_LONGEST])


def _read(access: StudyAccess, task: Task) -> tuple[str, ...]:
    from app.core.evaluation.describe_patients import rows_to_type

    with access.open() as study:
        task.post(rows_to_type(study, access.viewer))
    return ("",)


def _keep(access: StudyAccess, typed: tuple[TypedRow, ...], task: Task) -> tuple[str, ...]:
    from app.core.evaluation.describe_patients import keep_typed, rows_to_type

    with access.open() as study:
        changed = keep_typed(study, typed, access.viewer)
        task.post(rows_to_type(study, access.viewer))
    return (f"Saved: {plural(changed, 'recording')} changed." if changed else "Nothing was changed.",)


def _read_table(path: Path, task: Task) -> tuple[str, ...]:
    from app.core.evaluation.patient_rows import rows_of_table
    from app.core.exchange.codec import load

    rows = rows_of_table(load(path), {})
    task.post(rows)
    return (
        f"The table names {plural(len(rows), 'recording')}; what fits is filled in, nothing is saved yet.",
    )

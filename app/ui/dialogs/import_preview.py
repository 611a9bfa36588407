"""What an import would change, before it does: the changes, the file's contradictions, its unknown names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLabel,
    QTableView,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.exchange.import_changes import ImportChange
from app.core.exchange.joined_readings import Contradiction, ContradictionKey
from app.core.exchange.match_recordings import RecordingDoubt, describe_recording
from app.core.plain_text import plain
from app.core.semiology import FEATURES
from app.ui.dialogs.contradiction_table import (
    MOST_CHOICES,
    UNDECIDED,
    ContradictionTable,
    clear_rows,
    fit_rows,
    put_texts,
    table_of_choices,
)
from app.ui.theme import body_font
from app.ui.views.columns_model import ColumnsModel, Index
from app.ui.views.tool_tip import tool_tip

_LONGEST = 200
_LEAVE_OUT = "Leave it out"


class ChangesModel(ColumnsModel):
    """The changes of an import as rows; nothing can be typed into them."""

    titles = ("Recording", "Reader", "What", "In the study", "In the file")
    rows: tuple[ImportChange, ...] = ()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        one = self.rows[index.row()]
        text = (one.recording, one.reader, one.what, one.mine, one.theirs)[index.column()]
        text = " ".join(plain(text, _LONGEST).split())
        return tool_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text


class ImportPreviewPanel(QWidget):
    """The changes of an import, and the choices that have to be made first."""

    chosen = Signal()
    """A side of a contradiction was chosen."""
    meant = Signal()
    """A name of the file was given another meaning, or another recording, so that it has to be read again."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ChangesModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Changes of the import")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.setWordWrap(False)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setMinimumHeight(170)
        self.sides = ContradictionTable("Contradictions of the file")
        self.sides.chosen.connect(self.chosen)
        self.names = table_of_choices("Names of the file")
        self.recordings = table_of_choices("Names that fit several recordings")
        self.patient = QComboBox()
        self.patient.setAccessibleName("The patient among the subjects")
        self._meanings: dict[str, QComboBox] = {}
        self._recordings: dict[str, QComboBox] = {}
        parts = (self.recordings, self.sides, self.names, self.patient, self.table)
        self._titles = {one: QLabel() for one in parts}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part, title in self._titles.items():
            title.setFont(body_font())
            title.setWordWrap(True)
            column.addWidget(title)
            column.addWidget(part, 1 if part is self.table else 0)
        self.patient.activated.connect(lambda _number: self.meant.emit())

    def show_changes(self, changes: tuple[ImportChange, ...]) -> None:
        self.model.replace_rows(changes)
        self.table.resizeColumnsToContents()
        for column in range(self.model.columnCount()):
            self.table.setColumnWidth(column, min(self.table.columnWidth(column), 240))
        self._title(self.table, "What would change" if changes else "Nothing would change")

    def show_contradictions(self, contradictions: Sequence[Contradiction]) -> None:
        """One row for each, with a choice of its sides; what was chosen before stays."""
        self.sides.show_contradictions(contradictions)
        self._shape(
            self.sides,
            self.sides.rowCount(),
            "The file contradicts itself; nothing is imported until you choose.",
        )

    def show_names(self, names: Sequence[str], otherwise: str = _LEAVE_OUT) -> None:
        """One row for each name that is not a feature's, with the features that it can mean, and what becomes
        of it `otherwise`."""
        shown = [*dict.fromkeys((*self._meanings, *names))][:MOST_CHOICES]
        kept = {name: str(box.currentData()) for name, box in self._meanings.items()}
        self._meanings = {}
        clear_rows(self.names, ("Name in the file", "Means"), len(shown))
        for row, name in enumerate(shown):
            put_texts(self.names, row, (name,))
            box = _feature_box(name, kept.get(name, ""), otherwise)
            box.activated.connect(lambda _number: self.meant.emit())
            self.names.setCellWidget(row, 1, box)
            self._meanings[name] = box
        self._shape(
            self.names,
            len(shown),
            "Unknown names in the file. What you choose is kept for the next import.",
        )

    def show_recordings(self, doubts: Sequence[RecordingDoubt]) -> None:
        """One row for each name that fits several recordings; what was chosen before stays."""
        shown = doubts[:MOST_CHOICES]
        before = self.chosen_recordings
        self._recordings = {}
        clear_rows(self.recordings, ("Name in the file", "Recording of the study"), len(shown))
        for row, one in enumerate(shown):
            put_texts(self.recordings, row, (one.name,))
            box = _recording_box(one)
            box.setCurrentIndex(max(box.findData(before.get(one.name)), 0))
            box.activated.connect(lambda _number: self.meant.emit())
            self.recordings.setCellWidget(row, 1, box)
            self._recordings[one.name] = box
        self._shape(
            self.recordings,
            len(shown),
            "More than one recording has this name. Choose which the file means, for this import.",
        )

    def show_subjects(self, subjects: Sequence[str]) -> None:
        """The subjects among whom the patient is not known; () hides the choice, unless one was made."""
        if subjects:
            self.patient.clear()
            self.patient.addItem(UNDECIDED, None)
            for name in subjects:
                self.patient.addItem(" ".join(plain(name, _LONGEST).split()), name)
        self.patient.setVisible(self.patient.count() > 0)
        self._title(self.patient, "Which subject is the patient?" if self.patient.count() else "")

    def forget(self) -> None:
        """Show nothing of another file."""
        self._meanings = {}
        self.patient.clear()
        self.show_subjects(())
        self.show_names(())
        self.show_recordings(())
        self.show_contradictions(())
        self.show_changes(())

    @property
    def settled(self) -> dict[ContradictionKey, int | None]:
        """The chosen side of every contradiction for which one was chosen; None for neither."""
        return self.sides.settled

    @property
    def undecided(self) -> int:
        """How many contradictions wait for a choice."""
        return self.sides.undecided

    @property
    def meanings(self) -> Mapping[str, str]:
        """What was chosen for names of the file: a feature, or "" where it is left out."""
        return {name: str(box.currentData()) for name, box in self._meanings.items()}

    @property
    def chosen_recordings(self) -> dict[str, int]:
        """The number of the study's recording that was chosen for a name of the file."""
        chosen = {name: box.currentData() for name, box in self._recordings.items()}
        return {name: number for name, number in chosen.items() if number is not None}

    @property
    def subject(self) -> str | None:
        """The subject that is the patient, None while nobody has said."""
        name = self.patient.currentData()
        return None if name is None else str(name)

    def _shape(self, table: QTableWidget, rows: int, title: str) -> None:
        table.setVisible(rows > 0)
        self._title(table, title if rows else "")
        fit_rows(table)

    def _title(self, part: QWidget, text: str) -> None:
        self._titles[part].setText(text)  # type: ignore[index]
        self._titles[part].setVisible(bool(text))  # type: ignore[index]


def _recording_box(doubt: RecordingDoubt) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(plain(f"Which recording {doubt.name} is", _LONGEST))
    box.addItem(_LEAVE_OUT, None)
    for row in doubt.rows:
        box.addItem(" ".join(plain(describe_recording(row), _LONGEST).split()), row.id)
    return box


def _feature_box(name: str, feature: str, otherwise: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(plain(f"What {name} means", _LONGEST))
    box.addItem(otherwise, "")
    for one in FEATURES:
        box.addItem(one.name, one.id)
    box.setCurrentIndex(max(box.findData(feature), 0))
    return box

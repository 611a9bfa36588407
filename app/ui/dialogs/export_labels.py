"""The dialog that exports the study's answers to files of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.jobs import Task
from app.core.saving_places import SaveKind
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.exchange import ExchangeDialog
from app.ui.dialogs.form import sentence
from app.ui.session.session import Session
from app.ui.views.save_dialog import ask_folder, ask_where
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess

_NOTHING_OPEN = "Open a recording first; its study is what is exported."


class ExportDialog(ExchangeDialog):
    """A format, then a place. What is sealed from the person is left out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Export answers", "Export…", self.choose, parent)
        self.eeg = CheckBox(session, "With the &EEG: a whole BIDS dataset with anonymous copies")
        self.video = CheckBox(session, "With the &videos, which show people: a whole BIDS dataset")
        self.as_recorded = sentence(small=True)
        for part in (self.eeg, self.video, self.as_recorded):
            self.choices.addWidget(part)
        self.parts = QTableWidget()
        self.parts.setAccessibleName("What a file of this format keeps")
        self.parts.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.parts.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.parts.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.parts.verticalHeader().hide()
        self.choices.insertWidget(self.choices.indexOf(self.kept) + 1, self.parts)
        self.kept.hide()
        self.format.currentIndexChanged.connect(self._show_parts)
        self._show_parts()
        self.format.currentIndexChanged.connect(self._show_dataset)
        self.video.toggled.connect(self._show_dataset)
        self._show_dataset()

    def _show_parts(self) -> None:
        from app.core.exchange.formats import parts_kept

        rows = parts_kept(self.format_id)
        self.parts.setColumnCount(2)
        self.parts.setHorizontalHeaderLabels(["Part of the study", "In the file"])
        self.parts.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(tool_tip(text))
                self.parts.setItem(number, column, item)
        header = self.parts.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.parts.verticalHeader().setDefaultSectionSize(24)
        self.parts.setFixedHeight(header.sizeHint().height() + 24 * len(rows) + 4)

    def is_dataset(self) -> bool:
        """Whether a whole dataset is wanted."""
        return self.format_id == "bids" and (self.eeg.isChecked() or self.video.isChecked())

    def _show_dataset(self) -> None:
        from app.core.exchange.bids_video import AS_RECORDED

        is_bids = self.format_id == "bids"
        for box in (self.eeg, self.video):
            box.setVisible(is_bids)
        self.as_recorded.setText(AS_RECORDED)
        self.as_recorded.setVisible(is_bids and self.video.isChecked())
        if self.isVisible():
            self.fit()

    def choose(self) -> None:
        from app.core.exchange.formats import suffix_of

        if self._access(_NOTHING_OPEN) is None:
            return
        ending, places = suffix_of(self.format_id), self.session.worklist.naming.places
        path: Path | None
        if self.is_dataset():
            title = "New folder of the dataset"
            path, _ = ask_where(self, places, SaveKind.DATASET, title, "BIDS dataset")
        elif ending:
            words, kinds = f"answers{ending}", f"*{ending}"
            path, _ = ask_where(
                self, places, SaveKind.ANSWERS, "Export to", words, kinds=kinds, of_study=True
            )
        else:
            path = ask_folder(self, places, SaveKind.ANSWERS, "Export into the folder")
        if path is not None:
            self.export_to(path)

    def export_to(self, target: Path) -> None:
        """Begin to write there."""
        access = self._access(_NOTHING_OPEN)
        format_id = self.format_id
        if access is None:
            return
        if self.is_dataset():
            eeg, video = self.eeg.isChecked(), self.video.isChecked()
            self.start(lambda task: write_dataset(access, target, task, eeg=eeg, video=video), writes=target)
        else:
            self.start(lambda task: write_export(access, format_id, target, task), writes=target)


def write_export(access: StudyAccess, format_id: str, target: Path, task: Task) -> tuple[str, ...]:
    """Export what the person may see of the study; gives sentences on what was written."""
    from app.core.exchange.export_study import describe_export, export_study

    with access.open() as study:
        exported = export_study(
            study, access.viewer, format_id, target, report=task.report, cancel=task.cancel
        )
    return describe_export(exported)


def write_dataset(
    access: StudyAccess, target: Path, task: Task, *, video: bool, eeg: bool = True
) -> tuple[str, ...]:
    """Export what the person may see of the study as a BIDS dataset; gives sentences on what was written."""
    from app.core.exchange.bids_dataset import DatasetChoice, describe_dataset, export_bids_dataset

    with access.open() as study:
        written = export_bids_dataset(
            study,
            access.viewer,
            target,
            DatasetChoice(video, eeg=eeg),
            user=access.me.name,
            report=task.report,
            cancel=task.cancel,
        )
    return describe_dataset(written)

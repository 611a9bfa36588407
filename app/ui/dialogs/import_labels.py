"""The dialog that imports answers from files of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from app.core.jobs import Task
from app.ui.dialogs.exchange import ExchangeDialog
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess


class ImportDialog(ExchangeDialog):
    """A format, whose answers they are, then a file. What is not understood is reported and left out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Import answers", "Import…", parent)
        self.reader = QLineEdit()
        self.reader.setPlaceholderText("Whose answers, if the file does not say (else all that it names)")
        self.reader.setAccessibleName("Whose answers")
        self.reader.setMaxLength(60)
        self.choices.addWidget(self.reader)

    def choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Import from")
        if name:
            self.import_from(Path(name))

    def import_from(self, path: Path) -> None:
        """Begin to read it."""
        access, format_id = self.session.study.access(), self.format_id
        if access is None:
            self.say("Open a recording of the study first.")
            return
        reader = " ".join(self.reader.text().split())
        self.start(lambda task: take_labels(access, path, format_id, reader, task))

    def show_done(self, sentences: tuple[str, ...]) -> None:
        super().show_done(sentences)
        self.session.study.read_again()


def take_labels(access: StudyAccess, path: Path, format_id: str, reader: str, task: Task) -> tuple[str, ...]:
    """Import the file's answers in the person's name; gives sentences on what changed."""
    from app.core.exchange.import_labels import describe_import, import_labels

    with access.open() as study:
        imported = import_labels(
            study,
            access.viewer,
            path,
            format_id,
            reader=reader or None,
            report=task.report,
            cancel=task.cancel,
        )
    return describe_import(imported)

"""Take answers out of the files of other programs into the study."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from app.ui.dialogs.exchange import ExchangeDialog
from app.ui.session.exchange_work import Written, import_file
from app.ui.session.session import Session


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
        look, format_id = self.session.study.handle(), self.format_id
        if look is None:
            self.say("Open a recording of the study first.")
            return
        reader = " ".join(self.reader.text().split())
        self.start(lambda task: import_file(look, path, format_id, reader, task))

    def show_written(self, written: Written) -> None:
        super().show_written(written)
        self.session.study.read_again()

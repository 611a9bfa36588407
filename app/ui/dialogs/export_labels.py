"""Write the study's answers in the files of other programs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.ui.dialogs.exchange import ExchangeDialog
from app.ui.session.exchange_work import export_study, suffix
from app.ui.session.session import Session


class ExportDialog(ExchangeDialog):
    """A format, then a place. What is sealed from the person is left out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Export answers", "Export…", parent)

    def choose(self) -> None:
        ending = suffix(self.format_id)
        if ending:
            name, _ = QFileDialog.getSaveFileName(self, "Export to", f"semioscope{ending}", f"*{ending}")
            name = name if not name or name.lower().endswith(ending) else name + ending
        else:
            name = QFileDialog.getExistingDirectory(self, "Export into the folder")
        if name:
            self.export_to(Path(name))

    def export_to(self, target: Path) -> None:
        """Begin to write there."""
        look, format_id = self.session.study.handle(), self.format_id
        if look is None:
            self.say("Open a recording first; its study is what is exported.")
            return
        self.start(lambda task: export_study(look, target, format_id, task))

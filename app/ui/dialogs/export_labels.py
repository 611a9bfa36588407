"""The dialog that exports the study's answers to files of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.jobs import Task
from app.ui.dialogs.exchange import ExchangeDialog
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess


class ExportDialog(ExchangeDialog):
    """A format, then a place. What is sealed from the person is left out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Export answers", "Export…", parent)

    def choose(self) -> None:
        from app.core.exchange.formats import suffix_of

        ending = suffix_of(self.format_id)
        if ending:
            name, _ = QFileDialog.getSaveFileName(self, "Export to", f"semioscope{ending}", f"*{ending}")
            name = name if not name or name.lower().endswith(ending) else name + ending
        else:
            name = QFileDialog.getExistingDirectory(self, "Export into the folder")
        if name:
            self.export_to(Path(name))

    def export_to(self, target: Path) -> None:
        """Begin to write there."""
        access, format_id = self.session.study.access(), self.format_id
        if access is None:
            self.say("Open a recording first; its study is what is exported.")
            return
        self.start(lambda task: write_export(access, format_id, target, task))


def write_export(access: StudyAccess, format_id: str, target: Path, task: Task) -> tuple[str, ...]:
    """Export what the person may see of the study; gives sentences on what was written."""
    from app.core.exchange.export_study import describe_export, export_study

    with access.open() as study:
        exported = export_study(
            study, access.viewer, format_id, target, report=task.report, cancel=task.cancel
        )
    return describe_export(exported)

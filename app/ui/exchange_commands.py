"""Export, import and report as commands of the menu File."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.ui.background import Background
from app.ui.command import Command, Menu, rows_of
from app.ui.exchange_work import Page, Written, write_page
from app.ui.session import Session


class ExchangeDialogs(QObject):
    """Opens the dialogs over the window; a report is written beside it."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._writing = Background("report", self)
        self._writing.progressed.connect(lambda progress: session.tell(progress.what))
        self._writing.done.connect(self._written)
        self._writing.failed.connect(session.show_message)
        session.closing.connect(self._writing.close)

    def commands(self) -> tuple[Command, ...]:
        row = rows_of(Menu.FILE)
        return (
            row(
                "export",
                "Export answers…",
                ("Ctrl+Shift+E",),
                "For other programs.",
                self.export,
                parted=True,
            ),
            row("import", "Import answers…", (), "From files of other programs.", self.import_),
            row("report", "Report…", ("Ctrl+P",), "The answers as a page, HTML or PDF.", self.report),
        )

    def export(self) -> None:
        from app.ui.dialogs.export_labels import ExportDialog

        ExportDialog(self._session, self._window).open()

    def import_(self) -> None:
        from app.ui.dialogs.import_labels import ImportDialog

        ImportDialog(self._session, self._window).open()

    def report(self) -> None:
        """Ask for the place and whether the patient may be seen, then write."""
        recording = self._session.recording
        if recording is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Report", f"{Path(recording.name).stem}.pdf", "PDF (*.pdf);;HTML (*.html)"
        )
        if not name:
            return
        path = Path(name) if Path(name).suffix.lower() in (".pdf", ".html") else Path(f"{name}.pdf")
        asked = QMessageBox.question(
            self._window, "Report", "Put pictures of the patient into the report?",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No, QMessageBox.StandardButton.No,
        )  # fmt: skip
        self.write(path, with_pictures=asked is QMessageBox.StandardButton.Yes)

    def write(self, path: Path, *, with_pictures: bool) -> None:
        """Write the shown reading with the person's own beside it; sealed answers are not in it."""
        session = self._session
        if session.recording is None:
            return
        shown = session.shown
        page = Page(
            session.recording,
            session.mine if shown is None else shown,
            None if shown is None else session.mine,
            session.pose,
            with_pictures,
        )
        self._writing.start(lambda task: write_page(page, path, task))

    def _written(self, written: Written) -> None:
        self._session.tell(written.sentence)

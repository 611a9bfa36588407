"""Export, import, report and de-identified clips as commands of the menu File."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.ui.commands.command import Command, Menu, rows_of
from app.ui.memory import Memory
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.ui.dialogs.deidentify import DeidentifyDialog


class ExchangeDialogs(QObject):
    """Opens the dialogs of export, import, report and de-identified clips."""

    def __init__(self, window: QWidget, session: Session, memory: Memory) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._clips: DeidentifyDialog | None = None

    def commands(self) -> tuple[Command, ...]:
        row = rows_of(Menu.FILE)
        return (
            row(
                "export",
                "Export answers…",
                ("Ctrl+Shift+E",),
                "Write the answers to a file for another program.",
                self.export,
                parted=True,
            ),
            row(
                "deidentify",
                "De-identified clip…",
                (),
                "Write a clip in which heads, text and voices are hidden, after you have looked at it.",
                self.deidentify,
            ),
            row(
                "lines",
                "Lines for fine-tuning…",
                (),
                "Clips, questions and answers as JSON lines, to train a model elsewhere.",
                self.lines,
            ),
            row("import", "Import answers…", (), "Read answers from another program's file.", self.import_),
            row(
                "report",
                "Report…",
                ("Ctrl+P",),
                "The answers of all readers as an HTML or PDF page.",
                self.report,
            ),
        )

    def export(self) -> None:
        from app.ui.dialogs.export_labels import ExportDialog

        ExportDialog(self._session, self._window).open()

    def deidentify(self) -> None:
        from app.ui.dialogs.deidentify import DeidentifyDialog

        dialog = self._clips = DeidentifyDialog(self._session, self._memory, self._window)
        dialog.close_wanted.connect(self._window.close)
        dialog.finished.connect(self._forget_clips)
        dialog.open()

    def asks(self, then: Callable[[], object]) -> bool:
        """Ask about de-identified clips that are being made or were not looked at yet, if there are any, and
        call `then` when they may be lost; whether it was asked."""
        return self._clips is not None and self._clips.asks(then)

    def _forget_clips(self) -> None:
        self._clips = None

    def lines(self) -> None:
        from app.ui.dialogs.question_lines import QuestionLinesDialog

        QuestionLinesDialog(self._session, self._memory, self._window).open()

    def import_(self) -> None:
        from app.ui.dialogs.import_labels import ImportDialog

        ImportDialog(self._session, self._window).open()

    def report(self) -> None:
        from app.ui.dialogs.report import ReportDialog

        ReportDialog(self._session, self._window).open()

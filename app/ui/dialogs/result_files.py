"""Results written to files: the charts into a folder, everything as a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.jobs import Task
from app.ui.session.background import Background

if TYPE_CHECKING:
    from app.core.evaluation.evaluate_readings import Evaluation

_PICTURES = {"PNG (*.png)": "png", "SVG (*.svg)": "svg", "PDF (*.pdf)": "pdf"}


class ResultFiles(QObject):
    """Asks where to, and writes in the background."""

    told = Signal(str)
    """What is being done, or became of it."""

    def __init__(self, window: QWidget, shown: Callable[[], tuple[Evaluation, str | None] | None]) -> None:
        """`shown` gives the evaluation that is shown and the column of its prevalence."""
        super().__init__(window)
        self._window = window
        self._shown = shown
        self.work = Background("saving of results", self)
        self.work.progressed.connect(lambda progress: self.told.emit(progress.what))
        self.work.done.connect(lambda text: self.told.emit(str(text)))
        self.work.failed.connect(self.told.emit)

    def close(self) -> None:
        """Stop writing."""
        self.work.close()

    def ask_for_charts(self) -> None:
        """Ask for the name of a folder and the kind of pictures, and write all charts there."""
        title = "A new folder for the charts"
        name, kind = QFileDialog.getSaveFileName(self._window, title, "charts", ";;".join(_PICTURES))
        if name:
            self.write_charts(Path(name).with_suffix(""), _PICTURES.get(kind, "png"))

    def write_charts(self, folder: Path, kind: str) -> None:
        """Write all charts that are shown into a folder."""
        shown = self._shown()
        if shown is None:
            return
        evaluation, group = shown

        def write(task: Task) -> str:
            from app.core.evaluation.chart_files import write_charts

            written = write_charts(
                evaluation, folder, (kind,), group=group, report=task.report, cancel=task.cancel
            )
            return f"{len(written)} files were written to “{folder.name}”."

        self.work.start(write)

    def ask_for_page(self) -> None:
        """Ask for a file and write all tables and charts as HTML."""
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save the results", "results.html", "HTML (*.html)"
        )
        if name:
            self.write_page(Path(name))

    def write_page(self, path: Path) -> None:
        """Write what is shown as a page."""
        shown = self._shown()
        if shown is None:
            return
        evaluation, group = shown

        def write(_task: Task) -> str:
            from app.core.evaluation.evaluation_page import write_page

            write_page(evaluation, path, group=group)
            return f"“{path.name}” was written."

        self.work.start(write)

"""Results written to files: the charts into a folder, everything as a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.jobs import Task
from app.core.plural import plural
from app.core.saving_places import SaveKind
from app.ui.session.background import Background
from app.ui.session.saving_places import SavingPlaces
from app.ui.views.save_dialog import ask_where, may_replace

if TYPE_CHECKING:
    from app.core.evaluation.evaluate_readings import Evaluation

_PICTURES = {"PNG (*.png)": "png", "SVG (*.svg)": "svg", "PDF (*.pdf)": "pdf"}


class ResultFiles(QObject):
    """Asks where to, and writes in the background."""

    told = Signal(str)
    """What is being done, or became of it."""

    def __init__(
        self,
        window: QWidget,
        places: SavingPlaces,
        shown: Callable[[], tuple[Evaluation, str | None] | None],
    ) -> None:
        """`shown` gives the evaluation that is shown and the column of its prevalence."""
        super().__init__(window)
        self._window, self._places = window, places
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
        folder, kind = self._ask(title, "charts", ";;".join(_PICTURES), folder=True)
        if folder is not None:
            # A name may hold a dot; only the ending of a picture does not belong to a folder.
            named_as_picture = folder.suffix.lower().removeprefix(".") in _PICTURES.values()
            folder = folder.with_suffix("") if named_as_picture else folder
            if not folder.exists() or may_replace(self._window, folder):
                self.write_charts(folder, _PICTURES.get(kind, "png"))

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
            return f"{plural(len(written), 'file')} written to “{folder.name}”."

        self.work.start(write)

    def ask_for_page(self) -> None:
        """Ask for a file and write all tables and charts as HTML."""
        path, _ = self._ask("Save the results", "results.html", "HTML (*.html)")
        if path is not None:
            self.write_page(path)

    def _ask(self, title: str, words: str, kinds: str, *, folder: bool = False) -> tuple[Path | None, str]:
        return ask_where(
            self._window,
            self._places,
            SaveKind.RESULTS,
            title,
            words,
            kinds=kinds,
            folder=folder,
        )

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

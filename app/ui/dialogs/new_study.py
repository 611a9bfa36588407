"""A new study: its name and place, its recordings by file, folder or list, and what their names say."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.core.exchange.table_files import table_patterns
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.plural import plural
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, form, sentence, side_by_side
from app.ui.session.background import Background
from app.ui.session.session import Session

_ABOUT = (
    "A study keeps all readings of its recordings in one folder. Recordings stay where they are; more can be "
    "added at any time."
)
_CALM = 400
_PATH = Qt.ItemDataRole.UserRole


class NewStudyDialog(WorkDialog):
    """Everything is chosen first; *Create* makes the study, which is opened then."""

    created = Signal(object, str)
    """The folder of the new study, and what could not be done, "" when all was."""
    cancelled = "Stopped; the study holds what had been added. Open it, or choose another name."

    def __init__(
        self,
        session: Session,
        where: Path,
        sources: tuple[Path, ...] = (),
        *,
        patterns: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, "New study", "Create", self.choose, parent)
        self._patterns = patterns
        self._where, self._place_chosen = where, False
        self._beside: Path | None = None
        """What the study is made beside, or in, until it is known which of them, or a folder was chosen."""
        self.setAcceptDrops(True)
        self.name = QLineEdit()
        self.name.setPlaceholderText("For example: Conference of 4 December")
        self.place = QLineEdit(str(where))
        self.place.setReadOnly(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Recordings, folders and lists")
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.setMinimumHeight(150)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.pattern = QLineEdit()
        self.pattern.setPlaceholderText("For example: {patient}_{event}_*")
        self.pattern.setToolTip("{patient}, {event}, {diagnosis}, {split}, {any title}; * for anything else")
        self.found = sentence(small=True)
        self.choices.addWidget(sentence(_ABOUT))
        change = button("C&hange…", self._choose_place)
        self.choices.addLayout(form((("&Name", self.name), ("In folder", _row(self.place, change)))))
        self.choices.addWidget(sentence("Recordings — drop files or folders here", small=True))
        self.choices.addWidget(self.list)
        self.choices.addWidget(
            side_by_side(
                button("Add &recordings…", self._choose_files),
                button("Add a &folder…", self._choose_folder, tip="With all folders in it"),
                button("Add a &list…", self._choose_list, tip="CSV, TSV or XLSX with a column “recording”"),
                button("Re&move", self._remove),
            )
        )
        self.choices.addLayout(form((("&Pattern of the names", self.pattern),)))
        self.choices.addWidget(self.found)
        self.setMinimumWidth(600)
        self._looking = Background("look at recordings", self, one_at_a_time=True)
        self._looking.done.connect(self.found.setText)
        self._looking.failed.connect(self.found.setText)
        self._looking.posted.connect(self._on_place)
        session.closing.connect(self._looking.close)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self._look)
        self.pattern.textChanged.connect(lambda _text: self._later.start())
        self.name.textChanged.connect(lambda _text: self._show_ready())
        self.work.done.connect(self._on_made)
        self.add(sources)
        self._show_ready()
        self.name.setFocus()

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files, folders and lists that were chosen."""
        rows = (self.list.item(row) for row in range(self.list.count()))
        return tuple(Path(str(row.data(_PATH))) for row in rows)

    def add(self, paths: tuple[Path, ...]) -> None:
        """Choose further files, folders or lists."""
        known = {*self.sources}
        if paths and not known and not self._place_chosen:
            # A study beside its recordings may open them by itself, also on another computer. Whether that
            # is a folder says only the disk, which is not waited for here.
            self._beside = paths[0]
        for path in dict.fromkeys(paths):
            if path not in known:
                item = QListWidgetItem(plain(str(path), 300))
                item.setData(_PATH, str(path))
                self.list.addItem(item)
        self._show_ready()
        self._later.start()

    def choose(self) -> None:
        """Make the study; the button Create."""
        name, where, beside, sources = self.name.text(), self._where, self._beside, self.sources
        pattern, author = self.pattern.text(), self.session.study.me.name

        def work(task: Task) -> tuple[str, ...]:
            place = where if beside is None else folder_at(beside)
            return _begin((name, place), sources, pattern, author, task)

        self.start(work)

    def _on_made(self, _sentences: tuple[str, ...]) -> None:
        folder, remarks = self._made
        self.close()
        self.created.emit(folder, remarks)

    _made: tuple[Path, str] = Path(), ""

    def show_done(self, sentences: tuple[str, ...]) -> None:
        folder, *remarks = sentences
        self._made = Path(folder), " ".join(remarks)

    def _running(self, on: bool) -> None:
        super()._running(on)
        self._show_ready()

    def _show_ready(self) -> None:
        ready = bool(self.name.text().strip()) and self.list.count() > 0
        self.begin.setEnabled(ready and not self.work.running)

    def _remove(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self._show_ready()
        self._later.start()

    # choosing

    def _choose_place(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of the study", str(self._where))
        if name:
            self._place_chosen = True
            self._show_place(Path(name))

    def _show_place(self, folder: Path) -> None:
        self._where, self._beside = folder, None
        self.place.setText(str(folder))

    def _on_place(self, folder: Path) -> None:
        if self._beside is not None:  # else a folder was chosen meanwhile
            self._show_place(folder)

    def _choose_files(self) -> None:
        kinds = f"Recordings ({self._patterns} {self._patterns.upper()});;All files (*)"
        names, _ = QFileDialog.getOpenFileNames(self, "Recordings of the study", str(self._where), kinds)
        self.add(tuple(Path(name) for name in names))

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of recordings", str(self._where))
        if name:
            self.add((Path(name),))

    def _choose_list(self) -> None:
        kinds = f"Tables ({table_patterns()})"
        name, _ = QFileDialog.getOpenFileName(self, "List of recordings", str(self._where), kinds)
        if name:
            self.add((Path(name),))

    def _look(self) -> None:
        """Say how many recordings and patients were chosen."""
        sources, pattern, beside = self.sources, self.pattern.text(), self._beside
        if sources:
            self._looking.start(lambda task: _found(sources, pattern, beside, task))
        else:
            self.found.setText("")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        self.add(tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile()))
        event.acceptProposedAction()

    def done(self, result: int) -> None:
        self._later.stop()
        self._looking.drop()  # a share may hang; closing the session waits for it
        super().done(result)


def folder_at(path: Path) -> Path:
    """The path if it is a folder, else the folder it is in; waits for its disk."""
    return path if path.is_dir() else path.parent


def _row(field: QWidget, beside: QWidget) -> QWidget:
    return side_by_side(field, beside, growing=field)


def _found(sources: tuple[Path, ...], pattern: str, beside: Path | None, task: Task) -> str:
    """What was chosen, in words; posts the folder that `beside` is or lies in."""
    from app.core.batch.begin_study import chosen_recordings, patients_in

    if beside is not None:
        task.post(folder_at(beside))
    paths = chosen_recordings(sources, cancel=task.cancel)
    words = plural(len(paths), "recording")
    if not pattern.strip():
        return words
    patients, unfit = patients_in([path.name for path in paths], pattern)
    whose = plural(patients, "patient")
    do_not = "1 name does not fit" if unfit == 1 else f"{unfit} names do not fit"
    return f"{words} of {whose}" + (f" · {do_not} the pattern" if unfit else "")


def _begin(
    place: tuple[str, Path], sources: tuple[Path, ...], pattern: str, author: str, task: Task
) -> tuple[str, ...]:
    from app.core.batch.begin_study import begin_study, chosen_recordings, folder_of_name

    folder = folder_of_name(*place)
    paths = chosen_recordings(sources, cancel=task.cancel)
    begun = begin_study(folder, paths, pattern, author, report=task.report, cancel=task.cancel)
    return (str(begun.folder), *begun.remarks)

"""The dialog that imports answers from files of other programs: what would change is shown first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from app.core.exchange.joined_readings import Settlement
from app.core.exchange.kept_meanings import keep_features, kept_meaning
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.reading import LONGEST_NAME, ReaderKind
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.exchange import ExchangeDialog
from app.ui.dialogs.form import button, side_by_side
from app.ui.dialogs.import_preview import ImportPreviewPanel
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.evaluation.import_table import TableChoice
    from app.core.exchange.import_changes import ImportChange
    from app.core.exchange.import_labels import ImportChoice, ImportPreview
    from app.core.study.access import StudyAccess


TABLE = "table"
"""The id of research groups' tables among the formats."""

_CHOOSE = "Choose a file…"
_PATIENT_DATA = "Keep it as patient data"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an import of a file would change, listed."""

    preview: ImportPreview
    changes: tuple[ImportChange, ...]


class ImportDialog(ExchangeDialog):
    """A format, whose answers they are, then a file. What the file would change is shown, with what it
    contradicts itself in, and its unknown names; only *Import* changes the study, and one undo takes
    all of it back."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Import answers", _CHOOSE, self.choose, parent)
        self.path: Path | None = None
        self._taking = False
        self._add_choices()
        self._add_preview()
        self.format.currentIndexChanged.connect(self._show_table_choices)
        self.work.posted.connect(self._show_seen)
        self.panel.chosen.connect(self._show_button)
        self.panel.meant.connect(self._read_again)
        self.format.currentIndexChanged.connect(self.forget)
        for changed in (self.models.toggled, self.missing.toggled, self.reader.textEdited):
            changed.connect(self.forget)
        self._show_table_choices()

    def _add_choices(self) -> None:
        """What is said of a file before it is read."""
        self.format.addItem("a research group's table, a column per feature", TABLE)
        self.models = CheckBox(self.session, "Its readers are models, which can fail")
        self.missing = CheckBox(
            self.session, "Add recordings that the study does not have, by their labels alone"
        )
        self.reader = QLineEdit()
        self.reader.setPlaceholderText("Whose answers, if the file does not say (else all that it names)")
        self.reader.setAccessibleName("Whose answers")
        self.reader.setMaxLength(LONGEST_NAME)
        for field in (self.models, self.missing, self.reader):
            self.choices.addWidget(field)

    def _add_preview(self) -> None:
        """What a file would change, and below the outcome what was left out of it."""
        self.panel = ImportPreviewPanel()
        self.area = QScrollArea()
        self.area.setWidget(self.panel)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setMinimumHeight(200)
        self.area.hide()
        self.folder = button("Choose a folder…", self.choose_folder)
        self.other = button("Another file…", self.choose_another)
        self.other.hide()
        self.choices.addWidget(self.area, 1)
        self.choices.addWidget(side_by_side(self.folder, self.other))
        self.left_out = QPlainTextEdit()
        self.left_out.setReadOnly(True)
        self.left_out.setAccessibleName("What was left out, and warnings")
        self.left_out.setFixedHeight(96)
        self.left_out.hide()
        self.page.insertWidget(self.page.indexOf(self.outcome) + 1, self.left_out)

    def _show_table_choices(self) -> None:
        for box in (self.models, self.missing):
            box.setVisible(self.format_id == TABLE)

    def describe_kept(self) -> str:
        if self.format_id != TABLE:
            return super().describe_kept()
        return (
            "A row for each recording or segment, a column for each feature (yes, no, na, fail, blank); "
            "other columns are kept as patient data."
        )

    # a file is read, and nothing changed

    def choose(self) -> None:
        """Ask for a file, or import the file that is shown."""
        if self.path is not None:
            self.take()
            return
        self.choose_another()

    def choose_another(self) -> None:
        beside = str(self.session.worklist.naming.places.beside)
        name, _ = QFileDialog.getOpenFileName(self, "Import from", beside)
        if name:
            self.preview_from(Path(name))

    def choose_folder(self) -> None:
        title, beside = (
            "Import from all files of this kind in a folder",
            self.session.worklist.naming.places.beside,
        )
        name = QFileDialog.getExistingDirectory(self, title, str(beside))
        if name:
            self.preview_from(Path(name))

    def forget(self) -> None:
        """Show nothing of a file that was read with other choices."""
        self.path = None
        self.area.hide()
        self.panel.forget()
        self.say("")
        self._show_button()

    def preview_from(self, path: Path) -> None:
        """Begin to read it, and show what it would change."""
        self.forget()
        self._preview(path)

    def _preview(self, path: Path) -> None:
        access = self._access()
        if access is None:
            return
        self.path = path
        # Every contradiction is shown, also one for which a side was chosen.
        settlement = Settlement(recordings=self.panel.chosen_recordings)
        if self.format_id == TABLE:
            table = replace(self._table_choice(), settlement=settlement)
            self.start(lambda task: see_table(access, path, table, task))
            return
        format_id, choice = self.format_id, replace(self._choice(), settlement=settlement)
        self.start(lambda task: see_labels(access, path, format_id, choice, task))

    def _read_again(self) -> None:
        if self.path is not None:
            self._preview(self.path)

    def _show_seen(self, seen: _Seen) -> None:
        self.panel.show_subjects(seen.preview.subjects)
        otherwise = {"otherwise": _PATIENT_DATA} if self.format_id == TABLE else {}
        self.panel.show_names(seen.preview.unknown, **otherwise)
        self.panel.show_recordings(seen.preview.plan.doubts)
        self.panel.show_contradictions(seen.preview.plan.unsettled)
        self.panel.show_changes(seen.changes)
        self.area.show()
        room = self.screen().availableGeometry()
        self.resize(
            max(self.width(), min(800, room.width() - 40)), max(self.height(), min(660, room.height() - 60))
        )

    # the file is imported

    def take(self) -> None:
        """Begin to import the file that is shown."""
        access, path = self.session.study.access(), self.path
        if access is None or path is None:
            return
        self._taking = True
        names = dict(self.panel.meanings)
        if self.format_id == TABLE:
            table = self._table_choice()
            self.start(lambda task: take_table(access, path, table, task, names=names))
            return
        format_id, choice = self.format_id, self._choice()
        self.start(lambda task: take_labels(access, path, format_id, choice, task, names=names))

    def _choice(self) -> ImportChoice:
        from app.core.exchange.import_labels import ImportChoice

        meaning = kept_meaning(self.panel.meanings, self.panel.subject)
        settlement = Settlement(self.panel.settled, recordings=self.panel.chosen_recordings)
        return ImportChoice(self._whose(), meaning, settlement)

    def _table_choice(self) -> TableChoice:
        from app.core.evaluation.import_table import TableChoice

        kind = ReaderKind.MODEL if self.models.isChecked() else ReaderKind.PERSON
        choice = self._choice()
        meaning, settlement = choice.meaning, choice.settlement
        return TableChoice(choice.reader, kind, None, self.missing.isChecked(), meaning, settlement)

    def _whose(self) -> str | None:
        return " ".join(self.reader.text().split()) or None

    def show_done(self, sentences: tuple[str, ...]) -> None:
        self.say(sentences[0])
        self._show_left_out(sentences[1:])
        if self._taking:
            self.path = None
            self.area.hide()
            self.panel.forget()
            self.session.study.read_again()

    def say(self, sentence: str) -> None:
        super().say(sentence)
        self._show_left_out(())

    def _show_left_out(self, sentences: Sequence[str]) -> None:
        """Every remark on the file, a line each."""
        self.left_out.setPlainText("\n".join(" ".join(plain(one).split()) for one in sentences))
        self.left_out.setVisible(bool(sentences))

    def _show_button(self) -> None:
        """Name the button by what it does, and let a file be imported once everything is decided."""
        shown = self.path is not None and not self.area.isHidden()
        count = self.panel.model.rowCount()
        undone = "" if self.panel.undecided or self.panel.settled else f" {count:,}"
        self.begin.setText(f"Import{undone}" if shown else _CHOOSE)
        self.other.setVisible(shown)
        self.folder.setVisible(not shown)
        self.kept.setVisible(not shown)
        waits = shown and (self.panel.undecided > 0 or not (count or self.panel.settled))
        self.begin.setEnabled(not self.work.running and not waits)

    def _running(self, on: bool) -> None:
        super()._running(on)
        self.panel.setEnabled(not on)
        if not on:
            self._taking = False
            if self.area.isHidden():
                self.path = None  # it was imported, or could not be read
            self._show_button()


def see_labels(
    access: StudyAccess, path: Path, format_id: str, choice: ImportChoice, task: Task
) -> tuple[str, ...]:
    """Post what an import of the file would change; gives sentences on it."""
    from app.core.exchange.import_labels import preview_labels

    with access.open() as study:
        preview = preview_labels(
            study, access.viewer, path, format_id, choice, report=task.report, cancel=task.cancel
        )
    return _seen(preview, task)


def see_table(access: StudyAccess, path: Path, choice: TableChoice, task: Task) -> tuple[str, ...]:
    """Post what an import of a research group's table would change; gives sentences on it."""
    from app.core.evaluation.import_table import preview_table

    with access.open() as study:
        preview = preview_table(study, access.viewer, path, choice, report=task.report, cancel=task.cancel)
    return _seen(preview, task)


def _seen(preview: ImportPreview, task: Task) -> tuple[str, ...]:
    from app.core.exchange.import_changes import list_changes
    from app.core.exchange.import_labels import describe_preview

    task.post(_Seen(preview, list_changes(preview.plan)))
    return describe_preview(preview)


def take_labels(
    access: StudyAccess,
    path: Path,
    format_id: str,
    choice: ImportChoice,
    task: Task,
    *,
    names: dict[str, str] | None = None,
) -> tuple[str, ...]:
    """Import the file's answers in the person's name, and keep what its names mean; gives sentences on what
    changed."""
    from app.core.exchange.import_labels import describe_import, import_labels

    with access.open() as study:
        imported = import_labels(
            study, access.viewer, path, format_id, choice, report=task.report, cancel=task.cancel
        )
    _keep(names)
    return describe_import(imported)


def _keep(names: Mapping[str, str] | None) -> None:
    """Keep which features names of the file mean."""
    keep_features({name: feature for name, feature in (names or {}).items() if feature})


def take_table(
    access: StudyAccess,
    path: Path,
    choice: TableChoice,
    task: Task,
    *,
    names: dict[str, str] | None = None,
) -> tuple[str, ...]:
    """Import a research group's table in the person's name, and keep what its columns mean; gives sentences
    on what changed."""
    from app.core.evaluation.import_table import import_table
    from app.core.exchange.import_labels import describe_import

    with access.open() as study:
        imported = import_table(study, access.viewer, path, choice, report=task.report, cancel=task.cancel)
    _keep(names)
    return describe_import(imported)

"""The dialog that writes clips, questions and answers as JSON lines, for fine-tuning a model elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.privacy.destination import TERMS, ServiceKind
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.prompt_set_words import prompt_set_words
from app.core.readers.models.segments import SAMPLING_RATE
from app.core.saving_places import SaveKind
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, form, sentence
from app.ui.dialogs.gate import attestation_row
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.combo_box import ComboBox
from app.ui.views.save_dialog import ask_where

if TYPE_CHECKING:
    from app.core.batch.export_question_lines import LinesChoice
    from app.core.study.access import StudyAccess

_ABOUT = (
    "A new folder with clips and a file of JSON lines: what a clip shows, what is asked, what the reader has "
    "answered. Names are replaced; nothing that is sealed from anybody is in it."
)
_COVERED = (
    ("Everybody's heads, the patient's as far as features of the face allow", "both"),
    ("The heads of bystanders alone", "bystanders"),
    ("Nobody's head", "none"),
)
NAME = "semioscope lines"
_SLOWEST, _FASTEST = 0.2, 30.0
"""Frames a second, as on the command line."""


class QuestionLinesDialog(WorkDialog):
    """Whose answers, what is shown and asked, the terms; *Write* is possible once a person has attested."""

    cancelled = "Cancelled; the file of lines was not written. Clips that are there can be removed."

    def __init__(self, session: Session, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(session, "Lines for fine-tuning", "Write…", self.choose, parent)
        self._memory = memory
        last = memory.settings.question_lines
        self.reader, self.prompts, self.covered = ComboBox(), ComboBox(), ComboBox()
        self.fps = QDoubleSpinBox()
        self.fps.setRange(_SLOWEST, _FASTEST)
        self.fps.setDecimals(1)
        self.fps.setSuffix(" a second")
        for text, value in _COVERED:
            self.covered.addItem(text, value)
        for name in prompt_sets():
            self.prompts.addItem(prompt_set_words(name), name)
        self.explanations = CheckBox(session, "With e&xplanations, which may name people")
        self.cover_text = CheckBox(session, "Cover &text in the picture, such as names and dates")
        self.attested = CheckBox(session)
        self.choices.addWidget(sentence(_ABOUT))
        rows = (
            ("&Answers of", self.reader),
            ("&Questions", self.prompts),
            ("&Pictures", self.fps),
            ("&Covered", self.covered),
        )
        self.choices.addLayout(form(rows))
        self.choices.addWidget(self.cover_text)
        self.choices.addWidget(self.explanations)
        self.choices.addWidget(sentence(TERMS[ServiceKind.FOLDER].text))
        self.choices.addLayout(attestation_row(self.attested))
        self.preview = button("P&review…", self.show_preview, tip="Look at the lines before they are written")
        self.buttons.insertWidget(0, self.preview)
        self.attested.toggled.connect(self._show_button)
        self.reader.currentIndexChanged.connect(self._show_button)
        self.work.posted.connect(self._on_posted)
        session.answers.seal_changed.connect(self._read_readers)
        self._choose_as(last)
        self._read_readers()
        self._show_button()

    def choose(self) -> None:
        """Ask for the folder and begin."""
        places, title = self.session.worklist.naming.places, "New folder of the lines"
        folder, _ = ask_where(self, places, SaveKind.LINES, title, NAME)
        if folder is not None:
            self.write_to(folder)

    def write_to(self, folder: Path) -> None:
        """Begin to write into this new or empty folder."""
        access = self._access()
        if access is None or not self.attested.isChecked() or self.reader.currentData() is None:
            return
        choice = self._choice()
        self._remember()
        self.start(lambda task: _write(access, choice, folder, task), writes=folder)

    def show_preview(self) -> None:
        """Make the lines of the open recording and show them; nothing leaves the study."""
        access = self._access()
        if access is not None and self.reader.currentData() is not None and not self.work.running:
            choice = self._choice()
            self.start(lambda task: _preview(access, choice, task))

    def _on_posted(self, what: object) -> None:
        from app.core.batch.preview_question_lines import LinesPreview
        from app.ui.dialogs.lines_preview import LinesPreviewDialog

        folder = self.session.study.folder
        if not isinstance(what, LinesPreview):
            self._show_readers(what)  # type: ignore[arg-type]  # the only other thing that is posted
        elif folder is not None:
            LinesPreviewDialog(self.session, folder, what, self).open()

    def _choice(self) -> LinesChoice:
        from app.core.batch.export_question_lines import LinesChoice

        covered = str(self.covered.currentData())
        choice = LinesChoice(str(self.reader.currentData()), explanations=self.explanations.isChecked())
        options = replace(
            choice.options,
            cover_bystanders=covered != "none",
            cover_patient=covered == "both",
            cover_text=self.cover_text.isChecked(),
        )
        sets = prompt_sets()
        prompts = sets.get(str(self.prompts.currentData()), choice.prompts)
        return replace(choice, options=options, prompts=prompts, fps=self.fps.value())

    def _choose_as(self, last: object) -> None:
        """Choose as last time, or as the command does."""
        known = last if isinstance(last, dict) else {}
        for box, name, usual in ((self.prompts, "prompts", "expert"), (self.covered, "covered", "both")):
            place = box.findData(known.get(name, usual))
            box.setCurrentIndex(place if place >= 0 else box.findData(usual))
        fps = known.get("fps")
        self.fps.setValue(fps if isinstance(fps, int | float) else SAMPLING_RATE)
        self.explanations.setChecked(known.get("explanations") is True)
        self.cover_text.setChecked(known.get("cover_text") is not False)

    def _remember(self) -> None:
        self._memory.change(
            question_lines={
                "prompts": self.prompts.currentData(),
                "covered": self.covered.currentData(),
                "fps": self.fps.value(),
                "explanations": self.explanations.isChecked(),
                "cover_text": self.cover_text.isChecked(),
            }
        )

    def _read_readers(self) -> None:
        """List anew whose answers can be written."""
        self.reader.clear()
        access = self._access()
        if access is not None and not self.work.running:
            self.start(lambda task: _list(access, task))

    def _show_readers(self, names: tuple[str, ...]) -> None:
        for name in names:
            self.reader.addItem(plain(name, 60), name)

    def _running(self, on: bool) -> None:
        super()._running(on)
        self._show_button()

    def _show_button(self) -> None:
        ready = self.attested.isChecked() and self.reader.count() > 0 and not self.session.study.read_only
        self.begin.setEnabled(ready and not self.work.running)
        self.preview.setEnabled(self.reader.currentData() is not None and not self.work.running)


def _preview(access: StudyAccess, choice: LinesChoice, task: Task) -> tuple[str, ...]:
    from app.core.batch.export_question_lines import everybody_and
    from app.core.batch.preview_question_lines import preview_question_lines

    with access.open() as study:
        sealed = replace(choice, viewer=everybody_and(study, access.viewer))
        preview = preview_question_lines(study, sealed, access.number, report=task.report, cancel=task.cancel)
    task.post(preview)
    return ("Nothing has been written yet.",)


def _list(access: StudyAccess, task: Task) -> tuple[str, ...]:
    from app.core.batch.export_question_lines import everybody_and, possible_readers

    with access.open() as study:
        names = possible_readers(study, everybody_and(study, access.viewer))
    task.post(names)
    return ("" if names else "There are no answers that are not sealed from somebody.",)


def _write(access: StudyAccess, choice: LinesChoice, folder: Path, task: Task) -> tuple[str, ...]:
    """Write the lines with the person's permission; gives sentences on them. Raises UserError, Cancelled."""
    from app.core.batch.export_question_lines import (
        describe_lines,
        everybody_and,
        export_question_lines,
    )
    from app.core.privacy.gate import allow

    user = access.me.name
    with access.open() as study:
        written = export_question_lines(
            study,
            replace(choice, viewer=everybody_and(study, access.viewer)),
            folder,
            lambda destination: allow(study.folder, destination, user),
            user,
            report=task.report,
            cancel=task.cancel,
        )
    return describe_lines(written)

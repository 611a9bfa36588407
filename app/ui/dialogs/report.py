"""Write a report: of what, as which page, and whether people can be recognised in its pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QFileDialog, QRadioButton, QWidget

from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import sentence
from app.ui.session.exchange_work import Opened, Wish, write_report_of
from app.ui.session.session import Session

_HIDDEN = (
    "Only the patient's trunk and limbs are shown in detail; the face, everybody else and the room are made "
    "coarse, so that the report can be handed on. What shows in the face alone then has no picture."
)
_SHOWN = "The pictures show the patient's face. Anyone who receives this report can recognise the patient."
_NONE = "The report has no pictures; names of recordings are written as they are."


class ReportDialog(WorkDialog):
    """Of this recording or the whole study, HTML or PDF. What is sealed from the person is left out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Report", "Write…", parent)
        self.here, self.study = QRadioButton("This &recording"), QRadioButton("The whole &study")
        self.here.setChecked(True)
        group = QButtonGroup(self)
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of page")
        for name, ending in (("PDF, to print or hand on", ".pdf"), ("HTML, one page for a browser", ".html")):
            self.kind.addItem(name, ending)
        self.pictures = QCheckBox("&Pictures at the evidence")
        self.hide_faces = QCheckBox("&Blur faces: nobody can be recognised")
        self.told = sentence()
        for button in (self.here, self.study):
            group.addButton(button)
            self.choices.addWidget(button)
        for box in (self.kind, self.pictures, self.hide_faces, self.told):
            self.choices.addWidget(box)
        for switch in (self.pictures, self.hide_faces):
            switch.setChecked(True)
            switch.toggled.connect(self._tell)
        self._tell()

    @property
    def wish(self) -> Wish:
        return Wish(self.study.isChecked(), self.pictures.isChecked(), self.hide_faces.isChecked())

    def choose(self) -> None:
        recording = self.session.opened.recording
        if recording is None:
            self.say("Open a recording first; the report is of it or of its study.")
            return
        ending = str(self.kind.currentData())
        folder = self.session.study.folder
        of_study = self.wish.whole_study and folder is not None
        stem = folder.stem if of_study and folder is not None else Path(recording.name).stem
        name, _ = QFileDialog.getSaveFileName(self, "Report", f"{stem} report{ending}", f"*{ending}")
        if name:
            self.write_to(Path(name if name.lower().endswith(ending) else name + ending))

    def write_to(self, path: Path) -> None:
        """Begin to write there."""
        look, recording = self.session.study.handle(), self.session.opened.recording
        if look is None or recording is None:
            self.say("Open a recording first; the report is of it or of its study.")
            return
        opened, wish = Opened(recording, self.session.analysis.pose, self.session.picture.mirrored), self.wish
        self.start(lambda task: write_report_of(look, opened, wish, path, task))

    def _tell(self) -> None:
        wish = self.wish
        self.hide_faces.setEnabled(wish.pictures)
        self.told.setText(_NONE if not wish.pictures else _HIDDEN if wish.hide_faces else _SHOWN)

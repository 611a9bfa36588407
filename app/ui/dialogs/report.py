"""The dialog that writes a report: its subject, its kind, and whether people can be recognised in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QComboBox, QWidget

from app.core.jobs import Progress, Task
from app.core.saving_places import SaveKind
from app.core.settings import load_settings
from app.ui.dialogs.check_box import CheckBox, RadioButton
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import sentence
from app.ui.session.session import Session
from app.ui.views.save_dialog import ask_where

if TYPE_CHECKING:
    from app.core.eeg.page_content import PageChoice
    from app.core.enhance.pose_track import PoseTrack
    from app.core.recording.recording import Recording
    from app.core.report.report_of_study import GatheredStudy, WrittenReport
    from app.core.study.access import StudyAccess

_HIDDEN = (
    "Heads, burned-in text and the places that you drew are covered, the patient's trunk and limbs are "
    "softened with the skeleton drawn on them, and all else is coarse. What shows in the face alone then has "
    "no picture. Look at the pictures before you hand the report on."
)
_SHOWN = "The pictures show the patient's face. Anyone who receives this report can recognise the patient."
_NOTHING_OPEN = "Open a recording first; the report is of it or of its study."
_NONE = "The report has no pictures; names of recordings are written as they are."


@dataclass(frozen=True, slots=True)
class ReportChoice:
    """The subject of a report, and what its pictures show."""

    whole_study: bool = False
    pictures: bool = True
    hide_faces: bool = True
    eeg: bool = True


@dataclass(frozen=True, slots=True)
class ShownRecording:
    """The recording in the window, the patient's track, whether it is shown mirrored, and how its EEG is
    shown (None without one)."""

    recording: Recording
    track: PoseTrack | None
    mirrored: bool
    eeg: PageChoice | None = None


class ReportDialog(WorkDialog):
    """Of this recording or the whole study, HTML or PDF. What is sealed from the person is left out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Report", "Write…", self.choose, parent)
        self.here, self.study = (
            RadioButton(session, name) for name in ("This &recording", "The whole &study")
        )
        self.here.setChecked(True)
        group = QButtonGroup(self)
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of page")
        for name, ending in (("PDF, to print or hand on", ".pdf"), ("HTML, one page for a browser", ".html")):
            self.kind.addItem(name, ending)
        self.pictures = CheckBox(session, "&Pictures at the evidence")
        self.hide_faces = CheckBox(session, "&Hide people: heads covered, all but the body coarse")
        self.eeg = CheckBox(session, "&EEG at the onset, where one is attached")
        self.told = sentence()
        for button in (self.here, self.study):
            group.addButton(button)
            self.choices.addWidget(button)
        for box in (self.kind, self.pictures, self.hide_faces, self.eeg, self.told):
            self.choices.addWidget(box)
        for switch in (self.pictures, self.hide_faces, self.eeg):
            switch.setChecked(True)
            switch.toggled.connect(self._tell)
        self._tell()

    @property
    def choice(self) -> ReportChoice:
        shown = (self.pictures.isChecked(), self.hide_faces.isChecked(), self.eeg.isChecked())
        return ReportChoice(self.study.isChecked(), *shown)

    def choose(self) -> None:
        if self._access(_NOTHING_OPEN) is None:
            return
        ending = str(self.kind.currentData())
        words, places, of_study = (
            f"report{ending}",
            self.session.worklist.naming.places,
            self.choice.whole_study,
        )
        path, _ = ask_where(
            self, places, SaveKind.REPORT, "Report", words, kinds=f"*{ending}", of_study=of_study
        )
        if path is not None:
            self.write_to(path)

    def write_to(self, path: Path) -> None:
        """Begin to write there."""
        access, recording = self._access(_NOTHING_OPEN), self.session.opened.recording
        if access is None or recording is None:
            return
        shown = ShownRecording(
            recording, self.session.analysis.pose, self.session.picture.mirrored, _eeg_page(self.session)
        )
        choice = self.choice
        self.start(lambda task: write_report_of(access, shown, choice, path, task), writes=path)

    def _tell(self) -> None:
        choice = self.choice
        self.hide_faces.setEnabled(choice.pictures)
        self.told.setText(_NONE if not choice.pictures else _HIDDEN if choice.hide_faces else _SHOWN)


def write_report_of(
    access: StudyAccess, shown: ShownRecording, choice: ReportChoice, path: Path, task: Task
) -> tuple[str, ...]:
    """Write the report of the open recording or of its study; gives sentences on what was written."""
    from app.core.report.report_of_study import describe_report

    gathered = _gathered(access, shown, choice, task)
    return describe_report(_write(gathered, shown, choice, path, task))


def _eeg_page(session: Session) -> PageChoice | None:
    from app.core.eeg.page_content import displayed_page

    eeg = session.eeg
    return displayed_page(eeg.choices, eeg.of_file, eeg.montage) if eeg.file is not None else None


def _gathered(access: StudyAccess, shown: ShownRecording, choice: ReportChoice, task: Task) -> GatheredStudy:
    from app.core.report.report_of_study import gather_study
    from app.core.report.reviewed_recording import view_of, views_of

    looks, here = load_settings().looks, shown.recording.fingerprint
    view = replace(view_of(looks, here), mirrored=shown.mirrored, eeg=shown.eeg)
    views = {**views_of(looks), here: view}
    only = None if choice.whole_study else access.number
    task.report(Progress("Reading the study", 0.0))
    with access.open() as study:
        return gather_study(study, access.viewer, views, only=only, cancel=task.cancel)


def _write(
    gathered: GatheredStudy, shown: ShownRecording, choice: ReportChoice, path: Path, task: Task
) -> WrittenReport:
    from app.core.report.document import Choices, OpenRecording
    from app.core.report.report_of_study import write_recording_report, write_study_report
    from app.ui.paper.print_page import write_pdf

    choices = Choices(choice.pictures, choice.hide_faces, choice.eeg)
    report, cancel = task.report, task.cancel
    if choice.whole_study:
        return write_study_report(path, gathered, choices, write_pdf, report=report, cancel=cancel)
    (told,) = gathered.recordings
    opened = OpenRecording(shown.recording, shown.track)
    return write_recording_report(
        path, told, opened, choices, write_pdf, seal=gathered.seal, report=report, cancel=cancel
    )

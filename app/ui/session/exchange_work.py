"""Export, import and reports of the open study, done beside the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.exchange.format_names import FORMAT_NAMES
from app.core.jobs import Progress
from app.ui.session.background import Task
from app.ui.session.study_look import StudyLook

if TYPE_CHECKING:
    from app.core.enhance.pose_track import PoseTrack
    from app.core.recording.recording import Recording
    from app.core.report.blocks import Document
    from app.core.report.gather import Mirrored


def format_names() -> Mapping[str, str]:
    """The formats by id, as a person knows them."""
    return FORMAT_NAMES


def what_is_kept(format_id: str) -> str:
    """One sentence or two on what a file of this format keeps."""
    from app.core.exchange.formats import FORMATS

    keeps = FORMATS[format_id].keeps
    times = "Times are not kept" if keeps.times == "not kept" else f"Times are kept {keeps.times}"
    if keeps.times == "exact":
        times = "Times are kept exactly"
    parts = [
        times,
        "confidence, side and explanation are kept"
        if keeps.details
        else "of confidence, side and explanation nothing",
        "notes, marks, ratings and the history too"
        if keeps.everything_beside
        else "the seizure's onset and end, but no notes, phases, ratings or history"
        if keeps.seizure
        else "notes, marks, ratings and history are not",
    ]
    return f"Every presence, recording and reader is kept. {'; '.join(parts)}."


def suffix(format_id: str) -> str:
    """How the file of a format ends; "" when it writes a folder of files."""
    from app.core.exchange.formats import FORMATS

    row = FORMATS[format_id]
    return row.suffix if row.single else ""


@dataclass(frozen=True, slots=True)
class Written:
    """What an export or import did, in a sentence, and what to beware of."""

    sentence: str
    remarks: tuple[str, ...] = ()


def export_study(look: StudyLook, target: Path, format_id: str, task: Task) -> Written:
    """Write what the person may see of the study."""
    from app.core.exchange.bundle import from_study
    from app.core.exchange.formats import FORMATS, export
    from app.core.exchange.sealed import without_sealed

    task.report(Progress("Reading the study", 0.1))
    with look.open() as study:
        viewers = () if look.viewer is None else (look.viewer,)
        bundle, sealed = without_sealed(from_study(study), study, viewers)
    task.cancel.check()
    if not bundle.readings:
        raise UserError("The study has no answers that could be written.")
    task.report(Progress("Writing", 0.6))
    paths = export(bundle, target, FORMATS[format_id])
    files = "1 file was written" if len(paths) == 1 else f"{len(paths)} files were written"
    remarks = (
        (f"{sealed} readings that are sealed from you, and the history, were left out.",) if sealed else ()
    )
    return Written(f"{files}: {', '.join(path.name for path in paths[:4])}.", remarks)


def import_file(look: StudyLook, path: Path, format_id: str, reader: str, task: Task) -> Written:
    """Take answers out of a file into the study, each as an edit of the person."""
    from app.core.exchange.formats import FORMATS, read
    from app.core.exchange.importing import import_into

    task.report(Progress("Reading the file", 0.2))
    imported = read(path, FORMATS[format_id])
    task.cancel.check()
    task.report(Progress("Writing the answers", 0.7))
    with look.open() as study:
        outcome = import_into(
            study,
            imported,
            reader=reader or None,
            viewer=look.viewer,
            why=f"imported from {path.name}",
        )
    return Written(f"{outcome.changed} answers changed; {outcome.same} already matched.", outcome.remarks)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a report is of, and what its pictures show."""

    whole_study: bool = False
    pictures: bool = True
    hide_faces: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """The recording in the window: its file, the patient's track, whether it is looked at mirrored."""

    recording: Recording
    track: PoseTrack | None
    mirrored: bool


def write_report_of(look: StudyLook, opened: Opened, wish: Wish, path: Path, task: Task) -> Written:
    """The report of the open recording or of its study, as HTML or PDF; without what is sealed."""
    from app.core.report.write import write_report
    from app.ui.paper.print_page import write_pdf

    task.report(Progress("Reading the study", 0.0))
    document, sealed = _document(look, opened, wish, task)
    write_report(path, document, write_pdf)
    remarks = [f"{sealed} readings are sealed from you and not in it."] if sealed else []
    if wish.pictures and not wish.hide_faces:
        remarks.append("It shows the patient's face.")
    return Written(f"{path.name} was written.", tuple(remarks))


def _document(look: StudyLook, opened: Opened, wish: Wish, task: Task) -> tuple[Document, int]:
    """The report and how many readings are sealed."""
    from app.core.report.document import Choices, OpenRecording, recording_report, study_report
    from app.core.report.gather import chosen_picture, reviewed
    from app.core.settings import load_settings
    from app.ui.session.mirroring import mirrored_readings

    viewers = () if look.viewer is None else (look.viewer,)
    mirrored, looks = _mirrored(opened), load_settings().looks
    found = []
    with look.open() as study:
        for row in study.recordings():
            task.cancel.check()
            if wish.whole_study or row.id == look.number:
                told = reviewed(study, row, viewers, mirrored=mirrored, swap=mirrored_readings)
                found.append(replace(told, picture=chosen_picture(looks, row.fingerprint)))
        settings, name = study.settings(), study.folder.name.removesuffix(".semioscope")
    choices, made = Choices(wish.pictures, wish.hide_faces), datetime.now().astimezone()
    sealed = sum(each.withheld for each in found)
    if wish.whole_study:
        return study_report(
            name, settings, found, choices, made, report=task.report, cancel=task.cancel
        ), sealed
    here = OpenRecording(opened.recording, opened.track)
    return recording_report(found[0], here, choices, made, report=task.report, cancel=task.cancel), sealed


def _mirrored(opened: Opened) -> Mirrored:
    """As the window shows the open recording, and as the settings say of the others."""
    from app.core.report.gather import mirrored_by
    from app.core.settings import load_settings

    others = mirrored_by(load_settings().looks)
    here = opened.recording.fingerprint
    return lambda fingerprint: opened.mirrored if fingerprint == here else others(fingerprint)

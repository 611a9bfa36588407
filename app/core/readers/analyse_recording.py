"""Analysis of a recording's file by a reader, with the reading stored in a study if there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.enhance.pose import cached_pose_track
from app.core.enhance.pose_track import PoseTrack
from app.core.jobs import CancelToken, Report
from app.core.picture_box import Box
from app.core.readers.reader import Reader
from app.core.readers.who_was_found import nobody_message
from app.core.reading import Reading
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.study.named_places import remember_opened
from app.core.study.writable_study import writable_study


@dataclass(frozen=True, slots=True)
class Analysed:
    """A recording with the reader's answers and the pose track that they are based on."""

    recording: Recording
    reading: Reading
    track: PoseTrack | None

    @property
    def limits(self) -> tuple[str, ...]:
        """Sentences on the parts of the recording that the reader could not assess."""
        nobody = nobody_message(self.track) if self.track is not None else ""
        warnings = tuple(warning.text for warning in self.recording.warnings)
        return (*warnings, nobody) if nobody else warnings


def analyse_recording(
    file: Path,
    make_reader: Callable[[Box | None], Reader],
    *,
    patient: Box | None,
    study_folder: Path | None,
    report: Report,
    cancel: CancelToken,
) -> Analysed:
    """The reading of a recording; with a study folder it is stored there, and the patient's box is taken from
    the study unless `patient` gives one.

    Raises UserError, before the long work, when the study cannot be written; Cancelled.
    """
    recording = open_recording(file, report=report, cancel=cancel)
    if study_folder is None:
        reading = make_reader(patient).read(recording, report=report, cancel=cancel)
        cancel.check()
        return Analysed(recording, reading, cached_pose_track(recording, patient=patient))
    remember_opened(recording.path)
    with writable_study(study_folder) as study:
        number = study.recording(recording)
        box = patient or study.patient_box(number)
        reading = make_reader(box).read(recording, report=report, cancel=cancel)
        cancel.check()
        study.set_sha256(number, reading.recording.sha256)
        study.keep_reading(number, reading)
    return Analysed(recording, reading, cached_pose_track(recording, patient=box))

"""From a file to its 20 answers: what analyze, report and demo have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.study import keep_copy
from app.commands.terminal import one_line
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report

if TYPE_CHECKING:
    from app.core.enhance.pose_track import Box, PoseTrack
    from app.core.readers.reader import Reader
    from app.core.reading import Reading
    from app.core.recording.recording import Recording
    from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class Analysed:
    """A recording with the reader's answers, the clinician's own when a study has some, and the pose."""

    recording: Recording
    reading: Reading
    mine: Reading | None
    track: PoseTrack | None

    def tell_limits(self) -> None:
        """Say on stderr, a line each, what of the recording the reader could not be shown."""
        from app.core.enhance.pose_track import NOBODY_FOUND

        limits = [warning.text for warning in self.recording.warnings]
        if self.track is not None and not self.track.found.any():
            limits.append(NOBODY_FOUND)
        for limit in limits:
            print(f"semioscope: {one_line(limit)}", file=sys.stderr)


def analyse(
    file: Path,
    *,
    reader: str,
    patient: Box | None,
    study_folder: Path | None,
    report: Report,
    cancel: CancelToken,
) -> Analysed:
    """Read the recording; with a study folder the reading is kept there and the patient's box taken from it.

    Raises UserError, before the long work, when the study cannot be written.
    """
    from app.core.enhance.pose import cached_pose_track
    from app.core.recording.probe import open_recording
    from app.core.study.named_places import remember_opened

    recording = open_recording(file, report=report, cancel=cancel)
    if study_folder:
        remember_opened(recording.path)
    study = writable_study(study_folder) if study_folder else None
    try:
        row = study.recording(recording) if study else 0
        box = patient or (study.patient_box(row) if study else None)
        reading = READERS[reader](box).read(recording, report=report, cancel=cancel)
        cancel.check()
        mine = None
        if study:
            study.set_sha256(row, reading.recording.sha256)
            study.keep_reading(row, reading)
            mine = own_reading(study, row)
    finally:
        if study:
            keep_copy(study)
            study.close()
    return Analysed(recording, reading, mine, cached_pose_track(recording, patient=box))


def own_reading(study: Study, row: int) -> Reading | None:
    """The person's own answers in this study, None when there are none."""
    from app.core.reading import ReaderKind
    from app.core.study.queries import is_consensus

    readings = (reading for reading in study.readings(row) if not is_consensus(reading.reader))
    persons = (reading for reading in readings if reading.reader.kind is ReaderKind.PERSON)
    return next((reading for reading in persons if reading.answers), None)


def writable_study(folder: Path) -> Study:
    """The study in `folder`, to be closed by the caller. Raises UserError when it cannot be written."""
    from app.core.study.store import Study

    study = Study.open(folder, author="semioscope", shared=True)
    try:
        if study.read_only:
            raise UserError(study.note)
        study.check_pages()
    except UserError:
        study.close()
        raise
    return study


def _signal(patient: Box | None) -> Reader:
    from app.core.readers.signal.reader import SignalReader

    return SignalReader(patient)


READERS: dict[str, Callable[[Box | None], Reader]] = {"signal": _signal}
"""The readers that need no network, by the name that `--reader` takes."""

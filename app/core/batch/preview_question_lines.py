"""What lines for fine-tuning would hold, made as they are written and looked at before anything leaves."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.core.batch.export_question_lines import LinesChoice, RecordingLines, readings_to_write, work_folder
from app.core.batch.question_lines import files_of_line
from app.core.batch.recording_list import ListedRecording, recordings_of_study
from app.core.clips.clip import Clip
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.readers.models.journal import CLIPS, READINGS
from app.core.study.store import Study
from app.core.study.viewer import every_reader

_WORK = "questions-preview"
"""The folder inside the study in which the clips lie while they are looked at."""


@dataclass(frozen=True, slots=True)
class PreviewedLine:
    """One line: its clips (picture, or sound), the feature, and the `question` and `answer` as written."""

    clip: Clip
    feature: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class LinesPreview:
    """The `lines` of one recording, whose clips lie in `folder` until `forget_preview`."""

    folder: Path
    recording: str
    reader: str
    lines: tuple[PreviewedLine, ...]


def preview_question_lines(
    study: Study, choice: LinesChoice, number: int, *, report: Report, cancel: CancelToken
) -> LinesPreview:
    """The lines of the recording with this number, of the first that has any where the reader has not read
    it; nothing leaves the study.

    Raises UserError, Cancelled.
    """
    viewer = choice.viewer or every_reader(study)
    name, readings = readings_to_write(study, choice.reader, viewer)
    with work_folder(study, _WORK, keep=True) as work:
        shutil.rmtree(work / CLIPS, ignore_errors=True)  # of a program that was stopped
        one = _listed(study, choice, number if number in readings else min(readings))
        made = RecordingLines(study, one, readings[one.number or 0], choice, work)
        clips, lines = made.make(report=report, cancel=cancel)
        of_file = {file: clip for clip in clips for file in clip.files}
        return LinesPreview(
            work / CLIPS,
            one.name,
            name,
            tuple(
                PreviewedLine(
                    of_file[min(files_of_line(line))],
                    line["feature"],
                    line["question"],
                    json.dumps(line["answer"], ensure_ascii=False, indent=2),
                )
                for line in lines
            ),
        )


def _listed(study: Study, choice: LinesChoice, number: int) -> ListedRecording:
    for one in recordings_of_study(study, named=choice.named):
        if one.number == number:
            return one
    raise UserError("The study no longer contains this recording; open it again.")


def forget_preview(study: Path) -> None:
    """Remove the clips of the preview from the study in this folder."""
    shutil.rmtree(study / READINGS / _WORK / CLIPS, ignore_errors=True)

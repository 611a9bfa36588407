"""What lines for fine-tuning would hold, made as they are written and looked at before anything leaves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.batch.export_question_lines import LinesChoice, RecordingLines, readings_to_write, work_folder
from app.core.batch.question_lines import files_of_line
from app.core.batch.recording_list import ListedRecording, recordings_of_study
from app.core.clips.clip import Clip
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.readers.models.journal import CLIPS
from app.core.study.readings_folder import READINGS
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

    Raises UserError where there is none, with the reason why the last one has none, and Cancelled.
    """
    viewer = choice.viewer or every_reader(study)
    name, readings = readings_to_write(study, choice.reader, viewer)
    with work_folder(study, _WORK, keep=True) as work:
        wanted = [number] if number in readings else sorted(readings)
        for one in wanted:
            try:
                # Those of another recording, or of a program that was stopped.
                shutil.rmtree(work / CLIPS, ignore_errors=True)
                listed = _listed(study, choice, one)
                made = RecordingLines(study, listed, readings[one], choice, work)
                clips, lines = made.make(report=report, cancel=cancel)
            except UserError:
                if one == wanted[-1]:
                    raise
                continue
            return LinesPreview(work / CLIPS, listed.name, name, tuple(_previewed(clips, lines)))
    raise ValueError("whose answers are written has no reading")


def _previewed(clips: Sequence[Clip], lines: Sequence[dict[str, Any]]) -> Iterator[PreviewedLine]:
    of_file = {file: clip for clip in clips for file in clip.files}
    for line in lines:
        answer = json.dumps(line["answer"], ensure_ascii=False, indent=2)
        clip = of_file[min(files_of_line(line))]
        yield PreviewedLine(clip, line["feature"], line["question"], answer)


def _listed(study: Study, choice: LinesChoice, number: int) -> ListedRecording:
    for one in recordings_of_study(study, named=choice.named):
        if one.number == number:
            return one
    raise UserError("The study no longer contains this recording; open it again.")


def forget_preview(study: Path) -> None:
    """Remove the clips of the preview from the study in this folder."""
    shutil.rmtree(study / READINGS / _WORK / CLIPS, ignore_errors=True)

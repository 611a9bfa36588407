"""Where a study is entered: which of its recordings is opened when the study itself is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.errors import UserError
from app.core.reading import ReaderIdentity
from app.core.study.database import FILE_NAME
from app.core.study.named_places import OpenablePlaces
from app.core.study.place import named_path
from app.core.study.store import Study
from app.core.study.study_name import name_of_folder
from app.core.study.viewer import SEES_ALL
from app.core.study.worklist import WorkStatus


@dataclass(frozen=True, slots=True)
class StudyEntry:
    """The recording at which the study in `folder` is entered; one at a place that the study may not open by
    itself is `offered` only."""

    folder: Path
    path: Path
    offered: bool = False


def study_folder_of(chosen: Path) -> Path:
    """The folder of the study that a person has chosen by it or by its file. Raises UserError."""
    folder = chosen.parent if chosen.name == FILE_NAME else chosen
    if not (folder / FILE_NAME).exists():
        raise UserError(f"“{chosen.name}” is not a study; choose a folder such as “Name.semioscope”.")
    return folder


def study_entry(folder: Path, reader: ReaderIdentity, left_at: Path | None = None) -> StudyEntry:
    """The recording that was open last in this study (`left_at`), else the first that the reader has not
    locked, else the first; of those whose file is there. Raises UserError.
    """
    with Study.open_for_viewing(folder) as study:
        work = study.worklist(reader, viewer=SEES_ALL)
        locked = {item.recording_id for item in work if item.status is WorkStatus.LOCKED}
        rows = [row for row in study.recordings() if row.has_video]
        places = OpenablePlaces(study.folder)
        name = study.settings().name or name_of_folder(folder)
        found = [(named_path(row.path, study.folder), row.id in locked) for row in rows]
    if not found:
        raise UserError(f"The study “{name}” has no recording with a picture or sound yet.")
    allowed = [(path, done) for path, done in found if places.allow(path)]
    there = [(path, done) for path, done in allowed if path.is_file()]
    if not there:
        offered = [path for path, _done in found if not places.allow(path)]
        if offered:
            return StudyEntry(folder, offered[0], offered=True)
        raise UserError(
            f"No recording of the study “{name}” is where it was: “{found[0][0].name}” was in "
            f"{found[0][0].parent}."
        )
    paths = [path for path, _done in there]
    if left_at is not None and left_at in paths:
        return StudyEntry(folder, left_at)
    return StudyEntry(folder, next((path for path, done in there if not done), paths[0]))

"""Where the study of a recording is, and whether it can be used; for threads that may wait for a disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import UserError

if TYPE_CHECKING:
    from app.core.recording.recording import Recording


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """The folder in which the study of the recording at `path` is, or will be made; its fault, if any."""

    path: Path
    folder: Path
    fault: UserError | None = None


def find_study(recording: Recording, folder: Path | None = None) -> FoundStudy:
    """The study of a recording, in `folder` when it is given; with the reason when it cannot be used.

    A received study can be made so that reading it takes long: only what was read here is opened.
    """
    from app.core.study.place import study_folder_for

    folder = folder or study_folder_for(recording.path, recording.fingerprint)
    return FoundStudy(recording.path, folder, _fault_of(folder))


def _fault_of(folder: Path) -> UserError | None:
    from app.core.study.database import FILE_NAME
    from app.core.study.store import Study

    if not (folder / FILE_NAME).exists():
        return None
    try:
        with Study.open_for_viewing(folder) as study:
            study.check_pages()
    except UserError as error:
        return error
    return None

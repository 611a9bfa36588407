"""The folder of a study with the media and the replies of models, one subfolder per reading."""

from __future__ import annotations

from pathlib import Path

from app.core.errors import UserError
from app.core.study.writer_lock import WriterLock

READINGS = "readings"
"""The name of the folder inside that of the study."""


def is_worked_on(study_folder: Path, reading: str) -> bool:
    """Whether somebody holds the lock of a reading, by the name of its folder; a killed program does not."""
    folder = study_folder / READINGS / reading
    try:
        lock = WriterLock.acquire(folder, study_folder)
    except (OSError, UserError):
        return False  # nobody could hold it either
    if lock is not None:
        lock.release()
    return lock is None

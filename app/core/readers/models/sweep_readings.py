"""What killed programs left in the folders of models' readings is removed."""

from __future__ import annotations

import logging
from pathlib import Path

from app.core.atomic import remove_unfinished
from app.core.clips.clip_preparation import sweep_unfinished
from app.core.containment import files_inside, folders_inside, keep_to_owner
from app.core.errors import UserError
from app.core.readers.models.journal import CLIPS
from app.core.study.readings_folder import READINGS
from app.core.study.study_files import copies_in
from app.core.study.writer_lock import WriterLock

_log = logging.getLogger(__name__)


def sweep_study(study_folder: Path) -> None:
    """Remove unfinished files of killed programs from the readings of a study, except for readings in use.

    Links are not followed. Access to existing files is restricted to their owner.
    """
    for folder in folders_inside(study_folder / READINGS, study_folder):
        try:
            lock = WriterLock.acquire(folder, study_folder)
        except (OSError, UserError) as error:
            _log.info("a reading's folder could not be swept: %s", type(error).__name__)
            continue
        if lock is not None:
            sweep_reading(folder)
            lock.release()
        keep_to_owner(files_inside(folder, study_folder))
        keep_to_owner(files_inside(folder / CLIPS, study_folder))
    keep_to_owner((*files_inside(study_folder, study_folder), *copies_in(study_folder)))


def sweep_reading(folder: Path) -> None:
    """The same in the folder of one reading, whose lock is held."""
    sweep_unfinished(folder)
    remove_unfinished(folder)

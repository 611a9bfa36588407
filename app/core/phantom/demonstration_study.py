"""The study of the demonstration: its EEG is attached with the clock that is known."""

from __future__ import annotations

from pathlib import Path

from app.core.eeg.sync import Sync
from app.core.recording.probe import open_recording
from app.core.study.database import FILE_NAME
from app.core.study.edits import AttachEeg
from app.core.study.eeg_places import find_eeg_at
from app.core.study.place import study_folder_for
from app.core.study.stored_eeg import AgreedSync, StoredEeg, stored_eeg
from app.core.study.writable_study import writable_study

ORIGIN = "The EEG was generated with the recording, so its clock is known."


def has_study(recording: Path) -> bool:
    """Whether the demonstration has a study next to it."""
    return (study_folder_for(recording) / FILE_NAME).exists()


def attach_demonstration_eeg(recording: Path, eeg: Path, sync: Sync) -> None:
    """Attach the EEG to the recording in its study, which is made if there is none; an EEG that is attached
    stays as it is. Raises UserError when the study cannot be written."""
    opened = open_recording(recording)
    folder = study_folder_for(recording, opened.fingerprint)
    wanted = _stored(eeg, folder, AgreedSync(sync, ORIGIN))
    with writable_study(folder) as study:
        number = study.recording(opened)
        if all(one.fingerprint != wanted.fingerprint for one in study.eegs(number)):
            study.apply(AttachEeg(number, None, wanted))


def _stored(path: Path, folder: Path, agreed: AgreedSync) -> StoredEeg:
    found = find_eeg_at(path)
    try:
        return stored_eeg(path, found.fingerprint, found.file.contents.size, folder, agreed)
    finally:
        found.file.contents.close()

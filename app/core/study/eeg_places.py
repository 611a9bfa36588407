"""The file of an attached EEG: where it was last seen, beside the recording, or where somebody says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.eeg.content_hash import content_hash
from app.core.eeg.eeg_file import EegFile, open_eeg
from app.core.errors import UserError
from app.core.folders import is_of_study
from app.core.study.named_places import may_open, remember_opened
from app.core.study.stored_eeg import StoredEeg


@dataclass(frozen=True, slots=True, eq=False)
class FoundEeg:
    """An open EEG file, its place and content; `note` is a sentence on what is different from when it was
    attached, "" for nothing. The caller closes `file.contents`."""

    path: Path
    file: EegFile
    fingerprint: str
    note: str = ""


FindEeg = Callable[[], FoundEeg]
"""Opens the file, in a background thread. Raises UserError in one sentence."""


def find_eeg_at(path: Path) -> FoundEeg:
    """The EEG that somebody chose. Raises UserError when it is not EDF or BDF, or belongs to a study."""
    found = _open(path)
    remember_opened(path)
    return found


def find_same_eeg(stored: StoredEeg, path: Path) -> FindEeg:
    """A search that gives the file that somebody chose, if it is the EEG that was attached."""

    def find() -> FoundEeg:
        found = _open(path, stored.size)
        if found.fingerprint != stored.fingerprint:
            found.file.contents.close()
            raise UserError(f"“{path.name}” is not the EEG that was attached here as “{stored.name}”.")
        remember_opened(path)
        return _with_note(found, stored)

    return find


@dataclass
class StoredEegPlace:
    """A `FindEeg`: where the study in `folder` saw the file last, else in `beside`, known by its content.

    A place that may not be opened by itself is left to the person, who is offered it as `offered`.
    """

    eeg: StoredEeg
    folder: Path
    beside: Path
    offered: Path | None = None

    def __call__(self) -> FoundEeg:
        named, name = self.eeg.place(self.folder), self.eeg.name
        problem = f"“{name}” was moved or renamed, or its drive disconnected; choose its file with “Find…”."
        for place in dict.fromkeys((named, self.beside / Path(name).name)):
            if not may_open(place, self.folder) or not _is_there(place):
                continue
            try:
                found = _open(place, self.eeg.size)
            except UserError as error:
                problem = str(error)
                continue
            if found.fingerprint == self.eeg.fingerprint:
                return _with_note(found, self.eeg)
            found.file.contents.close()
            problem = (
                f"“{name}” is no longer the EEG that was attached: its header or its first samples have "
                "changed. Detach it, and attach it again if it is the right one."
            )
        if not may_open(named, self.folder):
            self.offered = named
            raise UserError(f"The study names {named} as this EEG; open it only if you trust that place.")
        raise UserError(problem)


def _open(path: Path, size: int | None = None) -> FoundEeg:
    if is_of_study(path):
        raise UserError(f"“{path.name}” belongs to a study and is not an EEG.")
    file = open_eeg(path)
    try:
        return FoundEeg(path, file, content_hash(file, size))
    except BaseException:
        file.contents.close()
        raise


def _with_note(found: FoundEeg, stored: StoredEeg) -> FoundEeg:
    size, note = found.file.contents.size, ""
    if size > stored.size:
        note = f"“{stored.name}” has grown since it was attached."
    elif size < stored.size:
        note = f"“{stored.name}” is shorter than when it was attached: cut off, or not copied completely."
    return FoundEeg(found.path, found.file, found.fingerprint, note)


def _is_there(place: Path) -> bool:
    try:
        return place.is_file()
    except (OSError, ValueError):  # also a name that no file can have
        return False

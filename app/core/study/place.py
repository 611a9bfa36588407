"""Where a recording's study is kept, and how a study names the place of its recordings."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from app.core.containment import goes_through_link
from app.core.errors import UserError
from app.core.folders import studies_folder
from app.core.study.backup import backups
from app.core.study.connection import connect_for_viewing
from app.core.study.database import FILE_NAME

SUFFIX = ".semioscope"

_LOOKED_INTO = 200

LOOKING_SECONDS = 1.5
"""How long looking into other studies may take, for all of them together."""


def study_folder_for(
    recording_path: Path, fingerprint: str | None = None, *, seconds: float = LOOKING_SECONDS
) -> Path:
    """The folder of the recording's study, which need not exist yet.

    With a `fingerprint` a study that knows this content comes first, so that a renamed recording
    finds its answers again: beside it, around it, or among the program's own studies (in a folder of
    very many studies among the 200 latest). Then
    `<stem>.semioscope` beside the recording if it exists, a study folder the recording lies in, and
    else a new one: beside the recording when its folder can be written, in the program's own folder
    of studies when not. Nothing is made or changed.

    Other studies are looked into for so many `seconds` in all, each as its file is, without its journals;
    what was not reached by then counts as not knowing the content. Call it in a background thread.
    """
    path = recording_path.absolute()
    beside = path.parent / (path.stem + SUFFIX)
    apart = _apart(path)
    around = [folder for folder in path.parents if _holds_recordings(folder)]
    existing = [folder for folder in (beside, *around, apart) if _is_study(folder)]
    if fingerprint is not None:
        known = _first_that_knows(fingerprint, existing, (path.parent, studies_folder()), seconds)
        if known is not None:
            return known
    if existing:
        return existing[0]
    return beside if _can_write(path.parent) else apart


def relative_path(path: Path, folder: Path) -> str:
    """How the study in `folder` names a recording's place: relative where both share more than a root.

    A study then keeps its recordings when the folder above both is moved. Always with “/”.
    """
    place, start = os.path.realpath(path), os.path.realpath(folder)
    if os.path.splitdrive(place)[0] == os.path.splitdrive(start)[0]:
        common = os.path.commonpath([place, start])
        if common != os.path.splitdrive(common)[0] + os.sep:
            place = os.path.relpath(place, start)
    return Path(place).as_posix().encode("utf-8", "replace").decode("utf-8")


def named_path(named: str, folder: Path) -> Path:
    """The absolute path of a place that the study in `folder` names so, the inverse of `relative_path`."""
    return Path(os.path.normpath(resolved_study_folder(folder) / named))


def resolved_study_folder(folder: Path) -> Path:
    """The absolute path of a study's folder; of one that is a link the place it leads to.

    Links further up stay as the person has chosen them.
    """
    place = folder.absolute()
    return Path(os.path.realpath(place)) if place.is_symlink() else place


def _apart(path: Path) -> Path:
    # Two recordings of one name in different folders must not share a study by accident.
    mark = hashlib.sha256(os.fsencode(path.parent)).hexdigest()[:8]
    return studies_folder() / f"{path.stem}-{mark}{SUFFIX}"


def _is_study(folder: Path) -> bool:
    # A study whose file is missing is one still: its copies say so.
    if goes_through_link(folder / FILE_NAME, folder):
        return False
    return (folder / FILE_NAME).is_file() or bool(backups(folder, most=100))


def _holds_recordings(folder: Path) -> bool:
    """Whether a folder above a recording is a study.

    Copies alone make one only of a folder that is named like a study: others can hold a folder `backups`.
    """
    return _is_study(folder) and (folder.suffix == SUFFIX or (folder / FILE_NAME).is_file())


def _studies_in(folder: Path) -> Iterator[Path]:
    """The studies right in the folder, the latest first, and of very many only those: each is looked into."""
    try:
        # Links are left out: even to look where one leads can be seen by another computer.
        found = [one for one in os.scandir(folder) if one.name.endswith(SUFFIX) and not one.is_symlink()]
        found.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    except OSError:
        return  # a folder that cannot be listed has no study that could be opened either
    for entry in found[:_LOOKED_INTO]:
        if _is_study(folder / entry.name):
            yield folder / entry.name


def _first_that_knows(
    fingerprint: str, studies: Iterable[Path], around: Iterable[Path], seconds: float
) -> Path | None:
    """The first of the studies, and then of those right in the folders around, that holds this content."""
    ends = time.monotonic() + seconds
    found: list[Path] = []

    def search() -> None:
        for folder in (*studies, *(one for place in around for one in _studies_in(place))):
            left = ends - time.monotonic()
            if left <= 0:
                return
            if _knows(folder, fingerprint, left):
                found.append(folder)
                return

    # A share that does not answer holds its thread for minutes, and nothing can end that.
    searching = threading.Thread(target=search, name="looking into studies", daemon=True)
    searching.start()
    searching.join(seconds)
    return found[0] if found else None


def _knows(folder: Path, fingerprint: str, seconds: float) -> bool:
    """Whether the study holds this content; a file that cannot be read as a study does not."""
    try:
        with closing(
            connect_for_viewing(folder / FILE_NAME, busy_seconds=min(0.2, seconds), seconds=seconds)
        ) as connection:
            found = connection.execute("SELECT 1 FROM recordings WHERE fingerprint = ?", (fingerprint,))
            return found.fetchone() is not None
    except (UserError, sqlite3.Error, OSError):
        return False


def _can_write(folder: Path) -> bool:
    if os.name != "nt":
        return os.access(folder, os.W_OK | os.X_OK)
    # On Windows only trying shows it.
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False

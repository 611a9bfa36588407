"""How far a study is, by looking at its files: for lists of studies that are not opened.

Each is read with its log and without changing anything (`connect_with_log`), in a separate thread with a
deadline, because it can be on a share that does not answer, and it can come from somebody else.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.core.errors import UserError
from app.core.reading import ReaderIdentity
from app.core.study.connection import connect_with_log
from app.core.study.database import FILE_NAME
from app.core.study.place import relative_path, study_folder_for
from app.core.study.recording_table import recordings
from app.core.study.study_name import given_name, name_of_folder
from app.core.study.worklist import WorkItem, WorkStatus, worklist

LOOK_SECONDS = 2.0
"""How long looking may take, for all studies together."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StudyLook:
    """How far one reader is with the `recordings` of a study; `why_not` says why it cannot be read."""

    folder: Path
    recordings: int = 0
    locked: int = 0
    done: int = 0
    started: int = 0
    why_not: str = ""
    name: str = ""
    """What the study is called; "" where it cannot be read."""


@dataclass(frozen=True, slots=True)
class RecordingLook:
    """How many of the 20 features one reader has answered in a recording, and whether it is still there.

    `answered` is None where no study says so.
    """

    path: Path
    answered: int | None = None
    locked: bool = False
    why_not: str = ""


Look = StudyLook | RecordingLook


def look_at(
    studies: Iterable[Path],
    files: Iterable[Path],
    reader: ReaderIdentity,
    found: Callable[[Look], None],
    *,
    seconds: float = LOOK_SECONDS,
) -> None:
    """Look at studies and at recordings, and hand over each look as soon as it is there.

    What does not answer in so many seconds counts as not reachable; its thread is left behind. `found` is
    called in the caller's thread.
    """
    looks: list[Look] = []
    folders = tuple(studies)
    threads = [
        *(_look(looks, partial(study_look, folder, reader, seconds)) for folder in folders),
        *(_look(looks, partial(recording_look, path, reader, seconds, folders)) for path in files),
    ]
    ends, handed = time.monotonic() + seconds, 0
    while True:
        late = time.monotonic() >= ends
        running = any(thread.is_alive() for thread in threads)
        for look in looks[handed:]:
            handed += 1
            found(look)
        if late or not running:
            return
        time.sleep(0.01)


def _look(looks: list[Look], what: Callable[[], Look]) -> threading.Thread:
    thread = threading.Thread(target=lambda: looks.append(what()), name="looking at studies", daemon=True)
    thread.start()
    return thread


def study_look(folder: Path, reader: ReaderIdentity, seconds: float = LOOK_SECONDS) -> StudyLook:
    """How far the reader is in one study; says why not where it cannot be read."""
    try:
        with closing(connect_with_log(folder / FILE_NAME, busy_seconds=0.2, seconds=seconds)) as found:
            items = worklist(found, reader, viewer=reader)
            name = given_name(found) or name_of_folder(folder)
    except FileNotFoundError:
        return StudyLook(folder, why_not="It is not where it was.")
    except (UserError, sqlite3.Error, OSError) as error:
        _log.info("a recent study cannot be looked at: %s", type(error).__name__)
        return StudyLook(folder, why_not="It cannot be read just now.")
    count = [sum(item.status is status for item in items) for status in WorkStatus]
    by_status = dict(zip(WorkStatus, count, strict=True))
    return StudyLook(
        folder,
        len(items),
        by_status[WorkStatus.LOCKED],
        by_status[WorkStatus.DONE],
        by_status[WorkStatus.STARTED],
        name=name,
    )


def recording_look(
    path: Path, reader: ReaderIdentity, seconds: float = LOOK_SECONDS, studies: Iterable[Path] = ()
) -> RecordingLook:
    """How far the reader is in one recording, by the study that would be found for its place, else by the
    first of these `studies` that names it."""
    try:
        if not path.is_file():
            return RecordingLook(path, why_not="It is not where it was.")
        places = (study_folder_for(path), *studies)
    except OSError:
        return RecordingLook(path)
    found = (_recording_in(folder, path, reader, seconds) for folder in places)
    item = next((one for one in found if one is not None), None)
    if item is None:
        return RecordingLook(path)
    return RecordingLook(path, item.answered, item.status is WorkStatus.LOCKED)


def _recording_in(folder: Path, path: Path, reader: ReaderIdentity, seconds: float) -> WorkItem | None:
    try:
        with closing(connect_with_log(folder / FILE_NAME, busy_seconds=0.2, seconds=seconds)) as found:
            named = relative_path(path, folder)
            numbers = {row.id for row in recordings(found) if row.path == named}
            items = worklist(found, reader, viewer=reader) if numbers else ()
    except (UserError, sqlite3.Error, OSError):
        return None
    return next((one for one in items if one.recording_id in numbers), None)

"""Where the recordings of a study lie, so that what is made of one is never written over another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.core.errors import UserError
from app.core.study.connection import connect_with_log
from app.core.study.database import FILE_NAME
from app.core.study.place import named_path
from app.core.study.recording_table import recordings

_SECONDS = 2.0


def recording_files(folder: Path) -> tuple[Path, ...]:
    """The files of all recordings of the study in the folder; none where no study can be read."""
    try:
        with closing(connect_with_log(folder / FILE_NAME, busy_seconds=0.2, seconds=_SECONDS)) as found:
            return tuple(named_path(row.path, folder) for row in recordings(found))
    except (UserError, sqlite3.Error, OSError, ValueError):
        return ()

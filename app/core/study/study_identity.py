"""Which study a folder holds, asked without opening it for work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.core.errors import UserError
from app.core.study.database import FILE_NAME, connect_for_viewing
from app.core.study.study_files import check_study

_BUSY_SECONDS = 2.0


def study_id(folder: Path) -> str:
    """The id that the study in the folder was made with; "" when there is no study that can be read.

    Raises LeadsOutsideError when the study is a link.
    """
    check_study(folder)
    if not (folder / FILE_NAME).is_file():
        return ""
    try:
        with closing(connect_for_viewing(folder / FILE_NAME, busy_seconds=_BUSY_SECONDS)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'study_id'").fetchone()
    except (sqlite3.Error, OSError, UserError):
        return ""
    return row[0] if row is not None and isinstance(row[0], str) else ""

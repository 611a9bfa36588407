"""Where files are being written outside this program's own folders, so that a killed program leaves nothing.

While an export is under way a note in the settings folder names its folder. A note that is still there at the
next start is of a program that was killed: what it left unfinished in that folder is removed then.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.atomic import has_unfinished, remove_unfinished
from app.core.containment import files_inside, make_folder_inside, read_inside, write_inside
from app.core.errors import UserError
from app.core.folders import settings_folder

FOLDER = "exporting"
_NOTE = re.compile(r"[0-9a-f]{16}")
_LONGEST_PATH = 32_768
_MOST_NOTES = 50

_log = logging.getLogger(__name__)


@contextmanager
def exporting_to(folder: Path) -> Iterator[None]:
    """Files are written into the folder meanwhile. A note that cannot be written keeps nobody from that."""
    note = settings_folder() / FOLDER / secrets.token_hex(8)
    try:
        make_folder_inside(note.parent, settings_folder())
        write_inside(note, settings_folder(), os.fsencode(folder.absolute()))
    except (OSError, UserError) as error:
        _log.warning("that a file is written was not noted: %s", type(error).__name__)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            note.unlink()


def remove_left_by_killed_programs(account: Path) -> None:
    """Remove what exports of killed programs left unfinished, by the notes in the settings folder `account`.

    Raises nothing: what cannot be removed stays.
    """
    for note in files_inside(account / FOLDER, account)[:_MOST_NOTES]:
        if not _NOTE.fullmatch(note.name):
            continue
        try:
            folder = Path(os.fsdecode(read_inside(note, account, largest=_LONGEST_PATH)))
            remove_unfinished(folder)
            if not has_unfinished(folder):  # else another program is writing there now
                note.unlink(missing_ok=True)
        except (OSError, ValueError, UserError) as error:
            _log.info("what an export left was not looked for: %s", type(error).__name__)

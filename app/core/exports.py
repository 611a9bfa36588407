"""Notes of exports in progress, so that unfinished files of killed programs can be removed.

During an export a note in the settings folder names the target folder. A note that remains at the next start
was left by a killed program, and unfinished files in its target folder are removed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
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


def is_one_of(target: Path, files: Iterable[Path]) -> bool:
    """Whether there is a file at `target` that is one of these, whatever it is called. Raises OSError."""
    return target.exists() and any(one.exists() and target.samefile(one) for one in files)


def check_free(targets: Iterable[Path], otherwise: str = "choose another name, or move it away") -> None:
    """Check that there is nothing yet at these places, so that nobody loses a file unasked. Raises UserError,
    which ends with what can be done `otherwise`."""
    there = next((target for target in targets if os.path.lexists(target)), None)
    if there is not None:
        raise UserError(f"“{there.name}” exists already; {otherwise}.")


@contextmanager
def exporting_to(folder: Path) -> Iterator[None]:
    """A context with a note of an export to `folder`. A note that cannot be written is only logged."""
    note = settings_folder() / FOLDER / os.urandom(8).hex()
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
    """Remove unfinished exports of killed programs, by the notes in the settings folder `account`.

    Raises nothing: what cannot be removed stays.
    """
    for note in files_inside(account / FOLDER, account)[:_MOST_NOTES]:
        if not _NOTE.fullmatch(note.name):
            continue
        try:
            folder = Path(os.fsdecode(read_inside(note, account, largest=_LONGEST_PATH)))
            remove_unfinished(folder)
            if not has_unfinished(folder):  # otherwise another program is writing there
                note.unlink(missing_ok=True)
        except (OSError, ValueError, UserError) as error:
            _log.info("what an export left was not looked for: %s", type(error).__name__)

"""Files and folders that are on disk when the call returns, readable by their owner alone."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path


def sync_file(path: Path) -> None:
    """Write everything of the file to disk before returning."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Write the folder's list of names to disk before returning; Windows does that by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some shares cannot sync a folder; they write names at once.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make the folder and its missing parents, readable by their owner alone."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(mode=0o700, exist_ok=True)
        sync_folder(parent.parent)


def make_file(path: Path) -> None:
    """Make an empty file, readable by its owner alone, if there is none yet."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    sync_folder(path.parent)

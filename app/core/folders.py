"""The folders of the program outside of studies: settings, cache, logs, and its pictures.

`SEMIOSCOPE_HOME` moves all of them below one folder (tests, portable installations).
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from pathlib import Path

import platformdirs

import app

STUDY_FILE = "study.sqlite"


COURSE_FILE = "course.json"
"""The file name of a course, also in a folder that is not called after it."""
COURSE_FOLDERS = ("clips", "keys", "learners")


def is_course(folder: Path) -> bool:
    """Whether a course is in this folder, or clips for one that wait to be confirmed."""
    return (folder / COURSE_FILE).is_file() or all((folder / name).is_dir() for name in COURSE_FOLDERS)


def is_of_study(path: Path) -> bool:
    """Whether the file name is that of a study's database or of one of SQLite's files next to it.

    No other code may open one: with POSIX locks, closing it drops SQLite's locks on the open study.
    """
    return path.name.casefold().startswith(STUDY_FILE)


def _below(kind: str, default: str) -> Path:
    home = os.environ.get("SEMIOSCOPE_HOME")
    folder = Path(home) / kind if home else Path(default)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


MODEL_CHOICE = "model.json"
"""The file in the settings folder with the model that is chosen."""


def settings_folder() -> Path:
    return _below("settings", platformdirs.user_config_dir("semioscope", appauthor=False))


def queue_file() -> Path:
    """The file of the orders that the queue of analyses keeps; it and its folder need not exist."""
    return settings_folder() / "queue" / "orders.json"


def cache_folder() -> Path:
    """The folder of recomputable data (packet indices, pose, waveforms), safe to delete at any time."""
    return _below("cache", platformdirs.user_cache_dir("semioscope", appauthor=False))


def temporary_folder() -> Path:
    """The program's folder in the system's temporary one, for copies that no killed program may leave there.

    It has one name, so that the next start finds them, and only this account reads it. Raises OSError when it
    cannot be made, or somebody else has made it.
    """
    if sys.platform == "win32":  # where the temporary folder is the account's
        folder = Path(tempfile.gettempdir()) / "semioscope"
        folder.mkdir(exist_ok=True)
        return folder
    folder = Path(tempfile.gettempdir()) / f"semioscope-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(errno.EPERM, "not a private folder of this account", str(folder))
    return folder


def log_folder() -> Path:
    return _below("logs", platformdirs.user_log_dir("semioscope", appauthor=False))


def studies_folder() -> Path:
    """The folder for studies of recordings in folders that cannot be written."""
    return _below("studies", str(Path(platformdirs.user_data_dir("semioscope", appauthor=False)) / "studies"))


def courses_folder() -> Path:
    """The folder of courses that the program makes by itself."""
    return _below("courses", str(Path(platformdirs.user_data_dir("semioscope", appauthor=False)) / "courses"))


def resource(name: str) -> Path:
    """The file `name` of the folder `resources`, which an installed program has inside the package."""
    package = Path(app.__file__).parent
    inside = package / "resources" / name
    return inside if inside.exists() else package.parent / "resources" / name

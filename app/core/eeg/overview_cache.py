"""The overviews of EEG files in the cache of this account, each computed once in a separate process.

An overview belongs to the content of a file and to its bad channels, and may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from app.core.atomic import unfinished_folder
from app.core.eeg.displayed_file import DisplayedFile
from app.core.eeg.file_overview import FileOverview, described, trends_from_arrays
from app.core.eeg.overview_process import TRENDS_NAME
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, no_report
from app.core.recording.analysis_process import run_process
from app.core.recording.array_cache import cache_path, load_arrays, remove_oldest

OVERVIEW_VERSION = 1
"""To be raised whenever the same file would give other trends."""

CACHE_LIMIT = 1 << 30
"""Bytes of overviews that are cached; those that were not used for longest go first."""

OVERVIEWS = "eeg-overview"
"""The kind of array in the cache."""

_PROCESS = "app.core.eeg.overview_process"


def file_overview(
    file: DisplayedFile, *, report: Report = no_report, cancel: CancelToken | None = None
) -> FileOverview:
    """The overview of a file whose time stamps are all known, from the cache where it is there.

    For a background thread. Raises UserError when it cannot be computed; Cancelled within a second of
    `cancel`, with nothing left behind.
    """
    key = overview_key(file)
    stored = load_arrays(OVERVIEWS, key)
    trends = trends_from_arrays(stored) if stored is not None else None
    if trends is None:
        _compute(file, key, report, cancel or CancelToken())
        stored = load_arrays(OVERVIEWS, key)
        trends = trends_from_arrays(stored) if stored is not None else None
    if trends is None:
        raise UserError("The overview of the EEG could not be stored on this computer.")
    with suppress(OSError):
        os.utime(cache_path(OVERVIEWS, key))
    return described(trends)


def overview_key(file: DisplayedFile) -> str:
    """The name in the cache: of the content, and of what is left out of the averages."""
    size = file.file.contents.size
    words = f"{OVERVIEW_VERSION}\0{file.key}\0{size}\0" + "\0".join(sorted(file.bad))
    return hashlib.sha256(words.encode()).hexdigest()[:40]


def _compute(file: DisplayedFile, key: str, report: Report, cancel: CancelToken) -> None:
    """Let the process write the trends into the cache."""
    contents = file.file.contents
    try:
        place = cache_path(OVERVIEWS, key)
        place.parent.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UserError("The overview of the EEG could not be stored on this computer.") from error
    with unfinished_folder(place) as folder:
        job = {
            "path": str(Path(contents.path).absolute()),
            "name": contents.name,
            "size": contents.size,
            "bad": sorted(file.bad),
            "folder": str(folder.absolute()),
        }
        failed = f"The overview of “{contents.name}” could not be computed."
        run_process(_PROCESS, job, failed=failed, report=report, cancel=cancel)
        try:
            (folder / TRENDS_NAME).replace(place)
        except OSError as error:
            raise UserError("The overview of the EEG could not be stored on this computer.") from error
    remove_oldest(place.parent, "*.npz", kept=place, limit=CACHE_LIMIT)

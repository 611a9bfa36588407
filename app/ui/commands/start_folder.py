"""Where a dialog for recordings begins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.core.folders import cache_folder
from app.core.saving_places import first_there


def start_folder(recordings: Iterable[str | Path]) -> str:
    """The folder of the first of these recordings that is a person's and answers within a moment; without
    one that of their videos, or home.

    The demonstration is generated into the folder of what is computed, where nobody keeps recordings.
    """
    generated = cache_folder().absolute()
    paths = map(Path, recordings)
    found = first_there([path.parent for path in paths if not path.is_relative_to(generated)])
    if found is not None:
        return str(found)
    videos = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
    return videos if videos and Path(videos).is_dir() else str(Path.home())

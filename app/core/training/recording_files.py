"""The files of recordings that a list of files and folders names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.core.eeg.day_of_video import VIDEO_SUFFIXES
from app.core.eeg.eeg_beside import files_in
from app.core.errors import UserError

_SOUND_SUFFIXES = (".wav", ".mp3", ".m4a", ".flac", ".ogg", ".opus")


def recording_files(places: Sequence[Path]) -> list[Path]:
    """The files, and of folders the recordings right in them, each once. Raises UserError without any."""
    found: list[Path] = []
    for place in places:
        inside = files_in(place, (*VIDEO_SUFFIXES, *_SOUND_SUFFIXES)) if place.is_dir() else [place]
        found += inside
    if not found:
        raise UserError("There is no recording in what was given: name files, or folders of them.")
    return list(dict.fromkeys(path.absolute() for path in found))

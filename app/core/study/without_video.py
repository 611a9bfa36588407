"""Recordings that a study keeps by their labels alone: they have a name, and no file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from app.core.errors import UserError
from app.core.study.place import named_path
from app.core.study.recording_table import RecordingRow


class NoVideoError(UserError):
    """The study keeps the recording by its labels alone."""


def video_path(row: RecordingRow, folder: Path) -> Path:
    """Where the study in `folder` saw the recording last. Raises NoVideoError when it has labels alone."""
    if not row.has_video:
        raise NoVideoError(f"Of “{row.name[:200]}” the study has labels alone; there is no video.")
    return named_path(row.path, folder)


def fingerprint_without_video(name: str) -> str:
    """What stands for the fingerprint of a recording that a study keeps by its labels alone."""
    return f"{_MARK}{hashlib.sha256(name.casefold().encode()).hexdigest()}"


def is_without_video(fingerprint: str) -> bool:
    """Whether a fingerprint stands for labels alone, so that it says nothing of any content."""
    return fingerprint.startswith(_MARK)


_MARK = "labels "

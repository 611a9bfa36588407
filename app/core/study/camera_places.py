"""The file of a further camera: where it was last seen, beside the recording, or where somebody says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.study.named_places import may_open, remember_opened

if TYPE_CHECKING:
    from app.core.study.cameras import Camera

_LONGEST = 24


def track_name(name: str, number: int) -> str:
    """The displayed name of one picture track of a file."""
    return f"picture {number + 1} of {name}"


FARTHEST = 86_400.0
"""Seconds of the largest offset."""


def offset_text(offset: float) -> str:
    """An offset as a clinician says it."""
    if abs(offset) < 5e-4:
        return "is in sync"
    return f"begins {abs(offset):.3f} s {'earlier' if offset > 0 else 'later'}"


Find = Callable[[], Path]
"""Gives the place, in a background thread. Raises UserError in one sentence."""


def short_name(name: str) -> str:
    """A file's name for the status line."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def find_at(path: Path) -> Find:
    """A search that gives the place that somebody chose, whatever file is there."""

    def find() -> Path:
        remember_opened(path)
        return path

    return find


@dataclass
class StoredPlace:
    """A `Find`: where the study in `folder` saw the file last, else in `beside`, known by its content.

    A place that may not be opened by itself is left to the person, who is offered it as `offered`.
    """

    camera: Camera
    folder: Path
    beside: Path
    offered: Path | None = None

    def __call__(self) -> Path:
        named = self.camera.place(self.folder)
        for place in (named, self.beside / Path(self.camera.name).name):
            if may_open(place, self.folder) and _holds(place, self.camera.fingerprint):
                return place
        if not may_open(named, self.folder):
            self.offered = named
            raise UserError(f"The study names {named} as this camera; open it only if you trust that place.")
        raise UserError(f"“{self.camera.name}” was moved or renamed; choose its file with “Find…”.")


def find_same(camera: Camera, path: Path) -> Find:
    """A search that gives the file that somebody chose, if it is the recording that was shown."""

    def find() -> Path:
        if not path.is_file():
            raise UserError(f"“{path.name}” was not found; it may have been moved or its drive disconnected.")
        if not _holds(path, camera.fingerprint):
            raise UserError(f"“{path.name}” is not the recording that was shown here as “{camera.name}”.")
        return find_at(path)()

    return find


def _holds(path: Path, fingerprint: str) -> bool:
    """Whether the file exists and has this content."""
    from app.core.recording.identity import fingerprint as fingerprint_of

    try:
        return fingerprint_of(path) == fingerprint
    except (OSError, ValueError):  # also a name that no file can have
        return False

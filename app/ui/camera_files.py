"""The file of a further camera: where it was last seen, beside the recording, or where somebody says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from app.core.errors import UserError

if TYPE_CHECKING:
    from app.core.study.cameras import Camera

_LONGEST = 24

Find = Callable[[], Path]
"""Gives the place, beside the window's thread. Raises UserError in one sentence."""


def short_name(name: str) -> str:
    """A file's name for the status line."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def at(path: Path) -> Find:
    """Whatever lies there."""
    return lambda: path


def finder(camera: Camera, folder: Path, beside: Path) -> Find:
    """Where the study in `folder` saw the file last, else in the folder `beside`, known by its content.

    A study that came from somebody else may name any place: what lies on another computer's share is
    left to the person to point at, since looking there would already show that computer who asks.
    """

    def find() -> Path:
        for place in (camera.place(folder), beside / Path(camera.name).name):
            if not on_another_share(place, folder) and _holds(place, camera.fingerprint):
                return place
        raise UserError(f"“{camera.name}” is not where it was.")

    return find


def same(camera: Camera, path: Path) -> Find:
    """The file that somebody chose, if it is the recording that was shown."""

    def find() -> Path:
        if not _holds(path, camera.fingerprint):
            raise UserError(f"“{path.name}” is not the recording that was shown here as “{camera.name}”.")
        return path

    return find


def on_another_share(place: PurePath, folder: PurePath) -> bool:
    """Whether `place` names a Windows share (\\\\computer\\share) that `folder` does not lie on."""
    return place.drive.startswith("\\\\") and place.drive.casefold() != folder.drive.casefold()


def _holds(path: Path, fingerprint: str) -> bool:
    """Whether the file is there and of this content."""
    from app.core.recording.identity import fingerprint as fingerprint_of

    try:
        return fingerprint_of(path) == fingerprint
    except OSError:
        return False

"""Further cameras of a recording: the files that show the same event, and the offsets of their clocks."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from app.core.study import values
from app.core.study.place import named_path, relative_path

MOST_CAMERAS = 3
"""The most further cameras of one recording: with its picture there are four, which can still be seen."""


@dataclass(frozen=True, slots=True)
class Camera:
    """One further recording of the same event.

    `path` is its place as a study names it (relative to the study's folder where that can be, with
    “/”); `offset` seconds are what its clock shows more than that of the recording that leads; `track` is the
    number of one picture track of a file, None for that which is shown when nobody chooses.
    Raises ValueError for an offset that is not a number and for text that no file can hold.
    """

    fingerprint: str
    name: str
    path: str
    offset: float = 0.0
    track: int | None = None

    @property
    def key(self) -> tuple[str, int | None]:
        """The key that distinguishes cameras."""
        return self.fingerprint, self.track

    def __post_init__(self) -> None:
        if not math.isfinite(self.offset):
            raise ValueError("no offset")
        (self.name + self.path).encode("utf-8")

    def place(self, folder: Path) -> Path:
        """Where the file was last seen, by the study's folder."""
        return named_path(self.path, folder)


Cameras = tuple[Camera, ...]


def camera_of(
    path: Path, fingerprint: str, folder: Path, offset: float = 0.0, track: int | None = None
) -> Camera:
    """The camera of a file, named as the study in `folder` names places."""
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return Camera(fingerprint, name, relative_path(path, folder), offset, track)


def cameras_to_json(cameras: Cameras) -> str:
    """The cameras as JSON, always the same text for the same cameras; "null" when there are none."""
    cameras_as_json = [
        {"fingerprint": one.fingerprint, "name": one.name, "path": one.path, "offset": one.offset}
        | ({} if one.track is None else {"track": one.track})
        for one in cameras
    ]
    return json.dumps(cameras_as_json or None, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def cameras_from_json(text: str | None) -> Cameras:
    """The inverse; None gives no cameras. Raises ValueError for any other text."""
    kept = values.items((None if text is None else values.json_of(text)) or [])
    if len(kept) > MOST_CAMERAS:
        raise ValueError("too many cameras")
    return tuple(_camera(values.fields(one)) for one in kept)


def _camera(one: dict[str, object]) -> Camera:
    return Camera(
        values.name(one.get("fingerprint")),
        values.name(one.get("name")),
        values.name(one.get("path")),
        values.finite(one.get("offset")),
        values.maybe(values.number, one.get("track")),
    )

"""The pieces of a recording as a model is shown them: what they are, and how they lie on disk.

Every piece is a few files under a pseudonymous name in the folder of its reading, so that anyone can later
see exactly what the model saw. They are written by the clip process (`clip_process.py`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from app.core.enhance.enhancement import Enhancement
from app.core.semiology import Span

INDEX_NAME = "clips.json"


@dataclass(frozen=True, slots=True)
class Piece:
    """What to make: `name` is its file name without ending, `fps` the sampling rate in Hz."""

    name: str
    span: Span
    enhancement: Enhancement
    fps: float


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """How pieces are made; each enhancement can be switched off, which shows the plain picture or sound.

    `side` is the longer side of a whole picture, `face_side` the side of a face crop, both in pixels.
    """

    pose: bool = True
    face: bool = True
    denoise: bool = True
    side: int = 768
    face_side: int = 448


@dataclass(frozen=True, slots=True)
class Clip:
    """What was made of a piece, by file names in the folder.

    `pictures` holds (milliseconds from the piece's start, name of a JPEG); `seen` is the share (0–1) of the
    pictures in which what is shown was found; `note` says in a sentence what a person should know of it.
    """

    name: str
    enhancement: Enhancement
    span: Span
    fps: float
    seen: float
    note: str = ""
    video: str | None = None
    pictures: tuple[tuple[int, str], ...] = ()
    sound: str | None = None
    raw_sound: str | None = None


def sampling_times(span: Span, fps: float) -> tuple[float, ...]:
    """The moments (s, on the recording's clock) at which a piece is sampled: its start and every 1/fps."""
    count = max(1, int(span.duration * fps + 1e-6))
    return tuple(span.start + number / fps for number in range(count))


def to_json(clips: tuple[Clip, ...]) -> str:
    return json.dumps([asdict(clip) for clip in clips], indent=1)


def from_json(text: str) -> tuple[Clip, ...]:
    """The inverse of `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
    return tuple(
        Clip(
            **{
                **row,
                "enhancement": Enhancement(row["enhancement"]),
                "span": Span(**row["span"]),
                "pictures": tuple((int(moment), str(name)) for moment, name in row["pictures"]),
            }
        )
        for row in json.loads(text)
    )


def kept_clips(folder: Path) -> tuple[Clip, ...] | None:
    """The clips that were made in `folder`; None when there are none, or a file of theirs is gone."""
    try:
        clips = from_json((folder / INDEX_NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    names = [
        name
        for clip in clips
        for name in (clip.video, clip.sound, clip.raw_sound, *(picture for _, picture in clip.pictures))
        if name is not None
    ]
    return clips if all((folder / name).is_file() for name in names) else None

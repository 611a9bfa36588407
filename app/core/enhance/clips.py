"""The pieces of a recording as a model is shown them: what they are, and how they lie on disk.

Every piece is a few files under a pseudonymous name in the folder of its reading, so that anyone can later
see exactly what the model saw. They are written by the clip process (`clip_process.py`).
`clips.json` lists them with what they were made of (docs/formats.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.core.enhance.enhancement import Enhancement
from app.core.semiology import Span

INDEX_NAME = "clips.json"
FORMAT = "semioscope-clips/1"


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

    `side` is the longer side of a whole picture, `face_side` the side of a face crop, both in pixels;
    `transcript` is the folder of a speech model, "" for no transcript.
    """

    pose: bool = True
    face: bool = True
    denoise: bool = True
    side: int = 768
    face_side: int = 448
    transcript: str = ""

    @property
    def needs_pose(self) -> bool:
        """Whether the patient has to be found in the picture first."""
        return self.pose or self.face


@dataclass(frozen=True, slots=True)
class Clip:
    """What was made of a piece, by file names in the folder.

    `pictures` holds (milliseconds from the piece's start, name of a JPEG); `seen` is the share (0–1) of the
    pictures in which what is shown was found; `note` says in a sentence what a person should know of it;
    `unusable` why nothing can be judged from it, "" when something can; `enhanced` whether the skeleton, the
    crop or the denoising is really in it.
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
    transcript: str = ""
    unusable: str = ""
    enhanced: bool = False

    @property
    def piece(self) -> Piece:
        """What it was made of."""
        return Piece(self.name, self.span, self.enhancement, self.fps)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        single = (self.video, self.sound, self.raw_sound)
        return (*(name for name in single if name), *(name for _, name in self.pictures))


def sampling_times(span: Span, fps: float) -> tuple[float, ...]:
    """The moments (s, on the recording's clock) at which a piece is sampled: its start and every 1/fps."""
    count = max(1, int(span.duration * fps + 1e-6))
    return tuple(span.start + number / fps for number in range(count))


def piece_from_dict(row: Mapping[str, Any]) -> Piece:
    """The inverse of `asdict`."""
    return Piece(row["name"], Span(**row["span"]), Enhancement(row["enhancement"]), float(row["fps"]))


def to_json(clips: Sequence[Clip], made_of: Mapping[str, Any]) -> str:
    """The list of clips with what they were made of, in JSON's own types."""
    rows = [asdict(clip) for clip in clips]
    return json.dumps({"format": FORMAT, "made_of": dict(made_of), "clips": rows}, indent=1) + "\n"


def from_json(text: str) -> tuple[tuple[Clip, ...], dict[str, Any]]:
    """The inverse of `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
    data = json.loads(text)
    if data["format"] != FORMAT:
        raise ValueError("another format")
    clips = tuple(
        Clip(
            **{
                **row,
                "enhancement": Enhancement(row["enhancement"]),
                "span": Span(**row["span"]),
                "pictures": tuple((int(moment), str(name)) for moment, name in row["pictures"]),
            }
        )
        for row in data["clips"]
    )
    if any(Path(name).name != name for clip in clips for name in clip.files):
        raise ValueError("a clip's file lies outside its folder")
    return clips, dict(data["made_of"])


def kept_clips(folder: Path, made_of: Mapping[str, Any] | None = None) -> tuple[Clip, ...] | None:
    """The clips that were made in `folder`; None when there are none, or a file of theirs is gone or empty.

    With `made_of` also None when they were made of something else.
    """
    try:
        clips, of = from_json((folder / INDEX_NAME).read_text(encoding="utf-8"))
        whole = all((folder / name).stat().st_size > 0 for clip in clips for name in clip.files)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return clips if whole and (made_of is None or of == dict(made_of)) else None

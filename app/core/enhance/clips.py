"""The pieces of a recording as a model is shown them: what they are, and how they lie on disk.

Every piece is a few files under a pseudonymous name in the folder of its reading, so that anyone can later
see exactly what the model saw. They are written by the clip process (`clip_process.py`).
`clips.json` lists them with what they were made of and the SHA-256 of every file (docs/formats.md). The
folder may come from somebody else, so nothing in it is used that does not fit that list.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.core.bounded_json import read_json
from app.core.containment import files_inside, read_inside
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.semiology import Span

INDEX_NAME = "clips.json"
FORMAT = "semioscope-clips/1"

LARGEST_CLIP = 512 << 20
"""Bytes of one file."""
_LARGEST_INDEX = 64 << 20
_NAME = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,99}")


@dataclass(frozen=True, slots=True)
class ClipSpec:
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
    crop or the denoising is really in it. `sums` is the SHA-256 (hex) of each of its files by name; earlier
    versions kept none.
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
    sums: tuple[tuple[str, str], ...] = ()

    @property
    def checkable(self) -> bool:
        """Whether it is known what each of its files was when it was made."""
        return {name for name, _ in self.sums} >= set(self.files)

    @property
    def piece(self) -> ClipSpec:
        """What it was made of."""
        return ClipSpec(self.name, self.span, self.enhancement, self.fps)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        single = (self.video, self.sound, self.raw_sound)
        return (*(name for name in single if name), *(name for _, name in self.pictures))


def sampling_times(span: Span, fps: float) -> tuple[float, ...]:
    """The moments (s, on the recording's clock) at which a piece is sampled: its start and every 1/fps."""
    count = max(1, int(span.duration * fps + 1e-6))
    return tuple(span.start + number / fps for number in range(count))


def piece_from_dict(row: Mapping[str, Any]) -> ClipSpec:
    """The inverse of `asdict`."""
    return ClipSpec(row["name"], Span(**row["span"]), Enhancement(row["enhancement"]), float(row["fps"]))


def to_json(clips: Sequence[Clip], made_of: Mapping[str, Any]) -> str:
    """The list of clips with what they were made of, in JSON's own types."""
    rows = [asdict(clip) for clip in clips]
    return json.dumps({"format": FORMAT, "made_of": dict(made_of), "clips": rows}, indent=1) + "\n"


def from_json(text: str | bytes) -> tuple[tuple[Clip, ...], dict[str, Any]]:
    """The inverse of `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
    data = read_json(text, largest=_LARGEST_INDEX)
    if not isinstance(data, dict) or data["format"] != FORMAT:
        raise ValueError("another format")
    return tuple(_clip(row) for row in data["clips"]), dict(data["made_of"])


def _clip(row: dict[str, Any]) -> Clip:
    clip = Clip(
        **{
            **row,
            "enhancement": Enhancement(row["enhancement"]),
            "span": Span(**row["span"]),
            "pictures": tuple((int(moment), str(name)) for moment, name in row["pictures"]),
            "sums": tuple((str(name), str(digest)) for name, digest in row.get("sums", ())),
        }
    )
    texts = (clip.name, clip.note, clip.transcript, clip.unusable, *clip.files)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not text")
    if not all(isinstance(number, int | float) for number in (clip.fps, clip.seen, clip.span.start)):
        raise TypeError("not a number")
    if not all(_NAME.fullmatch(name) for name in clip.files):
        raise ValueError("a clip's file lies outside its folder")
    return clip


def with_sums(clips: Iterable[Clip], folder: Path) -> tuple[Clip, ...]:
    """The clips with the SHA-256 of their files, as these lie in the folder now."""
    return tuple(
        replace(clip, sums=tuple((name, _digest((folder / name).read_bytes())) for name in clip.files))
        for clip in clips
    )


def study_of(folder: Path) -> Path:
    """The study's folder of a folder of clips, which lies at STUDY/readings/READING/clips."""
    return folder.parents[2]


def kept_clips(folder: Path) -> tuple[Clip, ...] | None:
    """The clips that were made in `folder`, to be looked at; None when there are none.

    A file of theirs is checked when it is read (`clip_file`).
    """
    found = _index(folder)
    return None if found is None or not _all_there(folder, found[0]) else found[0]


def clips_to_send(folder: Path, made_of: Mapping[str, Any]) -> tuple[Clip, ...] | None:
    """The clips that were made in `folder` of exactly this; None when there are none, or when a file of
    theirs is gone, is not as it was when it was made, or cannot be checked."""
    found = _index(folder)
    if found is None or found[1] != dict(made_of) or not all(clip.checkable for clip in found[0]):
        return None
    try:
        for clip in found[0]:
            for name in clip.files:
                clip_file(folder, clip, name)
    except (OSError, UserError):
        return None
    return found[0]


def clip_file(folder: Path, clip: Clip, name: str) -> bytes:
    """The content of a file of a clip, checked where its sum is known.

    Raises OSError when it cannot be read, UserError when it is a link or not as it was when it was made.
    """
    try:
        content = read_inside(folder / name, study_of(folder), largest=LARGEST_CLIP)
    except ValueError as error:
        raise UserError(f"{name} is larger than any clip, so it is not used.") from error
    if dict(clip.sums).get(name, _digest(content)) != _digest(content):
        raise UserError(f"{name} was changed after this clip was made, so it is not used.")
    return content


def _index(folder: Path) -> tuple[tuple[Clip, ...], dict[str, Any]] | None:
    try:
        return from_json(read_inside(folder / INDEX_NAME, study_of(folder), largest=_LARGEST_INDEX))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UserError):
        return None


def _all_there(folder: Path, clips: Sequence[Clip]) -> bool:
    there = {path.name for path in files_inside(folder, study_of(folder)) if path.lstat().st_size}
    return all(there.issuperset(clip.files) for clip in clips)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

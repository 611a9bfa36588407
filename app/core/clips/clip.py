"""The clips of a recording that a model is shown: their specification, their list and their files.

Each clip is a few files under a pseudonymous name in the folder of its reading, so that it can be checked
later what the model saw. The clip process (`clip_process.py`) writes them. `clips.json` lists them with their
sources and the SHA-256 of every file (docs/formats.md). The folder may come from somebody else, so files that
do not match the list are not used.
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
from app.core.clips.people_shown import PeopleShown, people_from
from app.core.clips.text_shown import TextShown, text_from
from app.core.containment import files_inside, read_inside
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.semiology import Span

MAKERS = "versions"
"""What the index of clips calls the versions of what has made them."""
INDEX_NAME = "clips.json"
FORMAT = "semioscope-clips/1"

LARGEST_CLIP = 512 << 20
"""The largest file in bytes."""
_LARGEST_INDEX = 64 << 20
_NAME = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,99}")


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """The specification of a clip: `name` is its file name without suffix, `fps` the sampling rate in Hz."""

    name: str
    span: Span
    enhancement: Enhancement
    fps: float


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """Options of all clips; an enhancement that is off leaves the plain picture or sound.

    `side` is the longer side of a whole picture, `face_side` the side of a face crop, both in pixels;
    `transcript` is the folder of a speech model, "" for no transcript. `cover_bystanders` covers the heads of
    everybody but the patient, `cover_patient` the patient's in clips for features of limbs and body,
    `cover_text` burned-in text and the places that a person drew to be covered.
    `beside`: the skeleton is drawn over a second picture below the plain one, not over the plain one.
    """

    pose: bool = True
    face: bool = True
    denoise: bool = True
    side: int = 768
    face_side: int = 448
    transcript: str = ""
    cover_bystanders: bool = True
    cover_patient: bool = False
    beside: bool = False
    cover_text: bool = True

    @property
    def needs_pose(self) -> bool:
        """Whether the clips need a pose track."""
        return self.pose or self.face or self.covers

    @property
    def covers(self) -> bool:
        """Whether any head is covered."""
        return self.cover_bystanders or self.cover_patient

    def named(self, *later: str) -> dict[str, Any]:
        """The options by name; of those that came `later` only what is on, as if they were not there yet."""
        return {name: value for name, value in asdict(self).items() if name not in later or value}


def arm_of(options: ClipOptions) -> str:
    """The enhancement arm in words: what is done to picture and sound, "raw" for nothing."""
    done = (
        (options.pose, "pose beside" if options.beside else "pose"),
        (options.face, "face crop"),
        (options.denoise, "denoised"),
        (bool(options.transcript), "transcript"),
    )
    return " + ".join(word for is_on, word in done if is_on) or "raw"


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished clip, by file names in the folder.

    `pictures` holds (milliseconds from the clip's start, name of a JPEG); `seen` is the share (0–1) of
    pictures in which the patient or the face was found; `note` is a remark for people; `unusable` is the
    reason why nothing can be judged from it, "" otherwise; `enhanced` is whether it contains the skeleton,
    the crop or the denoising. `sums` is the SHA-256 (hex) of each of its files by name; earlier versions
    stored none. `people` counts who is seen in its pictures, None where nobody is covered; `text` what is
    covered because it can be read, None where it was not looked for. A face crop has
    `turns` (milliseconds from the clip's start, degrees by which the picture is turned back from then on) and
    starts anew at its `cuts` (milliseconds). `grey`: its pictures have no colour, as under infrared light.
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
    people: PeopleShown | None = None
    turns: tuple[tuple[int, int], ...] = ()
    cuts: tuple[int, ...] = ()
    grey: bool = False
    text: TextShown | None = None

    @property
    def checkable(self) -> bool:
        """Whether a checksum is stored for each of its files."""
        return {name for name, _ in self.sums} >= set(self.files)

    @property
    def spec(self) -> ClipSpec:
        """The specification that it was made from."""
        return ClipSpec(self.name, self.span, self.enhancement, self.fps)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        single = (self.video, self.sound, self.raw_sound)
        return (*(name for name in single if name), *(name for _, name in self.pictures))


def sampling_times(span: Span, fps: float) -> tuple[float, ...]:
    """The times (s, on the recording's clock) at which a clip is sampled: its start and every 1/fps after
    it."""
    count = max(1, int(span.duration * fps + 1e-6))
    return tuple(span.start + number / fps for number in range(count))


def spec_from_dict(row: Mapping[str, Any]) -> ClipSpec:
    """The inverse of `asdict`."""
    return ClipSpec(row["name"], Span(**row["span"]), Enhancement(row["enhancement"]), float(row["fps"]))


def clips_to_json(clips: Sequence[Clip], made_of: Mapping[str, Any]) -> str:
    """The list of clips with their sources, as JSON."""
    rows = [asdict(clip) for clip in clips]
    return json.dumps({"format": FORMAT, "made_of": dict(made_of), "clips": rows}, indent=1) + "\n"


def clips_from_json(text: str | bytes) -> tuple[tuple[Clip, ...], dict[str, Any]]:
    """The inverse of `clips_to_json`. Raises ValueError, KeyError or TypeError for anything else."""
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
            "people": people_from(row["people"]) if row.get("people") is not None else None,
            "text": text_from(row["text"]) if row.get("text") is not None else None,
            "turns": tuple((int(moment), int(turn)) for moment, turn in row.get("turns", ())),
            "cuts": tuple(int(moment) for moment in row.get("cuts", ())),
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
    """The clips with the SHA-256 of their files as they are in the folder now."""
    return tuple(
        replace(clip, sums=tuple((name, _digest((folder / name).read_bytes())) for name in clip.files))
        for clip in clips
    )


def study_of(folder: Path) -> Path:
    """The study's folder for a folder of clips, STUDY/readings/READING/clips."""
    return folder.parents[2]


def stored_clips(folder: Path) -> tuple[Clip, ...] | None:
    """The clips in `folder`, for display; None when there are none.

    Their files are checked when they are read (`clip_file`).
    """
    found = _index(folder)
    return None if found is None or not _all_there(folder, found[0]) else found[0]


def clips_to_send(folder: Path, made_of: Mapping[str, Any]) -> tuple[Clip, ...] | None:
    """The clips in `folder` that were made from exactly these sources; None when there are none, or when a
    file is missing, changed, or cannot be checked."""
    found = _index(folder)
    if found is None or found[1] != dict(made_of):
        return None
    return found[0] if _are_whole(folder, found[0]) else None


def clips_by_any_maker(folder: Path, made_of: Mapping[str, Any]) -> tuple[Clip, ...] | None:
    """As `clips_to_send`, also where another version of this program has made them."""
    found = _index(folder)
    if found is None or found[1] | {MAKERS: None} != dict(made_of) | {MAKERS: None}:
        return None
    return found[0] if _are_whole(folder, found[0]) else None


def _are_whole(folder: Path, clips: Sequence[Clip]) -> bool:
    """Whether each file of clips is there, and known to be unchanged."""
    if not all(clip.checkable for clip in clips):
        return False
    try:
        for clip in clips:
            for name in clip.files:
                clip_file(folder, clip, name)
    except (OSError, UserError):
        return False
    return True


def clip_file(folder: Path, clip: Clip, name: str) -> bytes:
    """The content of a file of a clip, checked where its checksum is known.

    Raises OSError when it cannot be read, UserError when it is a link or has changed since it was made.
    """
    try:
        content = read_inside(folder / name, study_of(folder), largest=LARGEST_CLIP)
    except ValueError as error:
        raise UserError(f"{name} is larger than any clip, so it is not used.") from error
    known = dict(clip.sums).get(name)
    if known is not None and known != _digest(content):
        raise UserError(f"{name} was changed after this clip was made, so it is not used.")
    return content


def _index(folder: Path) -> tuple[tuple[Clip, ...], dict[str, Any]] | None:
    try:
        return clips_from_json(read_inside(folder / INDEX_NAME, study_of(folder), largest=_LARGEST_INDEX))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UserError):
        return None


def _all_there(folder: Path, clips: Sequence[Clip]) -> bool:
    there = {path.name for path in files_inside(folder, study_of(folder)) if path.lstat().st_size}
    return all(there.issuperset(clip.files) for clip in clips)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

"""What a de-identified clip is made of: the stretch of a recording, and how people are hidden in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from app.core.errors import UserError
from app.core.hiding.voices import VoiceHiding
from app.core.picture_box import Box
from app.core.recording.recording import Recording
from app.core.semiology import Span
from app.core.times import clock


class FaceHiding(StrEnum):
    """What is shown of people: the softened picture with heads covered, or the patient's skeleton alone."""

    COVER = "cover"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class HidingChoice:
    """How people are hidden; `covers` are places in the picture that are covered in every frame."""

    faces: FaceHiding = FaceHiding.COVER
    voice: VoiceHiding = VoiceHiding.REMOVE
    covers: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipStretch:
    """A stretch of the recording (s on its clock); `name` is added to the file's, "" for the only one."""

    span: Span
    name: str = ""


def chosen_stretch(recording: Recording, start: float | None, end: float | None) -> ClipStretch:
    """From `start` to `end` seconds, by default the recording's. Raises UserError for an empty stretch."""
    first = 0.0 if start is None else start
    last = recording.duration if end is None else min(end, recording.duration)
    if first >= last:
        length = clock(recording.duration)
        raise UserError(f"There is no picture in this stretch; the recording is {length} long.")
    return ClipStretch(Span(first, last))


def choice_to_dict(choice: HidingChoice) -> dict[str, Any]:
    """The choice as JSON values."""
    return asdict(choice)


def choice_from_dict(row: Mapping[str, Any]) -> HidingChoice:
    """The inverse of `choice_to_dict`. Raises KeyError, TypeError, ValueError."""
    covers = tuple(Box(**box) for box in row["covers"])
    return HidingChoice(FaceHiding(row["faces"]), VoiceHiding(row["voice"]), covers)


_FACES = {
    FaceHiding.COVER: "heads covered, body softened",
    FaceHiding.FIGURE: "skeleton only",
}
_VOICES = {
    VoiceHiding.REMOVE: "no sound",
    VoiceHiding.ENVELOPE: "level of the sound only",
    VoiceHiding.SHIFT: "voice shifted (can be shifted back)",
}


def describe_hiding(choice: HidingChoice) -> str:
    """How people are hidden, for the ledger."""
    parts = [_FACES[choice.faces], "text covered", _VOICES[choice.voice], "no metadata"]
    if choice.covers:
        parts.insert(2, f"also covered: {', '.join(_describe_place(box) for box in choice.covers)}")
    return "; ".join(parts)


def _describe_place(box: Box) -> str:
    """A place in hundredths of the picture: left, top to right, bottom."""
    left, top, right, bottom = (round(100 * side) for side in (box.left, box.top, box.right, box.bottom))
    return f"{left},{top}–{right},{bottom} %"

"""The choices of how people are hidden in a clip, what each means, and a field for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QComboBox

from app.ui.views.combo_box import ComboBox

FACES = (
    ("Heads covered, body softened, skeleton drawn", "cover"),
    ("Skeleton alone, nothing of the picture", "figure"),
)
VOICES = (
    ("No sound", "remove"),
    ("Level of the sound alone, as noise", "envelope"),
    ("Voice shifted in pitch and formants", "shift"),
)
PICTURE_OF = {
    "cover": "Heads that are found are covered, everything but the patient's body is coarse, and so is a "
    "whole frame in which the patient is not certain. What the face shows is lost.",
    "figure": "Only the patient's skeleton on a plain ground: no face, no room, no clothes.",
}
SOUND_OF = {
    "remove": "The clip has no sound track.",
    "envelope": "When it was loud can be heard, what was said cannot.",
    "shift": "What is said can be understood, and a shifted voice can be shifted back.",
}


def choice_field(name: str, rows: tuple[tuple[str, str], ...], last: Mapping[str, Any]) -> QComboBox:
    """A field of choices, with the last choice set."""
    box = ComboBox()
    # The longest choice would not leave the labels their room on a small screen.
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(16)
    box.setAccessibleName(name)
    for text, value in rows:
        box.addItem(text, value)
    box.setCurrentIndex(max(box.findData(last.get(name)), 0))
    return box

"""What the scores of faithfulness mean: plain data, which the window has from its start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anchor:
    """The meaning of a score; `percent` is the share of the explanation that holds."""

    score: int
    percent: int
    name: str
    meaning: str


ANCHORS: tuple[Anchor, ...] = (
    Anchor(1, 20, "Made up", "What it names is not in the recording, or something else is."),
    Anchor(2, 40, "Mostly wrong", "Little of what it names is there; the decisive sign is not."),
    Anchor(3, 60, "Half right", "The decisive sign is there; side, time or other particulars are wrong."),
    Anchor(4, 80, "Mostly right", "The decisive sign and most particulars are there; little is wrong."),
    Anchor(5, 100, "Right", "All that it names is there, where and when it says so."),
)

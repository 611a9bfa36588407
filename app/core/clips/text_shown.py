"""What is covered in the pictures of a clip because it can be read, as it was measured when the clip was
made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextShown:
    """Of `pictures` of a clip, or of several, in which text was looked for, those in which something is
    `covered`, and those in which that is a part of the patient's face (`on_face`); the `most` that is, as a
    share (0–1) of a picture; and how many of the places were `drawn` by a person."""

    pictures: int = 0
    covered: int = 0
    most: float = 0.0
    drawn: int = 0
    on_face: int = 0

    def __add__(self, other: TextShown) -> TextShown:
        return TextShown(
            self.pictures + other.pictures,
            self.covered + other.covered,
            max(self.most, other.most),
            max(self.drawn, other.drawn),
            self.on_face + other.on_face,
        )


def total_text(counts: Iterable[TextShown]) -> TextShown:
    """The sum of several counts."""
    return sum(counts, TextShown())


def text_from(row: Mapping[str, object]) -> TextShown:
    """The inverse of `asdict`. Raises TypeError or ValueError for anything else than counts and a share."""
    counts = [row.get(name, 0) for name in ("pictures", "covered", "drawn", "on_face")]
    pictures, covered, drawn, on_face = (
        count for count in counts if isinstance(count, int) and not isinstance(count, bool) and count >= 0
    )
    most = row.get("most", 0.0)
    if isinstance(most, bool) or not isinstance(most, int | float):
        raise TypeError("not a share")
    if not 0.0 <= most <= 1.0:
        raise ValueError("a share beyond the whole")
    return TextShown(pictures, covered, float(most), drawn, on_face)

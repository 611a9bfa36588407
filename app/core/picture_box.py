"""A box in the picture of a recording, as where the patient is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A box in the picture, as shares of its width and height.

    Raises ValueError unless 0 ≤ left < right ≤ 1 and 0 ≤ top < bottom ≤ 1.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError(f"no box in a picture: {self.left}, {self.top}, {self.right}, {self.bottom}")

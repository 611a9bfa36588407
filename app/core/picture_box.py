"""A box in the picture of a recording, as where the patient is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A box in the picture, as shares of its width and height (0–1), `left < right`, `top < bottom`."""

    left: float
    top: float
    right: float
    bottom: float

"""Places in the picture that a person wants covered in de-identified clips, as they are drawn."""

from __future__ import annotations

from app.core.picture_box import Box
from app.core.recording.recording import Recording


class DrawnCovers:
    """The places of one recording, in the order in which they were drawn; every change can be undone."""

    def __init__(self, start: tuple[Box, ...] = ()) -> None:
        """`start` are those that were drawn before; undo leaves them."""
        self._steps: list[tuple[Box, ...]] = [start]
        self._moving: int | None = None

    @property
    def places(self) -> tuple[Box, ...]:
        """In shares of the picture."""
        return self._steps[-1]

    @property
    def can_undo(self) -> bool:
        return len(self._steps) > 1

    def add(self, box: Box) -> None:
        self._change((*self.places, box))

    def remove(self, number: int) -> None:
        """Take a place away; negative numbers count from the last."""
        number %= len(self.places)
        self._change(self.places[:number] + self.places[number + 1 :])

    def move(self, number: int, box: Box) -> None:
        """Put a place elsewhere or give it another size; moves of one place that follow each other are one
        step for undo."""
        if self._moving == number:
            self._steps.pop()
        self._change((*self.places[:number], box, *self.places[number + 1 :]))
        self._moving = number

    def undo(self) -> None:
        """Take the last change back."""
        if self.can_undo:
            self._steps.pop()
        self._moving = None

    def _change(self, places: tuple[Box, ...]) -> None:
        self._steps.append(places)
        self._moving = None


class CoversByRecording:
    """The places of every recording that was open in this window."""

    def __init__(self) -> None:
        self._kept: dict[str, DrawnCovers] = {}

    def of(self, recording: Recording, stored: tuple[Box, ...], *, can_keep: bool = True) -> DrawnCovers:
        """Those of a recording, with what undoes them; begun with the places that its study holds.

        They begin anew where the study holds other ones, unless it cannot keep what is drawn.
        """
        known = self._kept.get(recording.picture_key)
        if known is None or (can_keep and known.places != stored):
            known = self._kept[recording.picture_key] = DrawnCovers(stored)
        return known

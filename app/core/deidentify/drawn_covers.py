"""Places in the picture that a person wants covered in de-identified clips, as they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.picture_box import Box

if TYPE_CHECKING:
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


@dataclass(slots=True)
class _BegunDrawing:
    """What is drawn of a recording, and the places that its study held when that began."""

    covers: DrawnCovers
    stored: tuple[Box, ...]


class CoversByRecording:
    """The places of every recording that was open in this window, in each study by themselves."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Path | None, str], _BegunDrawing] = {}

    def of(
        self, study: Path | None, recording: Recording, stored: tuple[Box, ...], *, can_keep: bool = True
    ) -> DrawnCovers:
        """Those of a recording in the study of this folder, with what undoes them; begun with the places
        `stored` that the study holds.

        They begin anew where the study holds other ones; if it cannot keep what is drawn, with that as well.
        """
        place = study, recording.picture_key
        begun = self._kept.get(place)
        if begun is None or (can_keep and begun.covers.places != stored):
            begun = _BegunDrawing(DrawnCovers(stored), stored)
        elif not can_keep and begun.stored != stored:
            covers = DrawnCovers(stored)
            for box in begun.covers.places:
                if box not in (*begun.stored, *stored):
                    covers.add(box)
            begun = _BegunDrawing(covers, stored)
        begun.stored = stored
        self._kept[place] = begun
        return begun.covers

    def drawn(self, study: Path | None, recording: Recording) -> tuple[Box, ...]:
        """The places that were drawn in this window on a recording in the study of this folder."""
        begun = self._kept.get((study, recording.picture_key))
        return () if begun is None else begun.covers.places


def covered_with(drawn: tuple[Box, ...], stored: tuple[Box, ...]) -> tuple[Box, ...]:
    """The places that were drawn, and those that the study holds besides."""
    return (*drawn, *(box for box in stored if box not in drawn))


def describe_taken_away(drawn: tuple[Box, ...], known: tuple[Box, ...], stored: tuple[Box, ...]) -> str:
    """A sentence on those of the `drawn` places, which are all covered, that the study held when they were
    shown (`known`) and that somebody has taken out of it since; "" for none."""
    count = sum(box in known and box not in stored for box in drawn)
    if not count:
        return ""
    places = "1 place that somebody has" if count == 1 else f"{count} places that others have"
    return f"Still covered: {places} taken out of the study since it was shown here."

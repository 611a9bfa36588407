"""Whether it must be said who reads, before anything of a study is shown or answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.study.recording_study import RecordingStudy


class AskedReader:
    """Asks once for each study of several persons, and once where the name in the settings was not read."""

    def __init__(self, study: RecordingStudy) -> None:
        self._study = study
        self._said_in: set[Path] = set()
        self.asked = False
        """Whether there is somebody who asks."""
        self.candidates: tuple[str, ...] = ()
        """The persons between whom is to be chosen who reads; none where that is known."""

    def begin(self) -> bool:
        """Whether the study of the recording that was just opened is to be withheld until somebody has said
        who reads; in one that nobody has read it can be the account's name."""
        study, people = self._study, self._study.content.my_reading.people
        here = study.folder if study.number else None
        several = here not in self._said_in and len(people) > 1
        in_doubt = self.asked and here is not None and (several or not study.is_sure)
        self.candidates = (people or (study.me.name,)) if in_doubt else ()
        if not in_doubt:
            self._know(here)  # there was nobody else
        return in_doubt

    def end(self) -> bool:
        """It was said who reads; whether that had been asked."""
        had, self.candidates = bool(self.candidates), ()
        self._know(self._study.folder)
        return had

    def _know(self, here: Path | None) -> None:
        if here is not None:
            self._said_in.add(here)

"""How people are hidden in the clips of a course that wait, noted beside them until it is complete."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.core.bounded_json import canonical, read_json
from app.core.containment import read_inside, write_inside
from app.core.deidentify.clip_choice import HidingChoice, choice_to_dict
from app.core.errors import UserError
from app.core.study.hidden_places import NO_PLACES, HiddenPlaces, places_to_json
from app.core.teaching.course_file import CLIPS

HIDING_FILE = "hiding.json"
_LARGEST = 4 << 20


class HidingNote:
    """The note in the folder of a course: the choice for all of its clips, and for each case which places
    its study kept when the clip was made, as a digest. Earlier versions noted the choice alone. Every method
    raises UserError."""

    def __init__(self, course: Path) -> None:
        self._course = course
        self._file = course / CLIPS / HIDING_FILE

    def begin(self, choice: HidingChoice) -> None:
        """Note how people are hidden from now on; refused when it was another way."""
        noted = self._read()
        if noted and canonical(noted.get("choice")) != canonical(choice_to_dict(choice)):
            raise UserError(
                f"In “{self._course.name}” clips wait in which people are hidden in another way; choose that "
                "again, or another folder."
            )
        self._write(choice_to_dict(choice), _places(noted))

    def covers(self, case: str, places: HiddenPlaces) -> bool:
        """Whether the clip of a case was made when the study kept just these places."""
        return bool(_places(self._read()).get(case, _digest(NO_PLACES)) == _digest(places))

    def add(self, case: str, places: HiddenPlaces) -> None:
        """Note the places with which the clip of a case is made, which does not wait yet."""
        noted = self._read()
        self._write(noted.get("choice"), {**_places(noted), case: _digest(places)})

    def forget(self) -> None:
        """Delete the note, once no clip waits."""
        self._file.unlink(missing_ok=True)

    def _read(self) -> Mapping[str, Any]:
        """What is noted, empty without a note."""
        try:
            noted = read_json(read_inside(self._file, self._course, largest=_LARGEST))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            noted = None
        if not isinstance(noted, dict):
            raise UserError(
                f"How people are hidden in the clips that wait in “{self._course.name}” cannot be read; "
                "choose another folder."
            )
        return noted if "choice" in noted else {"choice": noted}

    def _write(self, choice: object, places: Mapping[str, object]) -> None:
        text = canonical({"choice": choice, "places": dict(places)}) + "\n"
        write_inside(self._file, self._course, text.encode())


def _places(noted: Mapping[str, Any]) -> Mapping[str, object]:
    places = noted.get("places")
    return places if isinstance(places, dict) else {}


def _digest(places: HiddenPlaces) -> str:
    return hashlib.sha256(places_to_json(places).encode()).hexdigest()

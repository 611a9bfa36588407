"""A survey of the room before tracking: where the patient usually is, and which way is up for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from app.core.enhance.detector_pictures import Image
from app.core.enhance.patient_tracking import NEAR, PersonPose, Room, place_of, with_usual_place
from app.core.enhance.person_check import PersonVerdict
from app.core.enhance.pose_follower import Checker, Crowd
from app.core.enhance.upright_view import View, out_of, through, upright_quarters

_OTHER_VIEWS = (View(0, contrast=True), View(2), View(1), View(3))
_MOST_SEARCHED = 4
"""Pictures without anybody that are searched in other views too."""


@dataclass(frozen=True, slots=True)
class _FoundPerson:
    person: PersonPose
    verdict: PersonVerdict
    quarters: int


class RoomSurvey:
    """Collects the people of a few pictures; `room` gives what they tell of the room."""

    def __init__(self, room: Room, crowd: Crowd, checker: Checker) -> None:
        self._room, self._crowd, self._checker = room, crowd, checker
        self._surveys: list[list[_FoundPerson]] = []
        self._searched = 0

    def add(self, picture: Image) -> None:
        """Survey one picture (h, w, 3) RGB of the room's size."""
        found = self._people(picture, View())
        if not _sure(found) and self._searched < _MOST_SEARCHED:
            self._searched += 1
            others = (self._people(picture, view) for view in _OTHER_VIEWS)
            found = next((people for people in others if _sure(people)), found)
        self._surveys.append(found)

    def _people(self, picture: Image, view: View) -> list[_FoundPerson]:
        size = (self._room.width, self._room.height)
        people = [out_of(person, view, size) for person in self._crowd.find(through(picture, view))]
        turned = [(person, upright_quarters(person, view.quarters)) for person in people]
        checked = [
            _FoundPerson(person, self._checker.check(picture, person, quarters).verdict, quarters)
            for person, quarters in turned
        ]
        return [one for one in checked if one.verdict is not PersonVerdict.NO_PERSON]

    def room(self) -> Room:
        """The room with the patient's usual place and the turn in which they are upright there."""
        people = [[one.person for one in found] for found in self._surveys]
        room = with_usual_place(self._room, people)
        home = room.home
        turns = Counter(
            one.quarters
            for found in self._surveys
            for one in found
            if one.verdict is PersonVerdict.PERSON
            and home is not None
            and place_of(one.person).distance(home) < NEAR
        )
        return replace(room, quarters=turns.most_common(1)[0][0] if turns else 0)


def _sure(found: list[_FoundPerson]) -> bool:
    return any(one.verdict is PersonVerdict.PERSON for one in found)

"""Tracking of the patient's pose: one tracker in every frame, and a survey of all people at intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from app.core.enhance.detector_pictures import DimPictureLifter, Image, is_cut, thumbnail
from app.core.enhance.patient_tracking import (
    NEAR,
    SAME_PERSON,
    Patient,
    PersonPlace,
    PersonPose,
    Room,
    distinct_people,
    place_of,
    same_person,
)
from app.core.enhance.person_check import PersonCheck, PersonVerdict
from app.core.enhance.pose_track import FloatArray
from app.core.enhance.second_views import SecondViews
from app.core.enhance.upright_view import PixelWindow, View, out_of, through, upright_quarters, with_quarters
from app.core.picture_box import Box

SURVEY_INTERVAL = 1.0
"""Seconds between two surveys of all people in the picture while the patient is followed …"""
SURVEY_INTERVAL_LOST = 0.4
"""… while the patient is lost …"""
SURVEY_INTERVAL_CHANGED = 0.15
"""… and when somebody appears or the tracked person jumps."""
SURVEYS_LEANING = 3
"""Surveys in a row in which the patient has to lean before the picture is turned."""
_LOST_LONG = 5
"""Surveys without the patient, after which they become rarer …"""
_RAREST = 2.0
"""… down to one in this many seconds."""
_BOX_MARGIN = 0.25
"""Margin around the drawn box that the tracker sees, as a share of its size: limbs reach out of it."""
_PERSON_MARGIN = 0.6
"""Margin around a person, in scales, that stays visible when the tracker is set on them."""


class Tracker(Protocol):
    def find(self, image: Image) -> PersonPose | None: ...
    def find_anew(self, image: Image) -> PersonPose | None: ...
    def forget(self) -> None: ...


class Crowd(Protocol):
    def find(self, image: Image) -> list[PersonPose]: ...


class Checker(Protocol):
    def check(
        self, picture: Image, person: PersonPose, quarters: int, *, alone: bool = True
    ) -> PersonCheck: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for one frame: the patient or None, number of people (-1: not counted), mean luma.

    `cut` is whether the whole picture changed just before, `astray` whether somebody else was tracked,
    `check` the check of the patient where there was one, `quarters` how the picture was turned to be upright.
    """

    patient: PersonPose | None
    people: int
    brightness: float
    cut: bool = False
    astray: bool = False
    check: PersonCheck | None = None
    quarters: int = 0


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A survey: the patient or None, the number of people, the check of the patient."""

    patient: PersonPose | None
    people: int
    check: PersonCheck | None = None


class PoseFollower:
    """Finds the patient in successive pictures.

    Pictures are (h, w, 3) uint8 RGB of `room.width` × `room.height`; so are the joints' pixels. The detectors
    see them turned upright, as `room.quarters` says at first.
    """

    def __init__(self, room: Room, tracker: Tracker, crowd: Crowd, checker: Checker) -> None:
        self._tracker, self._crowd, self._checker = tracker, crowd, checker
        self._size = (room.width, room.height)
        self._patient = Patient(room)
        self._view = self._first_view = View(room.quarters, window=_window(room))
        self._second_views = SecondViews(self._size)
        self._lifter = DimPictureLifter()
        self._last_survey = self._next_survey = -np.inf
        self._tracking = False
        self._leaning = self._lost = 0
        self._before: FloatArray | None = None
        self._seen: PersonPlace | None = None
        self._held = False  # a view in which alone the patient was found is not turned upright again

    def find(self, time: float, image: Image) -> Finding:
        """The patient in the picture at `time` seconds."""
        small = thumbnail(image)
        cut = self._cut(small)
        picture = self._lifter.lift(image)
        tracked = self._track(picture, anew=cut)
        plausible = tracked is not None and self._patient.plausible(time, tracked)
        if not plausible:
            appeared = tracked is not None and not self._tracking
            wait = SURVEY_INTERVAL_CHANGED if appeared or self._patient.followed else self._lost_interval()
            self._next_survey = min(self._next_survey, self._last_survey + wait)
        self._tracking = tracked is not None
        survey = Surveyed(tracked if plausible else None, -1)
        if time >= self._next_survey:
            survey = self._survey(time, picture, tracked)
            self._plan(time, survey.patient is not None)
            self._patient.barred = tracked is not None and survey.patient is None
            if survey.check is not None and survey.check.verdict is PersonVerdict.PERSON:
                self._seen = survey.check.place
        found = survey.patient
        if found is not None:
            self._patient.accept(time, found)
        else:
            self._patient.lose()
        astray = plausible and not (found and tracked and same_person(found, tracked))
        return Finding(
            found, survey.people, float(small.mean()), cut, astray, survey.check, self._view.quarters
        )

    def _plan(self, time: float, found: bool) -> None:
        """Plan the next survey."""
        self._lost = 0 if found else self._lost + 1
        self._last_survey = time
        self._next_survey = time + (SURVEY_INTERVAL if found else self._lost_interval())

    def _lost_interval(self) -> float:
        """Seconds between surveys without the patient: rarer after a while, because they cost time."""
        return min(SURVEY_INTERVAL_LOST * max(1.0, self._lost / _LOST_LONG), _RAREST)

    def _cut(self, small: FloatArray) -> bool:
        cut = self._before is not None and is_cut(self._before, small)
        self._before = small
        if cut:
            self._patient.forget()
            self._lifter.forget()
            self._view = replace(self._first_view, quarters=self._view.quarters)
            self._lost, self._leaning, self._seen, self._held = 0, 0, None, False
            self._next_survey = -np.inf
        return cut

    def _survey(self, time: float, picture: Image, tracked: PersonPose | None) -> Surveyed:
        seen = self._people_in(picture, replace(self._view, window=self._wide_window()))
        everybody = distinct_people([*([tracked] if tracked else []), *seen])
        survey = self._choose(time, picture, everybody, tracked)
        if survey.check is None or survey.check.verdict is not PersonVerdict.PERSON:
            survey = self._second_look(time, picture, survey)
        chosen = survey.patient
        if chosen is None:
            return survey
        if survey.check is not None and survey.check.verdict is PersonVerdict.PERSON:
            self._turn(chosen)
        if tracked is not None and same_person(chosen, tracked):
            return survey
        relocked = self._track(_mask_others(picture, chosen), anew=True)
        same = relocked is not None and same_person(relocked, chosen)
        return replace(survey, patient=relocked) if same else survey

    def _choose(
        self, time: float, picture: Image, people: Sequence[PersonPose], tracked: PersonPose | None
    ) -> Surveyed:
        """The patient among those `people` that the picture shows to be people."""
        checked = [(person, self._check(picture, person, people)) for person in people]
        left = [(person, check) for person, check in checked if check.verdict is not PersonVerdict.NO_PERSON]
        real = [person for person, _ in left]
        followed = next((p for p in real if tracked is not None and same_person(p, tracked)), None)
        chosen = self._patient.choose(time, real, followed)
        check = next((check for person, check in left if person is chosen), None)
        return Surveyed(chosen, len(real), check)

    def _check(self, picture: Image, person: PersonPose, people: Sequence[PersonPose]) -> PersonCheck:
        place = place_of(person)
        alone = all(one is person or place_of(one).distance(place) > NEAR for one in people)
        quarters = upright_quarters(person, self._view.quarters)
        check = self._checker.check(picture, person, quarters, alone=alone)
        if check.verdict is PersonVerdict.NO_PERSON and self._stays(place):
            return replace(check, verdict=PersonVerdict.UNSURE)  # a patient who was seen may be covered up
        return check

    def _stays(self, place: PersonPlace) -> bool:
        """Whether a figure is where the patient was last certainly seen, in the same size."""
        seen = self._seen
        return (
            seen is not None and seen.distance(place) < SAME_PERSON and 0.7 < place.scale / seen.scale < 1.4
        )

    def _second_look(self, time: float, picture: Image, first: Surveyed) -> Surveyed:
        """The survey by another view of the picture, when the first found nobody or was unsure."""
        view = self._second_views.next(picture, self._view, self._first_view)
        found = self._people_in(picture, view)
        checks = [(person, self._check(picture, person, found)) for person in found]
        sure = [person for person, check in checks if check.verdict is PersonVerdict.PERSON]
        chosen = self._patient.choose(time, sure, None) if sure else None
        if chosen is None:
            return first
        self._view, self._held = view, True
        check = next(check for person, check in checks if person is chosen)
        return Surveyed(chosen, max(len(sure), first.people), check)

    def _turn(self, chosen: PersonPose) -> None:
        """Turn the view when the patient leans for some surveys, for example lies down."""
        if self._held:
            return
        quarters = upright_quarters(chosen, self._view.quarters)
        self._leaning = self._leaning + 1 if quarters != self._view.quarters else 0
        if self._leaning >= SURVEYS_LEANING:
            self._leaning = 0
            self._view = with_quarters(self._view, quarters)
            self._tracker.forget()

    def _wide_window(self) -> PixelWindow | None:
        """What a survey sees: all but a part that a second look chose; a drawn box does not limit it."""
        return None if self._view.window == self._first_view.window else self._view.window

    def _people_in(self, picture: Image, view: View) -> list[PersonPose]:
        return [out_of(person, view, self._size) for person in self._crowd.find(through(picture, view))]

    def _track(self, picture: Image, *, anew: bool) -> PersonPose | None:
        seen = through(picture, self._view)
        person = self._tracker.find_anew(seen) if anew else self._tracker.find(seen)
        return out_of(person, self._view, self._size) if person is not None else None


def _window(room: Room) -> PixelWindow | None:
    """Left, top, right and bottom in pixels of the part that the tracker sees; None for the whole picture."""
    if room.box is None:
        return None
    box: Box = room.box
    wide, high = (box.right - box.left) * _BOX_MARGIN, (box.bottom - box.top) * _BOX_MARGIN
    left, right = max(box.left - wide, 0.0) * room.width, min(box.right + wide, 1.0) * room.width
    top, bottom = max(box.top - high, 0.0) * room.height, min(box.bottom + high, 1.0) * room.height
    return int(left), int(top), max(int(right), int(left) + 16), max(int(bottom), int(top) + 16)


def _mask_others(picture: Image, person: PersonPose) -> Image:
    """The picture with everything grey except `person`, so that the tracker can only find them."""
    margin = _PERSON_MARGIN * person.scale
    height, width = picture.shape[:2]
    xy = person.joints[person.joints[:, 2] > 0.3, :2]
    xy = person.joints[:25, :2] if len(xy) < 4 else xy
    left, top = np.clip(xy.min(axis=0) - margin, 0, (width, height)).astype(int)
    right, bottom = np.clip(xy.max(axis=0) + margin, 0, (width, height)).astype(int)
    alone = np.full_like(picture, 110)
    alone[top:bottom, left:right] = picture[top:bottom, left:right]
    return alone

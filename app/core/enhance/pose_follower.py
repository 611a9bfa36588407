"""Tracking of the patient's pose: one tracker in every frame, and a survey of all people at intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.core.enhance.detector_pictures import DimPictureLifter, Image, is_cut, thumbnail
from app.core.enhance.patient_tracking import Patient, PersonPose, Room, distinct_people, same_person
from app.core.enhance.pose_track import FloatArray
from app.core.picture_box import Box

SURVEY_INTERVAL = 1.0
"""Seconds between two surveys of all people in the picture while the patient is followed …"""
SURVEY_INTERVAL_LOST = 0.4
"""… while the patient is lost …"""
SURVEY_INTERVAL_CHANGED = 0.15
"""… and when somebody appears or the tracked person jumps."""
_BOX_MARGIN = 0.25
"""Margin around the drawn box that the tracker sees, as a share of its size: limbs reach out of it."""
_PERSON_MARGIN = 0.6
"""Margin around a person, in scales, that stays visible when the tracker is set on them."""


class Tracker(Protocol):
    def find(self, image: Image) -> PersonPose | None: ...
    def find_anew(self, image: Image) -> PersonPose | None: ...


class Crowd(Protocol):
    def find(self, image: Image) -> list[PersonPose]: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for one frame: the patient or None, number of people (-1: not counted), mean luma.

    `cut` is whether the whole picture changed just before, `astray` whether somebody else was tracked.
    """

    patient: PersonPose | None
    people: int
    brightness: float
    cut: bool = False
    astray: bool = False


class PoseFollower:
    """Finds the patient in successive pictures.

    Pictures are (h, w, 3) uint8 RGB of `room.width` × `room.height`; so are the joints' pixels.
    """

    def __init__(self, room: Room, tracker: Tracker, crowd: Crowd) -> None:
        self._tracker = tracker
        self._crowd = crowd
        self._patient = Patient(room)
        self._window = _window(room)
        self._lifter = DimPictureLifter()
        self._last_survey = self._next_survey = -np.inf
        self._tracking = False
        self._before: FloatArray | None = None

    def find(self, time: float, image: Image) -> Finding:
        """The patient in the picture at `time` seconds."""
        small = thumbnail(image)
        cut = self._cut(small)
        picture = self._lifter.lift(image)
        tracked = self._track(picture, anew=cut)
        plausible = tracked is not None and self._patient.plausible(time, tracked)
        if not plausible:
            appeared = tracked is not None and not self._tracking
            wait = SURVEY_INTERVAL_CHANGED if appeared or self._patient.followed else SURVEY_INTERVAL_LOST
            self._next_survey = min(self._next_survey, self._last_survey + wait)
        self._tracking = tracked is not None
        people = -1
        if time >= self._next_survey:
            found, people = self._survey(time, picture, tracked)
            self._last_survey, self._next_survey = (
                time,
                time + (SURVEY_INTERVAL if found else SURVEY_INTERVAL_LOST),
            )
            self._patient.barred = tracked is not None and found is None
        elif plausible:
            found = tracked
        else:
            found = None
        if found is not None:
            self._patient.accept(time, found)
        else:
            self._patient.lose()
        astray = plausible and not (found and tracked and same_person(found, tracked))
        return Finding(found, people, float(small.mean()), cut, astray)

    def _cut(self, small: FloatArray) -> bool:
        cut = self._before is not None and is_cut(self._before, small)
        self._before = small
        if cut:
            self._patient.forget()
            self._lifter.forget()
            self._next_survey = -np.inf
        return cut

    def _survey(
        self, time: float, picture: Image, tracked: PersonPose | None
    ) -> tuple[PersonPose | None, int]:
        everybody = distinct_people([*([tracked] if tracked else []), *self._crowd.find(picture)])
        chosen = self._patient.choose(time, everybody, tracked)
        if chosen is None and not everybody and self._window is not None:
            inside = self._crowd.find(_crop_window(picture, self._window))
            everybody = [_shift_person(person, self._window) for person in inside]
            chosen = self._patient.choose(time, everybody, tracked)
        if chosen is None or (tracked is not None and same_person(chosen, tracked)):
            return chosen, len(everybody)
        relocked = self._track(_mask_others(picture, chosen), anew=True)
        if relocked is not None and same_person(relocked, chosen):
            return relocked, len(everybody)
        return chosen, len(everybody)

    def _track(self, picture: Image, *, anew: bool) -> PersonPose | None:
        seen = picture if self._window is None else _crop_window(picture, self._window)
        person = self._tracker.find_anew(seen) if anew else self._tracker.find(seen)
        return person if person is None or self._window is None else _shift_person(person, self._window)


PixelWindow = tuple[int, int, int, int]


def _window(room: Room) -> PixelWindow | None:
    """Left, top, right and bottom in pixels of the part that the tracker sees; None for the whole picture."""
    if room.box is None:
        return None
    box: Box = room.box
    wide, high = (box.right - box.left) * _BOX_MARGIN, (box.bottom - box.top) * _BOX_MARGIN
    left, right = max(box.left - wide, 0.0) * room.width, min(box.right + wide, 1.0) * room.width
    top, bottom = max(box.top - high, 0.0) * room.height, min(box.bottom + high, 1.0) * room.height
    return int(left), int(top), max(int(right), int(left) + 16), max(int(bottom), int(top) + 16)


def _crop_window(picture: Image, window: PixelWindow) -> Image:
    left, top, right, bottom = window
    return np.ascontiguousarray(picture[top:bottom, left:right])


def _shift_person(person: PersonPose, window: PixelWindow) -> PersonPose:
    joints = person.joints.copy()
    joints[:, :2] += np.array(window[:2], dtype=np.float32)
    return PersonPose(joints, person.world)


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

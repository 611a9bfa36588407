"""Follows the patient's pose through the pictures: one tracker at every frame, a look round now and then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.core.enhance.detector_pictures import Image, Lifter, is_cut, thumbnail
from app.core.enhance.patient_tracking import Patient, PersonPose, Room, distinct, same_person
from app.core.enhance.pose_track import Box, FloatArray

LOOK_EVERY = 1.0
"""Seconds between two looks at everybody in the picture while all is well …"""
LOOK_AGAIN = 0.4
"""… while the patient is lost …"""
LOOK_SOON = 0.15
"""… and when somebody turns up or what is tracked jumps."""
_BOX_MARGIN = 0.25
"""Share of the drawn box's size that the tracker sees around it: limbs reach out of it."""
_PERSON_MARGIN = 0.6
"""Scales around a person that are left visible when the tracker is put on them."""


class Tracker(Protocol):
    def find(self, image: Image) -> PersonPose | None: ...
    def find_anew(self, image: Image) -> PersonPose | None: ...


class Crowd(Protocol):
    def find(self, image: Image) -> list[PersonPose]: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One frame's pose: the patient or None, people (-1: not counted), mean luma.

    `cut` says that the picture changed as a whole just before, `astray` that somebody else was tracked.
    """

    patient: PersonPose | None
    people: int
    brightness: float
    cut: bool = False
    astray: bool = False


class PoseFollower:
    """Finds the patient in one picture after the other, in order of time.

    Pictures are (h, w, 3) uint8 RGB of `room.width` × `room.height`; so are the joints' pixels.
    """

    def __init__(self, room: Room, tracker: Tracker, crowd: Crowd) -> None:
        self._tracker = tracker
        self._crowd = crowd
        self._patient = Patient(room)
        self._window = _window(room)
        self._lifter = Lifter()
        self._last_look = self._next_look = -np.inf
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
            wait = LOOK_SOON if appeared or self._patient.followed else LOOK_AGAIN
            self._next_look = min(self._next_look, self._last_look + wait)
        self._tracking = tracked is not None
        people = -1
        if time >= self._next_look:
            found, people = self._look(time, picture, tracked)
            self._last_look, self._next_look = time, time + (LOOK_EVERY if found else LOOK_AGAIN)
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
            self._next_look = -np.inf
        return cut

    def _look(self, time: float, picture: Image, tracked: PersonPose | None) -> tuple[PersonPose | None, int]:
        everybody = distinct([*([tracked] if tracked else []), *self._crowd.find(picture)])
        chosen = self._patient.choose(time, everybody, tracked)
        if chosen is None and not everybody and self._window is not None:
            inside = self._crowd.find(_cropped(picture, self._window))
            everybody = [_moved(person, self._window) for person in inside]
            chosen = self._patient.choose(time, everybody, tracked)
        if chosen is None or (tracked is not None and same_person(chosen, tracked)):
            return chosen, len(everybody)
        relocked = self._track(_only(picture, chosen), anew=True)
        if relocked is not None and same_person(relocked, chosen):
            return relocked, len(everybody)
        return chosen, len(everybody)

    def _track(self, picture: Image, *, anew: bool) -> PersonPose | None:
        seen = picture if self._window is None else _cropped(picture, self._window)
        person = self._tracker.find_anew(seen) if anew else self._tracker.find(seen)
        return person if person is None or self._window is None else _moved(person, self._window)


Window = tuple[int, int, int, int]


def _window(room: Room) -> Window | None:
    """Left, top, right, bottom in pixels of what the tracker sees."""
    if room.box is None:
        return None
    box: Box = room.box
    wide, high = (box.right - box.left) * _BOX_MARGIN, (box.bottom - box.top) * _BOX_MARGIN
    left, right = max(box.left - wide, 0.0) * room.width, min(box.right + wide, 1.0) * room.width
    top, bottom = max(box.top - high, 0.0) * room.height, min(box.bottom + high, 1.0) * room.height
    return int(left), int(top), max(int(right), int(left) + 16), max(int(bottom), int(top) + 16)


def _cropped(picture: Image, window: Window) -> Image:
    left, top, right, bottom = window
    return np.ascontiguousarray(picture[top:bottom, left:right])


def _moved(person: PersonPose, window: Window) -> PersonPose:
    joints = person.joints.copy()
    joints[:, :2] += np.array(window[:2], dtype=np.float32)
    return PersonPose(joints, person.world)


def _only(picture: Image, person: PersonPose) -> Image:
    """The picture with everything grey but `person`, so that the tracker can only find them."""
    margin = _PERSON_MARGIN * person.scale
    height, width = picture.shape[:2]
    xy = person.joints[person.joints[:, 2] > 0.3, :2]
    xy = person.joints[:25, :2] if len(xy) < 4 else xy
    left, top = np.clip(xy.min(axis=0) - margin, 0, (width, height)).astype(int)
    right, bottom = np.clip(xy.max(axis=0) + margin, 0, (width, height)).astype(int)
    alone = np.full_like(picture, 110)
    alone[top:bottom, left:right] = picture[top:bottom, left:right]
    return alone

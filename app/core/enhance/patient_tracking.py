"""Identification of the patient among the people in successive frames.

It uses the geometry of the detections only; lengths are in units of the person's `scale` (about a shoulder
width), so that they do not depend on the camera or the size of the picture.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FloatArray, Joint
from app.core.picture_box import Box

SAME_PERSON = 0.6
"""Two detections in one frame whose anchors are closer than this (in scales) are one person."""
NEAR = 1.5
"""A person at most this far (in scales) from the patient's last place can be the patient."""
_AWAY = 1.2
"""A person at least this far (in scales) from the patient's usual place has left it."""
_REACH_SPEED = 0.4
"""Growth of the reach while the patient is not found, in scales per second …"""
_REACH_LIMIT = 3.0
"""… and its limit: in a room with several people nobody beyond it is taken for the patient."""
_SPEED_LIMIT = 8.0
"""The highest speed of head and shoulders of a person (scales per second, about 3 m/s)."""
_JUMP_FLOOR = 0.35
"""Jitter of the detectors from one frame to the next, in scales."""
_BLINK = 1.0
"""Seconds for which the detectors may miss the patient without a new identification."""
_PATIENCE = 2.0
"""Seconds without the patient after which, at the start or after a cut, any likely person is accepted."""
_HOME_MEMORY = 10.0
"""Time constant (s) of the average of the patient's usual place."""
_BOX_MARGIN = 0.1
"""Tolerance around the drawn box, as a share of its size, within which an anchor still counts as inside."""


@dataclass(frozen=True, slots=True, eq=False)
class PersonPose:
    """One person in one frame: `joints` (33, 3) x, y in pixels and visibility, `world` (33, 3) metres."""

    joints: FloatArray
    world: FloatArray

    @property
    def anchor(self) -> npt.NDArray[np.float64]:
        """(2,) the middle between nose and shoulders in pixels, which is visible even under a blanket."""
        shoulders = (self.joints[Joint.LEFT_SHOULDER, :2] + self.joints[Joint.RIGHT_SHOULDER, :2]) / 2
        return np.asarray((shoulders + self.joints[Joint.NOSE, :2]) / 2, dtype=np.float64)

    @property
    def scale(self) -> float:
        """About one shoulder's width in pixels, from the front and from the side."""
        xy = self.joints[:, :2]
        shoulders = (xy[Joint.LEFT_SHOULDER] + xy[Joint.RIGHT_SHOULDER]) / 2
        hips = (xy[Joint.LEFT_HIP] + xy[Joint.RIGHT_HIP]) / 2
        lengths = (
            _length(xy[Joint.LEFT_SHOULDER] - xy[Joint.RIGHT_SHOULDER]),
            0.6 * _length(shoulders - hips),
            _length(shoulders - xy[Joint.NOSE]),
        )
        return max(*lengths, 1.0)


@dataclass(frozen=True, slots=True)
class PersonPlace:
    """The place of a person: anchor in pixels and scale."""

    x: float
    y: float
    scale: float

    def distance(self, other: PersonPlace) -> float:
        """The distance in units of the larger of the two scales."""
        return math.hypot(self.x - other.x, self.y - other.y) / max(self.scale, other.scale)


def place_of(person: PersonPose) -> PersonPlace:
    x, y = person.anchor
    return PersonPlace(float(x), float(y), person.scale)


def same_person(first: PersonPose, second: PersonPose) -> bool:
    """Whether two detections in the same frame are the same person."""
    return place_of(first).distance(place_of(second)) < SAME_PERSON


def distinct_people(people: Sequence[PersonPose]) -> list[PersonPose]:
    """The people without repeated detections, of which the first is kept."""
    kept: list[PersonPose] = []
    for person in people:
        if not any(same_person(person, other) for other in kept):
            kept.append(person)
    return kept


@dataclass(frozen=True, slots=True)
class Room:
    """What is known of the room before tracking.

    `width`, `height` in pixels; `box` as drawn by the clinician; `home` the patient's usual place;
    `crowded` whether several people were ever found at once; `quarters` by which the picture has to be turned
    counter-clockwise so that the patient is upright.
    """

    width: int
    height: int
    box: Box | None = None
    home: PersonPlace | None = None
    crowded: bool = False
    quarters: int = 0

    def enlarged(self, width: int) -> Room:
        """The same room in pixels of a picture `width` pixels wide."""
        factor = width / self.width
        home = self.home
        if home is not None:
            home = PersonPlace(home.x * factor, home.y * factor, home.scale * factor)
        return replace(self, width=width, height=round(self.height * factor), home=home)

    def inside(self, place: PersonPlace, margin: float = _BOX_MARGIN) -> bool:
        """Whether a place is inside the drawn box; True without a box."""
        if self.box is None:
            return True
        wide = (self.box.right - self.box.left) * margin
        high = (self.box.bottom - self.box.top) * margin
        x, y = place.x / self.width, place.y / self.height
        return (
            self.box.left - wide <= x <= self.box.right + wide
            and self.box.top - high <= y <= self.box.bottom + high
        )


def with_usual_place(room: Room, surveys: Sequence[Sequence[PersonPose]]) -> Room:
    """The room with the patient's usual place, from surveys spread over the recording.

    The patient is the person who is most often in one place, preferably large, central and present from the
    start; a person who walks through is in one place only once.
    """
    groups: list[list[tuple[int, PersonPlace]]] = []
    for number, people in enumerate(surveys):
        for place in (place_of(person) for person in people):
            if not room.inside(place):
                continue
            group = next((g for g in groups if g[-1][1].distance(place) < 1.0), None)
            if group is None:
                groups.append([(number, place)])
            else:
                group.append((number, place))
    crowded = any(len(people) > 1 for people in surveys)
    if not groups:
        return replace(room, home=None, crowded=crowded)
    best = max(groups, key=lambda group: _patient_score(room, group, len(surveys)))
    places = np.array([(p.x, p.y, p.scale) for _, p in best])
    x, y, scale = (float(value) for value in np.median(places, axis=0))
    return replace(room, home=PersonPlace(x, y, scale), crowded=crowded)


def _patient_score(room: Room, group: Sequence[tuple[int, PersonPlace]], surveys: int) -> float:
    """A score of the person at one place as the patient."""
    presence = len({number for number, _ in group}) / surveys
    early = 1.0 - 0.3 * group[0][0] / surveys
    scale = float(np.median([place.scale for _, place in group])) / room.height
    off = np.median([abs(place.x / room.width - 0.5) for _, place in group])
    return float(presence * early * math.sqrt(scale) * (1.0 - 0.6 * off))


@dataclass(slots=True)
class Patient:
    """The state of tracking one person: chooses the patient among the detections of each frame.

    `followed` is False while the patient is not found; `barred` is True while the tracked person is known to
    be somebody else.
    """

    room: Room
    followed: bool = False
    barred: bool = False
    last: PersonPlace | None = None
    last_time: float = -math.inf
    home: PersonPlace | None = None
    sure: bool = False
    since: float | None = None
    _others: list[PersonPlace] = field(default_factory=list)
    _surveyed_place: PersonPlace | None = None

    def __post_init__(self) -> None:
        self.home = self.room.home

    def plausible(self, time: float, tracked: PersonPose) -> bool:
        """Whether `tracked` can be the patient who was followed until the previous frame."""
        place = place_of(tracked)
        if self.barred or self.last is None or not self.room.inside(place, 3 * _BOX_MARGIN):
            return False
        passed = max(time - self.last_time, 0.0)
        if not self.followed and passed > _BLINK:
            return False
        reach = min(_JUMP_FLOOR + _SPEED_LIMIT * passed, NEAR / 2)
        ratio = place.scale / self.last.scale
        return self.last.distance(place) <= reach and 0.4 < ratio < 2.5

    def accept(self, time: float, person: PersonPose) -> None:
        """Record `person` as the patient in the frame at `time` seconds."""
        place = place_of(person)
        if self.home is None:
            self.home = place
        else:
            share = min(max(time - self.last_time, 0.0), 1.0) / _HOME_MEMORY if self.followed else 0.0
            if self.sure:
                self.home = _between(self.home, place, share)
        self.last, self.last_time, self.followed = place, time, True

    def lose(self) -> None:
        """Record that the tracked person is not the patient in this frame."""
        self.followed = False

    def forget(self) -> None:
        """Forget all places except the usual one, after a cut."""
        self.followed, self.barred, self.sure, self.last, self.since = False, False, False, None, None
        self._others, self._surveyed_place = [], None

    def choose(
        self, time: float, people: Sequence[PersonPose], tracked: PersonPose | None
    ) -> PersonPose | None:
        """The patient among all `people` in the picture; `tracked` is the person followed so far.

        None when the patient is not among them.
        """
        self.room = _with_crowd(self.room, len(people))
        here = [person for person in people if self.room.inside(place_of(person))]
        self.since = time if self.since is None else self.since
        chosen = self._first(time, here) if self.last is None else self._again(time, here, tracked)
        self._others = [place_of(person) for person in here if person is not chosen]
        self._surveyed_place = place_of(chosen) if chosen else self._surveyed_place
        return chosen

    def _first(self, time: float, here: Sequence[PersonPose]) -> PersonPose | None:
        if not here:
            return None
        home = self.home
        if home is None:
            best = max(here, key=lambda person: _patient_score(self.room, [(0, place_of(person))], 1))
            self.sure = len(here) == 1
            return best
        best = min(here, key=lambda person: place_of(person).distance(home))
        self.sure = place_of(best).distance(home) < NEAR
        waited = time - (self.since if self.since is not None else time)
        if self.sure or not self.room.crowded or waited >= _PATIENCE:
            return best
        return None

    def _again(
        self, time: float, here: Sequence[PersonPose], tracked: PersonPose | None
    ) -> PersonPose | None:
        assert self.last is not None
        if self.home is not None and not self.sure:
            at_home = [person for person in here if place_of(person).distance(self.home) < NEAR / 2]
            if at_home:
                home = self.home
                self.sure = True
                return min(at_home, key=lambda person: place_of(person).distance(home))
        if not self.room.crowded and len(here) == 1:
            return here[0]
        left_behind = self._left_behind(here, tracked)
        if left_behind is not None:
            return left_behind
        chosen = self._assigned(here, tracked)
        if chosen is None:
            return None
        lost_for = max(time - self.last_time, 0.0)
        reach = min(NEAR + _REACH_SPEED * lost_for, _REACH_LIMIT)
        return chosen if place_of(chosen).distance(self.last) <= reach else None

    def _left_behind(self, here: Sequence[PersonPose], tracked: PersonPose | None) -> PersonPose | None:
        """The person in the patient's usual place when the followed person has left it; else None.

        Somebody who leans over the patient hides them and can carry the tracker away.
        """
        home = self.home
        place_now = place_of(tracked) if tracked is not None else self.last
        if home is None or place_now is None or place_now.distance(home) < _AWAY:
            return None
        at_home = [
            person
            for person in here
            if (place := place_of(person)).distance(home) < SAME_PERSON
            and 0.6 < place.scale / home.scale < 1.6
        ]
        return min(at_home, key=lambda person: place_of(person).distance(home), default=None)

    def _assigned(self, here: Sequence[PersonPose], tracked: PersonPose | None) -> PersonPose | None:
        """The patient by an assignment of the people of the last survey to those of this one; distances
        saturate, so that people who stay in place keep their identity while somebody passes by."""
        if not here:
            return None
        places = [place_of(person) for person in here]
        patient = [self._patient_cost(person, tracked) for person in here]
        others = [[_saturated(place.distance(other)) for place in places] for other in self._others[:4]]
        rows = [patient, *others]
        if len(rows) > len(places):
            return self._assigned_sparse(here, rows)
        best = min(
            itertools.permutations(range(len(places)), len(rows)),
            key=lambda columns: sum(row[column] for row, column in zip(rows, columns, strict=True)),
        )
        return here[best[0]]

    def _assigned_sparse(
        self, here: Sequence[PersonPose], rows: Sequence[Sequence[float]]
    ) -> PersonPose | None:
        """As `_assigned` for fewer people than before: somebody has left, possibly the patient."""
        best: tuple[float, PersonPose | None] = (math.inf, None)
        for people in itertools.permutations(range(len(rows)), len(here)):
            cost = sum(rows[row][column] for column, row in enumerate(people))
            if cost < best[0]:
                best = (cost, here[people.index(0)] if 0 in people else None)
        return best[1]

    def _patient_cost(self, person: PersonPose, tracked: PersonPose | None) -> float:
        assert self.last is not None
        place = place_of(person)
        before = self._surveyed_place or self.last
        cost = _saturated(min(place.distance(self.last), place.distance(before)))
        if self.home is not None:
            cost = 0.8 * cost + 0.2 * _saturated(place.distance(self.home))
        continuous = tracked is not None and self.followed and same_person(person, tracked)
        return cost - (0.3 if continuous else 0.0)


def _saturated(distance: float) -> float:
    """The distance, saturated above one scale."""
    return min(distance, 1.0) + 0.05 * min(distance, 10.0)


def _with_crowd(room: Room, people: int) -> Room:
    if people < 2 or room.crowded:
        return room
    return replace(room, crowded=True)


def _between(first: PersonPlace, second: PersonPlace, share: float) -> PersonPlace:
    return PersonPlace(
        first.x + (second.x - first.x) * share,
        first.y + (second.y - first.y) * share,
        first.scale + (second.scale - first.scale) * share,
    )


def _length(vector: npt.NDArray[np.float32]) -> float:
    return float(np.hypot(vector[0], vector[1]))


@dataclass(frozen=True, slots=True)
class Sighting:
    """One frame for `frames_on_other_person`: the presumed place of the patient, whether all people were
    surveyed, and whether the survey showed that somebody else had been followed until then."""

    place: PersonPlace | None
    surveyed: bool
    astray: bool


def frames_on_other_person(sightings: Sequence[Sighting]) -> list[int]:
    """The numbers of the frames in which the tracker had already moved to somebody else, before a survey
    showed it.

    These are the frames since the previous survey that are far from the patient's place then and now: between
    two surveys a tracker can slide from one body to another.
    """
    rows: list[int] = []
    confirmed: int | None = None
    for number, sighting in enumerate(sightings):
        if not sighting.surveyed:
            continue
        if sighting.astray and confirmed is not None:
            known = [place for place in (sightings[confirmed].place, sighting.place) if place is not None]
            rows += [
                row
                for row in range(confirmed + 1, number)
                if (place := sightings[row].place) is not None
                and all(place.distance(other) > SAME_PERSON / 2 for other in known)
            ]
        confirmed = number if sighting.place is not None else confirmed
    return rows

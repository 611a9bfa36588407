"""Which of the people in the picture is the patient, frame after frame.

Pure geometry over what the detectors found; lengths are measured in units of the person's own `scale`
(about a shoulder's width), so that nothing depends on the camera or the size of the picture.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import Box, FloatArray, Joint

SAME_PERSON = 0.6
"""Two findings in one frame whose anchors are nearer than this (in scales) are one person."""
NEAR = 1.5
"""A person this near (in scales) to where the patient was can be the patient."""
_AWAY = 1.2
"""Somebody this far (in scales) from the patient's usual place has left it."""
_REACH_SPEED = 0.4
"""How the reach grows while the patient is not seen, scales per second …"""
_REACH_LIMIT = 3.0
"""… and its end: beyond it, in a room with several people, nobody is taken for the patient."""
_SPEED_LIMIT = 8.0
"""Head and shoulders of one person move at most this fast (scales per second, about 3 m/s)."""
_JUMP_FLOOR = 0.35
"""Scales that the detectors may jitter from one frame to the next."""
_BLINK = 1.0
"""Seconds for which the detectors may miss the patient without anybody asking who it is afterwards."""
_PATIENCE = 2.0
"""Seconds without the patient after which, at the beginning or after a cut, anybody likely is taken."""
_HOME_MEMORY = 10.0
"""Seconds over which the patient's usual place is averaged."""
_BOX_MARGIN = 0.1
"""The drawn box is a hasty one: people whose anchor lies this share of its size outside still count."""


@dataclass(frozen=True, slots=True, eq=False)
class PersonPose:
    """One person in one frame: `joints` (33, 3) x, y in pixels and visibility, `world` (33, 3) metres."""

    joints: FloatArray
    world: FloatArray

    @property
    def anchor(self) -> npt.NDArray[np.float64]:
        """(2,) the middle between nose and shoulders: what is seen of somebody under a blanket."""
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
    """Where somebody is: anchor in pixels and scale."""

    x: float
    y: float
    scale: float

    def distance(self, other: PersonPlace) -> float:
        """In units of the larger of the two scales."""
        return math.hypot(self.x - other.x, self.y - other.y) / max(self.scale, other.scale)


def place_of(person: PersonPose) -> PersonPlace:
    x, y = person.anchor
    return PersonPlace(float(x), float(y), person.scale)


def same_person(first: PersonPose, second: PersonPose) -> bool:
    """Whether two findings of the same frame are the same person."""
    return place_of(first).distance(place_of(second)) < SAME_PERSON


def distinct(people: Sequence[PersonPose]) -> list[PersonPose]:
    """`people` without repetitions of the same person, the earlier ones kept."""
    kept: list[PersonPose] = []
    for person in people:
        if not any(same_person(person, other) for other in kept):
            kept.append(person)
    return kept


@dataclass(frozen=True, slots=True)
class Room:
    """What the program knows of the room before it follows anybody.

    `width`, `height` in pixels; `box` as drawn by the clinician; `home` the patient's usual place;
    `crowded` whether several people were ever seen at once.
    """

    width: int
    height: int
    box: Box | None = None
    home: PersonPlace | None = None
    crowded: bool = False

    def inside(self, place: PersonPlace, margin: float = _BOX_MARGIN) -> bool:
        """Whether somebody can be the patient by the drawn box; anybody without one."""
        if self.box is None:
            return True
        wide = (self.box.right - self.box.left) * margin
        high = (self.box.bottom - self.box.top) * margin
        x, y = place.x / self.width, place.y / self.height
        return (
            self.box.left - wide <= x <= self.box.right + wide
            and self.box.top - high <= y <= self.box.bottom + high
        )


def survey(room: Room, looks: Sequence[Sequence[PersonPose]]) -> Room:
    """The room with the patient's usual place, from looks spread over the recording.

    The patient is who is there most of the time at one place, rather large, rather central and rather
    from the beginning; who walks through is at one place only once.
    """
    groups: list[list[tuple[int, PersonPlace]]] = []
    for number, people in enumerate(looks):
        for place in (place_of(person) for person in people):
            if not room.inside(place):
                continue
            group = next((g for g in groups if g[-1][1].distance(place) < 1.0), None)
            if group is None:
                groups.append([(number, place)])
            else:
                group.append((number, place))
    crowded = any(len(people) > 1 for people in looks)
    if not groups:
        return Room(room.width, room.height, room.box, None, crowded)
    best = max(groups, key=lambda group: _claim(room, group, len(looks)))
    places = np.array([(p.x, p.y, p.scale) for _, p in best])
    x, y, scale = (float(value) for value in np.median(places, axis=0))
    return Room(room.width, room.height, room.box, PersonPlace(x, y, scale), crowded)


def _claim(room: Room, group: Sequence[tuple[int, PersonPlace]], looks: int) -> float:
    """How much speaks for the people of one place being the patient."""
    presence = len({number for number, _ in group}) / looks
    early = 1.0 - 0.3 * group[0][0] / looks
    scale = float(np.median([place.scale for _, place in group])) / room.height
    off = np.median([abs(place.x / room.width - 0.5) for _, place in group])
    return float(presence * early * math.sqrt(scale) * (1.0 - 0.6 * off))


@dataclass(slots=True)
class Patient:
    """Follows one person: is told what was found, says who of them is the patient.

    `followed` is False while the patient is not seen, `barred` is True while what is tracked is known to
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
    _at_look: PersonPlace | None = None

    def __post_init__(self) -> None:
        self.home = self.room.home

    def plausible(self, time: float, tracked: PersonPose) -> bool:
        """Whether `tracked` can be the patient who was followed until the frame before."""
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
        """Remember `person` as the patient in the frame at `time`."""
        place = place_of(person)
        if self.home is None:
            self.home = place
        else:
            share = min(max(time - self.last_time, 0.0), 1.0) / _HOME_MEMORY if self.followed else 0.0
            if self.sure:
                self.home = _between(self.home, place, share)
        self.last, self.last_time, self.followed = place, time, True

    def lose(self) -> None:
        """The patient is not what is tracked in this frame."""
        self.followed = False

    def forget(self) -> None:
        """After a cut: the places of before say nothing any more, except the usual one."""
        self.followed, self.barred, self.sure, self.last, self.since = False, False, False, None, None
        self._others, self._at_look = [], None

    def choose(
        self, time: float, people: Sequence[PersonPose], tracked: PersonPose | None
    ) -> PersonPose | None:
        """The patient among all `people` in the picture; `tracked` is the one followed up to now.

        None when the patient is not among them.
        """
        self.room = _crowded(self.room, len(people))
        here = [person for person in people if self.room.inside(place_of(person))]
        self.since = time if self.since is None else self.since
        chosen = self._first(time, here) if self.last is None else self._again(time, here, tracked)
        self._others = [place_of(person) for person in here if person is not chosen]
        self._at_look = place_of(chosen) if chosen else self._at_look
        return chosen

    def _first(self, time: float, here: Sequence[PersonPose]) -> PersonPose | None:
        if not here:
            return None
        home = self.home
        if home is None:
            best = max(here, key=lambda person: _claim(self.room, [(0, place_of(person))], 1))
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
        """Whoever lies in the patient's usual place while the one followed has walked away from it.

        Somebody who leans over the patient hides them and can take the tracker along on leaving.
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
        """Match the people of the last look with those of this one; distances saturate, so that who
        stays put stays who they are while somebody else passes by."""
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
        """As above with fewer people than before: somebody has left, perhaps the patient."""
        best: tuple[float, PersonPose | None] = (math.inf, None)
        for people in itertools.permutations(range(len(rows)), len(here)):
            cost = sum(rows[row][column] for column, row in enumerate(people))
            if cost < best[0]:
                best = (cost, here[people.index(0)] if 0 in people else None)
        return best[1]

    def _patient_cost(self, person: PersonPose, tracked: PersonPose | None) -> float:
        assert self.last is not None
        place = place_of(person)
        before = self._at_look or self.last
        cost = _saturated(min(place.distance(self.last), place.distance(before)))
        if self.home is not None:
            cost = 0.8 * cost + 0.2 * _saturated(place.distance(self.home))
        continuous = tracked is not None and self.followed and same_person(person, tracked)
        return cost - (0.3 if continuous else 0.0)


def _saturated(distance: float) -> float:
    """Beyond one scale it hardly matters how far somebody moved between two looks."""
    return min(distance, 1.0) + 0.05 * min(distance, 10.0)


def _crowded(room: Room, people: int) -> Room:
    if people < 2 or room.crowded:
        return room
    return Room(room.width, room.height, room.box, room.home, True)


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
    """One frame for `led_astray`: where the patient was taken to be, whether everybody was looked at, and
    whether that look showed that somebody else had been followed until then."""

    place: PersonPlace | None
    look: bool
    astray: bool


def led_astray(sightings: Sequence[Sighting]) -> list[int]:
    """The frames before a look that showed the tracker on somebody else, in which it was already there.

    These are the frames since the last look that are away both from where the patient was then and from
    where the patient is now: between two looks a tracker can slide from one body to another.
    """
    rows: list[int] = []
    confirmed: int | None = None
    for number, sighting in enumerate(sightings):
        if not sighting.look:
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

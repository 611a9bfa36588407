"""Whether the figure that was followed is the patient throughout: decided over the whole recording.

While a figure is followed without a break it is one person. After a cut, a gap, or when somebody crosses, it
may be another one: place, size, clothing and face are compared with what is known of the patient, and where
they do not agree the frames are in doubt.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.core.enhance.clothing import Clothing, compare_clothing, usual_clothing
from app.core.enhance.face_shape import FaceShape, compare_faces, usual_face
from app.core.enhance.likeness import Likeness
from app.core.enhance.patient_tracking import NEAR, PersonPlace, Room
from app.core.enhance.person_check import PersonCheck, PersonVerdict
from app.core.enhance.pose_track import Doubt

_BREAK = 1.0
"""Seconds without the patient after which it has to be decided anew who is followed."""
_JUMP = 0.75
"""Scales from one frame to the next that no body moves."""
_SAME_SIZE = 1.7
"""Factor between two sizes of one person at one place."""
_OTHER_SIZE = 2.5
"""Factor beyond which a figure is of somebody else, as in the signal reader."""
_STILL, _STILL_SIZE = 0.35, 1.25
"""Distance in scales and factor of size that the detectors themselves jitter by."""
_MOST = 16
"""Stretches of the patient that another one is compared with."""
_SHORT_GAP = 3.0
"""Seconds in which nobody takes somebody else's place unseen, where one person is ever in the picture."""
_RECENT = 5
"""Checks before a break with which what comes after it is compared, besides the patient's usual clothing."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One frame: `time` s, the `place` of the figure (None: nobody), whether the whole picture changed just
    before (`cut`), the `check` of the figure if there was one, its `face` if it was measured."""

    time: float
    place: PersonPlace | None
    cut: bool = False
    check: PersonCheck | None = None
    face: FaceShape | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Frames from `start` to before `stop` in which one figure is followed without a break; `shot` counts the
    cuts before it."""

    start: int
    stop: int
    shot: int
    first: PersonPlace
    last: PersonPlace
    usual: PersonPlace
    checks: tuple[PersonCheck, ...]
    clothing: Clothing | None
    face: FaceShape | None


def doubts(frames: Sequence[Followed], room: Room | None) -> npt.NDArray[np.uint8]:
    """The `Doubt` of every frame, (n,): which are not of a person, not of the patient, or uncertain."""
    result = np.full(len(frames), Doubt.NONE, dtype=np.uint8)
    frames = _without_figures(frames, result)
    parts = stretches(frames)
    if not parts:
        return result
    known = _Known(frames, room)
    reference = max(range(len(parts)), key=lambda number: _weight(parts[number], frames, room))
    known.add(parts[reference])
    for number in _outwards(len(parts), reference):
        part = parts[number]
        verdict = known.judge(part)
        if verdict is Doubt.NONE:
            known.add(part)
        result[part.start : part.stop] = verdict
    return result


def _outwards(count: int, middle: int) -> list[int]:
    """The numbers of all but the middle one, nearest first: what is near in time is compared first."""
    return sorted((n for n in range(count) if n != middle), key=lambda n: (abs(n - middle), n))


def _without_figures(frames: Sequence[Followed], result: npt.NDArray[np.uint8]) -> list[Followed]:
    """The frames without the figures that are not on a person, which are marked in `result`."""
    kept = list(frames)
    for part in stretches(frames, crossings=False):
        rows = [row for row in range(part.start, part.stop) if frames[row].check is not None]
        verdicts = {row: check.verdict for row in rows if (check := frames[row].check) is not None}
        if not verdicts:
            continue
        seen = max(verdicts.values())
        for row in range(part.start, part.stop):
            refused = verdicts[_nearest(rows, row)] is PersonVerdict.NO_PERSON
            if frames[row].place is not None and (seen < PersonVerdict.PERSON or refused):
                result[row] = Doubt.NOT_A_PERSON
                kept[row] = Followed(frames[row].time, None, frames[row].cut)
    return kept


def _nearest(rows: Sequence[int], row: int) -> int:
    """The nearest of the ascending `rows`."""
    after = bisect_left(rows, row)
    return min(rows[max(after - 1, 0) : after + 1], key=lambda other: abs(other - row))


def stretches(frames: Sequence[Followed], *, crossings: bool = True) -> list[Stretch]:
    """The stretches of the frames, in order; with or without a new one whenever somebody else is near."""
    parts: list[Stretch] = []
    rows: list[int] = []
    shot = 0
    for row, frame in enumerate(frames):
        near = crossings and frame.check is not None and not frame.check.alone
        if rows and (frame.cut or near or _breaks(frames, rows[-1], row)):
            parts.append(_stretch(frames, rows, shot))
            rows = []
        shot += frame.cut
        if frame.place is not None:
            rows.append(row)
    return [*parts, _stretch(frames, rows, shot)] if rows else parts


def _breaks(frames: Sequence[Followed], before: int, row: int) -> bool:
    """Whether what is followed in `row` may be somebody else than in `before`, the last row with anybody."""
    frame, last = frames[row], frames[before].place
    if frame.time - frames[before].time > _BREAK:
        return True
    if frame.place is None or last is None:
        return False
    return row - before == 1 and frame.place.distance(last) > _JUMP


def _stretch(frames: Sequence[Followed], rows: Sequence[int], shot: int) -> Stretch:
    places = [place for row in rows if (place := frames[row].place) is not None]
    checks = tuple(check for row in rows if (check := frames[row].check) is not None)
    middle = np.median([(place.x, place.y, place.scale) for place in places], axis=0)
    return Stretch(
        rows[0],
        rows[-1] + 1,
        shot,
        places[0],
        places[-1],
        PersonPlace(*(float(value) for value in middle)),
        checks,
        usual_clothing([check.clothing for check in checks if check.clothing is not None]),
        usual_face([face for row in rows if (face := frames[row].face) is not None]),
    )


def _weight(part: Stretch, frames: Sequence[Followed], room: Room | None) -> float:
    """How much a stretch speaks for being the patient: its length, near the usual place, and in the box."""
    seconds = frames[part.stop - 1].time - frames[part.start].time + 0.1
    if room is None:
        return seconds
    near = room.home is None or part.usual.distance(room.home) < NEAR
    return seconds * (1.0 if near else 0.3) * (1.0 if room.inside(part.usual) else 0.1)


@dataclass(slots=True)
class _Known:
    """What is known of the patient: the stretches that are surely theirs, the longest first."""

    frames: Sequence[Followed]
    room: Room | None
    parts: list[Stretch] = field(default_factory=list)

    def add(self, part: Stretch) -> None:
        # Each is compared with all: in an hour with people by the bed there are thousands.
        self.parts = [*self.parts[:1], *self.parts[1:][-_MOST:], part]

    def judge(self, part: Stretch) -> Doubt:
        """Whether a stretch is the patient's."""
        near = min(self.parts, key=lambda one: max(one.start - part.stop, part.start - one.stop))
        cut = near.shot != part.shot
        face = self._face(part)
        if face is not Likeness.DIFFERENT and not cut and self._stays(near, part):
            return Doubt.NONE
        return decide(self._place(near, part), self._clothing(near, part), face, cut=cut)

    def _stays(self, near: Stretch, part: Stretch) -> bool:
        """Whether the figure stays exactly where it was while somebody is about, who may cover it with a
        blanket but cannot lie down in its place."""
        still = near.usual.distance(part.usual) <= _STILL and _ratio(near.usual, part.usual) <= _STILL_SIZE
        return still and self._gap(near, part) <= _BREAK

    def _gap(self, near: Stretch, part: Stretch) -> float:
        first, second = (near, part) if near.stop <= part.start else (part, near)
        return self.frames[second.start].time - self.frames[first.stop - 1].time

    def _clothing(self, near: Stretch, part: Stretch) -> Likeness:
        recent = near.checks[-_RECENT:] if near.stop <= part.start else near.checks[:_RECENT]
        before = usual_clothing([check.clothing for check in recent if check.clothing is not None])
        others = (before, *(one.clothing for one in self.parts))
        likes = [compare_clothing(part.clothing, other) for other in others]
        return max(likes) if max(likes) > 0 else min(likes)

    def _face(self, part: Stretch) -> Likeness:
        return compare_faces(part.face, usual_face([p.face for p in self.parts if p.face is not None]))

    def _place(self, near: Stretch, part: Stretch) -> Likeness:
        """Whether the stretch is where the patient was; different only if it is of quite another size."""
        before, after = _edges(near, part)
        ratio = _ratio(before, after)
        away = min(before.distance(after), near.usual.distance(part.usual))
        if away <= NEAR / 2 and ratio <= _SAME_SIZE:
            return Likeness.SAME
        short = self._gap(near, part) <= _SHORT_GAP and near.shot == part.shot and ratio <= _SAME_SIZE
        if short and self.room is not None and not self.room.crowded:
            return Likeness.SAME
        return Likeness.UNKNOWN if ratio <= _OTHER_SIZE else Likeness.DIFFERENT


def _edges(near: Stretch, part: Stretch) -> tuple[PersonPlace, PersonPlace]:
    """The places at the break between two stretches."""
    return (near.last, part.first) if near.stop <= part.start else (near.first, part.last)


def _ratio(one: PersonPlace, other: PersonPlace) -> float:
    return max(one.scale, other.scale) / min(one.scale, other.scale)


def decide(place: Likeness, clothing: Likeness, face: Likeness, *, cut: bool) -> Doubt:
    """The decision from what place with size, clothing and face say, after a `cut` or without one."""
    says = (place, clothing, face)
    against, for_it = says.count(Likeness.DIFFERENT), says.count(Likeness.SAME)
    if against:
        return (
            Doubt.ANOTHER if against > for_it and Likeness.DIFFERENT in (clothing, face) else Doubt.UNCERTAIN
        )
    if clothing is Likeness.SAME or face is Likeness.SAME:
        return Doubt.NONE
    # After a cut the place tells only that the same figure could be there.
    return Doubt.NONE if place is Likeness.SAME and not cut else Doubt.UNCERTAIN

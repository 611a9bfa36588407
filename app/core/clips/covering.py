"""What is covered in the pictures of clips: the heads of bystanders, the patient's where that is wanted, and
where something can be read. For the clip process only: imports cv2.

In contrast to reports and de-identified clips, the patient may be recognised and the room is to be seen, so
only heads and text are covered. Where it is not certain that these are all heads, the frame is coarse outside
of the patient, and as a whole where the patient is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

import cv2
import numpy as np
import numpy.typing as npt

from app.core.clips.clip import ClipOptions
from app.core.clips.people_shown import PeopleShown
from app.core.enhance.face_crop import CropPlace
from app.core.enhance.pose_track import PoseTrack
from app.core.hiding.cells import coarse_cell, in_cells
from app.core.hiding.changed_search import ChangedSearch
from app.core.hiding.covers import cover, covered
from app.core.hiding.face_detector import TURNS, CenterFace, FaceEye, FoundFace, distinct_faces
from app.core.hiding.face_memory import FaceMemory, asking
from app.core.hiding.figure import body_in
from app.core.hiding.heads import NEAR, Head, heads_in_row, heads_of_faces, heads_of_track
from app.core.hiding.picture_hider import CONFIRMED, confirmed
from app.core.picture_box import Box

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_OWN, _OWN_DOUBTFUL = 0.35, 0.6
"""A face whose centre is nearer than this (in heads) to the patient's is the patient's, found twice; the
larger one for what only may be a face."""
_CORE = 0.5
"""Radius (in heads) of the patient's face, which another head does not cover when both overlap."""
_AROUND = 0.04
"""Margin of what is shown of the patient's body, in longer sides of the picture."""
_ROUNDING = 1e-6
_EYES = ("sides, close", "between, close")


@dataclass(frozen=True, slots=True, eq=False)
class CoveredPicture:
    """The frame at `seconds` with covered heads; `blank` when all of it is coarse.

    `people` has the counts of this one picture; `others` are the heads that are covered, `overlapping` those
    of them that are over the patient's own; `text` is (h, w) what is covered because it can be read, and
    `text_on_face` whether that is a part of the patient's face, which would be shown otherwise.
    """

    image: Image
    seconds: float
    people: PeopleShown
    others: tuple[Head, ...] = ()
    overlapping: tuple[Head, ...] = ()
    text: Mask | None = None
    text_on_face: bool = False

    @property
    def blank(self) -> bool:
        """Whether the whole picture is coarse."""
        return bool(self.people.blank)

    def people_in(self, place: CropPlace | None) -> PeopleShown:
        """The counts for a square of the picture."""
        if place is None:
            return PeopleShown(pictures=self.people.pictures)
        inside = [_touches(head, place) for head in self.others]
        over = [_touches(head, place) for head in self.overlapping]
        return replace(self.people, others_covered=int(any(inside)), overlapping=int(any(over)))


def _touches(head: Head, place: CropPlace) -> bool:
    """Whether the disc over a head reaches into the square, however it is turned."""
    reach = place.side * 0.5**0.5 + head.radius
    return bool(np.hypot(head.x - place.x, head.y - place.y) < reach)


class HeadCovers:
    """Covers the heads in frames of one recording, which are given in order of time.

    `box` is where a person said that the patient is. Each of the `eyes` looks where those before leave it in
    doubt whether all heads are found; `memory` knows what was found before. Raises UserError where the
    detector of faces is missing.
    """

    def __init__(
        self,
        track: PoseTrack | None,
        options: ClipOptions,
        box: Box | None = None,
        eyes: Sequence[FaceEye] | None = None,
        memory: FaceMemory | None = None,
    ) -> None:
        self._track = track
        self._options = options
        self._box = box
        looking = (eyes or _eyes()) if options.covers else ()
        self._finders = [
            memory.finder(eye, name) if memory else asking(eye)
            for eye, name in zip(looking, _EYES, strict=False)
        ]
        self._found: list[tuple[float, tuple[Head, ...]]] = []

    def frame(self, image: Image, seconds: float, text: Mask | None = None) -> FrameCovers:
        """The frame (h, w, 3) BGR at `seconds`, in which every head has been looked for; `text` is (h, w)
        what can be read in it, and is covered before anything else is made of it."""
        unread = _without(image, text)
        row = self._track.row_at(seconds) if self._track is not None else None
        here: list[Head] = []
        if self._track is not None and row is not None and confirmed(self._track, row):
            here = heads_in_row(self._track, row, image)
        if not self._finders:
            return FrameCovers(unread, seconds, self._options, text=text, here=tuple(here))
        now, certain = self._look(image, seconds, here)
        held = [(then, heads) for then, heads in self._found if 0 <= seconds - then <= NEAR + _ROUNDING]
        self._found = [*held, (seconds, now)]
        return FrameCovers(
            unread,
            seconds,
            self._options,
            text=text,
            here=tuple(here),
            patient=self._patient(seconds, image) if here else (),
            others=tuple(head for _, heads in self._found for head in heads if not head.patient),
            certain=certain,
            has_box=self._box is not None,
            find_shown=cache(partial(self._shown, image, row if here else None)),
        )

    def _look(self, image: Image, seconds: float, here: list[Head]) -> tuple[tuple[Head, ...], bool]:
        """The heads in the frame, and whether it is certain that they are all."""
        faces: tuple[FoundFace, ...] = ()
        heads: tuple[Head, ...] = ()
        for find in self._finders:
            faces = distinct_faces((*faces, *find(image, seconds)))
            heads = tuple(_told_apart(heads_of_faces(faces, here), here))
            # Where no face at all is found, the detector cannot see.
            if here and heads and self._all_found(seconds, heads):
                return heads, True
        return heads, False

    def _patient(self, seconds: float, image: Image) -> tuple[Head, ...]:
        """Where the patient's head is about this time."""
        tracked = heads_of_track(self._track, seconds, image)
        return (*tracked, *(head for _, heads in self._found for head in heads if head.patient))

    def _all_found(self, seconds: float, now: tuple[Head, ...]) -> bool:
        """Whether no more people were counted about this time than heads are found."""
        counts = _counted_about(self._track, seconds)
        others = sum(head.sure and not head.patient for head in now)
        return bool(counts) and max(counts) - 1 <= others

    def _shown(self, image: Image, row: int | None) -> Mask:
        """(h, w) what of the picture is the patient: the body as it is tracked, else the box."""
        height, width = image.shape[:2]
        shown = np.zeros((height, width), np.bool_)
        if self._track is not None and row is not None:
            around = max(round(max(height, width) * _AROUND), 1)
            shown |= _near(body_in(self._track, row, image), around)
            shown |= covered(heads_in_row(self._track, row, image), image)
        elif self._box is not None:
            box = self._box
            rows = slice(round(box.top * height), round(box.bottom * height))
            shown[rows, round(box.left * width) : round(box.right * width)] = True
        return shown


def _without(image: Image, text: Mask | None) -> Image:
    if text is None:
        return image
    made = image.copy()
    cover(made, text, image)
    return made


def _near(body: Mask, reach: int) -> Mask:
    """(h, w) what is at most so many pixels from the body; of a large disc quicker than `cv2.dilate`."""
    if not body.any():  # then nothing is at any distance
        return body
    distance = cv2.distanceTransform((~body).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance <= reach)


def _eyes() -> tuple[FaceEye, ...]:
    """The detector with the picture on each of its sides, quicker, and in all turns between."""
    sides = tuple(turn for turn in TURNS if turn % 90 == 0)
    between = tuple(turn for turn in TURNS if turn not in sides)
    return ChangedSearch(CenterFace(turns=sides)), ChangedSearch(CenterFace(turns=between))


def _told_apart(found: tuple[Head, ...], patient: list[Head]) -> Iterator[Head]:
    """The heads that were found, the patient's marked also where it was found twice."""
    for head in found:
        near = _OWN if head.sure else _OWN_DOUBTFUL
        own = any(head.distance(other) < near for other in patient)
        yield replace(head, patient=head.patient or own)


def _counted_about(track: PoseTrack | None, seconds: float) -> list[int]:
    """How many people were counted the last time before and the first time after `seconds`."""
    if track is None:
        return []
    near = (track.people >= 0) & (np.abs(track.times - seconds) <= CONFIRMED)
    before, after = (np.flatnonzero(near & side) for side in (track.times <= seconds, track.times >= seconds))
    return [int(track.people[row]) for row in (*before[-1:], *after[:1])]


@dataclass(frozen=True, slots=True, eq=False)
class FrameCovers:
    """A frame, of which `text` is covered, and the heads in it: `here` the patient's in this frame, `patient`
    about this time.

    `certain` is whether all heads are taken to be found; `find_shown` gives (h, w) what stays sharp where
    they are not, which is the box that a person drew where the patient is not known and it `has_box`; without
    it nobody is looked for.
    """

    image: Image
    seconds: float
    options: ClipOptions
    text: Mask | None = None
    here: tuple[Head, ...] = ()
    patient: tuple[Head, ...] = ()
    others: tuple[Head, ...] = ()
    certain: bool = False
    has_box: bool = False
    find_shown: Callable[[], Mask] | None = None
    _made: dict[bool, CoveredPicture] = field(default_factory=dict)

    def covered(self, *, patient: bool) -> CoveredPicture:
        """The picture with its heads covered, the patient's if so wanted; made once."""
        if patient not in self._made:
            self._made[patient] = self._cover(patient=patient)
        return self._made[patient]

    def _cover(self, *, patient: bool) -> CoveredPicture:
        bystanders = self.options.cover_bystanders
        if self.find_shown is None or not (bystanders or patient):
            shown = PeopleShown(pictures=1, patient_shown=int(bool(self.here)))
            on_face = self._text_on_face()
            return CoveredPicture(self.image, self.seconds, shown, text=self.text, text_on_face=on_face)
        others = self.others if bystanders else ()
        certain = self.certain if bystanders else bool(self.here)
        made, blank = self.image.copy(), False
        if not certain:
            # Where the patient is not known, the face that is to be covered may be in the box.
            hides_box = patient and not self.here
            sharp = np.zeros(self.image.shape[:2], np.bool_) if hides_box else self.find_shown()
            made, blank = self._coarse(sharp), not sharp.any()
        cover(made, self._covers(others, patient=patient), self.image)
        over = tuple(head for head in others if self._overlaps(head)) if not patient else ()
        people = PeopleShown(
            pictures=1,
            patient_shown=int(bool(self.here) and not patient),
            patient_covered=int(bool(self.here) and patient),
            others_covered=int(bool(others)),
            uncertain=int(not certain),
            blank=int(blank),
            overlapping=int(bool(over)),
            in_box=int(self.has_box and not (self.here or blank)),
        )
        on_face = self._text_on_face() and not patient
        return CoveredPicture(made, self.seconds, people, others, over, self.text, on_face)

    def _coarse(self, sharp: Mask) -> Image:
        """The picture without detail but where it is to be sharp."""
        sizes = [head.size for head in (*self.others, *self.here)]
        made = in_cells(self.image, coarse_cell(self.image, sizes, known=bool(self.here)))
        np.copyto(made, self.image, where=sharp[:, :, None])
        return made

    def _covers(self, others: tuple[Head, ...], *, patient: bool) -> Mask:
        mask = covered(others, self.image)
        if patient:
            return np.asarray(mask | covered(self.patient, self.image))
        return np.asarray(mask & ~self._face())

    def _face(self) -> Mask:
        """(h, w) the patient's face in this frame."""
        return covered((replace(head, radius=head.size * _CORE) for head in self.here), self.image)

    def _text_on_face(self) -> bool:
        return self.text is not None and bool((self.text & self._face()).any())

    def _overlaps(self, head: Head) -> bool:
        """Whether a face of that head reaches over the patient's own."""
        return any(
            np.hypot(head.x - own.x, head.y - own.y) < (head.size + own.size) * _CORE for own in self.here
        )

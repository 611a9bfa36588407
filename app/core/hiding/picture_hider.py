"""Pictures in which nobody can be recognised: all that is not certainly the patient's body is coarse.

The other way round from searching for faces: a face that no detector found lies in what is coarse. Softened
but readable are only the patient's trunk and limbs, and only where the patient is confirmed; never a head or
anything that may be one. Where there is doubt the whole frame is coarse.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import PoseTrack
from app.core.hiding.cells import body_cell, coarse_cell, in_cells
from app.core.hiding.covered_places import CoveredPlaces
from app.core.hiding.covers import cover, covered, doubtful, lay
from app.core.hiding.face_detector import CUT_OFF, SEARCH_PIXELS, CenterFace, FaceEye
from app.core.hiding.face_memory import FaceMemory, asking
from app.core.hiding.face_search import FaceSearch
from app.core.hiding.figure import body_in, draw_skeleton, figure_picture, line_width, points_in
from app.core.hiding.heads import NEAR, Head, heads_in_row, heads_of_track

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

CONFIRMED = 1.5
"""Seconds before and after in which people must have been counted, and the patient found among them."""
_EYE = "all turns"
_SAME_FRAME = 0.05
"""Seconds by which a row of the track may be older than the frame; an older one tells nothing about it."""


class Appearance(Enum):
    """How a hidden picture looks."""

    COVERED = "covered"
    """The body softened with the skeleton drawn on it, heads covered, all else coarse."""
    FIGURE = "figure"
    """The skeleton on a plain ground: nothing of the picture itself."""


@dataclass(frozen=True, slots=True)
class HiddenPicture:
    """The picture (h, w, 3) BGR; `whole` when all of it had to be made coarse; `heads` that are covered."""

    image: Image
    whole: bool
    heads: tuple[Head, ...] = ()


class PictureHider:
    """Hides the people of one recording, in frames in order of time.

    `track` is the patient's; `text` where text is burned in, which is covered below the skeleton; `drawn`
    what a person wants covered, which lies over everything. `eye` finds faces; the built-in detector is
    loaded without one; `memory` knows what was found before. Raises UserError where the detector is missing.
    """

    def __init__(
        self,
        track: PoseTrack | None,
        *,
        appearance: Appearance = Appearance.COVERED,
        text: CoveredPlaces | None = None,
        drawn: CoveredPlaces | None = None,
        eye: FaceEye | None = None,
        memory: FaceMemory | None = None,
    ) -> None:
        self._track = track
        self._text = text or CoveredPlaces()
        self._drawn = drawn or CoveredPlaces()
        self._search = None
        if appearance is not Appearance.FIGURE:
            looking = eye or CenterFace(pixels=SEARCH_PIXELS, cut_off=CUT_OFF)
            self._search = FaceSearch(memory.finder(looking, _EYE) if memory else asking(looking), track)

    def offer(self, image: Image, seconds: float) -> None:
        """Show a frame (h, w, 3) BGR that is hidden later: what is found in it counts for those before."""
        if self._search is not None:
            self._search.offer(image, seconds)

    def end(self) -> None:
        """Say that no further frame is offered."""
        if self._search is not None:
            self._search.search_last()

    def hide(self, image: Image, seconds: float) -> HiddenPicture:
        """`image`, the whole frame on screen at `seconds` (h, w, 3) BGR, with everybody made unrecognisable.

        Searches the frame itself unless frames before and after it have been searched (`offer`).
        """
        row = self._row(seconds)
        if self._search is None:
            return self._figure(image, row, seconds)
        if not self._search.surrounds(seconds):
            self._search.search(image, seconds)
        heads = (*heads_of_track(self._track, seconds, image), *self._search.about(seconds))
        return self._covered(self._without_places(image, seconds), row, heads, seconds)

    def _figure(self, image: Image, row: int | None, seconds: float) -> HiddenPicture:
        heads = tuple(heads_in_row(self._track, row, image)[:1]) if self._track and row is not None else ()
        made = figure_picture(image, self._track, row, heads)
        return HiddenPicture(_without(made, self._drawn, seconds), row is None, heads)

    def _covered(
        self, image: Image, row: int | None, heads: tuple[Head, ...], seconds: float
    ) -> HiddenPicture:
        known = self._track is not None and row is not None and bool(heads_in_row(self._track, row, image))
        made = in_cells(image, coarse_cell(image, (head.size for head in heads), known=known))
        body = self._body(row if known else None, image) & ~covered(_sure(heads), image)
        cell = body_cell(image)
        whole = not known or doubtful(heads, body, cell)
        if not whole:
            lay(made, in_cells(image, cell), body)
        cover(made, covered(heads, image), image)
        made = _without(made, self._text, seconds)
        self._draw_figure(made, row)  # so that a covered text does not cut it
        return HiddenPicture(_without(made, self._drawn, seconds), whole, heads)

    def _body(self, row: int | None, image: Image) -> Mask:
        """(h, w) the patient's trunk and limbs; nothing where they are not known."""
        if self._track is None or row is None:
            return np.zeros(image.shape[:2], np.bool_)
        return body_in(self._track, row, image)

    def _draw_figure(self, image: Image, row: int | None) -> None:
        if self._track is not None and row is not None:
            points, seen = points_in(self._track, row, image), self._track.joints[row, :, 2]
            draw_skeleton(image, points, seen, line_width(image))

    def _row(self, seconds: float) -> int | None:
        """The row of the frame at `seconds`, if the patient is found and confirmed about it."""
        row = self._track.row_at(seconds) if self._track is not None else None
        if self._track is None or row is None or self._track.times[row] < seconds - _SAME_FRAME:
            return None
        return row if confirmed(self._track, row) else None

    def _without_places(self, image: Image, seconds: float) -> Image:
        """The picture before it is put in cells: nothing of what is covered is in the cells around it."""
        return _without(_without(image, self._text, seconds), self._drawn, seconds)


def _without(image: Image, places: CoveredPlaces, seconds: float) -> Image:
    """The picture with these places covered as they are at that time."""
    where = places.at(seconds, (image.shape[1], image.shape[0]))
    if where is None:
        return image
    made = image.copy()
    cover(made, where, image)
    return made


def hide_frames(
    frames: Iterable[tuple[float, Image]], hider: PictureHider
) -> Iterator[tuple[float, HiddenPicture]]:
    """The frames (time in s, picture) in order of time, each hidden by what is found up to `NEAR` before and
    after it; for that the frames of so long are kept."""
    waiting: deque[tuple[float, Image]] = deque()
    for seconds, image in frames:
        hider.offer(image, seconds)
        waiting.append((seconds, image))
        while seconds - waiting[0][0] > NEAR:
            yield _hidden(hider, waiting.popleft())
    hider.end()
    while waiting:
        yield _hidden(hider, waiting.popleft())


def _hidden(hider: PictureHider, frame: tuple[float, Image]) -> tuple[float, HiddenPicture]:
    seconds, image = frame
    return seconds, hider.hide(image, seconds)


def confirmed(track: PoseTrack, row: int) -> bool:
    """Whether the figure of a row of the track is surely the patient, and people were counted within
    `CONFIRMED` of it with the patient among them."""
    near = np.abs(track.times - track.times[row]) <= CONFIRMED
    return bool(track.confirmed[row]) and bool((near & track.found & (track.people > 0)).any())


def _sure(heads: Iterable[Head]) -> Iterator[Head]:
    return (head for head in heads if head.sure)

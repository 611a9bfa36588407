"""The sheet of the most doubtful frames of a finished clip, which a person looks at before the clip is kept.

The clip is read from its file, so that what is checked is what is handed on. Imports cv2: for the process
that makes clips only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from app.core.deidentify.face_check import SURE, FaceDoubt, SecondDetector
from app.core.deidentify.still_shown import faces_still_shown
from app.core.hiding.burned_in_text import ShareReport
from app.core.recording.frames import Frame, FrameReader
from app.core.recording.probe import open_recording
from app.core.timeline.clock_text import clock

Image = npt.NDArray[np.uint8]
RecordedPicture = Callable[[int], Image]
"""The recording's picture (h, w, 3) BGR, as large as the clip's or a pixel larger, which the clip has as its
frame of this number."""

CHECKS_PER_SECOND = 3.0
LEAST_CHECKS = 24
COLUMNS, ROWS = 4, 3
PLACES = COLUMNS * ROWS
_FINDS = 8
"""Places of the sheet that frames in which a face may still show can take at most: what else the clip shows
is seen too, also where such a find lasts."""
_TILE = 480
"""Pixels of a tile's width."""
_LABEL, _MARGIN, _LETTERS = 34, 10, 0.6


@dataclass(frozen=True, slots=True)
class ClipCheck:
    """What the second detector found: frames that were `checked` and those in which it finds a face of the
    recording that still shows; `sheet` (h, w, 3) BGR shows the most doubtful ones."""

    checked: int
    suspected: int
    sheet: Image


@dataclass(frozen=True, slots=True)
class DoubtedFrame:
    """A frame of the clip, its time in seconds, and what is taken for a face in it most; `shows` says that a
    face of the recording may still show there."""

    number: int
    seconds: float
    find: FaceDoubt | None = None
    shows: bool = False

    @property
    def doubt(self) -> float:
        """How sure the detector is of a face, 0–1."""
        return self.find.doubt if self.find is not None else 0.0

    @property
    def caption(self) -> str:
        """What is written over its picture, in letters that OpenCV has."""
        time = clock(self.seconds, 2)
        if self.find is None:
            return time
        if self.shows:
            return f"{time}   a face may show: {self.doubt:.0%}"
        return f"{time}   like a face: {self.doubt:.0%}" + (", none shows" if self.doubt >= SURE else "")


def check_clip(path: Path, recorded: RecordedPicture, report: ShareReport) -> ClipCheck:
    """Look for faces in the clip at `path`; a find counts as far as the recording has a face there that still
    shows. Raises UserError when either cannot be read."""
    searched: list[DoubtedFrame] = []
    with closing(SecondDetector()) as detector:
        for share, shown in _pictures(path):
            doubts = detector.find(shown.image)
            worst = doubts[0] if doubts else None
            shows = (
                worst is not None and worst.doubt >= SURE and _shows_face(detector, shown, doubts, recorded)
            )
            searched.append(DoubtedFrame(shown.number, shown.time, worst, shows))
            report(share)
    return ClipCheck(len(searched), sum(one.shows for one in searched), _sheet_of(path, searched))


def _shows_face(
    detector: SecondDetector, shown: Frame, doubts: tuple[FaceDoubt, ...], recorded: RecordedPicture
) -> bool:
    """Whether one of the finds in the clip's frame is a face of the recording that still shows."""
    height, width = shown.image.shape[:2]
    source = np.ascontiguousarray(recorded(shown.number)[:height, :width])
    weighed = faces_still_shown(doubts, shown.image, source, detector.find(source))
    return weighed[0].doubt >= SURE


def _pictures(path: Path) -> Iterator[tuple[float, Frame]]:
    """The completed share, and a frame of those spread over the clip."""
    clip = open_recording(path)
    assert clip.video is not None
    count = min(max(round(clip.duration * CHECKS_PER_SECOND), LEAST_CHECKS), clip.video.n)
    with FrameReader(clip) as reader:
        for number in range(count):
            frame = reader.frame(int((number + 0.5) * clip.video.n / count))
            yield (number + 1) / count, frame


def most_doubtful(searched: Sequence[DoubtedFrame]) -> tuple[DoubtedFrame, ...]:
    """As many as the sheet has room for, spread over the clip as far as what is doubtful lets them: those in
    which a face may show come first, then the others, in each the most doubtful first."""
    ranked = sorted(searched, key=lambda one: (not one.shows, -one.doubt, one.seconds))
    far = (max(one.seconds for one in searched) - min(one.seconds for one in searched)) / PLACES
    chosen: list[DoubtedFrame] = []
    for candidates, room in (([one for one in ranked if one.shows], _FINDS), (ranked, PLACES)):
        for apart in (far, far / 2, far / 4, 0.0):
            for frame in candidates:
                near = any(abs(frame.seconds - other.seconds) < apart for other in chosen)
                if len(chosen) < room and frame not in chosen and not near:
                    chosen.append(frame)
    return tuple(sorted(chosen, key=ranked.index))


def _sheet_of(path: Path, searched: Sequence[DoubtedFrame]) -> Image:
    with FrameReader(open_recording(path)) as reader:
        return _sheet([_tile(reader.frame(one.number).image, one) for one in most_doubtful(searched)])


def _tile(image: Image, frame: DoubtedFrame) -> Image:
    """The picture below its caption, with a ring about what could be a face."""
    factor = _TILE / image.shape[1]
    tile = cv2.resize(image, (_TILE, max(round(image.shape[0] * factor), 1)), interpolation=cv2.INTER_AREA)
    if frame.find is not None:
        centre = round(frame.find.x * factor), round(frame.find.y * factor)
        radius = round(frame.find.size * factor * 0.6)
        for colour, width in (((0, 0, 0), 4), ((0, 220, 255), 2)):
            cv2.circle(tile, centre, radius, colour, width, cv2.LINE_AA)
    bar = np.full((_LABEL, _TILE, 3), 32, np.uint8)
    label = frame.caption
    size = _size_of(label)
    cv2.putText(bar, label, (_MARGIN, 23), cv2.FONT_HERSHEY_SIMPLEX, size, (235, 235, 235), 1, cv2.LINE_AA)
    return np.vstack([bar, np.asarray(tile, np.uint8)])


def _size_of(label: str) -> float:
    """The size of letters, as OpenCV counts it, at which a label fits into a tile; at most the usual one."""
    (width, _height), _below = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, _LETTERS, 1)
    return _LETTERS * min(1.0, (_TILE - 2 * _MARGIN) / width)


def _sheet(tiles: list[Image]) -> Image:
    """The tiles in rows; places that are left over stay dark."""
    height = max(tile.shape[0] for tile in tiles)
    tiles = [np.pad(tile, ((0, height - tile.shape[0]), (0, 0), (0, 0))) for tile in tiles]
    columns = min(COLUMNS, len(tiles))
    tiles += [np.full_like(tiles[0], 32)] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)]
    return np.vstack(rows)

"""The sheet of the most doubtful frames of a finished clip, which a person looks at before the clip is kept.

The clip is read from its file, so that what is checked is what is handed on. Imports cv2: for the process
that makes clips only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from app.core.deidentify.clip_work import checked_pictures
from app.core.deidentify.face_check import SURE, FaceDoubt, SecondDetector
from app.core.deidentify.still_shown import faces_still_shown
from app.core.errors import UserError
from app.core.hiding.burned_in_text import ShareReport
from app.core.recording.frames import Frame, FrameReader
from app.core.recording.probe import open_recording
from app.core.timeline.clock_text import clock

Image = npt.NDArray[np.uint8]
RecordedPicture = Callable[[int], Image]
"""The recording's picture (h, w, 3) BGR, as large as the clip's or a pixel larger, which the clip has as its
frame of this number."""

COLUMNS, ROWS = 4, 3
PLACES = COLUMNS * ROWS
_FINDS = 8
"""Places of the sheet that frames in which a face may still show can take at most: what else the clip shows
is seen too, also where such a find lasts. Half of them go to the most doubtful of these frames."""
_APART = 0.6
"""Seconds from which two frames are taken to show different things; two finds nearer in time do so where they
are in different places of the picture."""
_OTHERS = 2
"""Places at least of the most doubtful frames in which none shows."""
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
    """A frame of the clip, its time in seconds, and what is taken for a face in it most; `shows` says that it
    is a face of the recording that may still show there. `others` are further places that count as faces."""

    number: int
    seconds: float
    find: FaceDoubt | None = None
    shows: bool = False
    others: tuple[FaceDoubt, ...] = ()

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
            searched.append(_weighed(detector, shown, recorded))
            report(share)
    return ClipCheck(len(searched), sum(one.shows for one in searched), _sheet_of(path, searched))


def _weighed(detector: SecondDetector, shown: Frame, recorded: RecordedPicture) -> DoubtedFrame:
    """The clip's frame with the surest find that is a face of the recording that still shows, or else with
    the surest of all."""
    doubts = detector.find(shown.image)
    if not doubts or doubts[0].doubt < SURE:
        return DoubtedFrame(shown.number, shown.time, doubts[0] if doubts else None)
    height, width = shown.image.shape[:2]
    source = np.ascontiguousarray(recorded(shown.number)[:height, :width])
    first = faces_still_shown(doubts, shown.image, source, lambda: detector.find(source))[0]
    shows = first.doubt >= SURE
    find = first if shows else doubts[0]
    others = tuple(one for one in doubts if one.doubt >= SURE and not _at_one_place(one, find))
    return DoubtedFrame(shown.number, shown.time, find, shows, others)


def _at_one_place(one: FaceDoubt, other: FaceDoubt) -> bool:
    return max(abs(one.x - other.x), abs(one.y - other.y)) < max(one.size, other.size) / 2


def _pictures(path: Path) -> Iterator[tuple[float, Frame]]:
    """The completed share, and a frame of those spread over the clip."""
    clip = open_recording(path)
    assert clip.video is not None
    count = checked_pictures(clip.duration, clip.video.n)
    with FrameReader(clip) as reader:
        for number in range(count):
            frame = reader.frame(int((number + 0.5) * clip.video.n / count))
            yield (number + 1) / count, frame


def most_doubtful(searched: Sequence[DoubtedFrame]) -> tuple[DoubtedFrame, ...]:
    """As many as the sheet has room for: those in which a face may show come first, then the others, in each
    the most doubtful first.

    The first places go by doubt, to frames that do not show the same once more; what is left is spread over
    the clip, over what is doubtful as long as there is any.
    """
    ranked = sorted(searched, key=lambda one: (not one.shows, -one.doubt, one.seconds))
    finds = [one for one in ranked if one.shows]
    doubted = [one for one in ranked if not one.shows and one.doubt > 0.0]
    long = max(one.seconds for one in searched) - min(one.seconds for one in searched)
    chosen: list[DoubtedFrame] = []
    _choose(chosen, finds, (_APART,), _FINDS // 2)
    _choose(chosen, finds, (*_wide(long / PLACES), _APART, 0.0), _FINDS)
    _choose(chosen, doubted, (_APART,), max(len(chosen) + _OTHERS, _FINDS))
    left = max(PLACES - len(chosen), 1)
    _choose(chosen, doubted, (*_wide(long / left), _APART), PLACES)
    _choose(chosen, ranked, (*_shares(long / left), 0.0), PLACES)
    return tuple(sorted(chosen, key=ranked.index))


def _wide(far: float) -> tuple[float, ...]:
    return tuple(one for one in _shares(far) if one > _APART)


def _shares(far: float) -> tuple[float, ...]:
    return far, far / 2, far / 4


def _choose(
    chosen: list[DoubtedFrame], candidates: Sequence[DoubtedFrame], distances: Iterable[float], room: int
) -> None:
    """Add candidates in their order, until so many are chosen: those first that are the farthest apart, in
    seconds; the least distance is none between different places of the picture."""
    for apart in distances:
        for frame in candidates:
            near = any(_shows_the_same(frame, other, apart) for other in chosen)
            if len(chosen) < room and frame not in chosen and not near:
                chosen.append(frame)


def _shows_the_same(one: DoubtedFrame, other: DoubtedFrame, apart: float) -> bool:
    if abs(one.seconds - other.seconds) >= apart:
        return False
    if apart > _APART or one.find is None or other.find is None:
        return True
    return _at_one_place(one.find, other.find)


def _sheet_of(path: Path, searched: Sequence[DoubtedFrame]) -> Image:
    chosen = most_doubtful(searched)
    tiles: dict[int, Image] = {}
    with FrameReader(open_recording(path)) as reader:
        for one in sorted(chosen, key=lambda one: one.number):
            frame = reader.frame(one.number)
            if frame.number != one.number:
                raise UserError("The clip could not be read again as it was searched; nothing was written.")
            tiles[one.number] = _tile(frame.image, one)
    return _sheet([tiles[one.number] for one in chosen])


def _tile(image: Image, frame: DoubtedFrame) -> Image:
    """The picture below its caption, with a yellow ring about what the caption is about, and white ones about
    what else counts as a face."""
    factor = _TILE / image.shape[1]
    tile = cv2.resize(image, (_TILE, max(round(image.shape[0] * factor), 1)), interpolation=cv2.INTER_AREA)
    finds = [(one, (255, 255, 255)) for one in frame.others]
    if frame.find is not None:
        finds.append((frame.find, (0, 220, 255)))
    for find, bright in finds:
        centre = round(find.x * factor), round(find.y * factor)
        for colour, width in (((0, 0, 0), 4), (bright, 2)):
            cv2.circle(tile, centre, round(find.size * factor * 0.6), colour, width, cv2.LINE_AA)
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

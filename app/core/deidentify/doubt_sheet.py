"""The sheet of the most doubtful frames of a finished clip, which a person looks at before the clip is kept.

The clip is read from its file, so that what is checked is what is handed on. Imports cv2: for the process
that makes clips only.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from app.core.deidentify.face_check import SURE, FaceDoubt, SecondDetector
from app.core.deidentify.still_shown import faces_still_shown
from app.core.hiding.burned_in_text import ShareReport
from app.core.recording.frames import Frame, FrameReader
from app.core.recording.probe import open_recording
from app.core.times import clock

Image = npt.NDArray[np.uint8]
RecordedPicture = Callable[[int], Image]
"""The recording's picture (h, w, 3) BGR, as large as the clip's or a pixel larger, which the clip has as its
frame of this number."""

CHECKS_PER_SECOND = 3.0
LEAST_CHECKS = 24
COLUMNS, ROWS = 4, 3
_TILE = 480
"""Pixels of a tile's width."""
_APART = 0.6
"""Seconds between two frames of the sheet at least, while there are others."""
_KEPT = 60
"""Frames that are remembered as candidates for the sheet."""
_LABEL, _MARGIN, _LETTERS = 34, 10, 0.6
_REFUTED = ", none of the recording"
"""Said of a find that does not count; it stays as high on the sheet as it was, because a person decides."""


@dataclass(frozen=True, slots=True)
class ClipCheck:
    """What the second detector found: frames that were `checked` and those in which it finds a face of the
    recording that still shows; `sheet` (h, w, 3) BGR shows the most doubtful ones."""

    checked: int
    suspected: int
    sheet: Image


@dataclass(order=True, slots=True)
class _DoubtfulFrame:
    doubt: float
    seconds: float
    tile: Image = field(compare=False)


def check_clip(path: Path, recorded: RecordedPicture, report: ShareReport) -> ClipCheck:
    """Look for faces in the clip at `path`; a find counts as far as the recording has a face there that still
    shows. Raises UserError when either cannot be read."""
    kept: list[_DoubtfulFrame] = []
    checked = suspected = 0
    with closing(SecondDetector()) as detector:
        for share, shown in _pictures(path):
            doubts = detector.find(shown.image)
            worst = doubts[0].doubt if doubts else 0.0
            refuted = worst >= SURE and not _shows_face(detector, shown, doubts, recorded)
            checked, suspected = checked + 1, suspected + int(worst >= SURE and not refuted)
            tile = _tile(shown.image, shown.time, doubts[:1], _REFUTED if refuted else "")
            frame = _DoubtfulFrame(worst, shown.time, tile)
            if len(kept) < _KEPT:
                heapq.heappush(kept, frame)
            else:
                heapq.heappushpop(kept, frame)
            report(share)
    return ClipCheck(checked, suspected, _sheet(_most_doubtful(kept)))


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


def _most_doubtful(frames: list[_DoubtfulFrame]) -> list[_DoubtfulFrame]:
    """As many as the sheet has room for, the most doubtful first, if possible apart from each other."""
    chosen: list[_DoubtfulFrame] = []
    for apart in (_APART, 0.0):
        for frame in sorted(frames, reverse=True):
            near = any(abs(frame.seconds - other.seconds) < apart for other in chosen)
            if len(chosen) < COLUMNS * ROWS and frame not in chosen and not near:
                chosen.append(frame)
    return chosen


def _tile(image: Image, seconds: float, doubts: tuple[FaceDoubt, ...], remark: str) -> Image:
    """The picture with its time, and what could be a face marked; `remark` is said of it."""
    factor = _TILE / image.shape[1]
    tile = cv2.resize(image, (_TILE, max(round(image.shape[0] * factor), 1)), interpolation=cv2.INTER_AREA)
    label = clock(seconds)
    for doubt in doubts:
        centre, radius = (round(doubt.x * factor), round(doubt.y * factor)), round(doubt.size * factor * 0.6)
        for colour, width in (((0, 0, 0), 4), ((0, 220, 255), 2)):
            cv2.circle(tile, centre, radius, colour, width, cv2.LINE_AA)
        label += f"   face? {doubt.doubt:.0%}{remark}"
    bar = np.full((_LABEL, _TILE, 3), 32, np.uint8)
    size = _size_of(label)
    cv2.putText(bar, label, (_MARGIN, 23), cv2.FONT_HERSHEY_SIMPLEX, size, (235, 235, 235), 1, cv2.LINE_AA)
    return np.vstack([bar, np.asarray(tile, np.uint8)])


def _size_of(label: str) -> float:
    """The size of letters, as OpenCV counts it, at which a label fits into a tile; at most the usual one."""
    (width, _height), _below = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, _LETTERS, 1)
    return _LETTERS * min(1.0, (_TILE - 2 * _MARGIN) / width)


def _sheet(frames: list[_DoubtfulFrame]) -> Image:
    """The tiles in rows; places that are left over stay dark."""
    height = max(frame.tile.shape[0] for frame in frames)
    tiles = [np.pad(frame.tile, ((0, height - frame.tile.shape[0]), (0, 0), (0, 0))) for frame in frames]
    columns = min(COLUMNS, len(tiles))
    tiles += [np.full_like(tiles[0], 32)] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)]
    return np.vstack(rows)

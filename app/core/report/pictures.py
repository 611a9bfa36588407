"""The frames at the middle of the evidence, with the pose drawn on the patient."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import (
    FACE_COLUMN,
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS_OUTER,
    RIGHT_BROW,
    RIGHT_EYE,
    SKELETON,
    Box,
    PoseTrack,
)
from app.core.jobs import CancelToken, Progress, Report
from app.core.reading import Reading
from app.core.semiology import FEATURE, FEATURES, Group, Presence

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

Image = npt.NDArray[np.uint8]

_WIDTH = 640
_QUALITY = 82
_SEEN = 0.5
_SAME_MOMENT = 0.25
_WHOLE = Box(0.0, 0.0, 1.0, 1.0)
_ROUND_FACE = 0.9
_SMALLEST_PART = 0.01
_LEFT, _RIGHT, _MIDDLE, _CASING = (40, 150, 240), (240, 160, 70), (235, 235, 235), (20, 20, 20)  # BGR
_CLOSED = (FACE_OVAL, LEFT_EYE, RIGHT_EYE, LIPS_OUTER)
_OPEN = (LEFT_BROW[:5], RIGHT_BROW[:5])


@dataclass(frozen=True, slots=True)
class Moment:
    """A time (s) that shows one or several features (ids)."""

    seconds: float
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame as a `data:` address, with its own presentation time (s) and what it shows."""

    seconds: float
    features: tuple[str, ...]
    address: str
    width: int
    height: int


def moments(readings: Sequence[Reading]) -> tuple[Moment, ...]:
    """The middle of the longest evidence of every feature that someone saw, near ones of a group joined.

    In order, those of the body before those of the face; sound has no picture. The first reading's
    evidence goes before the next one's.
    """
    found: dict[str, float] = {}
    for feature in FEATURES:
        if feature.group is Group.SOUND:
            continue
        for reading in readings:
            answer = reading.answer(feature.id)
            if answer.presence is Presence.YES and answer.evidence:
                longest = max(answer.evidence, key=lambda span: span.duration)
                found.setdefault(feature.id, (longest.start + longest.end) / 2)
    joined: list[Moment] = []
    for feature_id, seconds in sorted(found.items(), key=lambda item: (_of_face(item[0]), item[1])):
        near = joined and 0 <= seconds - joined[-1].seconds <= _SAME_MOMENT
        if near and _of_face(joined[-1].features[0]) == _of_face(feature_id):
            joined[-1] = Moment(joined[-1].seconds, (*joined[-1].features, feature_id))
        else:
            joined.append(Moment(seconds, (feature_id,)))
    return tuple(joined)


def _of_face(feature: str) -> bool:
    return FEATURE[feature].group is Group.FACE


def pictures(
    recording: Recording,
    track: PoseTrack | None,
    wanted: Sequence[Moment],
    *,
    report: Report,
    cancel: CancelToken,
) -> tuple[Picture, ...]:
    """One picture per moment, in order; none when the recording has no picture.

    Where the face shows it, the picture is of the face.
    """
    from app.core.recording.frames import FrameReader

    if recording.video is None or not wanted:
        return ()
    made = []
    with FrameReader(recording) as reader:
        for number, moment in enumerate(wanted):
            cancel.check()
            report(Progress("Drawing the pictures", number / len(wanted)))
            frame = reader.frame_at(moment.seconds)
            part = _face_part(track, frame.time) if _of_face(moment.features[0]) else _WHOLE
            image = _cut(frame.image, part)
            if track is not None:
                draw_pose(image, track, frame.time, part)
            made.append(Picture(frame.time, moment.features, _address(image), image.shape[1], image.shape[0]))
    return tuple(made)


def _face_part(track: PoseTrack | None, seconds: float) -> Box:
    """The part of the picture round the patient's face; all of it where no face was found."""
    row = track.row_at(seconds) if track is not None else None
    if track is None or row is None or not track.face_found[row]:
        return _WHOLE
    points = track.face[row, :, :2]
    centre, half = np.nanmean(points, axis=0), float(np.ptp(points, axis=0).max()) * _ROUND_FACE
    edges = np.array([*(centre - half), *(centre + half)]) / np.array([track.width, track.height] * 2)
    left, top, right, bottom = np.clip(edges, 0.0, 1.0)
    if right - left < _SMALLEST_PART or bottom - top < _SMALLEST_PART:
        return _WHOLE
    return Box(float(left), float(top), float(right), float(bottom))


def _cut(image: Image, part: Box) -> Image:
    """The part of the picture, at most so large as the page shows it."""
    import cv2

    height, width = image.shape[:2]
    rows = slice(round(part.top * height), max(round(part.bottom * height), 1))
    columns = slice(round(part.left * width), max(round(part.right * width), 1))
    found = image[rows, columns, :3]
    size = _fitted(found.shape[1], found.shape[0])
    way = cv2.INTER_AREA if size[0] < found.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(found, size, interpolation=way), dtype=np.uint8)


def draw_pose(image: Image, track: PoseTrack, seconds: float, part: Box = _WHOLE) -> None:
    """Draw the skeleton and the face of the frame on screen at `seconds` into `image` (h, w, 3) BGR.

    `part` is the part of the frame that `image` shows.
    """
    row = track.row_at(seconds)
    if row is None:
        return
    shares = np.array([part.right - part.left, part.bottom - part.top])
    scale = np.array([image.shape[1], image.shape[0]]) / shares / [track.width, track.height]
    offset = np.array([part.left * track.width, part.top * track.height])
    _draw_face(image, (track.face[row, :, :2] - offset) * scale)
    joints = track.joints[row]
    points = (joints[:, :2] - offset) * scale
    for colour, width in ((_CASING, 5), (None, 3)):
        for a, b in SKELETON:
            if min(joints[a, 2], joints[b, 2]) >= _SEEN and np.isfinite(points[[a, b]]).all():
                _line(image, points[[a, b]], colour or _side(a.name, b.name), width)


def _draw_face(image: Image, points: npt.NDArray[Any]) -> None:
    for lines, closed in ((_CLOSED, True), (_OPEN, False)):
        for line in lines:
            outline = points[[FACE_COLUMN[index] for index in line]]
            if np.isfinite(outline).all():
                _line(image, outline, _MIDDLE, 1, closed=closed)


def _side(a: str, b: str) -> tuple[int, int, int]:
    if a.startswith("LEFT") and b.startswith("LEFT"):
        return _LEFT
    return _RIGHT if a.startswith("RIGHT") and b.startswith("RIGHT") else _MIDDLE


def _line(
    image: Image,
    points: npt.NDArray[Any],
    colour: tuple[int, int, int],
    width: int,
    *,
    closed: bool = False,
) -> None:
    import cv2

    sixteenths = np.round(np.clip(points, -1e5, 1e5) * 16).astype(np.int32)
    cv2.polylines(image, [sixteenths], closed, colour, width, cv2.LINE_AA, shift=4)


def _fitted(width: int, height: int) -> tuple[int, int]:
    """At most so wide and high and twice as large, even."""
    share = min(2.0, _WIDTH / max(width, height))
    return max(2, round(width * share / 2) * 2), max(2, round(height * share / 2) * 2)


def _address(image: Image) -> str:
    import cv2

    done, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    if not done:
        raise RuntimeError("the picture could not be encoded")
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")

"""The frames at the middle of the evidence, with the pose drawn on the patient, or nobody recognisable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    PoseTrack,
)
from app.core.hiding.figure import draw_line, draw_skeleton
from app.core.hiding.hidden_frames import HiddenFrame, HiddenFrames
from app.core.jobs import CancelToken, Progress, Report, share_of
from app.core.picture_box import Box
from app.core.reading import Reading
from app.core.recording.frames import Frame, FrameReader
from app.core.semiology import FEATURE, FEATURES, Group, Presence

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

Image = npt.NDArray[np.uint8]

_WIDTH = 640
_QUALITY = 82
_SAME_MOMENT = 0.25
_WHOLE = Box(0.0, 0.0, 1.0, 1.0)
_ROUND_FACE = 0.9
_SMALLEST_PART = 0.01
_LINE = 3
_MIDDLE = (235, 235, 235)
_CLOSED = (FACE_OVAL, LEFT_EYE, RIGHT_EYE, LIPS_OUTER)
_OPEN = (LEFT_BROW[:5], RIGHT_BROW[:5])


@dataclass(frozen=True, slots=True)
class PictureMoment:
    """A time (s) that shows one or several features (ids)."""

    seconds: float
    features: tuple[str, ...]

    @property
    def of_face(self) -> bool:
        """Whether it is the face that shows it."""
        return _of_face(self.features[0])


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame as JPEG, with its own presentation time (s) and what it shows.

    `hidden`: people were made unrecognisable; `coarse`: for that the whole picture was.
    """

    seconds: float
    features: tuple[str, ...]
    jpeg: bytes
    width: int
    height: int
    hidden: bool = False
    coarse: bool = False


def choose_moments(
    readings: Sequence[Reading], *, faces: bool = True, most: int | None = None
) -> tuple[PictureMoment, ...]:
    """The middle of the longest evidence of every feature that someone saw, near ones of a group joined.

    In order, those of the body before those of the face (without `faces` none of these); sound has no
    picture. The first reading's evidence goes before the next one's. With `most` only so many: those
    that show the most features.
    """
    found: dict[str, float] = {}
    for feature in FEATURES:
        if feature.group is Group.SOUND or (feature.group is Group.FACE and not faces):
            continue
        for reading in readings:
            answer = reading.answer(feature.id)
            if answer.presence is Presence.YES and answer.evidence:
                longest = max(answer.evidence, key=lambda span: span.duration)
                found.setdefault(feature.id, (longest.start + longest.end) / 2)
    joined: list[PictureMoment] = []
    for feature_id, seconds in sorted(found.items(), key=lambda item: (_of_face(item[0]), item[1])):
        near = joined and 0 <= seconds - joined[-1].seconds <= _SAME_MOMENT
        if near and _of_face(joined[-1].features[0]) == _of_face(feature_id):
            joined[-1] = PictureMoment(joined[-1].seconds, (*joined[-1].features, feature_id))
        else:
            joined.append(PictureMoment(seconds, (feature_id,)))
    kept = sorted(joined, key=lambda moment: -len(moment.features))[:most]
    return tuple(moment for moment in joined if moment in kept)


def _of_face(feature: str) -> bool:
    return FEATURE[feature].group is Group.FACE


def draw_pictures(
    recording: Recording,
    track: PoseTrack | None,
    wanted: Sequence[PictureMoment],
    *,
    report: Report,
    cancel: CancelToken,
) -> tuple[Picture, ...]:
    """One picture per moment, in order; none when the recording has no picture.

    Where the face shows it, the picture is of the face.
    """
    if recording.video is None or not wanted:
        return ()
    with FrameReader(recording) as reader:
        return tuple(
            _open(reader.frame_at(moment.seconds), track, moment)
            for moment, _part in _one_by_one(wanted, report, cancel)
        )


def draw_hidden_pictures(
    recording: Recording,
    track: PoseTrack | None,
    wanted: Sequence[PictureMoment],
    *,
    drawn: Iterable[Box] = (),
    report: Report,
    cancel: CancelToken,
) -> tuple[Picture, ...]:
    """The same with nobody who can be recognised, always of the whole picture: people, burned-in text and the
    places that were `drawn` are covered (`app.core.hiding`). Raises UserError when that cannot be done.
    """
    if recording.video is None or not wanted:
        return ()
    with HiddenFrames(recording, track, drawn) as frames:
        return tuple(
            _hidden(frames.at(moment.seconds, report=part, cancel=cancel), moment)
            for moment, part in _one_by_one(wanted, report, cancel)
        )


def _one_by_one(
    wanted: Sequence[PictureMoment], report: Report, cancel: CancelToken
) -> Iterator[tuple[PictureMoment, Report]]:
    """Each moment with the report of the part of the work that its picture is."""
    for number, moment in enumerate(wanted):
        cancel.check()
        part = share_of(report, number / len(wanted), (number + 1) / len(wanted))
        part(Progress("Drawing the pictures", 0.0))
        yield moment, part


def _open(frame: Frame, track: PoseTrack | None, moment: PictureMoment) -> Picture:
    part = _face_part(track, frame.time) if moment.of_face else _WHOLE
    image = _cut(frame.image, part)
    if track is not None:
        draw_pose(image, track, frame.time, part)
    return Picture(frame.time, moment.features, _jpeg(image), image.shape[1], image.shape[0])


def _hidden(frame: HiddenFrame, moment: PictureMoment) -> Picture:
    image, whole = _cut(frame.picture.image, _WHOLE), frame.picture.whole
    return Picture(frame.seconds, moment.features, _jpeg(image), image.shape[1], image.shape[0], True, whole)


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
    draw_skeleton(image, (joints[:, :2] - offset) * scale, joints[:, 2], _LINE)


def _draw_face(image: Image, points: npt.NDArray[Any]) -> None:
    for lines, closed in ((_CLOSED, True), (_OPEN, False)):
        for line in lines:
            outline = points[[FACE_COLUMN[index] for index in line]]
            if np.isfinite(outline).all():
                draw_line(image, outline, _MIDDLE, 1, closed=closed)


def _fitted(width: int, height: int) -> tuple[int, int]:
    """At most so wide and high and twice as large, even."""
    share = min(2.0, _WIDTH / max(width, height))
    return max(2, round(width * share / 2) * 2), max(2, round(height * share / 2) * 2)


def _jpeg(image: Image) -> bytes:
    import cv2

    done, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    if not done:
        raise RuntimeError("the picture could not be encoded")
    return bytes(data.tobytes())

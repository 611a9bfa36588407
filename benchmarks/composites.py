"""Pictures of a real body with a real face pasted on it, from the clips of people beside the repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.pose import pose_track
from app.core.enhance.pose_track import FACE_COLUMN, FACE_OVAL, Joint, PoseTrack
from app.core.jobs import Report
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from benchmarks.kept_results import kept_poses, name_with_content
from benchmarks.stage import ROOT

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

FOLDER = ROOT.parent / "shared" / "media" / "people"
_BODIES = (("asl_eat.mkv", 0.8), ("onebyone_cut.mp4", 12.0))
_FACES = (("single_face.mp4", (0.3, 1.6)), ("asl_thanks.mkv", (0.4,)), ("asl_eat.mkv", (0.2,)))
_MARGIN = 0.25
_NOISE = 3.0
_DIM, _INFRARED = 0.18, 0.35


@dataclass(frozen=True, slots=True)
class Body:
    """A frame (h, w, 3) BGR with the track of its recording."""

    image: Image
    track: PoseTrack
    row: int

    @property
    def seconds(self) -> float:
        return float(self.track.times[self.row])

    def moved_to(self, times: Sequence[float]) -> PoseTrack:
        """The track of the same moment at every one of these times (s)."""
        rows = np.full(len(times), self.row)
        names = {each.name for each in fields(PoseTrack)} - {"times", "width", "height", "people"}
        found: dict[str, Any] = {name: getattr(self.track, name)[rows] for name in names}
        people = np.ones(len(times), np.int16)
        return replace(self.track, times=np.array(times), people=people, **found)


@dataclass(frozen=True, slots=True)
class Case:
    """One composite: a face of `size` px turned by `turn` degrees, at a place of a body, in a light."""

    turn: int
    size: int
    place: str
    light: str
    body: int
    face: int


@dataclass(frozen=True, slots=True)
class FacePatch:
    """A face with its surroundings (h, w, 3) BGR, which of it is the face (0–255), and its height in px."""

    image: Image
    mask: Image
    height: int


def clips_of_composites() -> str:
    """The clips of which composites are made, as they are now."""
    names = sorted({name for name, _ in (*_BODIES, *_FACES)})
    return ", ".join(name_with_content(FOLDER / name) for name in names)


def bodies_and_faces(report: Report) -> tuple[list[Body], list[FacePatch]]:
    """The bodies on which faces are pasted, and the faces, by the pose and the mesh of their clips."""
    names = dict.fromkeys(name for name, _ in (*_BODIES, *_FACES))
    clips = {name: _clip(name, report) for name in names}
    bodies = [_body(*clips[name], seconds) for name, seconds in _BODIES]
    shown = [_body(*clips[name], seconds) for name, times in _FACES for seconds in times]
    return bodies, [_patch(body.image, body.track.face[body.row]) for body in shown]


def _clip(name: str, report: Report) -> tuple[Recording, PoseTrack]:
    with kept_poses():
        recording = open_recording(FOLDER / name)
        return recording, pose_track(recording, report=report)


def _body(recording: Recording, track: PoseTrack, seconds: float) -> Body:
    row = track.row_at(seconds)
    assert row is not None
    with FrameReader(recording) as reader:
        image = reader.frame_at(float(track.times[row])).image[:, :, :3]
    return Body(np.ascontiguousarray(image), track, row)


def _patch(image: Image, points: npt.NDArray[np.float32]) -> FacePatch:
    oval = np.round([points[FACE_COLUMN[each], :2] for each in FACE_OVAL]).astype(np.int32)
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [oval], (255,))
    left, top, width, height = cv2.boundingRect(oval)
    margin = round(height * _MARGIN)
    rows = slice(max(top - margin, 0), top + height + margin)
    columns = slice(max(left - margin, 0), left + width + margin)
    return FacePatch(image[rows, columns].copy(), mask[rows, columns].copy(), height)


def composite(case: Case, body: Body, face: FacePatch) -> tuple[Image, Mask]:
    """The body's picture with the face on it as the case says, and which pixels (h, w) are of the face."""
    x, y = _places(body)[case.place]
    factor = case.size / face.height
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(face.image, None, fx=factor, fy=factor, interpolation=way)
    mask = cv2.resize(face.mask, (scaled.shape[1], scaled.shape[0]), interpolation=cv2.INTER_LINEAR)
    middle = (scaled.shape[1] / 2, scaled.shape[0] / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(middle, case.turn, 1.0), dtype=np.float64)
    matrix[:, 2] += np.array([x - middle[0], y - middle[1]])
    frame = (body.image.shape[1], body.image.shape[0])
    share = cv2.warpAffine(mask, matrix, frame).astype(np.float32)[:, :, None] / 255
    pasted = body.image * (1 - share) + cv2.warpAffine(scaled, matrix, frame) * share
    return _lit(pasted, case.light), np.asarray(share[:, :, 0] > 0.5)


def _places(body: Body) -> dict[str, tuple[float, float]]:
    joints = body.track.joints[body.row, :, :2].astype(np.float64)
    shoulders = joints[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]].mean(axis=0)
    hips = joints[[Joint.LEFT_HIP, Joint.RIGHT_HIP]].mean(axis=0)
    elbow = joints[Joint.LEFT_ELBOW]
    places = {
        "chest": 0.7 * shoulders + 0.3 * hips,
        "belly": 0.25 * shoulders + 0.75 * hips,
        "arm": elbow,
        "beside": elbow + 1.5 * (elbow - shoulders),
    }
    far = np.array([body.image.shape[1] - 8.0, body.image.shape[0] - 8.0])
    inside = {name: np.clip(place, 8.0, far).tolist() for name, place in places.items()}
    return {name: (x, y) for name, (x, y) in inside.items()}


def _lit(picture: npt.NDArray[Any], light: str) -> Image:
    if light == "dim":
        picture = picture * _DIM
    if light == "infrared":
        picture = np.repeat(picture.mean(axis=2, keepdims=True) * _INFRARED, 3, axis=2)
    return np.asarray(np.clip(picture + _noise(picture.shape), 0, 255), dtype=np.uint8)


@cache
def _noise(shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    return np.random.default_rng(1).normal(0.0, _NOISE, shape)

"""Detectors with the models in mediapipe's wheel; to be imported in the analysis process only.

Every detector takes a picture (h, w, 3) uint8 RGB and returns positions in its pixels.
"""

from __future__ import annotations

from typing import Any

import mediapipe
import numpy as np
from mediapipe.python.solutions import face_detection, face_mesh, pose, selfie_segmentation
from mediapipe.tasks.python import BaseOptions, vision

from app.core.enhance.detector_pictures import Image, fit
from app.core.enhance.patient_tracking import PersonPose, distinct_people
from app.core.enhance.pose_bundle import pose_bundle
from app.core.enhance.pose_track import FACE_POINTS, FloatArray

MOST_PEOPLE = 4
_MASK_PIXELS = 256
"""Longer side of what the person mask is computed from: its model takes 256 × 256."""


class PoseTracker:
    """Pose detection that follows one person from frame to frame."""

    def __init__(self) -> None:
        self._pose = pose.Pose(model_complexity=1, smooth_landmarks=True)

    def find(self, image: Image) -> PersonPose | None:
        found = self._pose.process(image)
        if found.pose_landmarks is None:
            return None
        return _person(
            found.pose_landmarks.landmark, found.pose_world_landmarks.landmark, image.shape[1], image.shape[0]
        )

    def find_anew(self, image: Image) -> PersonPose | None:
        """As `find`, but without the position of the previous frame (takes as long as some four frames)."""
        self.forget()
        return self.find(image)

    def forget(self) -> None:
        """Forget the position of the previous frame."""
        self._pose.reset()

    def close(self) -> None:
        self._pose.close()


class CrowdDetector:
    """Pose detection of up to `MOST_PEOPLE` people in single pictures, without memory."""

    def __init__(self) -> None:
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=pose_bundle()), num_poses=MOST_PEOPLE
        )
        self._landmarker = vision.PoseLandmarker.create_from_options(options)

    def find(self, image: Image) -> list[PersonPose]:
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
        found = self._landmarker.detect(picture)
        people = zip(found.pose_landmarks, found.pose_world_landmarks, strict=True)
        return distinct_people(
            [_person(flat, world, image.shape[1], image.shape[0]) for flat, world in people]
        )

    def close(self) -> None:
        self._landmarker.close()


class FaceMesh:
    """Face mesh that follows one face; `find` returns (len(FACE_POINTS), 3) pixels, or None."""

    def __init__(self) -> None:
        self._mesh = face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True)

    def find(self, image: Image) -> FloatArray | None:
        found = self._mesh.process(image).multi_face_landmarks
        if not found:
            return None
        landmarks = found[0].landmark
        points = np.array(
            [(p.x, p.y, p.z) for p in map(landmarks.__getitem__, FACE_POINTS)], dtype=np.float32
        )
        height, width = image.shape[:2]
        # the model defines z in the scale of x
        return np.asarray(points * np.array([width, height, width], dtype=np.float32))

    def forget(self) -> None:
        """Forget the position of the previous frame (takes as long as some four frames)."""
        self._mesh.reset()

    def close(self) -> None:
        self._mesh.close()


class FaceDetector:
    """Face detection in a whole picture; `find` returns (x, y, size) in pixels, the largest first."""

    def __init__(self) -> None:
        self._detector = face_detection.FaceDetection(model_selection=1, min_detection_confidence=0.6)

    def find(self, image: Image) -> list[tuple[float, float, float]]:
        height, width = image.shape[:2]
        faces = []
        for detection in self._detector.process(image).detections or ():
            box = detection.location_data.relative_bounding_box
            centre = ((box.xmin + box.width / 2) * width, (box.ymin + box.height / 2) * height)
            faces.append((*centre, max(box.width * width, box.height * height)))
        return sorted(faces, key=lambda face: -face[2])

    def close(self) -> None:
        self._detector.close()


class HeadFaces:
    """How certain it is that a crop around a head shows a face, 0 to 1."""

    def __init__(self) -> None:
        self._detector = face_detection.FaceDetection(model_selection=0, min_detection_confidence=0.3)

    def score(self, image: Image) -> float:
        found = self._detector.process(image).detections or ()
        return max((float(detection.score[0]) for detection in found), default=0.0)

    def close(self) -> None:
        self._detector.close()


class PersonMask:
    """Which pixels are of people, by two models other than that of poses; `find` returns (h, w) float32,
    0 to 1, of a smaller picture of the same sides' ratio.

    One model sees the picture with its sides' ratio changed, the other one in a black square: letters are
    taken for people by one of them, seldom by both.
    """

    def __init__(self) -> None:
        self._tall = selfie_segmentation.SelfieSegmentation(model_selection=0)
        self._wide = selfie_segmentation.SelfieSegmentation(model_selection=1)

    def find(self, image: Image) -> FloatArray:
        small, _ = fit(image, _MASK_PIXELS)
        height, width = small.shape[:2]
        square = np.zeros((max(height, width), max(height, width), 3), dtype=np.uint8)
        square[:height, :width] = small
        one = self._tall.process(small).segmentation_mask
        other = self._wide.process(square).segmentation_mask[:height, :width]
        return np.asarray(np.minimum(one, other), dtype=np.float32)

    def close(self) -> None:
        self._tall.close()
        self._wide.close()


def _person(flat: Any, world: Any, width: int, height: int) -> PersonPose:
    joints = np.array([(p.x * width, p.y * height, p.visibility) for p in flat], dtype=np.float32)
    return PersonPose(joints, np.array([(p.x, p.y, p.z) for p in world], dtype=np.float32))

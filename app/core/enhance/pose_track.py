"""The pose track: the results of the pose and face detectors as arrays, from which all measures are
computed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


class Doubt(IntEnum):
    """Why the figure that was followed in a frame is not surely the patient; `NONE`: it is, or nobody was.

    Figures that are not a person or another one are taken out of the track; one that may be the patient stays
    in it, to be shown and hidden, but not to be measured."""

    NONE = 0
    NOT_A_PERSON = 1
    UNCERTAIN = 2
    ANOTHER = 3


DOUBT_TEXTS = {
    Doubt.NOT_A_PERSON: "what was followed there is not surely a person",
    Doubt.UNCERTAIN: "it is not certain that the person followed there is the patient",
    Doubt.ANOTHER: "the person followed there is another one",
}
"""The reasons as they follow "was left out, because"."""


class Joint(IntEnum):
    """The landmarks of the pose model (MediaPipe's 33); left and right are the person's."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


SKELETON: tuple[tuple[Joint, Joint], ...] = (
    (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER),
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW),
    (Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW),
    (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
    (Joint.LEFT_SHOULDER, Joint.LEFT_HIP),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP),
    (Joint.LEFT_HIP, Joint.RIGHT_HIP),
    (Joint.LEFT_HIP, Joint.LEFT_KNEE),
    (Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
    (Joint.RIGHT_HIP, Joint.RIGHT_KNEE),
    (Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
    (Joint.LEFT_ANKLE, Joint.LEFT_FOOT_INDEX),
    (Joint.RIGHT_ANKLE, Joint.RIGHT_FOOT_INDEX),
)
"""The lines that are drawn between joints."""

# Indices into MediaPipe's face mesh (478 points with irises); left and right are the person's.
FACE_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_BROW = (276, 283, 282, 295, 285, 300, 293, 334, 296, 336)
RIGHT_BROW = (46, 53, 52, 65, 55, 70, 63, 105, 66, 107)
LIPS_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
LIPS_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
NOSE_LINE = (168, 6, 197, 195, 5, 4, 1, 2)
CHEEKS = (50, 205, 187, 280, 425, 411)
IRISES = (468, 469, 470, 471, 472, 473, 474, 475, 476, 477)

FACE_POINTS: tuple[int, ...] = (
    *FACE_OVAL,
    *LEFT_EYE,
    *RIGHT_EYE,
    *LEFT_BROW,
    *RIGHT_BROW,
    *LIPS_OUTER,
    *LIPS_INNER,
    *NOSE_LINE,
    *CHEEKS,
    *IRISES,
)
"""The stored points of the face mesh, in the order of the second axis of `PoseTrack.face`."""

FACE_COLUMN: dict[int, int] = {point: column for column, point in enumerate(FACE_POINTS)}
"""Column of `PoseTrack.face` by index of the face mesh."""


NOBODY_FOUND = "Nobody was found in the picture, so what has to be seen cannot be assessed."
"""The message for a recording without a person in the picture."""


@dataclass(frozen=True, slots=True)
class PoseTrack:
    """The patient's pose and face in every analysed frame.

    For n frames; values that were not found are NaN, never zero.

    - `times` (n,) float64, seconds on the recording's clock, the presentation time of each frame;
    - `width`, `height` of the displayed picture in pixels (after rotation and pixel aspect);
    - `joints` (n, 33, 3) float32: x, y in pixels of the displayed picture, visibility 0–1;
    - `world` (n, 33, 3) float32: metres, hip-centred, as the pose model gives them;
    - `face` (n, len(FACE_POINTS), 3) float32: x, y in pixels of the displayed picture, z in pixels
      (smaller is nearer to the camera);
    - `people` (n,) int16: how many people were in the picture, -1 in frames where nobody counted;
    - `brightness` (n,) float32: mean luma of the picture, 0–255;
    - `doubt` (n,) uint8: whether the figure is surely the patient, a number of `Doubt`.
    """

    times: npt.NDArray[np.float64]
    width: int
    height: int
    joints: FloatArray
    world: FloatArray
    face: FloatArray
    people: npt.NDArray[np.int16]
    brightness: FloatArray
    doubt: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))

    def __post_init__(self) -> None:
        if not len(self.doubt):
            object.__setattr__(self, "doubt", np.zeros(len(self.times), dtype=np.uint8))

    @property
    def confirmed(self) -> npt.NDArray[np.bool_]:
        """(n,) whether what is in each frame is surely the patient's, so that it may be measured."""
        return np.asarray(self.doubt == Doubt.NONE)

    def of_patient(self) -> PoseTrack:
        """The track without the figures that are not surely the patient: as if nobody was found there."""
        if self.confirmed.all():
            return self
        arrays = (self.joints, self.world, self.face)
        joints, world, face = (
            np.where(self.confirmed[:, None, None], one, np.float32(np.nan)) for one in arrays
        )
        return replace(self, joints=joints, world=world, face=face)

    @property
    def found(self) -> npt.NDArray[np.bool_]:
        """(n,) whether the patient's pose was found in each frame."""
        return np.asarray(np.isfinite(self.joints[:, Joint.LEFT_SHOULDER, 0]))

    @property
    def face_found(self) -> npt.NDArray[np.bool_]:
        """(n,) whether the patient's face was found in each frame."""
        return np.asarray(np.isfinite(self.face[:, 0, 0]))

    def joint(self, joint: Joint) -> FloatArray:
        """(n, 2) x and y of one joint in pixels."""
        return self.joints[:, joint, :2]

    def row_at(self, seconds: float) -> int | None:
        """The row of the frame displayed at `seconds`; None before the first frame."""
        row = int(np.searchsorted(self.times, seconds + 1e-6, side="right")) - 1
        return row if row >= 0 else None

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The track as arrays, for storage; the inverse is `load`."""
        return {
            "times": self.times,
            "size": np.array([self.width, self.height]),
            "joints": self.joints,
            "world": self.world,
            "face": self.face,
            "people": self.people,
            "brightness": self.brightness,
            "doubt": self.doubt,
        }

    @staticmethod
    def load(arrays: dict[str, npt.NDArray[Any]]) -> PoseTrack:
        """The inverse of `arrays`. Raises KeyError or ValueError for missing or malformed arrays."""
        times = arrays["times"].astype(np.float64)
        n = len(times)
        return PoseTrack(
            times=times,
            width=int(arrays["size"][0]),
            height=int(arrays["size"][1]),
            joints=arrays["joints"].astype(np.float32).reshape(n, 33, 3),
            world=arrays["world"].astype(np.float32).reshape(n, 33, 3),
            face=arrays["face"].astype(np.float32).reshape(n, len(FACE_POINTS), 3),
            people=arrays["people"].astype(np.int16).reshape(n),
            brightness=arrays["brightness"].astype(np.float32).reshape(n),
            doubt=arrays["doubt"].astype(np.uint8).reshape(n),
        )

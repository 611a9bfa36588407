"""Pictures in which nobody is recognised, whatever the detectors missed: on drawn people and on noise."""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.enhance.pose import pose_track
from app.core.enhance.pose_track import FACE_POINTS, Joint, PoseTrack
from app.core.jobs import CancelToken
from app.core.phantom.demonstration import demo_script
from app.core.phantom.render import phantom_frame
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.report import hiding
from app.core.report.hiding import Image, hidden
from app.core.report.pictures import Moment, pictures

AT = 0.6
"""Seconds of the frame that is looked at."""


def detail(image: Image) -> float:
    """Energy of what is finer than some pixels."""
    import cv2

    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float64)
    return float(np.square(grey - cv2.GaussianBlur(grey, (0, 0), 2.0)).mean())


def faces_by_mediapipe(image: Image) -> int:
    from app.core.enhance.detectors import FaceDetector

    detector = FaceDetector()
    try:
        return len(detector.find(np.ascontiguousarray(image[:, :, ::-1])))
    finally:
        detector.close()


def faces_by_opencv(image: Image) -> int:
    return len(list(hiding._faces(image)))


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, PoseTrack]:
    """A second of a drawn patient and their track, by the real detectors."""
    home = tmp_path_factory.mktemp("home")
    script = demo_script()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMIOSCOPE_HOME", str(home))
        with av.open(str(home / "phantom.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=20)
            stream.height, stream.width = phantom_frame(script, 0.0).shape[:2]
            stream.pix_fmt = "yuv420p"
            for number in range(20):
                picture = phantom_frame(script, number / 20)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
            container.mux(stream.encode(None))
        recording = open_recording(home / "phantom.mp4")
        return recording, pose_track(recording)


@pytest.fixture(scope="module")
def frame(phantom: tuple[Recording, PoseTrack]) -> Image:
    with FrameReader(phantom[0]) as reader:
        return np.array(reader.frame_at(AT).image[:, :, :3])


@pytest.fixture(scope="module")
def track(phantom: tuple[Recording, PoseTrack]) -> PoseTrack:
    return phantom[1]


Region = tuple[slice, slice]


def face_region(track: PoseTrack) -> Region:
    """Where the face really is, with some room."""
    row = track.row_at(AT)
    assert row is not None
    assert track.face_found[row]
    points = track.face[row, :, :2]
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    room = 0.25 * (bottom - top)
    return slice(int(top - room), int(bottom + room)), slice(int(left - room / 2), int(right + room / 2))


def trunk_region(track: PoseTrack) -> Region:
    row = track.row_at(AT)
    assert row is not None
    trunk = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP]
    (x, y), size = track.joints[row, trunk, :2].mean(axis=0), 40
    return slice(int(y) - size, int(y) + size), slice(int(x) - size, int(x) + size)


def test_the_face_is_gone_and_no_detector_finds_one(frame: Image, track: PoseTrack) -> None:
    made = hidden(frame, track, AT)
    face = face_region(track)
    assert not made.whole
    assert detail(frame[face]) > 20
    assert detail(made.image[face]) < 0.03 * detail(frame[face])
    assert faces_by_mediapipe(frame) >= 1
    assert faces_by_mediapipe(made.image) == 0
    assert faces_by_opencv(made.image) == 0
    trunk = trunk_region(track)
    assert np.array_equal(made.image[trunk], frame[trunk])  # what the report is for is still to be seen


def test_somebody_else_whom_nobody_counted_is_gone_too(frame: Image, track: PoseTrack) -> None:
    visited = frame.copy()
    face = visited[face_region(track)]
    visited[10 : 10 + face.shape[0], 10 : 10 + face.shape[1]] = face
    made = hidden(visited, track, AT).image
    place = made[10 : 10 + face.shape[0], 10 : 10 + face.shape[1]]
    assert detail(place) < 0.03 * detail(face)
    assert faces_by_mediapipe(made) == 0


@pytest.mark.parametrize("counted", [True, False])
def test_a_face_in_front_of_the_patient_is_gone(frame: Image, track: PoseTrack, counted: bool) -> None:
    """Counted or not: then by the second detector."""
    visited = frame.copy()
    face = frame[face_region(track)]
    rows, columns = trunk_region(track)
    place = (
        slice(rows.start - 10, rows.start - 10 + face.shape[0]),
        slice(columns.start, columns.start + face.shape[1]),
    )
    visited[place] = face
    people = np.full(len(track.times), 2 if counted else 1, np.int16)
    made = hidden(visited, replace(track, people=people), AT).image
    assert detail(made[place]) < 0.15 * detail(face)
    assert faces_by_mediapipe(made) == 0


def lost(track: PoseTrack, *, joints: bool, face: bool) -> PoseTrack:
    """The same track with joints or face never found."""
    changed = replace(track, joints=track.joints.copy(), face=track.face.copy())
    if joints:
        changed.joints[:] = np.nan
    if face:
        changed.face[:] = np.nan
    return changed


def test_where_the_face_was_not_found_the_head_by_the_pose_is_hidden(frame: Image, track: PoseTrack) -> None:
    made = hidden(frame, lost(track, joints=False, face=True), AT)
    face = face_region(track)
    assert not made.whole
    assert detail(made.image[face]) < 0.03 * detail(frame[face])
    assert faces_by_mediapipe(made.image) == 0


def test_where_neither_was_found_the_whole_picture_is_coarse(frame: Image, track: PoseTrack) -> None:
    unseen = lost(track, joints=False, face=True)
    unseen.joints[:, : Joint.MOUTH_RIGHT + 1, 2] = 0.2  # a guess of the model's
    for unknown in (None, lost(track, joints=True, face=True), unseen):
        made = hidden(frame, unknown, AT)
        assert made.whole
        assert detail(made.image) < 0.05 * detail(frame)
    assert hidden(frame, track, -1.0).whole  # before the first frame that was looked at


def test_the_pictures_of_a_report_are_hidden_and_carry_no_lines_of_the_face(
    phantom: tuple[Recording, PoseTrack],
) -> None:
    import cv2

    recording, track = phantom
    (shot,) = pictures(
        recording, track, [Moment(AT, ("tonic",))], hide=True, report=lambda _p: None, cancel=CancelToken()
    )
    image = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert (shot.hidden, shot.coarse) == (True, False)
    assert faces_by_mediapipe(np.asarray(image, np.uint8)) == 0


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 32),
            st.integers(0, 2),
            st.sampled_from([np.nan, np.inf, -1e9, 1e9, 0.0, -50.0]),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_a_damaged_pose_never_uncovers_the_face(
    frame: Image, track: PoseTrack, damages: list[tuple[int, int, float]], faceless: bool
) -> None:
    damaged = lost(track, joints=False, face=faceless)
    for joint, part, value in damages:
        if not faceless or joint > Joint.MOUTH_RIGHT or not np.isfinite(value):
            damaged.joints[:, joint, part] = value
    made = hidden(frame, damaged, AT)
    assert made.image.shape == frame.shape
    face = face_region(track)
    assert detail(made.image[face]) < 0.05 * detail(frame[face])


def synthetic(x: float, y: float, size: float, width: int, height: int) -> PoseTrack:
    """One row of a person standing upright whose head is there."""
    joints = np.zeros((1, 33, 3), np.float32)
    joints[0, :, 2] = 1.0
    joints[0, : Joint.MOUTH_RIGHT + 1, :2] = (x, y)
    joints[0, [Joint.LEFT_EYE, Joint.RIGHT_EYE], 1] -= size * 0.15
    joints[0, [Joint.MOUTH_LEFT, Joint.MOUTH_RIGHT], 1] += size * 0.15
    for joint in range(Joint.LEFT_SHOULDER, 33):
        joints[0, joint, :2] = (x + size * (0.8 if joint % 2 else -0.8), y + size * (1 + (joint - 11) / 6))
    return PoseTrack(
        np.array([0.0]),
        width,
        height,
        joints,
        np.zeros((1, 33, 3), np.float32),
        np.full((1, len(FACE_POINTS), 3), np.nan, np.float32),
        np.ones(1, np.int16),
        np.zeros(1, np.float32),
    )


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 640), st.floats(0, 360), st.floats(16, 140), st.integers(0, 9))
def test_no_detail_is_left_where_the_head_is_wherever_it_is(
    x: float, y: float, size: float, seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (180, 320, 3)).astype(np.uint8)
    made = hidden(noise, synthetic(x, y, size, 640, 360), 0.0).image  # half as large as the track's picture
    rows, columns = np.ogrid[:180, :320]
    head = (columns - x / 2) ** 2 + (rows - y / 2) ** 2 <= (size / 2 * 0.6) ** 2
    if head.sum() > 30:
        steps = np.abs(np.diff(made.astype(int), axis=1))[:, :, 0][head[:, 1:] & head[:, :-1]]
        assert steps.mean() < 0.4 * np.abs(np.diff(noise.astype(int), axis=1)).mean()


@given(st.integers(0, 89), st.integers(0, 39), st.sampled_from([0, 1, 3]))
def test_a_face_in_a_turned_picture_is_found_where_it_lies(x: int, y: int, turns: int) -> None:
    small = np.zeros((40, 90), np.uint8)
    small[y, x] = 1
    rows, columns = np.nonzero(np.rot90(small, turns))
    box = (float(columns[0]), float(rows[0]), 1.0, 1.0)
    left, top, right, bottom = hiding._turned_back(box, turns, small.shape, 0.5)
    assert ((left + right) / 4 - 0.5, (top + bottom) / 4 - 0.5) == pytest.approx((x, y))

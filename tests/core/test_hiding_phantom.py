"""Pictures in which nobody is recognised, whatever the detectors missed: on drawn people and on noise.

What is hidden is held to where the drawn head really is. Pictures are taken as they are drawn and tracks are
known, because encoders and detectors give a little else on every machine, and on one machine by what ran
before; only the last tests go through both, with a wide margin.
"""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.enhance.pose import pose_track
from app.core.enhance.pose_track import FACE_POINTS, Joint, PoseTrack
from app.core.hiding.face_detector import FoundFace
from app.core.hiding.figure import body_in, figure_picture
from app.core.hiding.picture_hider import HiddenPicture, Image, PictureHider
from app.core.jobs import CancelToken, no_report
from app.core.phantom.demonstration import demo_script
from app.core.phantom.render import phantom_frame
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.report.pictures import PictureMoment, draw_hidden_pictures
from tests.core.drawn_patient import Mask, grown, head_pixels, known_track

LARGE = demo_script()
SCRIPT = replace(LARGE, size=(426, 240))
AT = 0.6
"""Seconds of the frame that is hidden."""
MOMENTS = (AT, 2.0, 16.0, 24.0, 25.5, 28.0, 33.5, 40.0, 44.0, 55.0)
"""Talking, staring, chewing, the head turned, stiff, jerking and limp."""

Region = tuple[slice, slice]


def detail(image: Image) -> float:
    """Energy of what is finer than some pixels."""
    import cv2

    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float64)
    return float(np.square(grey - cv2.GaussianBlur(grey, (0, 0), 2.0)).mean())


class NoEye:
    """A detector that finds no face: what is hidden is hidden by the track."""

    def find(self, image: Image) -> tuple[FoundFace, ...]:
        return ()


def hide_people(image: Image, track: PoseTrack | None, seconds: float) -> HiddenPicture:
    return PictureHider(track, eye=NoEye()).hide(image, seconds)


def gone(made: Image, frame: Image, track: PoseTrack, seconds: float) -> Mask:
    """(h, w) where nothing is left but the grey of the whole picture, and lines of the figure."""
    lines = figure_picture(frame, track, track.row_at(seconds), ())
    drawn = (lines != lines[0, 0]).any(axis=2)
    return np.asarray((made == np.uint8(frame.mean())).all(axis=2) | drawn)


def drawn(seconds: float) -> tuple[Image, PoseTrack]:
    return phantom_frame(SCRIPT, seconds), known_track(SCRIPT, [seconds])


@pytest.fixture(scope="module")
def frame() -> Image:
    return phantom_frame(SCRIPT, AT)


@pytest.fixture(scope="module")
def track() -> PoseTrack:
    return known_track(SCRIPT, [AT])


def box_of(mask: Mask) -> Region:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def trunk_region(track: PoseTrack) -> Region:
    """The middle of the trunk, below what covers the head."""
    shoulders, hips = (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER), (Joint.LEFT_HIP, Joint.RIGHT_HIP)
    x, y = (0.35 * track.joints[0, shoulders, :2] + 0.65 * track.joints[0, hips, :2]).mean(axis=0)
    size = round(0.2 * float(np.ptp(track.joints[0, shoulders, 0])))
    return slice(int(y) - size, int(y) + size), slice(int(x) - size, int(x) + size)


def lost(track: PoseTrack, *, joints: bool, face: bool) -> PoseTrack:
    """The same track with joints or face never found."""
    changed = replace(track, joints=track.joints.copy(), face=track.face.copy())
    if joints:
        changed.joints[:] = np.nan
    if face:
        changed.face[:] = np.nan
    return changed


@pytest.mark.parametrize("faceless", [False, True], ids=["face found", "pose alone"])
@pytest.mark.parametrize("seconds", MOMENTS)
def test_nothing_of_the_head_is_left_and_the_body_is_readable(seconds: float, faceless: bool) -> None:
    frame, track = drawn(seconds)
    known = lost(track, joints=False, face=faceless)
    made = hide_people(frame, known, seconds)
    head = grown(head_pixels(SCRIPT, seconds), 0.1)
    assert not made.whole
    assert detail(frame[box_of(head)]) > 20
    assert gone(made.image, frame, known, seconds)[head].all()
    if not faceless:  # what the report is for is still to be seen
        trunk = trunk_region(track)
        assert np.abs(made.image[trunk].astype(int) - frame[trunk]).mean() < 12


def test_no_detail_is_left_but_on_the_body(frame: Image, track: PoseTrack) -> None:
    made = hide_people(frame, track, AT).image
    body = body_in(track, 0, frame)
    assert 0.02 < body.mean() < 0.25
    coarse = ~grown(body, 0.04) & ~grown(gone(made, frame, track, AT), 0.08)
    both = coarse[:, 1:] & coarse[:, :-1]
    left = np.abs(np.diff(made.astype(int), axis=1)).max(axis=2)[both]
    there = np.abs(np.diff(frame.astype(int), axis=1)).max(axis=2)[both]
    assert left.max() < 0.2 * there.max()


def test_a_head_that_jerks_is_hidden_where_it_is_about_this_moment() -> None:
    """Detectors lag: the places of a quarter of a second before and after count, those of a second do not."""
    noise = np.random.default_rng(3).integers(0, 256, (360, 640, 3)).astype(np.uint8)
    places = {-1.0: (60, 300), -0.2: (120, 80), 0.0: (320, 80), 0.2: (520, 80), 1.0: (580, 300)}
    rows = [synthetic(x, y, 40, 640, 360) for x, y in places.values()]
    track = replace(
        rows[0],
        **{
            name: np.concatenate([getattr(row, name) for row in rows])
            for name in ("joints", "world", "face", "people", "brightness", "doubt")
        },
        times=np.array(list(places)),
    )
    made = gone(hide_people(noise, track, 0.0).image, noise, track, 0.0)
    down, across = np.ogrid[:360, :640]
    for seconds, (x, y) in places.items():
        head = (across - x) ** 2 + (down - y) ** 2 <= 20**2
        assert made[head].all() == (abs(seconds) < 0.25), seconds


def test_where_the_head_is_not_known_in_this_very_frame_the_whole_picture_is_coarse(frame: Image) -> None:
    """Known just before it is not enough: it may be anywhere now."""
    track = known_track(SCRIPT, [AT - 0.1, AT])
    track.joints[1], track.face[1] = np.nan, np.nan
    assert hide_people(frame, track, AT).whole
    assert not hide_people(frame, track, AT - 0.1).whole


def test_somebody_else_whom_nobody_counted_is_gone_too(frame: Image, track: PoseTrack) -> None:
    visited = frame.copy()
    face = frame[box_of(head_pixels(SCRIPT, AT))]
    place = slice(10, 10 + face.shape[0]), slice(10, 10 + face.shape[1])
    visited[place] = face
    assert detail(hide_people(visited, track, AT).image[place]) < 0.03 * detail(face)


def test_where_neither_was_found_the_whole_picture_is_coarse(frame: Image, track: PoseTrack) -> None:
    unseen = lost(track, joints=False, face=True)
    unseen.joints[:, : Joint.MOUTH_RIGHT + 1, 2] = 0.2  # a guess of the model's
    for unknown in (None, lost(track, joints=True, face=True), unseen):
        made = hide_people(frame, unknown, AT)
        face = box_of(head_pixels(SCRIPT, AT))
        assert made.whole
        assert detail(made.image[face]) < 0.05 * detail(frame[face])
    assert hide_people(frame, track, -1.0).whole  # before the first frame of the track


@settings(max_examples=15)
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
    made = hide_people(frame, damaged, AT)
    assert made.image.shape == frame.shape
    face = box_of(head_pixels(SCRIPT, AT))
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


@settings(max_examples=25)
@given(st.floats(0, 640), st.floats(0, 360), st.floats(16, 140), st.integers(0, 9))
def test_nothing_is_left_where_the_head_is_wherever_it_is(x: float, y: float, size: float, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (180, 320, 3)).astype(np.uint8)
    track = synthetic(x, y, size, 640, 360)
    made = hide_people(noise, track, 0.0)  # half as large as the track's picture
    rows, columns = np.ogrid[:180, :320]
    head = (columns - x / 2) ** 2 + (rows - y / 2) ** 2 <= (size / 2 * 0.6) ** 2
    assert not made.whole
    assert gone(made.image, noise, track, 0.0)[head].all()


# through the encoder and the real detectors, with a margin


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, PoseTrack]:
    """A second of the drawn patient and their track, by the real detectors."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMIOSCOPE_HOME", str(home))
        with av.open(str(home / "phantom.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=20)
            stream.width, stream.height = LARGE.size
            stream.pix_fmt = "yuv420p"
            for number in range(20):
                picture = phantom_frame(LARGE, number / 20)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
            container.mux(stream.encode(None))
        recording = open_recording(home / "phantom.mp4")
        return recording, pose_track(recording)


def test_by_the_real_detectors_nothing_of_the_head_is_left_in_its_frames(
    phantom: tuple[Recording, PoseTrack],
) -> None:
    recording, track = phantom
    hider = PictureHider(track)
    with FrameReader(recording) as reader:
        for number in (0, 10):
            frame = np.array(reader.frame_at(number / 20).image[:, :, :3])
            made = hider.hide(frame, number / 20)
            assert not made.whole, number
            assert gone(made.image, frame, track, number / 20)[head_pixels(LARGE, number / 20)].all(), number


@pytest.mark.timeout(600)  # a process looks for text
def test_the_pictures_of_a_report_are_hidden_and_carry_no_lines_of_the_face(
    phantom: tuple[Recording, PoseTrack],
) -> None:
    import cv2

    recording, track = phantom
    (shot,) = draw_hidden_pictures(
        recording, track, [PictureMoment(AT, ("tonic",))], report=no_report, cancel=CancelToken()
    )
    image = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert (shot.hidden, shot.coarse) == (True, False)
    head = head_pixels(LARGE, AT).astype(np.uint8)
    seen = image[cv2.resize(head, (shot.width, shot.height), interpolation=cv2.INTER_NEAREST) > 0]
    assert np.ptp(seen.astype(int), axis=0).max() < 30  # one colour, and what JPEG makes of it

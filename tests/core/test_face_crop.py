"""The crop of the face: never smoothed across a cut, the head up whatever way the patient lies."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clips.drawn_pictures import crop_upright
from app.core.enhance.face_crop import MARGIN, CropPlace, face_crop
from app.core.enhance.head_turns import TILTED, TURN_STEP
from app.core.enhance.pose_track import (
    FACE_COLUMN,
    FACE_OVAL,
    FACE_POINTS,
    NOSE_LINE,
    Doubt,
    Joint,
    PoseTrack,
)

RATE, HEIGHT = 10.0, 100.0
CHIN = 152

Floats = npt.NDArray[np.float64]


def turned(points: Floats, degrees: float) -> Floats:
    """Points (…, 2) turned clockwise about the origin."""
    angle = np.radians(degrees)
    across, down = points[..., 0], points[..., 1]
    return np.stack(
        [across * np.cos(angle) - down * np.sin(angle), across * np.sin(angle) + down * np.cos(angle)],
        axis=-1,
    )


def face_points() -> Floats:
    """The face (n, 2) about the origin, upright, `HEIGHT` high."""
    points = np.zeros((len(FACE_POINTS), 2))
    for number, point in enumerate(FACE_OVAL):
        turn = 2 * np.pi * number / len(FACE_OVAL)
        points[FACE_COLUMN[point]] = (np.sin(turn) * HEIGHT * 0.4, -np.cos(turn) * HEIGHT / 2)
    points[FACE_COLUMN[NOSE_LINE[0]]] = (0.0, -0.1 * HEIGHT)
    return points


def track_of(
    centres: Floats, degrees: npt.NDArray[np.float64] | float = 0.0, *, face: bool = True, pose: bool = True
) -> PoseTrack:
    """A head at these places (n, 2), turned clockwise, in frames at `RATE` Hz."""
    n = len(centres)
    angles = np.broadcast_to(np.asarray(degrees, np.float64), n)
    faces = np.zeros((n, len(FACE_POINTS), 3), np.float32)
    joints = np.full((n, 33, 3), np.nan, np.float32)
    heads = {
        Joint.NOSE: (0.0, 0.0),
        **dict.fromkeys((Joint.LEFT_EYE, Joint.RIGHT_EYE), (0.0, -20.0)),
        **dict.fromkeys((Joint.MOUTH_LEFT, Joint.MOUTH_RIGHT), (0.0, 20.0)),
        Joint.LEFT_EAR: (40.0, 0.0),
        Joint.RIGHT_EAR: (-40.0, 0.0),
        Joint.LEFT_SHOULDER: (80.0, 120.0),
        Joint.RIGHT_SHOULDER: (-80.0, 120.0),
    }
    for row, (centre, angle) in enumerate(zip(centres, angles, strict=True)):
        faces[row, :, :2] = turned(face_points(), angle) + centre
        if pose:
            joints[row, list(heads), :2] = turned(np.array(list(heads.values())), angle) + centre
    joints[:, :, 2] = 1.0
    if not face:
        faces[:] = np.nan
    return PoseTrack(
        np.arange(n) / RATE,
        1280,
        720,
        joints,
        np.full((n, 33, 3), np.nan, np.float32),
        faces,
        np.ones(n, np.int16),
        np.zeros(n, np.float32),
    )


def still(seconds: float, x: float = 300.0, y: float = 300.0) -> Floats:
    return np.tile((x, y), (round(seconds * RATE), 1))


def turns_of(track: PoseTrack) -> list[int]:
    """The turn in each frame of the one shot of a track."""
    crop = face_crop(track, 0.0, float(track.times[-1]))
    assert crop is not None
    places = [crop.at(float(seconds)) for seconds in track.times]
    return [place.turn for place in places if place is not None]


def place_at(track: PoseTrack, seconds: float, cuts: tuple[float, ...] = ()) -> CropPlace:
    crop = face_crop(track, 0.0, float(track.times[-1]), cuts)
    assert crop is not None
    place = crop.at(seconds)
    assert place is not None
    return place


def test_nothing_is_smoothed_across_a_cut() -> None:
    track = track_of(np.concatenate([still(2.0), still(2.0, 900.0, 500.0)]))
    for seconds in track.times:
        place = place_at(track, float(seconds), cuts=(2.0,))
        assert (place.x, place.y) == pytest.approx((300, 300) if seconds < 2.0 else (900, 500), abs=1e-3)
    uncut = place_at(track, 1.9)
    assert 320 < uncut.x < 880, "without the cut it would glide"


def test_each_shot_has_its_scale_and_its_turn() -> None:
    near, far = track_of(still(2.0), 90.0), track_of(still(2.0))
    faces = np.concatenate([near.face, far.face * np.array([0.5, 0.5, 1.0], np.float32)])
    joints = np.concatenate([near.joints, far.joints])
    both = track_of(still(4.0))
    both = PoseTrack(
        both.times, 1280, 720, joints, both.world, faces.astype(np.float32), both.people, both.brightness
    )
    before, after = place_at(both, 1.9, (2.0,)), place_at(both, 2.0, (2.0,))
    assert (before.turn, after.turn) == (90, 0)
    assert (before.side, after.side) == pytest.approx((HEIGHT * MARGIN, HEIGHT * MARGIN / 2), rel=0.01)


def test_a_shot_without_a_head_shows_nothing() -> None:
    track = track_of(still(4.0))
    track.face[20:], track.joints[20:] = np.nan, np.nan
    crop = face_crop(track, 0.0, 4.0, (2.0,))
    assert crop is not None
    assert crop.at(1.0) is not None
    assert crop.at(3.0) is None, "the place before the cut says nothing about what is after it"
    assert not crop.seen_at(3.0)
    held = face_crop(track, 0.0, 4.0)
    assert held is not None
    assert held.at(3.0) is not None, "in one shot it stays where it was"
    assert face_crop(track, 2.0, 4.0, (2.0,)) is None


def test_who_is_not_surely_the_patient_is_not_followed() -> None:
    track = track_of(np.concatenate([still(4.0), still(4.0, 900.0)]))
    track.doubt[40:] = Doubt.UNCERTAIN
    crop = face_crop(track, 0.0, 8.0)
    assert crop is not None
    place = crop.at(7.0)
    assert place is not None
    assert place.x == pytest.approx(300.0, abs=1.0), "it stays where the patient was"
    assert not crop.seen_at(7.0)
    assert face_crop(track, 4.5, 8.0) is None


def test_a_clip_begins_with_the_frame_that_is_on_screen() -> None:
    track = track_of(np.concatenate([still(1.0), still(1.0, 900.0)]))
    crop = face_crop(track, 0.95, 1.9, (1.0,))
    assert crop is not None
    first, later = crop.at(0.9), crop.at(1.0)
    assert first is not None
    assert later is not None
    assert (first.x, later.x) == pytest.approx((300.0, 900.0), abs=1e-3)
    assert crop.cuts == (1.0,)


@given(st.integers(-720, 720), st.booleans())
def test_whatever_way_the_patient_lies_the_head_is_up(degrees: int, face: bool) -> None:
    place = place_at(track_of(still(1.0), degrees, face=face), 0.5)
    assert place.turn % TURN_STEP == 0
    off = (degrees - place.turn + 180) % 360 - 180
    assert abs(off) <= TILTED + 1e-3
    assert place.turn == 0 or abs(off) <= TURN_STEP / 2 + 1e-3


def test_a_nod_does_not_turn_the_picture_and_lying_down_does() -> None:
    nod = np.concatenate([np.zeros(30), np.full(8, 70.0), np.zeros(30)])
    assert set(turns_of(track_of(still(6.8), nod))) == {0}
    tilt = np.concatenate([np.full(40, 0.0), np.full(60, 40.0)])
    assert place_at(track_of(still(10.0), tilt), 9.5).turn == 0, "a tilted head is to be seen tilted"
    lying = np.concatenate([np.zeros(40), np.full(60, 90.0)])
    turns = turns_of(track_of(still(10.0), lying))
    assert (turns[0], turns[-1], len(set(turns))) == (0, 90, 2)


def test_a_turn_is_held_near_its_limit() -> None:
    shaking = TILTED + 8.0 * np.sign(np.sin(np.arange(200)))
    turns = turns_of(track_of(still(20.0), shaking))
    assert sum(a != b for a, b in itertools.pairwise(turns)) <= 1


@pytest.mark.parametrize("turn", range(0, 360, TURN_STEP))
def test_the_picture_is_turned_so_that_the_head_is_up(turn: int) -> None:
    image = np.full((400, 400, 3), 90, np.uint8)
    top, left = (turned(np.array(point), turn) + 200 for point in ((0.0, -60.0), (-60.0, 0.0)))
    for (x, y), colour in ((top, (255, 0, 0)), (left, (0, 0, 255))):
        image[round(y) - 5 : round(y) + 6, round(x) - 5 : round(x) + 6] = colour
    shown = crop_upright(image, CropPlace(200.0, 200.0, 200.0, turn), 100)
    assert shown.shape == (100, 100, 3)
    assert shown[20, 50].tolist() == pytest.approx([255, 0, 0], abs=40)
    assert shown[50, 20].tolist() == pytest.approx([0, 0, 255], abs=40)
    assert shown[50, 50].tolist() == pytest.approx([90, 90, 90], abs=6)


def test_outside_of_the_picture_it_is_black() -> None:
    image = np.full((100, 100, 3), 200, np.uint8)
    for turn in (0, 30, 90):
        shown = crop_upright(image, CropPlace(0.0, 50.0, 60.0, turn), 60)
        assert 0.4 < (shown[:, :, 0] > 100).mean() < 0.6
        assert 0.4 < (shown[:, :, 0] == 0).mean() < 0.6

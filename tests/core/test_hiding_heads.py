"""Where heads are: all that is found, larger than it is, and in all places it had about this moment."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.enhance.pose_track import Joint
from app.core.hiding.face_detector import FoundFace
from app.core.hiding.heads import NEAR, SURE, heads_in_row, heads_of_faces, heads_of_track
from tests.core.hiding_scenes import HEAD, noise, standing

FRAME = noise()
OTHER = FoundFace(100.0, 200.0, 50.0, 0.9)


def test_what_is_covered_is_larger_than_the_head() -> None:
    """A disc over a face reaches over hair and chin, 0.85 of the face's height from its middle."""
    (head,) = heads_of_faces([OTHER])
    assert head.size >= 1.2 * OTHER.size
    assert head.radius >= 0.9 * OTHER.size
    (by_pose,) = heads_in_row(standing(), 0, FRAME)
    assert by_pose.radius >= 0.8 * by_pose.size


@pytest.mark.parametrize(("apart", "counts"), [(0.0, True), (NEAR, True), (NEAR + 0.01, False)])
def test_the_head_s_places_a_quarter_of_a_second_before_and_after_count(apart: float, counts: bool) -> None:
    for sign in (-1, 1):
        track = standing(sorted((0.0, sign * apart + 1e-9)))
        there = int(np.argmax(np.abs(track.times)))
        track.joints[there, :, 0] += 150.0
        places = {round(head.x) for head in heads_of_track(track, 0.0, FRAME)}
        assert (470 in places) is counts


def test_the_nearest_face_is_the_patient_s_and_no_other() -> None:
    tracked = heads_in_row(standing(), 0, FRAME)
    near, beside = FoundFace(322.0, 62.0, 30.0, 0.3), FoundFace(350.0, 60.0, 30.0, 0.9)
    found = heads_of_faces([beside, near, OTHER], tracked)
    assert [head.patient for head in found] == [False, True, False]
    assert found[1].sure  # two detectors say so
    assert not any(head.patient for head in heads_of_faces([OTHER], tracked))


def test_only_a_sure_face_is_sure() -> None:
    doubt, sure = (FoundFace(100.0, 200.0, 50.0, score) for score in (SURE - 0.01, SURE))
    assert [head.sure for head in heads_of_faces([doubt, sure])] == [False, True]


def test_a_head_that_the_pose_only_guesses_is_none() -> None:
    track = standing()
    track.joints[:, : Joint.MOUTH_RIGHT + 1, 2] = 0.2
    assert heads_in_row(track, 0, FRAME) == []


def test_heads_are_in_pixels_of_the_picture_that_is_shown() -> None:
    half = noise(size=(180, 320))
    (head,), (whole,) = heads_in_row(standing(), 0, half), heads_in_row(standing(), 0, FRAME)
    assert (head.x, head.y) == pytest.approx((HEAD[0] / 2, HEAD[1] / 2), abs=2)
    assert head.size == pytest.approx(whole.size / 2)

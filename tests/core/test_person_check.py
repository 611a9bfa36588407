"""What is checked of a skeleton in the picture, and the views in which people are looked for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.clothing import Clothing, clothing_of, compare_clothing
from app.core.enhance.detector_pictures import Image, rgb
from app.core.enhance.likeness import Likeness
from app.core.enhance.patient_tracking import PersonPose, Room
from app.core.enhance.person_check import (
    PersonChecker,
    PersonVerdict,
    bone_points,
    verdict_of,
    well_proportioned,
)
from app.core.enhance.pose_track import Joint
from app.core.enhance.second_views import SecondViews
from app.core.enhance.upright_view import (
    View,
    into,
    lean,
    out_of,
    through,
    turned_back,
    upright_quarters,
)
from app.core.phantom.random_course import random_script
from app.core.phantom.render import phantom_frame
from tests.core.test_pose_following import HEIGHT, WIDTH, grey, person

VIEWS = st.builds(
    View,
    st.integers(0, 3),
    st.booleans(),
    st.one_of(st.none(), st.just((40, 30, 500, 300)), st.just((0, 0, 64, 360))),
)


def whole(x: float, y: float, scale: float = 60.0, turn: float = 0.0) -> PersonPose:
    """Somebody with hips, elbows and knees in their places, leaning clockwise by `turn`."""
    one = person(x, y, scale, turn)
    up, across = np.array([math.sin(turn), -math.cos(turn)]), np.array([math.cos(turn), math.sin(turn)])
    for left, right, down, out in (
        (13, 14, 1.5, 0.6),
        (15, 16, 2.2, 0.6),
        (23, 24, 2.2, 0.35),
        (25, 26, 3.4, 0.35),
    ):
        for joint, sign in ((left, 1), (right, -1)):
            one.joints[joint, :2] = np.array([x, y]) - down * scale * up + sign * out * scale * across
    return one


@given(VIEWS, st.floats(50, 590), st.floats(40, 320), st.floats(-3, 3))
def test_a_person_is_found_where_they_are_whatever_view_the_detectors_saw(
    view: View, x: float, y: float, turn: float
) -> None:
    one = whole(x, y, turn=turn)
    there = into(one, view, (WIDTH, HEIGHT))
    back = out_of(there, view, (WIDTH, HEIGHT))
    assert back.joints == pytest.approx(one.joints, abs=1e-2)
    assert there.scale == pytest.approx(one.scale, rel=1e-3)


@pytest.mark.parametrize("quarters", range(4))
def test_a_point_of_the_picture_is_the_same_point_after_turning(quarters: int) -> None:
    picture = grey()
    picture[101, 230] = 255
    turned = through(picture, View(quarters))
    (row,), (column,) = np.nonzero(turned[:, :, 0] == 255)
    place = turned_back(np.array([[column + 0.5, row + 0.5]], np.float32), quarters, WIDTH, HEIGHT)
    assert place[0].tolist() == [230.5, 101.5]


@given(st.floats(-math.pi, math.pi), st.integers(0, 3))
def test_somebody_who_lies_is_upright_in_the_turned_view_within_sixty_degrees(
    turn: float, current: int
) -> None:
    one = whole(300, 180, turn=turn)
    quarters = upright_quarters(one, current)
    assert abs(lean(into(one, View(quarters), (WIDTH, HEIGHT)))) <= math.radians(60) + 1e-3
    assert upright_quarters(one, quarters) == quarters


def test_a_view_does_not_change_while_the_person_leans_a_little_to_and_fro() -> None:
    leans = [
        upright_quarters(whole(300, 180, turn=math.radians(45 + sway)), 0) for sway in (-10, 10, -12, 12)
    ]
    assert leans == [0, 0, 0, 0]


def test_proportions_of_a_person_pass_from_any_side_and_those_of_a_thing_do_not() -> None:
    assert well_proportioned(whole(300, 150))
    assert well_proportioned(whole(300, 150, turn=2.0))
    assert not well_proportioned(whole(300, 150, scale=8.0))
    stretched = whole(300, 150)
    stretched.joints[Joint.LEFT_ELBOW, 0] += 4 * 60
    assert not well_proportioned(stretched)
    lost = whole(300, 150)
    lost.joints[Joint.NOSE] = np.nan
    assert not well_proportioned(lost)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-6, 6))
def test_more_of_a_person_never_makes_less_of_one(face: float, covered: float, figure: float) -> None:
    found = verdict_of(face, covered, figure)
    assert verdict_of(min(face + 0.2, 1), covered, figure) >= found
    assert verdict_of(face, min(covered + 0.2, 1), figure) >= found
    assert verdict_of(face, covered, figure + 0.5) >= found


def test_bones_out_of_sight_are_not_asked_for() -> None:
    one = whole(300, 150)
    one.joints[23:, 2] = 0.1
    assert bone_points(one)[:, 1].max() < one.joints[23, 1]
    one.joints[:, 2] = 0.0
    assert len(bone_points(one))


def dressed(colour: tuple[int, int, int], one: PersonPose) -> Image:
    picture = grey(120)
    corners = one.joints[[11, 12, 24, 23], :2].round().astype(np.int32)
    cv2.fillConvexPoly(picture, cv2.convexHull(corners), colour)
    cv2.circle(picture, (20, 20), 15, (200, 30, 30), -1)  # a picture with colours is not infrared
    cv2.circle(picture, (600, 340), 90, (30, 30, 200), -1)
    return picture


@pytest.mark.parametrize("turn", [0.0, math.pi / 2, math.pi, -math.pi / 2])
def test_clothes_are_known_again_however_somebody_lies_and_wherever(turn: float) -> None:
    green, red = (40, 150, 60), (170, 40, 40)
    upright, lying = whole(300, 100), whole(320, 180, 50.0, turn)
    first = clothing_of(dressed(green, upright), upright)
    assert compare_clothing(first, clothing_of(dressed(green, lying), lying)) is Likeness.SAME
    assert compare_clothing(first, clothing_of(dressed(red, lying), lying)) is Likeness.DIFFERENT


def test_white_clothes_are_not_known_again_but_are_not_black_ones() -> None:
    one = whole(300, 100)
    white, black = (clothing_of(dressed(shade, one), one) for shade in ((235, 235, 235), (15, 15, 15)))
    assert compare_clothing(white, white) is Likeness.UNKNOWN
    assert compare_clothing(white, black) is Likeness.DIFFERENT
    assert compare_clothing(white, None) is Likeness.UNKNOWN


def test_clothes_out_of_the_picture_are_not_guessed() -> None:
    assert clothing_of(grey(), whole(300, HEIGHT + 200.0)) is None


@given(st.integers(0, 99), st.integers(0, 99), st.booleans())
def test_a_comparison_of_clothes_is_symmetric(first: int, second: int, grey_picture: bool) -> None:
    def one(number: int) -> Clothing:
        shares = np.zeros(100)
        shares[number] = 1.0
        return Clothing(shares, np.full(8, 0.125), float(number), grey_picture)

    assert compare_clothing(one(first), one(second)) is compare_clothing(one(second), one(first))


def test_a_second_look_tries_contrast_turns_and_parts_each_in_its_turn() -> None:
    views = SecondViews((WIDTH, HEIGHT))
    now = View(1)
    tried = [views.next(grey(), now, View()) for _ in range(11)]
    assert {view.quarters for view in tried} == {0, 1, 2, 3}
    assert any(view.contrast for view in tried)
    parts = [view.window for view in tried if view.window is not None]
    assert len(set(parts)) == 6
    assert all(0 <= left < right <= WIDTH and 0 <= top < low <= HEIGHT for left, top, right, low in parts)


# With the detectors themselves.


@pytest.fixture(scope="module")
def checker() -> Iterator[PersonChecker]:
    from app.core.enhance.detectors import HeadFaces, PersonMask

    with closing(PersonMask()) as mask, closing(HeadFaces()) as faces:
        yield PersonChecker(mask, faces)


def drawn(**appearance: object) -> Image:
    script = random_script(1000, 60.0)
    changed = replace(script, appearance=replace(script.appearance, **appearance))  # type: ignore[arg-type]
    return rgb(phantom_frame(changed, 3.0))


@pytest.mark.parametrize("quarters", range(4))
def test_a_drawn_patient_is_a_person_however_the_picture_is_turned(
    checker: PersonChecker, quarters: int
) -> None:
    from app.core.enhance.detectors import CrowdDetector

    picture = drawn()
    with closing(CrowdDetector()) as crowd:
        (one,) = crowd.find(picture)
    turned = through(picture, View(quarters))
    lying = into(one, View(quarters), (picture.shape[1], picture.shape[0]))
    assert checker.verdict(turned, lying, upright_quarters(lying, 0)) is PersonVerdict.PERSON


def test_a_blanket_over_trunk_and_legs_leaves_head_and_arms(checker: PersonChecker) -> None:
    from app.core.enhance.detectors import CrowdDetector

    picture = drawn()
    with closing(CrowdDetector()) as crowd:
        (bare,) = crowd.find(picture)
        (covered,) = crowd.find(under_a_blanket(picture, bare))
    assert checker.verdict(under_a_blanket(picture, bare), covered, 0) is PersonVerdict.PERSON
    arms = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_ELBOW, Joint.RIGHT_ELBOW]
    for joint in (Joint.NOSE, *arms):
        assert covered.joints[joint, 2] > 0.5
        assert np.hypot(*(covered.joints[joint, :2] - bare.joints[joint, :2])) < 0.3 * bare.scale


def under_a_blanket(picture: Image, one: PersonPose) -> Image:
    """The picture with a blanket from the chest to its lower edge, between the arms."""
    xy, covered = one.joints[:, :2], picture.copy()
    chest, hips = (xy[11] + xy[12]) / 2 + (0, 0.25 * one.scale), (xy[23] + xy[24]) / 2
    half, low = 0.42 * abs(xy[11, 0] - xy[12, 0]), picture.shape[0]
    right = [(chest[0] + half, chest[1]), (hips[0] + 1.2 * one.scale, hips[1] + 0.4 * one.scale)]
    left = [(2 * hips[0] - x, y) for x, y in reversed(right)]
    corners = [*right, (right[1][0], low), (left[0][0], low), *left]
    cv2.fillPoly(covered, [np.array(corners).astype(np.int32)], (176, 168, 160))
    return covered


def test_letters_are_not_a_person(checker: PersonChecker) -> None:
    picture = np.zeros((540, 960, 3), np.uint8)
    cv2.putText(picture, "Caminandes", (180, 320), cv2.FONT_HERSHEY_DUPLEX, 3.0, (240, 240, 240), 9)
    for one in (whole(400, 260, 40.0), whole(500, 290, 60.0, 1.5), whole(620, 300, 30.0, -1.5)):
        assert checker.verdict(picture, one, upright_quarters(one, 0)) is not PersonVerdict.PERSON


def test_nobody_in_a_room_is_not_a_person(checker: PersonChecker) -> None:
    room = np.full((540, 960, 3), 170, np.uint8)
    cv2.rectangle(room, (400, 250), (700, 280), (90, 70, 50), -1)
    cv2.rectangle(room, (530, 280), (560, 450), (60, 60, 60), -1)
    assert checker.verdict(room, whole(545, 300, 40.0), 0) is PersonVerdict.NO_PERSON


def test_a_flat_infrared_picture_gets_a_second_look(checker: PersonChecker) -> None:
    from app.core.enhance.detectors import CrowdDetector
    from app.core.enhance.room_survey import RoomSurvey

    script = random_script(1001, 60.0)
    dim = replace(script.appearance, infrared=True, noise=7.0, blanket=True)
    picture = rgb(phantom_frame(replace(script, appearance=dim), 3.0))
    with closing(CrowdDetector()) as crowd:
        assert crowd.find(picture) == []
        survey = RoomSurvey(Room(picture.shape[1], picture.shape[0]), crowd, checker)
        survey.add(picture)
    room = survey.room()
    assert room.home is not None
    assert room.quarters == 0

"""What is left of a picture: nothing of a head, a softened body, and where there is doubt neither."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.core.enhance.pose_track import Doubt, Joint, PoseTrack
from app.core.hiding.cells import body_cell, coarse_cell, in_cells
from app.core.hiding.covered_places import CoveredPlaces, covered_boxes, shown_between
from app.core.hiding.face_detector import FoundFace
from app.core.hiding.figure import body_in, draw_skeleton, figure_picture, points_in
from app.core.hiding.picture_hider import Appearance, HiddenPicture, PictureHider
from app.core.picture_box import Box
from tests.core.drawn_patient import grown
from tests.core.hiding_scenes import GivenFaces, Image, Mask, counted, disc, finest, noise, standing

FRAME = noise()
BODY, COARSE = body_cell(FRAME), coarse_cell(FRAME, ())
TRUNK = (320.0, 150.0)
LINE = Box(200 / FRAME.shape[1], 140 / FRAME.shape[0], 440 / FRAME.shape[1], 160 / FRAME.shape[0])
SURELY, MAYBE = 0.4, 0.3


def hidden(
    track: PoseTrack | None, *faces: FoundFace, seconds: float = 0.0, text: CoveredPlaces | None = None
) -> HiddenPicture:
    return PictureHider(track, text=text, eye=GivenFaces(faces)).hide(FRAME, seconds)


def off_the_lines(track: PoseTrack, part: Mask) -> Mask:
    """The part without what the figure's lines are drawn on."""
    lines = figure_picture(FRAME, track, 0, ())
    return part & ~grown((lines != lines[0, 0]).any(axis=2), 0.02)


def body(track: PoseTrack) -> Mask:
    """The body without what is covered for the head."""
    return off_the_lines(track, body_in(track, 0, FRAME) & ~disc(320, 60, 60))


def in_cells_of(made: HiddenPicture, cell: float, part: Mask) -> bool:
    """Whether a part of the picture has nothing but cells of this size."""
    return bool(np.array_equal(made.image[part], in_cells(FRAME, cell)[part]))


def readable(made: HiddenPicture, track: PoseTrack) -> bool:
    """Whether the body has the detail that it may have, and not what all else has."""
    soft, coarse = (in_cells_of(made, cell, body(track)) for cell in (BODY, COARSE))
    return soft and not coarse


def uncovered(made: HiddenPicture, part: Mask) -> float:
    """Share of a part of the picture in which not one colour is left."""
    colours = made.image[part]
    return float((colours != np.median(colours, axis=0)).any(axis=1).mean())


def test_the_body_is_readable_and_soft_and_all_else_is_coarse() -> None:
    track = standing()
    made = hidden(track)
    assert not made.whole
    assert readable(made, track)
    around = off_the_lines(track, ~body_in(track, 0, FRAME) & ~disc(320, 60, 60))
    assert in_cells_of(made, COARSE, around)


@pytest.mark.parametrize("seconds", [-1.0, 0.06, 0.3])
def test_a_frame_without_a_result_is_coarse(seconds: float) -> None:
    assert hidden(standing(), seconds=seconds).whole
    assert hidden(None).whole


def test_a_frame_in_which_the_head_is_not_known_is_coarse_though_it_was_known_just_before() -> None:
    track = standing([0.0, 0.1])
    track.joints[1] = np.nan
    assert not hidden(track, seconds=0.0).whole
    assert hidden(track, seconds=0.1).whole


@pytest.mark.parametrize(
    ("times", "people", "whole"),
    [
        ((0.0, 1.5), (-1, 1), False),
        ((0.0, 1.6), (-1, 1), True),
        ((0.0, 1.5), (-1, 0), True),
        ((0.0, 1.5), (-1, -1), True),
        ((0.0, 1.5), (-1, 3), False),
    ],
)
def test_a_patient_who_is_not_confirmed_within_a_second_and_a_half_is_not_shown(
    times: tuple[float, ...], people: tuple[int, ...], whole: bool
) -> None:
    track = counted(standing(times), people)
    made = hidden(track)
    assert made.whole is whole
    assert readable(made, track) is not whole


def test_where_people_are_counted_the_patient_must_be_found_to_be_confirmed() -> None:
    track = counted(standing([0.0, 1.0]), (-1, 2))
    track.joints[1] = np.nan
    assert hidden(track).whole


def test_a_figure_that_may_be_somebody_else_is_not_shown() -> None:
    track = replace(standing(), doubt=np.array([Doubt.UNCERTAIN], np.uint8))
    assert hidden(track).whole


def test_a_sure_face_before_the_body_is_covered_and_the_rest_of_the_body_shown() -> None:
    track = standing()
    made = hidden(track, FoundFace(*TRUNK, 30.0, SURELY))
    assert not made.whole
    assert uncovered(made, off_the_lines(track, disc(*TRUNK, 0.8 * 30.0))) == 0


def test_a_face_that_is_not_sure_makes_the_whole_frame_coarse() -> None:
    track = standing()
    made = hidden(track, FoundFace(*TRUNK, 60.0, MAYBE))
    assert made.whole
    assert in_cells_of(made, COARSE, body(track) & ~disc(*TRUNK, 64.0))


def test_a_face_that_is_not_sure_and_so_small_that_the_body_s_cells_hide_it_is_covered_alone() -> None:
    track = standing()
    made = hidden(track, FoundFace(*TRUNK, 40.0, MAYBE))
    assert not made.whole
    assert uncovered(made, off_the_lines(track, disc(*TRUNK, 32.0))) == 0


def test_a_face_that_is_not_sure_matters_only_where_the_body_is_shown() -> None:
    assert not hidden(standing(), FoundFace(60.0, 300.0, 60.0, MAYBE)).whole  # coarse there anyway
    assert not hidden(standing(), FoundFace(320.0, 60.0, 55.0, MAYBE)).whole  # on the patient's covered head
    under = FoundFace(*TRUNK, 90.0, SURELY), FoundFace(TRUNK[0] + 10.0, TRUNK[1], 60.0, MAYBE)
    assert not hidden(standing(), *under).whole  # under another cover


def test_the_largest_head_decides_and_not_the_patient_s() -> None:
    """The patient's head is 40 px high, for which cells of 32 px do; a bystander's of 260 needs more."""
    blocks = np.kron(noise(size=(9, 16)), np.ones((40, 40, 1), np.uint8))
    eyes = GivenFaces(), GivenFaces([FoundFace(560.0, 180.0, 200.0, SURELY)])
    made = [PictureHider(standing(), eye=eye).hide(blocks, 0.0).image for eye in eyes]
    few, many = finest(made[1], disc(60, 300, 50)), finest(made[0], disc(60, 300, 50))
    assert few < 0.6 * many


def test_heads_are_those_of_the_track_and_every_face() -> None:
    made = hidden(standing(), FoundFace(100.0, 200.0, 50.0, SURELY), FoundFace(500.0, 80.0, 20.0, MAYBE))
    found = [(round(head.x), round(head.y), head.patient) for head in made.heads]
    assert found == [(320, 60, True), (100, 200, False), (500, 80, False)]


def test_heads_are_covered_with_one_colour_wherever_they_are() -> None:
    track = standing()
    made = hidden(track, FoundFace(560.0, 180.0, 40.0, SURELY))
    for part in (disc(320, 60, 30), disc(560, 180, 32)):
        assert uncovered(made, off_the_lines(track, part)) == 0


def test_burned_in_text_is_covered_across_the_body_too() -> None:
    covers = covered_boxes([LINE])
    text = np.zeros(FRAME.shape[:2], np.bool_)
    text[140:160, 200:440] = True
    made = hidden(standing(), text=covers)
    assert uncovered(made, off_the_lines(standing(), text)) == 0
    white, black = FRAME.copy(), FRAME.copy()
    white[text], black[text] = 255, 0
    shown = [
        PictureHider(standing(), text=covers, eye=GivenFaces()).hide(image, 0.0).image
        for image in (white, black)
    ]
    # Nothing of it is in the cells around it either, but for the colour of the whole picture.
    assert np.abs(shown[0].astype(int) - shown[1])[~text].max() < 40


def test_text_is_covered_while_it_is_shown() -> None:
    shown = CoveredPlaces(shown_between(covered_boxes([LINE]).places, 1.0, 2.0))
    place = np.zeros(FRAME.shape[:2], np.bool_)
    place[142:158, 202:438] = True
    hider = PictureHider(None, text=shown, eye=GivenFaces())
    left = [uncovered(hider.hide(FRAME, seconds), place) for seconds in (0.5, 1.5, 2.5)]
    assert left[1] == 0
    assert min(left[0], left[2]) > 0.5


@pytest.mark.parametrize("appearance", Appearance)
def test_what_a_person_covers_lies_over_the_skeleton_too(appearance: Appearance) -> None:
    place = np.zeros(FRAME.shape[:2], np.bool_)
    place[140:160, 200:440] = True
    hiders = [
        PictureHider(standing(), appearance=appearance, drawn=drawn, eye=GivenFaces())
        for drawn in (None, covered_boxes([LINE]))
    ]
    shown = [hider.hide(FRAME, 0.0) for hider in hiders]
    assert [uncovered(made, place) > 0 for made in shown] == [True, False]


def test_a_figure_has_nothing_of_the_picture_and_looks_for_no_face() -> None:
    hider = PictureHider(standing(), appearance=Appearance.FIGURE)
    made, other = hider.hide(FRAME, 0.0), hider.hide(noise(4), 0.0)
    assert np.array_equal(made.image, other.image)
    assert len(np.unique(made.image.reshape(-1, 3), axis=0)) > 3
    assert not made.whole
    nobody = hider.hide(FRAME, 5.0)
    assert nobody.whole
    assert len(np.unique(nobody.image)) == 1


def test_the_frame_that_is_given_is_left_as_it_is() -> None:
    image: Image = FRAME.copy()
    for appearance in Appearance:
        PictureHider(standing(), appearance=appearance, eye=GivenFaces()).hide(image, 0.0)
    assert np.array_equal(image, FRAME)


def test_the_figure_is_drawn_on_the_body() -> None:
    track = standing()
    made = hidden(track).image
    elbow = points_in(track, 0, FRAME)[Joint.LEFT_ELBOW].round().astype(int)
    bare = np.zeros_like(FRAME)
    draw_skeleton(bare, points_in(track, 0, FRAME), track.joints[0, :, 2], 3)
    assert np.array_equal(made[elbow[1], elbow[0]], bare[elbow[1], elbow[0]])


def test_damaged_numbers_never_show_a_head() -> None:
    for value in (np.nan, np.inf, -1e9, 1e9):
        track = standing()
        track.joints[0, Joint.NOSE] = value
        track.joints[0, Joint.LEFT_SHOULDER] = value
        made = hidden(track, FoundFace(320.0, 60.0, 40.0, SURELY))
        assert uncovered(made, off_the_lines(replace(track), disc(320, 60, 24))) == 0

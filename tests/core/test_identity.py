"""Who was followed, with places and colours made of numbers: cuts, gaps, crossings, blankets, titles."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.clothing import Clothing
from app.core.enhance.face_shape import FaceShape
from app.core.enhance.identity import Followed, decide, doubts, stretches
from app.core.enhance.likeness import Likeness
from app.core.enhance.patient_tracking import PersonPlace, Room
from app.core.enhance.person_check import PersonCheck, PersonVerdict
from app.core.enhance.pose_track import Doubt
from app.core.picture_box import Box

RATE = 10.0
ROOM = Room(960, 540)
BED, CHAIR = PersonPlace(400, 200, 100), PersonPlace(700, 220, 100)


def clothes(colour: int, *, chroma: float = 30.0, grey: bool = False) -> Clothing:
    """Clothes of one colour; 0 and 1 are unlike."""
    colours, light = np.zeros(100), np.zeros(8)
    colours[5 + 40 * colour] = light[4] = 1.0
    return Clothing(colours, light, chroma, grey)


GREEN, RED, WHITE = clothes(0), clothes(1), clothes(2, chroma=2.0)


@dataclass(frozen=True)
class Part:
    """Some seconds of a recording: who is where, checked each second."""

    seconds: float
    place: PersonPlace | None = BED
    clothing: Clothing | None = GREEN
    cut: bool = False
    verdict: PersonVerdict = PersonVerdict.PERSON
    alone: bool = True
    face: FaceShape | None = None


def frames(*parts: Part) -> list[Followed]:
    result: list[Followed] = []
    for part in parts:
        for number in range(round(part.seconds * RATE)):
            check = None
            if part.place is not None and number % 10 == 0:
                check = PersonCheck(part.verdict, part.clothing, part.place, part.alone)
            cut = part.cut and number == 0
            result.append(Followed(len(result) / RATE, part.place, cut, check, part.face))
    return result


def judged(*parts: Part, room: Room | None = ROOM) -> list[Doubt]:
    """The doubt in the middle of each part."""
    codes = doubts(frames(*parts), room)
    ends = np.cumsum([round(part.seconds * RATE) for part in parts])
    return [
        Doubt(int(codes[(end - round(part.seconds * RATE) + end) // 2]))
        for end, part in zip(ends, parts, strict=True)
    ]


NOBODY = Part(3, None)


def test_one_figure_that_is_followed_is_the_patient_however_it_moves_and_whatever_covers_it() -> None:
    walk = [Part(0.5, PersonPlace(100 + 30 * n, 200, 100), (GREEN, RED)[n // 10]) for n in range(20)]
    assert judged(*walk) == [Doubt.NONE] * 20


def test_another_person_in_the_same_place_after_a_cut_is_left_out() -> None:
    assert judged(Part(9), Part(5, clothing=RED, cut=True)) == [Doubt.NONE, Doubt.UNCERTAIN]


def test_another_person_elsewhere_after_a_cut_is_another_one() -> None:
    far = PersonPlace(700, 220, 300)
    assert judged(Part(9), Part(5, far, RED, cut=True)) == [Doubt.NONE, Doubt.ANOTHER]


def test_the_same_clothes_after_a_cut_are_the_same_person() -> None:
    assert judged(Part(9), Part(5, CHAIR, cut=True)) == [Doubt.NONE, Doubt.NONE]


def test_white_clothes_after_a_cut_prove_nothing() -> None:
    assert judged(Part(9, clothing=WHITE), Part(5, CHAIR, WHITE, cut=True))[1] is Doubt.UNCERTAIN
    assert judged(Part(9, clothing=None), Part(5, CHAIR, None, cut=True))[1] is Doubt.UNCERTAIN


def test_somebody_who_sits_down_in_the_same_chair_is_not_taken_for_the_patient() -> None:
    assert judged(Part(13), NOBODY, Part(7, clothing=RED)) == [Doubt.NONE, Doubt.NONE, Doubt.UNCERTAIN]


def test_a_patient_who_was_hidden_for_a_while_is_known_by_place_where_clothes_tell_nothing() -> None:
    assert judged(Part(9, clothing=WHITE), NOBODY, Part(5, clothing=WHITE)) == [Doubt.NONE] * 3


def test_a_blanket_that_somebody_lays_over_the_patient_does_not_make_another_person() -> None:
    nurse = Part(3, alone=False)
    assert judged(Part(9), nurse, Part(5, clothing=RED)) == [Doubt.NONE] * 3


def test_a_figure_that_goes_away_with_other_clothes_while_somebody_crosses_is_in_doubt() -> None:
    crossing = Part(1, alone=False)
    away = Part(5, CHAIR, RED)
    assert judged(Part(9), crossing, away)[2] in (Doubt.UNCERTAIN, Doubt.ANOTHER)


def test_a_tracker_that_slides_onto_somebody_who_crosses_is_in_doubt_from_there_on() -> None:
    away = [Part(1, PersonPlace(400 + 30 * n, 200, 100), RED) for n in range(8)]
    found = judged(Part(9), Part(1, alone=False), *away)
    assert found[0] is Doubt.NONE
    assert Doubt.NONE not in found[4:]


def test_infrared_and_daylight_are_not_compared() -> None:
    infrared = Part(5, clothing=clothes(1, grey=True))
    assert judged(Part(9), NOBODY, infrared)[2] is Doubt.NONE


def test_letters_and_tables_are_taken_out_and_are_not_the_patient() -> None:
    title = Part(20, CHAIR, RED, verdict=PersonVerdict.UNSURE)
    table = Part(20, CHAIR, RED, verdict=PersonVerdict.NO_PERSON)
    for figure in (title, table):
        assert judged(figure, replace(NOBODY, seconds=4), Part(5)) == [
            Doubt.NOT_A_PERSON,
            Doubt.NONE,
            Doubt.NONE,
        ]


def test_a_patient_who_is_surely_a_person_for_a_moment_counts_while_unsure() -> None:
    under_a_blanket = Part(9, verdict=PersonVerdict.UNSURE)
    assert judged(Part(2), under_a_blanket) == [Doubt.NONE, Doubt.NONE]


def test_a_patient_stays_a_person_while_somebody_leans_over_them() -> None:
    hidden = Part(3, verdict=PersonVerdict.UNSURE, alone=False)
    assert judged(Part(5), hidden, Part(5)) == [Doubt.NONE] * 3


def test_faces_tell_two_people_in_white_apart_and_one_again() -> None:
    one, other = FaceShape(np.zeros(9)), FaceShape(np.full(9, 0.2))
    before = Part(9, clothing=WHITE, face=one)
    assert judged(before, Part(5, CHAIR, WHITE, cut=True, face=other))[1] is Doubt.ANOTHER
    assert judged(before, Part(5, CHAIR, WHITE, cut=True, face=one))[1] is Doubt.NONE


def test_the_person_in_the_drawn_box_is_the_patient_even_when_another_one_is_seen_for_longer() -> None:
    room = replace(ROOM, box=Box(0.3, 0.1, 0.55, 1.0))
    assert judged(Part(9), Part(15, CHAIR, RED, cut=True), room=room)[0] is Doubt.NONE
    assert judged(Part(9), Part(15, CHAIR, RED, cut=True), room=room)[1] is not Doubt.NONE


def test_a_room_in_larger_pixels_is_the_same_room() -> None:
    room = replace(ROOM, box=Box(0.3, 0.1, 0.55, 1.0), home=BED)
    large = room.enlarged(1920)
    assert (large.width, large.height, large.home) == (1920, 1080, PersonPlace(800, 400, 200))
    for place in (BED, CHAIR):
        assert large.inside(PersonPlace(2 * place.x, 2 * place.y, 2 * place.scale)) == room.inside(place)


@pytest.mark.parametrize("place", Likeness)
@pytest.mark.parametrize("clothing", Likeness)
@pytest.mark.parametrize("face", Likeness)
@pytest.mark.parametrize("cut", [True, False])
def test_nothing_that_contradicts_is_ever_called_the_patient(
    place: Likeness, clothing: Likeness, face: Likeness, cut: bool
) -> None:
    found = decide(place, clothing, face, cut=cut)
    if Likeness.DIFFERENT in (place, clothing, face):
        assert found is not Doubt.NONE
    if found is Doubt.NONE:
        assert Likeness.SAME in ((clothing, face) if cut else (place, clothing, face))


_PLACES = st.one_of(
    st.none(), st.builds(PersonPlace, st.floats(0, 960), st.floats(0, 540), st.floats(12, 400))
)
_PARTS = st.builds(
    Part,
    seconds=st.sampled_from([0.1, 0.5, 1.0, 3.0]),
    place=_PLACES,
    clothing=st.sampled_from([GREEN, RED, WHITE, None]),
    cut=st.booleans(),
    verdict=st.sampled_from(PersonVerdict),
    alone=st.booleans(),
)


@given(st.lists(_PARTS, max_size=12))
def test_every_frame_has_a_decision_and_frames_without_anybody_have_no_doubt(parts: list[Part]) -> None:
    some = frames(*parts)
    codes = doubts(some, ROOM)
    assert codes.shape == (len(some),)
    assert all(not code for code, frame in zip(codes, some, strict=True) if frame.place is None)
    rows = [row for one in stretches(some) for row in range(one.start, one.stop)]
    assert len(rows) == len(set(rows))
    assert {row for row, frame in enumerate(some) if frame.place is not None} <= set(rows)


@given(st.lists(_PARTS, max_size=8))
def test_a_recording_seen_in_a_mirror_has_the_same_doubts(parts: list[Part]) -> None:
    def mirrored(place: PersonPlace | None) -> PersonPlace | None:
        return None if place is None else PersonPlace(960 - place.x, place.y, place.scale)

    other = [replace(part, place=mirrored(part.place)) for part in parts]
    assert doubts(frames(*parts), ROOM).tolist() == doubts(frames(*other), ROOM).tolist()

"""Who the patient is, with people made of numbers: a nurse walks in, crosses, hides the patient, leaves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.patient_tracking import (
    Patient,
    PersonPose,
    Room,
    Sighting,
    distinct_people,
    frames_on_other_person,
    place_of,
    same_person,
    with_usual_place,
)
from app.core.enhance.pose_track import Joint
from app.core.picture_box import Box

ROOM = Room(854, 480)


def person(x: float, y: float = 240.0, scale: float = 100.0) -> PersonPose:
    """Somebody upright, seen from the front: nose above shoulders a `scale` wide, hips below."""
    joints = np.zeros((33, 3), dtype=np.float32)
    joints[:, :2] = (x, y)
    joints[Joint.NOSE, :2] = (x, y - 0.6 * scale)
    joints[Joint.LEFT_SHOULDER, :2] = (x + scale / 2, y)
    joints[Joint.RIGHT_SHOULDER, :2] = (x - scale / 2, y)
    joints[Joint.LEFT_HIP, :2] = (x + scale / 3, y + 1.4 * scale)
    joints[Joint.RIGHT_HIP, :2] = (x - scale / 3, y + 1.4 * scale)
    joints[:, 2] = 0.9
    return PersonPose(joints, np.zeros((33, 3), dtype=np.float32))


def follow(
    room: Room, surveys: Iterable[tuple[float, Sequence[PersonPose], PersonPose | None]]
) -> list[PersonPose | None]:
    """What a patient tracker chooses at each look of (seconds, everybody, whom the tracker follows)."""
    patient = Patient(room)
    chosen = []
    for time, people, tracked in surveys:
        found = patient.choose(time, people, tracked)
        if found is not None:
            patient.accept(time, found)
        else:
            patient.lose()
        chosen.append(found)
    return chosen


def test_a_single_person_is_the_patient_wherever_they_go() -> None:
    people = [person(100.0 + 60.0 * second) for second in range(10)]
    assert follow(ROOM, [(float(n), [p], p) for n, p in enumerate(people)]) == people


def test_a_nurse_who_walks_in_is_not_the_patient_even_when_the_tracker_has_jumped_to_her() -> None:
    lying = [person(500.0 + n) for n in range(8)]
    nurse = [person(100.0 + 40.0 * n, scale=130.0) for n in range(8)]
    surveys = [
        (float(n), [lying[n], nurse[n]] if n >= 2 else [lying[n]], nurse[n] if n >= 5 else lying[n])
        for n in range(8)
    ]
    assert follow(ROOM, surveys) == lying


def test_a_nurse_who_crosses_in_front_does_not_take_the_patient_along() -> None:
    lying = [person(420.0) for _ in range(9)]
    nurse = [person(420.0 + 150.0 * (n - 4)) for n in range(9)]
    everybody = [distinct_people([lying[n], nurse[n]]) for n in range(9)]
    tracked = [*lying[:4], nurse[4], *nurse[5:]]
    chosen = follow(ROOM, [(float(n), everybody[n], tracked[n]) for n in range(9)])
    assert [place_of(c).x for c in chosen if c is not None] == [420.0] * 9


def test_a_nurse_who_leans_over_the_patient_does_not_take_the_tracker_along_on_leaving() -> None:
    lying = person(420.0, 300.0)
    nurse = [person(420.0 + 60.0 * n, 290.0, scale=115.0) for n in range(5)]
    surveys = [(float(n), [lying], lying) for n in range(5)]
    surveys += [(5.0 + n, [nurse[n]] if n < 2 else [nurse[n], lying], nurse[n]) for n in range(5)]
    chosen = follow(ROOM, surveys)
    assert chosen[4] is lying
    assert chosen[-1] is lying
    assert chosen[-2] is lying


def test_a_patient_who_gets_up_is_followed_while_somebody_stands_by_the_bed() -> None:
    up = [person(300.0 + 45.0 * n) for n in range(8)]
    nurse = person(170.0, scale=110.0)
    surveys = [(float(n), [up[n], nurse], up[n]) for n in range(8)]
    assert all(chosen is expected for chosen, expected in zip(follow(ROOM, surveys), up, strict=True))


def test_while_the_patient_is_hidden_nobody_else_is_taken() -> None:
    lying, far = person(600.0), person(120.0)
    surveys = [
        (0.0, [lying, far], lying),
        (1.0, [lying, far], lying),
        (2.0, [far], far),
        (3.0, [far], far),
        (4.0, [far, lying], far),
    ]
    assert follow(ROOM, surveys) == [lying, lying, None, None, lying]


def test_who_is_taken_again_after_a_loss_is_who_is_near_the_last_place() -> None:
    patient = person(600.0)
    chosen = follow(
        ROOM,
        [
            (0.0, [patient, person(100.0)], patient),
            (1.0, [person(160.0)], None),
            (2.0, [person(700.0)], None),
        ],
    )
    assert chosen[1] is None
    assert chosen[2] is not None


@pytest.mark.parametrize(
    ("seconds", "x", "taken"),
    [
        (0.5, 250.0, True),
        (0.5, 300.0, False),
        (3.0, 350.0, True),
        (100.0, 390.0, True),
        (100.0, 420.0, False),
    ],
)
def test_where_several_were_seen_the_lost_patient_is_only_looked_for_so_far_away(
    seconds: float, x: float, taken: bool
) -> None:
    """The reach grows with time up to three shoulder widths: who is further away may be anybody."""
    patient = Patient(Room(854, 480, crowded=True))
    patient.accept(0.0, person(100.0))
    patient.lose()
    found = person(x)
    assert patient.choose(seconds, [found], None) is (found if taken else None)


def test_who_is_followed_without_a_miss_is_not_doubted_because_pictures_come_seldom() -> None:
    patient = Patient(ROOM)
    patient.accept(0.0, person(400.0))
    assert patient.plausible(5.0, person(410.0))
    patient.lose()
    assert not patient.plausible(5.0, person(410.0))


def test_with_a_drawn_box_only_who_is_inside_can_be_the_patient() -> None:
    room = Room(854, 480, Box(0.0, 0.0, 0.4, 1.0))
    small, large = person(150.0, scale=60.0), person(600.0, scale=160.0)
    assert follow(room, [(0.0, [large, small], large), (1.0, [large], large)]) == [small, None]


def test_a_drawn_box_bars_a_tracked_person_outside_it() -> None:
    patient = Patient(Room(854, 480, Box(0.0, 0.0, 0.3, 1.0)))
    inside = person(150.0)
    patient.accept(0.0, inside)
    assert patient.plausible(0.04, person(155.0))
    assert not patient.plausible(0.04, person(520.0))


@pytest.mark.parametrize(
    ("after", "plausible"),
    [(person(410.0), True), (person(700.0), False), (person(400.0, scale=300.0), False)],
)
def test_a_jump_or_another_size_from_one_frame_to_the_next_is_doubted(
    after: PersonPose, plausible: bool
) -> None:
    patient = Patient(ROOM)
    patient.accept(1.0, person(400.0))
    assert patient.plausible(1.0 + 1 / 30, after) is plausible


def test_shaking_at_seizure_speed_is_not_doubted() -> None:
    patient = Patient(ROOM)
    for n in range(60):  # 4 Hz, half a shoulder's width peak to peak: more than a body does
        shaken = person(400.0 + 25.0 * math.sin(2 * math.pi * 4.0 * n / 30), 240.0)
        if n:
            assert patient.plausible(n / 30, shaken)
        patient.accept(n / 30, shaken)


def test_after_a_short_miss_the_same_place_is_the_patient_without_a_look_and_after_a_long_one_not() -> None:
    patient = Patient(ROOM)
    patient.accept(0.0, person(400.0))
    patient.lose()
    assert patient.plausible(0.3, person(405.0))
    assert not patient.plausible(5.0, person(405.0))


def test_somebody_else_who_is_tracked_stays_barred() -> None:
    patient = Patient(ROOM)
    patient.accept(0.0, person(400.0))
    patient.lose()
    patient.barred = True
    assert not patient.plausible(0.1, person(405.0))


def test_the_survey_prefers_who_stays_over_who_walks_through() -> None:
    lying = [person(500.0 + n, scale=90.0) for n in range(8)]
    nurse = [person(100.0 * n, scale=140.0) for n in range(8)]
    room = with_usual_place(ROOM, [[nurse[n], lying[n]] if n in (0, 3, 4) else [lying[n]] for n in range(8)])
    assert room.crowded
    assert room.home is not None
    assert abs(room.home.x - 503.5) < 10.0


def test_the_survey_of_an_empty_room_knows_no_place() -> None:
    room = with_usual_place(ROOM, [[], [], []])
    assert room.home is None
    assert not room.crowded


def test_a_visitor_at_the_beginning_gives_way_to_the_patient_in_the_usual_place() -> None:
    lying, visitor = person(600.0), person(200.0)
    room = with_usual_place(ROOM, [[visitor], [lying, visitor], [lying], [lying], [lying]])
    surveys = [
        (0.0, [visitor], visitor),
        (1.0, [visitor], visitor),
        (2.5, [visitor], visitor),
        (3.5, [visitor, lying], visitor),
        (4.5, [visitor, lying], lying),
    ]
    assert follow(room, surveys) == [None, None, visitor, lying, lying]


def test_after_a_cut_the_patient_is_looked_for_anew() -> None:
    patient = Patient(ROOM)
    patient.accept(0.0, person(100.0))
    patient.forget()
    elsewhere = person(700.0)
    assert patient.choose(0.1, [elsewhere], None) is elsewhere


def test_two_findings_of_one_person_are_one() -> None:
    first, again, other = person(300.0), person(310.0), person(500.0)
    assert same_person(first, again)
    assert distinct_people([first, again, other]) == [first, other]


def sightings(places: Sequence[float], surveys: Iterable[int], astray: int | None = None) -> list[Sighting]:
    surveys = set(surveys)
    return [
        Sighting(place_of(person(x)), number in surveys, number == astray) for number, x in enumerate(places)
    ]


def test_what_was_followed_before_a_look_that_showed_somebody_else_is_taken_back() -> None:
    slid = [400.0, 401.0, 402.0, 450.0, 520.0, 600.0, 403.0, 404.0]
    assert frames_on_other_person(sightings(slid, (0, 6), astray=6)) == [3, 4, 5]


def test_a_patient_who_moves_is_not_taken_back() -> None:
    moving = [400.0, 450.0, 500.0, 550.0, 600.0]
    assert frames_on_other_person(sightings(moving, (0, 4))) == []


def test_nothing_before_the_first_certain_look_is_taken_back() -> None:
    assert frames_on_other_person(sightings([100.0, 300.0, 500.0], (2,), astray=2)) == []


@given(
    st.lists(st.tuples(st.floats(0, 854), st.floats(0, 480), st.floats(10, 300)), min_size=0, max_size=5).map(
        lambda rows: [person(*row) for row in rows]
    ),
    st.integers(0, 4),
    st.booleans(),
)
def test_the_choice_is_always_one_of_the_people_or_nobody(
    people: list[PersonPose], seen_before: int, boxed: bool
) -> None:
    room = Room(854, 480, Box(0.2, 0.2, 0.8, 0.8) if boxed else None)
    patient = Patient(room)
    before = people[:seen_before]
    patient.choose(0.0, before, before[0] if before else None)
    chosen = patient.choose(1.0, people, None)
    assert chosen is None or any(chosen is p for p in people)
    if chosen is not None:
        assert room.inside(place_of(chosen))


@given(st.floats(0.2, 5.0))
def test_nothing_depends_on_the_size_of_the_picture(zoom: float) -> None:
    chosen = []
    for factor in (1.0, zoom):
        patient = Patient(Room(round(854 * factor), round(480 * factor)))
        first = person(400 * factor, 240 * factor, 90 * factor)
        second = person(620 * factor, 250 * factor, 120 * factor)
        patient.accept(0.0, first)
        found = patient.choose(1.0, [second, first], second)
        chosen.append(found is first)
    assert chosen == [True, True]

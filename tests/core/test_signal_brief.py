"""A look of one to three seconds: it excludes signs that were not there, and never finds one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from app.core.enhance.pose_track import PoseTrack
from app.core.readers.signal.reader import signal_reading
from app.core.readers.signal.rules.brief import BRIEF_LOOKS
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import FEATURES, Presence
from tests.core.patients_of_numbers import Floats, Patient, calm, during, held, jerk, still, track

NO, UNSEEN = Presence.NO, Presence.NOT_ASSESSABLE
POSTURES = ("arm_flexion", "arm_straightening", "figure4", "tonic")
RHYTHMS = ("clonic", "limb_automatisms", "asynchronous_movement", "full_body_shaking")


def read(found: PoseTrack) -> Reading:
    return signal_reading(RecordingIdentity("x.mp4", "0" * 64, float(found.times[-1])), found, None)


def brief(**changed: object) -> Reading:
    """The reading of two and a half seconds of a patient."""
    return read(track(calm(seconds=2.5, **changed)))


def test_rest_excludes_what_a_brief_look_can_exclude() -> None:
    reading = brief()
    said_no = {f.id for f in FEATURES if reading.answer(f.id).presence is NO}
    assert said_no == set(BRIEF_LOOKS)
    assert all("2.5 s" in reading.answer(feature).explanation for feature in said_no)
    assert max(reading.answer(feature).confidence or 0 for feature in said_no) < 60


def test_a_hand_that_comes_up_once_was_no_sign_and_one_that_stays_up_may_be() -> None:
    once = brief(bend={"left": held(38, 110, 0.4, 1.8)})
    assert {once.answer(feature).presence for feature in (*POSTURES, *RHYTHMS)} == {NO}
    assert once.answer("arms_move_simultaneously").explanation == (
        "Seen for 2.5 s only: only the left arm moved, the other at 0.35 shoulder widths/s or more for "
        "0.00 s at most, 0.17 s too short."
    )
    stays = brief(bend={"left": held(38, 110, 0.4, 9.0)})
    assert {stays.answer(feature).presence for feature in (*POSTURES, *RHYTHMS)} == {UNSEEN}
    bent = brief(bend={"left": still(115.0)})
    assert {bent.answer(feature).presence for feature in POSTURES} == {UNSEEN}, (
        "since before it began, perhaps"
    )


def _jerks(t: Floats) -> Floats:
    return np.asarray(40 + 50 * jerk(t, 3.0))


def _jerks_and_a_raise(t: Floats) -> Floats:
    return np.asarray(38 + 12 * jerk(t, 3.0) + held(0, 75, 1.7, 2.3, 0.2)(t))


@pytest.mark.parametrize(
    ("changed", "features"),
    [
        ({"bend": {"left": _jerks, "right": _jerks}}, (*RHYTHMS, "arms_move_simultaneously")),
        ({"bend": {"left": lambda t: 38 + 14 * np.sin(12 * t)}}, RHYTHMS),
        ({"bend": {"left": _jerks_and_a_raise}}, RHYTHMS),
        ({"lid": still(0.1)}, ("close_eyes", "eye_blinking", "occur_during_sleep")),
        ({"lid": lambda t: 1 - 0.85 * ((t % 0.5) < 0.2)}, ("eye_blinking",)),
        ({"yaw": lambda t: 45 * during(t, 0.8, 9.0)}, ("head_turning",)),
        ({"yaw": still(45.0)}, ("head_turning",)),
        ({"sway": lambda t: 30 * np.sin(9 * t)}, ("pelvic_thrusting",)),
    ],
)
def test_what_may_be_a_part_of_a_sign_is_not_excluded(
    changed: dict[str, Callable[[Floats], Floats]], features: tuple[str, ...]
) -> None:
    reading = brief(**changed)
    assert {reading.answer(feature).presence for feature in features} == {UNSEEN}


def test_a_brief_look_in_a_long_recording_says_nothing() -> None:
    found = track(calm(seconds=20.0))
    found.joints[60:, :, 2], found.face[60:] = 0.1, np.nan
    assert {answer.presence for answer in read(found).answers.values()} == {UNSEEN}


@pytest.mark.parametrize(("people", "presence"), [(0, NO), (1, UNSEEN), (-1, UNSEEN)])
def test_an_empty_room_is_no_time_in_which_the_patient_was_not_seen(people: int, presence: Presence) -> None:
    found = track(Patient(seconds=12.0))
    found.joints[120:], found.face[120:] = np.nan, np.nan
    found.people[130:] = people
    answer = read(found).answer("tonic")
    assert answer.presence is presence
    assert ("Nobody was in the picture for" in answer.explanation) is (people == 0)


def test_in_the_dark_an_empty_room_is_not_believed() -> None:
    found = track(Patient(seconds=12.0))
    found.joints[120:], found.face[120:], found.people[130:] = np.nan, np.nan, 0
    found.brightness[:] = 15.0
    assert read(found).answer("tonic").presence is UNSEEN

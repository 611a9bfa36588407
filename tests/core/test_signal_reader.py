"""The signal reader on patients made of numbers: what is known of them must come back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from app.core.enhance.pose_track import FACE_COLUMN, Joint, PoseTrack
from app.core.readers.signal.reader import CAUTION, IDENTITY, signal_reading
from app.core.readers.signal.thresholds import THRESHOLDS
from app.core.reading import RecordingIdentity, from_json, to_json
from app.core.semiology import FEATURES, Laterality, Presence
from tests.core.patients_of_numbers import (
    CLONIC,
    FIGURE4,
    ORDINARY,
    Course,
    Floats,
    Patient,
    answer,
    blinking,
    calm,
    during,
    heard,
    held,
    jerk,
    read,
    still,
    track,
)


def test_an_ordinary_person_shows_nothing() -> None:
    found = [a.feature for a in read(ORDINARY).answers.values() if a.presence is Presence.YES]
    assert found == []


def test_every_answer_has_a_reason_and_survives_the_file_format() -> None:
    reading = read(ORDINARY)
    assert set(reading.answers) == {feature.id for feature in FEATURES}
    assert all(a.explanation and a.presence is not None for a in reading.answers.values())
    assert from_json(to_json(reading)).answers == reading.answers


def test_it_says_of_itself_that_it_is_not_validated() -> None:
    assert "not validated on patients" in CAUTION
    assert IDENTITY.details["caution"] == CAUTION
    assert all(threshold.unit and threshold.reason for threshold in THRESHOLDS.values())


def test_clonic_jerks_come_back_with_side_rate_and_times() -> None:
    found = answer(CLONIC, "clonic")
    assert found.presence is Presence.YES
    assert found.laterality is Laterality.LEFT
    assert "Left wrist moved at 2.6 Hz" in found.explanation
    assert abs(found.evidence[0].start - 10) < 1
    assert abs(found.evidence[-1].end - 19) < 1
    assert found.confidence is not None
    assert found.confidence > 55


def test_an_even_hand_action_is_an_automatism_and_no_clonic_jerk() -> None:
    patient = calm(
        bend={
            "right": lambda t: 50 + 8 * np.sin(2 * np.pi * 1.4 * t + 1.5 * np.sin(1.9 * t)) * during(t, 8, 20)
        }
    )
    reading = read(patient)
    assert reading.answer("limb_automatisms").presence is Presence.YES
    assert reading.answer("limb_automatisms").laterality is Laterality.RIGHT
    assert reading.answer("clonic").presence is Presence.NO


def test_a_shaken_camera_is_no_shaking_patient() -> None:
    patient = calm(shake=lambda t: 12 * np.sin(2 * np.pi * 2.5 * t) * during(t, 8, 20))
    reading = read(patient)
    for feature in ("clonic", "full_body_shaking", "asynchronous_movement", "pelvic_thrusting"):
        assert reading.answer(feature).presence is Presence.NO, feature


def test_arms_legs_and_trunk_together_are_full_body_shaking() -> None:
    def beat(t: Floats) -> Floats:
        return np.asarray(np.sin(2 * np.pi * 4.5 * t) * during(t, 10, 18))

    patient = calm(
        bend={side: lambda t: 45 + 10 * beat(t) for side in ("left", "right")},
        leg=lambda t: 8 * beat(t),
        sway=lambda t: 5 * beat(t),
    )
    assert answer(patient, "full_body_shaking").presence is Presence.YES


@pytest.mark.parametrize("other", ["left", "right"])
@pytest.mark.parametrize(("degrees", "presence"), [(0.5, Presence.NO), (10.0, Presence.YES)])
def test_a_body_that_shakes_with_one_arm_alone_does_not_shake_as_a_whole(
    other: str, degrees: float, presence: Presence
) -> None:
    """The other arm trembles in step, too little to count."""

    def beat(t: Floats) -> Floats:
        return np.asarray(np.sin(2 * np.pi * 4.5 * t) * during(t, 10, 18))

    sides = ("left", "right")
    patient = calm(
        bend={side: partial(_bent, beat, degrees if side == other else 10.0) for side in sides},
        leg=lambda t: 8 * beat(t),
        sway=lambda t: 5 * beat(t),
    )
    assert answer(patient, "full_body_shaking").presence is presence


def _bent(beat: Course, degrees: float, t: Floats) -> Floats:
    return 45 + degrees * beat(t)


def test_arms_at_rates_of_their_own_are_out_of_step() -> None:
    patient = calm(
        bend={
            "left": lambda t: 50 + 25 * np.sin(2 * np.pi * 2.9 * t) * during(t, 8, 18),
            "right": lambda t: 50 + 25 * np.sin(2 * np.pi * 1.8 * t) * during(t, 9, 18),
        }
    )
    assert answer(patient, "asynchronous_movement").presence is Presence.YES
    assert answer(patient, "clonic").presence is Presence.NO


def test_figure4_names_the_extended_side() -> None:
    reading = read(FIGURE4)
    for feature in ("figure4", "arm_flexion", "arm_straightening", "tonic"):
        assert reading.answer(feature).presence is Presence.YES, feature
    assert reading.answer("figure4").laterality is Laterality.LEFT
    assert reading.answer("arm_flexion").laterality is Laterality.RIGHT


def test_resting_with_bent_elbows_is_no_posture() -> None:
    patient = calm(bend={"left": still(95.0), "right": still(95.0)})
    reading = read(patient)
    for feature in ("arm_flexion", "tonic", "figure4"):
        assert reading.answer(feature).presence is Presence.NO, feature


def test_a_phone_at_the_ear_is_no_arm_flexion() -> None:
    found = track(ORDINARY)
    share = held(0, 1, 8, 24)(found.times)[:, None]
    for joint, place in (
        (Joint.RIGHT_WRIST, (362, 95)),
        (Joint.RIGHT_INDEX, (366, 85)),
        (Joint.RIGHT_ELBOW, (330, 190)),
    ):
        found.joints[:, joint, :2] += share * (np.array(place) - found.joints[:, joint, :2])
    reading = signal_reading(RecordingIdentity("x", "", 30), found, None)
    assert reading.answer("arm_flexion").presence is Presence.NO
    assert reading.answer("tonic").presence is Presence.NO


def test_arms_that_start_together_and_apart() -> None:
    together = calm(away={"left": held(17, 60, 10, 12), "right": held(17, 60, 10.1, 12)})
    apart = calm(away={"left": held(17, 60, 10, 12), "right": held(17, 60, 14, 16)})
    assert answer(together, "arms_move_simultaneously").presence is Presence.YES
    assert answer(apart, "arms_move_simultaneously").presence is Presence.NO


def test_evidence_ends_with_the_recording() -> None:
    late = calm(away={"left": held(17, 60, 29.6, 31), "right": held(17, 60, 29.6, 31)})
    found = answer(late, "arms_move_simultaneously")
    assert found.presence is Presence.YES
    assert found.evidence[-1].end <= late.seconds


@pytest.mark.parametrize(("angle", "side"), [(45.0, Laterality.LEFT), (-45.0, Laterality.RIGHT)])
def test_a_held_turn_of_the_head_has_the_patients_own_side(angle: float, side: Laterality) -> None:
    found = answer(calm(yaw=held(0, angle, 12, 20, way=1.2)), "head_turning")
    assert (found.presence, found.laterality) == (Presence.YES, side)


def test_a_glance_is_no_head_turning() -> None:
    assert answer(calm(yaw=held(0, 45, 12, 14)), "head_turning").presence is Presence.NO


def test_a_free_look_is_quick_and_forced_only_with_other_signs() -> None:
    look = held(0, 45, 12, 20)
    assert answer(calm(yaw=look), "head_turning").presence is Presence.NO
    jerking = replace(CLONIC, yaw=look)
    assert answer(jerking, "head_turning").presence is Presence.YES


def test_whoever_turns_again_and_again_looks_around() -> None:
    turns = [held(0, angle, at, at + 5, way=1.2) for angle, at in ((40, 3), (-40, 12), (40, 21))]
    assert answer(calm(yaw=lambda t: sum(turn(t) for turn in turns)), "head_turning").presence is Presence.NO


def test_both_hands_at_one_thing_are_an_action() -> None:
    bend = {"left": held(38, 130, 10, 14), "right": held(38, 130, 10.1, 14)}
    away = {side: held(17, 35, 10, 14) for side in ("left", "right")}
    reading = read(calm(bend=bend, away=away))
    for feature in ("arms_move_simultaneously", "arm_flexion"):
        assert reading.answer(feature).presence is Presence.NO, reading.answer(feature).explanation


def test_a_crooked_smile_draws_both_sides() -> None:
    smile = replace(calm(pull_left=held(0, 1, 10, 16)), pull_right=held(0, 0.6, 10, 16))
    assert answer(smile, "face_pulling").presence is Presence.NO


def test_lids() -> None:
    rapid = calm(lid=lambda t: blinking(t, np.concatenate(([2.0, 5.5], np.arange(10, 16, 0.5), [20.0]))))
    assert answer(rapid, "eye_blinking").presence is Presence.YES
    assert answer(ORDINARY, "eye_blinking").presence is Presence.NO
    shut = calm(lid=lambda t: 1 - 0.85 * during(t, 4, 27))
    assert answer(shut, "close_eyes").presence is Presence.YES
    assert answer(shut, "eye_blinking").presence is Presence.NO
    asleep = calm(lid=lambda t: 1 - 0.85 * during(t, 0, 7))
    assert answer(asleep, "occur_during_sleep").presence is Presence.YES
    assert answer(asleep, "close_eyes").presence is Presence.NO


@pytest.mark.parametrize(
    ("tops", "bottoms", "side"),
    [
        ((159, 158, 160), (145, 153, 144), Laterality.LEFT),
        ((386, 385, 387), (374, 380, 373), Laterality.RIGHT),
        ((), (), Laterality.BOTH),
    ],
)
def test_the_side_of_blinks_is_that_of_the_eye_that_closes(
    tops: tuple[int, ...], bottoms: tuple[int, ...], side: Laterality
) -> None:
    """The lids that are named stay open."""
    found = track(
        calm(lid=lambda t: blinking(t, np.concatenate(([2.0, 5.5], np.arange(10, 16, 0.5), [20.0]))))
    )
    for index, y in (*((top, -5.0) for top in tops), *((bottom, 5.0) for bottom in bottoms)):
        found.face[:, FACE_COLUMN[index], 1] = y + 60
    said = signal_reading(RecordingIdentity("x.mp4", "0" * 64, 30.0), found, None).answer("eye_blinking")
    assert (said.presence, said.laterality) == (Presence.YES, side)


def test_a_stare_is_a_fixed_gaze_without_blinks() -> None:
    patient = calm(
        lid=lambda t: blinking(t, [1.5, 5.0, 21.0, 25.0]),
        gaze=lambda t: 0.12 * np.sign(np.sin(2 * np.pi * t / 3.1)) * (1 - during(t, 8, 20)),
    )
    found = answer(patient, "blank_stare")
    assert found.presence is Presence.YES
    assert found.evidence[0].overlaps(found.evidence[0])
    assert answer(ORDINARY, "blank_stare").presence is Presence.NO


RAISED = [held(0.0, 0.35, start, start + 1.5) for start in (9.0, 12.0, 15.0, 18.0)]


@pytest.mark.parametrize("face", ["raised brows", "a smile"])
def test_who_looks_ahead_with_a_face_that_changes_does_not_stare(face: str) -> None:
    def lids(t: Floats) -> Floats:
        raised = 1 + sum(course(t) for course in RAISED) * (face == "raised brows")
        return raised * blinking(t, [1.5, 5.0, 21.0, 25.0])

    corners = held(0.0, 1.0, 11.0, 17.0) if face == "a smile" else still(0.0)
    patient = calm(
        lid=lids,
        gaze=lambda t: 0.12 * np.sign(np.sin(2 * np.pi * t / 3.1)) * (1 - during(t, 8, 20)),
        pull_left=corners,
        pull_right=corners,
    )
    assert answer(patient, "blank_stare").presence is Presence.NO


@pytest.mark.parametrize(("seconds", "stares"), [(30.0, Presence.YES), (180.0, Presence.NO)])
def test_one_long_pause_among_many_blinks_is_no_stare(seconds: float, stares: Presence) -> None:
    blinks = [at for at in np.arange(1.0, seconds - 1, 3.0) if not 9 < at < 16]
    patient = calm(
        seconds=seconds,
        fps=15.0,
        lid=lambda t: blinking(t, blinks),
        gaze=lambda t: 0.12 * np.sign(np.sin(2 * np.pi * t / 3.1)) * (1 - during(t, 7.5, 17.5)),
    )
    assert answer(patient, "blank_stare").presence is stares


def test_mouth_and_cheek() -> None:
    chewing = calm(jaw=lambda t: (0.5 + 0.5 * np.sin(2 * np.pi * 1.3 * t)) * 0.5 * during(t, 8, 18))
    assert heard(chewing, "oral_automatisms").presence is Presence.YES
    assert heard(chewing, "face_twitching").presence is Presence.NO
    pulled = calm(pull_left=held(0, 1, 10, 16))
    found = answer(pulled, "face_pulling")
    assert (found.presence, found.laterality) == (Presence.YES, Laterality.LEFT)
    twitching = calm(pull_left=lambda t: 0.8 * jerk(t, 3.0) * during(t, 10, 17))
    found = heard(twitching, "face_twitching")
    assert (found.presence, found.laterality) == (Presence.YES, Laterality.LEFT)
    assert heard(twitching, "oral_automatisms").presence is Presence.NO


def test_without_sound_nothing_is_said_that_talking_would_imitate() -> None:
    chewing = calm(jaw=lambda t: (0.5 + 0.5 * np.sin(2 * np.pi * 1.3 * t)) * 0.5 * during(t, 8, 18))
    found = answer(chewing, "oral_automatisms")
    assert found.presence is Presence.NOT_ASSESSABLE
    assert "Without sound" in found.explanation
    twitching = calm(pull_left=lambda t: 0.8 * jerk(t, 3.0) * during(t, 10, 17))
    assert answer(twitching, "face_twitching").presence is Presence.NOT_ASSESSABLE


def test_what_cannot_be_seen_is_not_assessable_with_its_reason() -> None:
    reading = read(calm(has_face=False))
    for feature in ("blank_stare", "close_eyes", "eye_blinking", "face_pulling", "oral_automatisms"):
        assert reading.answer(feature).presence is Presence.NOT_ASSESSABLE
        assert "face" in reading.answer(feature).explanation
    for feature in ("ictal_vocalization", "verbal_responsiveness"):
        assert reading.answer(feature).presence is Presence.NOT_ASSESSABLE
        assert "sound" in reading.answer(feature).explanation


def test_too_few_frames_a_second_are_said_to_be_too_few() -> None:
    reading = read(calm(fps=8.0))
    for feature in ("clonic", "eye_blinking", "asynchronous_movement"):
        assert reading.answer(feature).presence is Presence.NOT_ASSESSABLE
        assert "8.0 frames a second" in reading.answer(feature).explanation
    assert reading.answer("arm_flexion").presence is Presence.NO


def test_hidden_arms_are_not_still_arms() -> None:
    found = track(CLONIC)
    found.joints[:, [Joint.LEFT_WRIST, Joint.RIGHT_WRIST], 2] = 0.1
    found.joints[:, [Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE], 2] = 0.1
    reading = signal_reading(RecordingIdentity("x", "", 30), found, None)
    for feature in ("clonic", "arm_flexion", "tonic", "limb_automatisms"):
        assert reading.answer(feature).presence is Presence.NOT_ASSESSABLE, feature


def test_no_picture_no_sound_too_short() -> None:
    for one in (None, track(Patient(seconds=0.1)), track(Patient(seconds=0.9))):
        reading = signal_reading(RecordingIdentity("x", "", 1), one, None)
        assert {a.presence for a in reading.answers.values()} == {Presence.NOT_ASSESSABLE}


def test_nobody_in_the_picture() -> None:
    empty = track(ORDINARY)
    empty.joints[:] = np.nan
    empty.face[:] = np.nan
    reading = signal_reading(RecordingIdentity("x", "", 30), empty, None)
    assert {a.presence for a in reading.answers.values()} == {Presence.NOT_ASSESSABLE}


def test_missing_frames_variable_times_and_a_cut_do_not_make_jerks() -> None:
    found = track(ORDINARY)
    keep = np.sort(np.random.default_rng(3).choice(len(found.times), 700, replace=False))
    arrays = {
        name: value[keep] if len(value) == len(found.times) else value
        for name, value in found.arrays().items()
    }
    arrays["joints"][350:, :, :2] += 200
    arrays["face"][350:, :, :2] += 200
    arrays["joints"][100:130] = np.nan
    reading = signal_reading(RecordingIdentity("x", "", 30), PoseTrack.load(arrays), None)
    assert [a.feature for a in reading.answers.values() if a.presence is Presence.YES] == []


def test_the_page_tells_every_threshold() -> None:
    page = (Path(__file__).parents[2] / "docs" / "signal_reader.md").read_text(encoding="utf-8")
    for name, threshold in THRESHOLDS.items():
        assert f"| {name} | {threshold.value:g} | {threshold.unit} | {threshold.reason} |" in page, name

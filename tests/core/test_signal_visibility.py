"""The signal reader says no only to what it saw; hidden, outside, small or unheard is not assessable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from app.core.enhance.pose_track import Joint, PoseTrack
from app.core.readers.signal.reader import signal_reading
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import FEATURES, Laterality, Presence
from tests.core.ordinary_sounds import Sounds
from tests.core.patients_of_numbers import (
    CLONIC,
    FIGURE4,
    ORDINARY,
    WIDTH,
    Floats,
    calm,
    during,
    held,
    quiet,
    track,
)

YES, NO, UNSEEN = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE


def read(found: PoseTrack, sound: npt.NDArray[np.float32] | None = None) -> Reading:
    return signal_reading(RecordingIdentity("x.mp4", "0" * 64, float(found.times[-1])), found, sound)


def outside(found: PoseTrack, *joints: Joint) -> PoseTrack:
    """The track with some joints below the picture, where the pose model guesses them to be."""
    found.joints[:, joints, 1] = 700.0
    return found


LEFT_ARM = (Joint.LEFT_ELBOW, Joint.LEFT_WRIST, Joint.LEFT_INDEX)


def test_one_arm_out_of_the_picture_leaves_no_answer_for_both() -> None:
    reading = read(outside(track(ORDINARY), *LEFT_ARM))
    for feature in ("arm_flexion", "arm_straightening", "tonic", "clonic", "limb_automatisms"):
        answer = reading.answer(feature)
        assert answer.presence is UNSEEN, feature
        assert "the left arm was never seen (out of the picture)" in answer.explanation.lower()
    assert reading.answer("arm_flexion").explanation.startswith("Right arm only")
    for feature in ("figure4", "arms_move_simultaneously", "asynchronous_movement", "full_body_shaking"):
        assert reading.answer(feature).presence is UNSEEN, feature
    assert read(track(ORDINARY)).answer("arm_flexion").presence is NO


def test_an_arm_that_is_seen_for_a_third_of_the_time_is_not_named_as_seen() -> None:
    found = track(ORDINARY)
    found.joints[300:, LEFT_ARM, 1] = 700.0
    told = read(found).answer("tonic").explanation
    assert told.startswith("Right arm only: ")
    assert "the left arm was seen in 33 % of the recording" in told.lower()


@pytest.mark.parametrize("feature", ["clonic", "asynchronous_movement"])
def test_a_no_about_limbs_of_which_only_the_arms_were_seen_says_so(feature: str) -> None:
    legs = (Joint.LEFT_KNEE, Joint.LEFT_ANKLE, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE)
    arms_only = read(outside(track(ORDINARY), *legs)).answer(feature)
    all_seen = read(track(ORDINARY)).answer(feature)
    assert arms_only.presence is all_seen.presence is NO
    assert arms_only.explanation.startswith("Left arm and right arm only: no ")
    assert "the left leg was never seen (out of the picture)" in arms_only.explanation.lower()
    assert "only" not in all_seen.explanation
    assert arms_only.confidence is not None
    assert all_seen.confidence is not None
    assert 50 < arms_only.confidence < all_seen.confidence


def test_a_sign_of_the_arm_that_is_seen_counts() -> None:
    arm = (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, Joint.RIGHT_INDEX)
    assert read(outside(track(CLONIC), *arm)).answer("clonic").presence is YES


@pytest.mark.parametrize("hips", [0.2, 0.9])
def test_guessed_hips_give_no_no(hips: float) -> None:
    found = track(ORDINARY)
    found.joints[:, [Joint.LEFT_HIP, Joint.RIGHT_HIP], 2] = hips
    assert read(found).answer("pelvic_thrusting").presence is (NO if hips > 0.5 else UNSEEN)


KNEES = (Joint.LEFT_KNEE, Joint.RIGHT_KNEE)


def test_hips_behind_a_table_give_no_no_though_the_pose_model_calls_them_visible() -> None:
    hidden, crowded, one_seen = track(ORDINARY), track(ORDINARY), track(ORDINARY)
    hidden.joints[:, KNEES, 2] = 0.1
    crowded.joints[:, KNEES, 1] = crowded.height - 0.2 * WIDTH
    one_seen.joints[:, Joint.LEFT_KNEE, 2] = 0.1
    for found in (hidden, crowded):
        answer = read(found).answer("pelvic_thrusting")
        assert answer.presence is UNSEEN
        assert "placed by guess, as long as no knee is seen" in answer.explanation
    assert read(one_seen).answer("pelvic_thrusting").presence is NO


def test_a_head_that_is_not_seen_does_not_stay_straight() -> None:
    found = track(calm(has_face=False))
    found.joints[:, : Joint.MOUTH_RIGHT + 1, 2] = 0.1
    assert read(found).answer("head_turning").presence is UNSEEN


def test_a_head_that_is_turned_from_the_start_was_not_seen_to_turn() -> None:
    answer = read(track(calm(yaw=lambda t: 45 * during(t, 0.0, 9.0)))).answer("head_turning")
    assert answer.presence is not YES


def test_a_small_or_far_person_is_too_small() -> None:
    found = track(ORDINARY)
    found.joints[:, :, :2] *= 0.1
    found.face[:] *= 0.1
    reading = read(found)
    assert "too small" in reading.answer("clonic").explanation
    assert "too small" in reading.answer("close_eyes").explanation
    assert {a.presence for a in reading.answers.values()} == {UNSEEN}


def test_a_figure_of_another_size_is_left_out() -> None:
    found = track(CLONIC)
    half = len(found.times) // 2
    found.joints[:half, :, :2] = 300 + 0.1 * found.joints[:half, :, :2]
    found.face[:half] *= 0.1
    assert (
        "another size" in read(found).answer("figure4").explanation
        or read(found).answer("figure4").presence is NO
    )


def asleep(**changed: object) -> PoseTrack:
    return track(calm(lid=lambda t: 1 - 0.85 * during(t, 0, 7), **changed))


def test_sleep_needs_measured_rest() -> None:
    assert read(asleep()).answer("occur_during_sleep").presence is YES
    hidden = asleep()
    hidden.joints[:, [*LEFT_ARM, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST], 2] = 0.1
    assert read(hidden).answer("occur_during_sleep").presence is UNSEEN
    restless = asleep(sway=lambda t: 30 * np.sin(2 * np.pi * 0.4 * t))
    answer = read(restless).answer("occur_during_sleep")
    assert answer.presence is NO
    assert "moved" in answer.explanation


def test_a_hand_that_jumps_to_another_body_and_back_is_not_the_patients() -> None:
    found = track(ORDINARY)
    for start in range(300, 420, 30):
        found.joints[start : start + 12, [Joint.LEFT_WRIST, Joint.RIGHT_WRIST], 0] += 2 * WIDTH
    for feature in ("arms_move_simultaneously", "clonic", "asynchronous_movement"):
        assert read(found).answer(feature).presence is not YES


def test_rapid_blinks_need_other_blinking_to_compare() -> None:
    def lids(t: Floats) -> Floats:
        return np.asarray(1 - 0.85 * (np.abs((t - 0.25) % 0.5 - 0.25) < 0.1) * during(t, 1, 7))

    short = read(track(calm(seconds=8.0, lid=lids))).answer("eye_blinking")
    assert short.presence is UNSEEN
    assert "otherwise" in short.explanation


def test_a_walker_does_not_jerk() -> None:
    found = track(CLONIC)
    assert read(found).answer("clonic").presence is YES
    found.joints[:, :, 0] += (60 * found.times)[:, None]
    assert read(replace(found, width=3000)).answer("clonic").presence is not YES


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("patient", [FIGURE4, CLONIC, ORDINARY], ids=["figure 4", "clonic", "ordinary"])
def test_a_turned_camera_changes_no_answer(quarters: int, patient: object) -> None:
    upright = track(patient)  # type: ignore[arg-type]  # one of the three
    turned = track(patient)  # type: ignore[arg-type]
    turn = np.linalg.matrix_power(np.array([[0.0, 1.0], [-1.0, 0.0]]), quarters)
    for points in (turned.joints, turned.face):
        points[:, :, :2] = (points[:, :, :2] - 400) @ turn.T + 400
    before, after = (
        read(replace(upright, width=800, height=800)),
        read(replace(turned, width=800, height=800)),
    )
    differ = [
        f.id
        for f in FEATURES
        if (before.answer(f.id).presence, before.answer(f.id).laterality)
        != (after.answer(f.id).presence, after.answer(f.id).laterality)
    ]
    assert differ == []


def said(seed: int, *speech: tuple[float, float, bool]) -> npt.NDArray[np.float32]:
    sounds = Sounds(seed, 30.0)
    for start, end, mine in speech:
        sounds.speech(start, end, mine=mine)
    made = sounds.mixed(0.5)
    assert made is not None
    return made


@pytest.mark.parametrize("seed", range(3))
def test_a_story_beside_a_silent_patient_is_no_question(seed: int) -> None:
    story = said(seed, *((start, start + 7.5, False) for start in (1.0, 9.6, 18.0)))
    answer = read(track(ORDINARY), story).answer("verbal_responsiveness")
    assert answer.presence is UNSEEN


@pytest.mark.parametrize("seed", range(3))
def test_music_is_neither_speech_nor_a_cry(seed: int) -> None:
    sounds = Sounds(seed, 30.0)
    sounds.music(1.0, 29.0)
    made = sounds.mixed(0.5)
    reading = read(track(ORDINARY), made)
    assert reading.answer("ictal_vocalization").presence is not YES
    assert reading.answer("verbal_responsiveness").presence is UNSEEN


def test_a_mouth_that_talks_without_sound_excuses_gestures() -> None:
    def jaw(t: Floats) -> Floats:
        return np.asarray(0.5 * (0.5 + 0.5 * np.sin(2 * np.pi * 4.5 * t)) * during(t, 6, 22))

    gestures = {
        "right": lambda t: 50 + 8 * np.sin(2 * np.pi * 1.4 * t + 1.5 * np.sin(1.9 * t)) * during(t, 8, 20)
    }
    assert read(track(calm(bend=gestures))).answer("limb_automatisms").presence is YES
    assert read(track(calm(bend=gestures, jaw=jaw))).answer("limb_automatisms").presence is not YES


def test_who_is_not_there_cries_not() -> None:
    empty = track(ORDINARY)
    empty.joints[:], empty.face[:] = np.nan, np.nan
    answer = read(empty, quiet(ORDINARY)).answer("ictal_vocalization")
    assert answer.presence is UNSEEN


def test_a_no_names_what_was_missed_and_never_refutes_itself() -> None:
    reading = read(track(calm(yaw=held(0, 45, 12, 14))), quiet(ORDINARY))
    assert "1." in reading.answer("head_turning").explanation
    assert "too short" in reading.answer("head_turning").explanation
    assert "too short" in reading.answer("tonic").explanation
    assert "155° is needed" in reading.answer("arm_straightening").explanation
    assert reading.answer("arm_flexion").laterality is None
    assert Laterality.BOTH.value not in reading.answer("clonic").explanation

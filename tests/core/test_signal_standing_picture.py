"""Files that show one picture for seconds, and living patients who must not be taken for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from app.core.enhance.pose_track import PoseTrack
from app.core.readers.signal.measures.standing_picture import standing_still
from app.core.readers.signal.reader import signal_reading
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Presence
from tests.core.patients_of_numbers import (
    CLONIC,
    ORDINARY,
    Floats,
    Patient,
    calm,
    during,
    held,
    jerk,
    quiet,
    track,
)

Rows = npt.NDArray[np.intp]
OF_ROWS = ("joints", "world", "face", "people", "brightness", "doubt")
MINUTE = replace(ORDINARY, seconds=60.0)


def filmed(patient: Patient) -> PoseTrack:
    """The patient's track with the light of a camera, which is never the same twice."""
    made = track(patient)
    noise = np.random.default_rng(5).normal(0, 0.03, len(made.times))
    return replace(made, brightness=(made.brightness + noise).astype(np.float32))


def shown(made: PoseTrack, rows: Rows, fps: float = 30.0) -> PoseTrack:
    """A file that shows these frames of a track, found with 0.01 px of jitter."""
    chance = np.random.default_rng(7)
    arrays = {name: getattr(made, name)[rows].copy() for name in OF_ROWS}
    arrays["joints"][:, :, :2] += chance.normal(0, 0.01, arrays["joints"][:, :, :2].shape)
    return replace(made, times=np.arange(len(rows)) / fps, **arrays)


def reading(made: PoseTrack, sound: npt.NDArray[np.float32] | None = None) -> Reading:
    return signal_reading(RecordingIdentity("x.mp4", "0" * 64, float(made.times[-1])), made, sound)


def presences(found: Reading) -> set[Presence | None]:
    return {answer.presence for answer in found.answers.values()}


def test_a_photograph_of_closed_eyes_shows_no_sign() -> None:
    asleep = filmed(calm(lid=lambda t: 0.1 + 0 * t))
    assert reading(asleep).answer("occur_during_sleep").presence is Presence.YES
    photograph = shown(asleep, np.full(900, 40))
    assert standing_still(photograph).all()
    found = reading(photograph)
    assert presences(found) == {Presence.NOT_ASSESSABLE}
    said = found.answer("close_eyes").explanation
    assert "picture that does not change at all" in said
    assert "(0.0–30.0 s): the picture does not change at all there." in said
    assert not any("Nobody was found" in answer.explanation for answer in found.answers.values())


def test_a_frozen_stretch_is_no_stare_and_no_held_arm() -> None:
    arms = calm(gaze=lambda t: 0 * t, bend={"left": held(38, 110, 10, 12, 0.4)})
    rows = np.concatenate([np.arange(335), np.full(300, 335), np.arange(335, 900)])
    made = shown(filmed(arms), rows)
    frozen = standing_still(made)
    assert frozen[335:635].all()
    assert frozen.sum() == 301
    found = reading(made)
    for feature in ("blank_stare", "tonic", "arm_flexion"):
        assert found.answer(feature).presence is not Presence.YES, found.answer(feature).explanation


def test_what_stands_still_for_most_of_its_time_gives_no_no() -> None:
    made = shown(filmed(MINUTE), np.r_[np.arange(150), np.full(1650, 149)])
    found = reading(made)
    assert presences(found) == {Presence.NOT_ASSESSABLE}
    assert "8 % of the recording (5.0 s, else in a picture that does not change" in (
        found.answer("clonic").explanation
    )


def test_what_is_in_doubt_stays_so_in_a_still_picture() -> None:
    made = shown(filmed(MINUTE), np.r_[np.arange(150), np.full(1650, 149)])
    doubt = made.doubt.copy()
    doubt[150:] = 1
    explained = reading(replace(made, doubt=doubt)).answer("clonic")
    assert explained.presence is Presence.NOT_ASSESSABLE
    assert "not certainly the patient's" in explained.explanation
    assert "does not change" not in explained.explanation


@pytest.mark.parametrize(
    ("rows", "fps"),
    [(np.arange(900) // 2 * 2, 30.0), (np.repeat(np.arange(900), 2), 60.0), (np.arange(900) // 2 * 2, 25.0)],
)
def test_jerks_in_a_file_that_shows_each_frame_twice_are_clonic(rows: Rows, fps: float) -> None:
    made = shown(filmed(CLONIC), rows, fps)
    assert not standing_still(made).any()
    assert reading(made).answer("clonic").presence is Presence.YES


def test_a_patient_who_rests_in_a_picture_without_noise_does_not_stand_still() -> None:
    """In coma: only the breath changes the light, and moves nothing by a pixel."""
    made = track(replace(MINUTE, lid=lambda t: 0.1 + 0 * t, jitter=0.0, mesh_jitter=0.0))
    light = 120 + 0.02 * np.sin(2 * np.pi * 0.25 * made.times)
    resting = replace(made, brightness=light.astype(np.float32))
    assert not standing_still(resting).any()
    assert reading(resting).answer("occur_during_sleep").presence is Presence.YES
    # A mean light that is the same by chance does not hide an arm that moves.
    assert not standing_still(track(replace(CLONIC, jitter=0.01, mesh_jitter=0.01)))[300:560].any()


# --- movement that repeats itself slowly is no picture shown again --------------------------------


def _signs(patient: Patient) -> dict[str, Answer]:
    found = reading(track(patient), quiet(patient))
    return {name: found.answer(name) for name in ("oral_automatisms", "blank_stare", "face_twitching")}


@pytest.mark.parametrize("rate", [0.3, 0.5, 0.75])
def test_signs_of_the_face_stay_while_the_arms_move_slowly_and_evenly(rate: float) -> None:
    def swing(t: Floats) -> Floats:
        return np.asarray(60 + 20 * np.sin(2 * np.pi * rate * t) * during(t, 10, 52))

    absent_minded = replace(
        MINUTE,
        gaze=lambda t: np.where((t > 10) & (t < 52), 0, 0.12 * np.sign(np.sin(2 * np.pi * t / 3.1))),
        lid=lambda t: 1 - 0.85 * ((t % 2.5 < 0.2) & ((t < 10) | (t > 52))),
        jaw=lambda t: (0.5 + 0.5 * np.sin(2 * np.pi * 1.5 * t)) * during(t, 12, 50),
        bend={"left": swing, "right": swing},
    )
    found = _signs(absent_minded)
    assert found["oral_automatisms"].presence is Presence.YES
    assert found["blank_stare"].presence is Presence.YES
    twitching = replace(
        MINUTE,
        pull_left=lambda t: 0.6 * jerk(t, 2.2) * during(t, 20, 40),
        bend={"left": swing, "right": swing},
    )
    assert _signs(twitching)["face_twitching"].presence is Presence.YES


def test_nothing_is_left_out_of_jerks_every_two_seconds() -> None:
    def pulls(t: Floats) -> Floats:
        return np.asarray(38 + 25 * jerk(np.minimum(t % 2.0, 0.4), 2.5))

    made = track(replace(MINUTE, bend={"left": pulls, "right": pulls}))
    found = reading(made)
    assert found.answer("clonic").presence is Presence.NO
    assert not any("were left out" in answer.explanation for answer in found.answers.values())

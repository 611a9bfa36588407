"""What looks like a body and is the work of a program or a loudspeaker: photographs, frozen pictures, loops,
voices whose mouth nobody sees; and gestures that repeat themselves slowly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from app.core.enhance.pose_track import PoseTrack
from app.core.phantom.script import Event, PhantomScript
from app.core.phantom.sound import phantom_sound
from app.core.readers.signal.measures.nothing_new import shown_before, standing_still
from app.core.readers.signal.reader import signal_reading
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Presence, Span
from tests.core.patients_of_numbers import CLONIC, ORDINARY, Floats, Patient, calm, during, held, jerk, track

Rows = npt.NDArray[np.intp]
OF_ROWS = ("joints", "world", "face", "people", "brightness", "doubt")
SIGN = replace(
    calm(
        away={"left": held(17, 80, 0.2, 2.2, 0.4), "right": held(17, 60, 0.5, 1.6, 0.4)},
        bend={"left": lambda t: 38 + 60 * np.sin(2.4 * t) ** 2},
    ),
    seconds=2.6,
)


def shown(made: PoseTrack, rows: Rows, jitter: float = 0.0) -> PoseTrack:
    """A file that shows these frames of a track, found with so many px of jitter; as a camera, its light
    changes a little where it goes on."""
    chance = np.random.default_rng(7)
    arrays = {name: getattr(made, name)[rows].copy() for name in OF_ROWS}
    arrays["joints"][:, :, :2] += chance.normal(0, jitter, arrays["joints"][:, :, :2].shape)
    arrays["face"] += chance.normal(0, 0.3 * jitter, arrays["face"].shape)
    return replace(made, times=np.arange(len(rows)) / 30, **arrays)


def reading(made: PoseTrack, sound: npt.NDArray[np.float32] | None = None) -> Reading:
    return signal_reading(RecordingIdentity("x.mp4", "0" * 64, float(made.times[-1])), made, sound)


def presences(found: Reading) -> set[Presence | None]:
    return {answer.presence for answer in found.answers.values()}


def test_a_loop_of_the_file_is_read_as_the_clip_that_is_looped() -> None:
    once = track(SIGN)
    looped = shown(once, np.arange(600) % len(once.times), 0.5)
    assert shown_before(looped)[len(once.times) + 3 :].all()
    assert not shown_before(looped)[: len(once.times)].any()
    found = reading(looped)
    assert Presence.YES not in presences(found)
    assert "a loop of the file" in found.answer("clonic").explanation
    assert {k: a.presence for k, a in found.answers.items()} == {
        k: a.presence for k, a in reading(once).answers.items()
    }


def test_jerks_that_are_alike_and_a_gesture_made_again_are_no_loop() -> None:
    assert not shown_before(track(CLONIC)).any()
    assert not shown_before(track(ORDINARY)).any()
    once = track(SIGN)
    paces = (len(once.times) * pace for pace in (1.0, 0.9, 1.1, 0.95, 1.15, 0.85, 1.05))
    again = np.concatenate([np.linspace(0, len(once.times) - 1, round(pace)) for pace in paces])
    assert not shown_before(shown(once, again.astype(np.intp), 0.5)).any()


def test_a_photograph_of_closed_eyes_shows_no_sign() -> None:
    asleep = track(calm(lid=lambda t: 0.1 + 0 * t))
    assert reading(asleep).answer("occur_during_sleep").presence is Presence.YES
    photograph = shown(asleep, np.full(900, 40), 0.01)
    assert standing_still(photograph)[1:].all()
    found = reading(photograph)
    assert presences(found) == {Presence.NOT_ASSESSABLE}
    assert "stands still, as no living body does" in found.answer("close_eyes").explanation


def test_a_frozen_stretch_is_no_stare_and_no_held_arm() -> None:
    arms = calm(gaze=lambda t: 0 * t, bend={"left": held(38, 110, 10, 12, 0.4)})
    rows = np.concatenate([np.arange(335), np.full(300, 335), np.arange(335, 900)])
    made = shown(track(arms), rows, 0.005)
    frozen = standing_still(made)
    assert frozen[340:630].all()
    assert frozen.sum() < 305
    found = reading(made)
    for feature in ("blank_stare", "tonic", "arm_flexion"):
        assert found.answer(feature).presence is not Presence.YES, found.answer(feature).explanation
    assert not standing_still(track(ORDINARY)).any()


@pytest.mark.parametrize(("rate", "presence"), [(0.85, Presence.NO), (1.6, Presence.YES)])
def test_an_arm_that_goes_far_again_and_again_at_a_slow_rate_makes_a_gesture(
    rate: float, presence: Presence
) -> None:
    def beat(t: Floats) -> Floats:
        return np.asarray(30 + 75 * jerk(t, rate) * during(t, 8, 22))

    arms = calm(bend={"left": beat}, away={"left": lambda t: 20 + 20 * during(t, 7.5, 22.5)})
    assert reading(track(arms)).answer("clonic").presence is presence


def _talk(start: float, end: float) -> Patient:
    """Somebody whose jaw moves at the rate of syllables in that time."""
    return replace(
        calm(jaw=lambda t: (0.5 + 0.5 * np.sin(2 * np.pi * 4.3 * t)) * during(t, start, end)), seconds=14.0
    )


@pytest.mark.parametrize(
    ("person", "presence"),
    [
        (_talk(4.1, 6.3), Presence.YES),
        (replace(ORDINARY, seconds=14.0), Presence.NOT_ASSESSABLE),
        (replace(ORDINARY, seconds=14.0, has_face=False), Presence.NOT_ASSESSABLE),
    ],
)
def test_a_voice_answers_for_whom_it_is_seen_to_move_the_mouth(person: Patient, presence: Presence) -> None:
    said = (("question", 2.0, 3.5), ("reply", 4.1, 6.3))
    events = tuple(
        Event(kind, Span(start, end), None, 4.6, 0.0, 1.0, "", 11 * number + 3)
        for number, (kind, start, end) in enumerate(said)
    )
    sound = np.asarray(phantom_sound(PhantomScript(5, 14.0, events), 16000), dtype=np.float32)
    answer = reading(track(person), sound).answer("verbal_responsiveness")
    assert answer.presence is presence, answer.explanation

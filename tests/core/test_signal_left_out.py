"""Frames that are not certainly the patient's are no part of any answer, and every answer says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.core.enhance.pose_track import Doubt, PoseTrack
from app.core.readers.signal.measures import measures as measuring
from app.core.readers.signal.measures.grid import uniform
from app.core.readers.signal.measures.hiding import Hiding
from app.core.readers.signal.reader import signal_reading
from app.core.readers.signal.rules.visibility import nobody_there
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import FEATURES, Presence
from tests.core.patients_of_numbers import Patient, track

SECONDS = 20.0
_FAULT = "fault in the program"
_SOUND = ("verbal_responsiveness", "ictal_vocalization")


def doubtful(start: float, stop: float, doubt: Doubt = Doubt.UNCERTAIN, **patient: object) -> PoseTrack:
    whole = track(replace(Patient(), seconds=SECONDS, **patient))  # type: ignore[arg-type]  # its own fields
    codes = np.zeros(len(whole.times), dtype=np.uint8)
    codes[(whole.times >= start) & (whole.times < stop)] = doubt
    return replace(whole, doubt=codes)


def read(one: PoseTrack) -> Reading:
    return signal_reading(RecordingIdentity("a.mp4", "0" * 64, SECONDS), one, None)


def test_doubtful_frames_are_not_measured_and_say_why() -> None:
    grid = uniform(doubtful(5.0, 12.0))
    assert grid is not None
    middle = (grid.times > 5.5) & (grid.times < 11.5)
    assert not np.isfinite(grid.joints[middle]).any()
    assert not grid.face_seen[middle].any()
    assert (grid.hiding[middle] == Hiding.IN_DOUBT).all()
    assert np.isfinite(grid.joints[grid.times < 4.5]).any()


def test_every_answer_from_the_picture_says_how_many_seconds_were_left_out_and_why() -> None:
    reading = read(doubtful(5.0, 8.0))
    for feature in FEATURES:
        text = reading.answer(feature.id).explanation
        assert ("3.0 s were left out (5.0–8.0 s): it is not certain" in text) == (feature.id not in _SOUND)
    assert "left out" not in read(doubtful(5.0, 5.0)).answer("tonic").explanation


def test_a_movement_in_doubtful_frames_gives_no_answer() -> None:
    reading = read(doubtful(0.0, SECONDS))
    visual = [reading.answer(feature.id) for feature in FEATURES if feature.id not in _SOUND]
    assert {answer.presence for answer in visual} == {Presence.NOT_ASSESSABLE}


def test_a_voice_in_a_few_pictures_without_anybody_is_not_the_patients() -> None:
    few = track(replace(Patient(), seconds=0.3))
    nobody = replace(few, joints=np.full_like(few.joints, np.nan), face=np.full_like(few.face, np.nan))
    assert not nobody_there(measuring.measure(few, None))
    assert nobody_there(measuring.measure(nobody, None))


def test_an_older_track_without_doubt_is_confirmed_throughout() -> None:
    one = track(replace(Patient(), seconds=2.0))
    assert one.confirmed.all()
    assert PoseTrack.load(one.arrays()).doubt.tolist() == one.doubt.tolist()


@pytest.mark.parametrize(
    ("name", "answered", "costs"),
    [
        ("limb", "face_pulling", "tonic"),
        ("body", "ictal_vocalization", "tonic"),
        ("rhythm", "close_eyes", "clonic"),
        ("head", "arm_flexion", "head_turning"),
        ("eyes", "clonic", "close_eyes"),
        ("mouth", "figure4", "oral_automatisms"),
    ],
)
def test_a_fault_in_one_measure_costs_only_what_rests_on_it(
    name: str, answered: str, costs: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(measuring, name, fails)
    reading = read(doubtful(0.0, 0.0))
    assert _FAULT in reading.answer(costs).explanation
    assert reading.answer(costs).presence is Presence.NOT_ASSESSABLE
    assert _FAULT not in reading.answer(answered).explanation
    assert "failed" in caplog.text

"""What distinguishes jerks, hand actions and shaking: how even, alike, large and fast they are."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

import numpy as np
import pytest

from app.core.readers.signal.measures import rhythm
from app.core.readers.signal.rules import movement
from app.core.semiology import Presence
from tests.core.patients_of_numbers import CLONIC, Floats, answer, calm, during, heard, held, jerk, read


def _rubbing(t: Floats) -> Floats:
    """The elbow of a hand that rubs the thigh over 15 cm at 1.9 Hz, as evenly as people do."""
    return np.asarray(50 + 17 * np.sin(2 * np.pi * 1.9 * t + 0.8 * np.sin(1.9 * t)) * during(t, 8, 20))


def test_a_hand_that_rubs_widely_and_fast_is_an_automatism_and_no_clonic_jerk() -> None:
    reading = read(calm(bend={"right": _rubbing}))
    assert reading.answer("limb_automatisms").presence is Presence.YES
    assert reading.answer("clonic").presence is Presence.NO


@pytest.mark.parametrize("rate", [1.3, 2.2, 3.4, 4.5])
def test_jerks_are_clonic_at_any_rate_and_no_automatism(rate: float) -> None:
    patient = calm(
        bend={"left": lambda t: 30 + 34 * jerk(t, rate) * during(t, 10, 19)},
        away={"left": lambda t: 20 + 20 * during(t, 9.5, 19.5)},
    )
    assert answer(patient, "clonic").presence is Presence.YES
    assert answer(patient, "limb_automatisms").presence is Presence.NO
    assert answer(CLONIC, "limb_automatisms").presence is Presence.NO


@pytest.mark.parametrize(("apart", "kept"), [(6, 14), (2, 2)])
def test_hand_actions_right_after_jerks_count_when_they_go_on_apart_from_them(
    monkeypatch: pytest.MonkeyPatch, apart: int, kept: int
) -> None:
    """In windows of 3 s, 0.25 s apart: jerks, 2 s that are near them, and so many windows of actions more."""
    jerks = np.arange(10 + 8 + apart) < 10
    monkeypatch.setattr(movement, "jerking_windows", lambda *_of: jerks)
    monkeypatch.setattr(movement, "_small_actions", lambda *_of: ~jerks)
    found = movement._automatism_windows(*(cast("Any", None),) * 3)
    assert found.sum() == kept
    assert not found[jerks].any()


def test_fast_even_shaking_that_does_not_repeat_itself_is_not_clonic() -> None:
    def shaking(t: Floats) -> Floats:
        size = 1 + 0.5 * np.sin(2 * np.pi * 0.9 * t) * np.sin(2 * np.pi * 0.37 * t)
        beat = np.sin(2 * np.pi * 4.6 * t + 2.0 * np.sin(2 * np.pi * 0.8 * t))
        return np.asarray(50 + 20 * size * beat * during(t, 8, 16))

    assert answer(calm(bend={"left": shaking}), "clonic").presence is Presence.NO


@pytest.mark.parametrize(("rate", "presence"), [(3.0, Presence.YES), (6.5, Presence.NO)])
def test_a_mesh_that_trembles_faster_than_any_face_is_no_twitching(rate: float, presence: Presence) -> None:
    def beat(t: Floats) -> Floats:
        return np.asarray(0.9 * np.maximum(np.sin(2 * np.pi * rate * t), 0) * during(t, 8, 15))

    assert heard(calm(pull_left=beat), "face_twitching").presence is presence


def test_a_face_that_is_turned_away_is_not_said_to_twitch_nor_not_to() -> None:
    """Its far side is guessed by the mesh, whose guesses jerk."""

    def beat(t: Floats) -> Floats:
        return 0.8 * jerk(t, 3.0) * during(t, 10, 17)

    facing, turned = calm(pull_left=beat), calm(pull_left=beat, yaw=held(0.0, 34.0, 8.0, 19.0))
    assert heard(facing, "face_twitching").presence is Presence.YES
    found = heard(turned, "face_twitching")
    assert found.presence is Presence.NOT_ASSESSABLE
    assert "while the head was turned" in found.explanation


def test_windows_are_measured_alike_however_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    moved = generator.normal(size=(600, 2)).cumsum(axis=0)
    moved[200:204] = np.nan
    together = rhythm.rhythm(moved, 25.0)
    monkeypatch.setattr(rhythm, "_BLOCK", 3)
    apart = rhythm.rhythm(moved, 25.0)
    for field in fields(rhythm.Rhythm):
        np.testing.assert_array_equal(getattr(together, field.name), getattr(apart, field.name))
    assert np.isnan(together.rate).any()
    assert np.isfinite(together.rate).any()

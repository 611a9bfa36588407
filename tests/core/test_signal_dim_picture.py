"""What a dim infrared picture does to joints and faces: they tremble, and are found unevenly."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.semiology import Presence
from tests.core.patients_of_numbers import Floats, Patient, answer, blinking, calm, during

TREMBLE = 0.5
"""Pixels by which a mesh of 90 px trembles, the share measured in infrared phantoms (0.5 %)."""


def _looking(gaze: str) -> Patient:
    """Somebody who does not blink from 5 s to 21 s and looks so from 8 s to 20 s; else about."""

    def irises(t: Floats) -> Floats:
        about = 0.12 * np.sign(np.sin(2 * np.pi * t / 3.1))
        then = {"ahead": 0.0 * t, "to and fro": 0.12 * np.sign(np.sin(2 * np.pi * t / 1.2))}[gaze]
        return np.asarray(about + (then - about) * during(t, 8, 20))

    return calm(lid=lambda t: blinking(t, [1.5, 5.0, 21.0, 25.0]), gaze=irises, mesh_jitter=TREMBLE)


@pytest.mark.parametrize(("gaze", "presence"), [("ahead", Presence.YES), ("to and fro", Presence.NO)])
def test_a_fixed_gaze_is_seen_through_the_tremble_of_the_mesh(gaze: str, presence: Presence) -> None:
    assert answer(_looking(gaze), "blank_stare").presence is presence

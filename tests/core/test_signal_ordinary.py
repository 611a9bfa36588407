"""Ordinary people must not look ill: at most two of the 20 features, and mostly none."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from app.core.readers.signal.reader import signal_reading
from app.core.reading import RecordingIdentity
from app.core.semiology import Presence
from tests.core.ordinary_people import ordinary_person

SEEDS = range(500, 508)


@cache
def present(seed: int, only: str | None = None) -> tuple[str, ...]:
    """The features that are reported present of a healthy person."""
    made = ordinary_person(seed, only)
    recording = RecordingIdentity("ordinary.mp4", "0" * 64, float(made.track.times[-1]))
    answers = signal_reading(recording, made.track, made.sound).answers.values()
    return tuple(f"{a.feature}: {a.explanation}" for a in answers if a.presence is Presence.YES)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_ordinary_recording_brings_at_most_two(seed: int) -> None:
    assert len(present(seed)) <= 2, "\n".join(present(seed))


def test_most_ordinary_recordings_bring_none_or_one() -> None:
    assert np.median([len(present(seed)) for seed in SEEDS]) <= 1


@pytest.mark.parametrize(
    ("activity", "feature"),
    [
        ("claps", "clonic"),
        ("has_a_conversation", "arms_move_simultaneously"),
        ("reads_a_book", "arm_flexion"),
        ("sings_along", "ictal_vocalization"),
        ("looks_around", "head_turning"),
        ("smiles_crookedly", "face_pulling"),
    ],
)
def test_an_ordinary_action_is_not_taken_for_a_sign(activity: str, feature: str) -> None:
    assert not [found for found in present(600, activity) if found.startswith(feature)]

"""Left and right beside a mirrored picture."""

from __future__ import annotations

import pytest

from app.core.mirroring import mirrored_readings
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Laterality, Presence, SideFrom


@pytest.mark.parametrize(
    ("view", "side"),
    [
        ("", Laterality.RIGHT),
        ("turned 1", Laterality.RIGHT),
        ("mirrored", Laterality.LEFT),
        ("turned 1, mirrored", Laterality.LEFT),
    ],
)
def test_a_model_that_knew_of_the_mirror_is_right_already(view: str, side: Laterality) -> None:
    model = ReaderIdentity(ReaderKind.MODEL, "m", "2", {"view": view} if view else {})
    answer = Answer("clonic", Presence.YES, laterality=Laterality.LEFT)
    reading = Reading(RecordingIdentity("a.mp4", "", 9.0), model, {"clonic": answer})
    (shown,) = mirrored_readings((reading,))
    assert shown.answer("clonic").laterality is side


def test_sides_that_change_are_swapped_one_by_one() -> None:
    left, right, both = Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH
    sides = (SideFrom(2, left), SideFrom(4, both), SideFrom(6, right))
    answer = Answer("clonic", Presence.YES, laterality=left, sides=sides)
    signal = ReaderIdentity(ReaderKind.SIGNAL, "signal", "1")
    reading = Reading(RecordingIdentity("a.mp4", "", 9.0), signal, {"clonic": answer})
    (shown,) = mirrored_readings((reading,))
    assert shown.answer("clonic").laterality is right
    assert shown.answer("clonic").sides == (SideFrom(2, right), SideFrom(4, both), SideFrom(6, left))

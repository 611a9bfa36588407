"""Places to cover as they are drawn: whose they are, and what the study holds besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.deidentify.drawn_covers import CoversByRecording, covered_with, describe_taken_away
from app.core.picture_box import Box
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from tests.media import write_recording

STORED, LATER, MINE = Box(0.1, 0.1, 0.2, 0.2), Box(0.5, 0.5, 0.6, 0.6), Box(0.8, 0.8, 0.9, 0.9)
ONE, OTHER = Path("one.semioscope"), Path("other.semioscope")


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return open_recording(write_recording(tmp_path / "a.mp4", frames=5))


def test_where_nothing_can_be_kept_a_later_place_of_the_study_is_covered_as_well(
    recording: Recording,
) -> None:
    covers = CoversByRecording()
    assert covers.of(ONE, recording, (), can_keep=False).places == ()
    drawn = covers.of(ONE, recording, (STORED,), can_keep=False)
    assert drawn.places == (STORED,)
    drawn.add(MINE)
    assert covers.of(ONE, recording, (STORED,), can_keep=False) is drawn, "with what undoes it"
    more = covers.of(ONE, recording, (STORED, LATER), can_keep=False)
    assert more.places == (STORED, LATER, MINE)
    more.undo()
    assert MINE not in more.places
    assert not more.can_undo


def test_a_place_that_the_study_no_longer_holds_is_not_taken_for_one_that_was_drawn(
    recording: Recording,
) -> None:
    covers = CoversByRecording()
    covers.of(ONE, recording, (STORED, LATER), can_keep=False).add(MINE)
    assert covers.of(ONE, recording, (STORED,), can_keep=False).places == (STORED, MINE)


def test_the_places_of_one_study_are_not_those_of_another(recording: Recording) -> None:
    covers = CoversByRecording()
    covers.of(ONE, recording, (STORED,)).add(MINE)
    assert covers.of(OTHER, recording, (LATER,), can_keep=False).places == (LATER,)
    assert covers.of(ONE, recording, (STORED, MINE)).places == (STORED, MINE)


def test_what_is_covered_is_never_less_than_the_study_holds() -> None:
    assert covered_with((MINE,), (STORED, MINE)) == (MINE, STORED)
    assert covered_with((), ()) == ()


def test_what_was_taken_out_of_the_study_and_is_covered_nevertheless_is_told() -> None:
    said = describe_taken_away((STORED, LATER, MINE), (STORED, LATER), (LATER,))
    assert "1 place that somebody has" in said
    assert "2 places" in describe_taken_away((STORED, LATER, MINE), (STORED, LATER), ())
    assert describe_taken_away((MINE,), (), ()) == "", "what was drawn and not kept is mine"
    assert describe_taken_away((STORED,), (STORED, LATER), (STORED,)) == "", "what I took away myself"

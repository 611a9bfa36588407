"""Burned-in text is looked for once in each stretch of a recording, near the picture that is wanted."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.hiding import text_of_recording as text_search
from app.core.hiding.covered_places import CoveredPlace, CoveredPlaces
from app.core.hiding.text_of_recording import (
    LONGEST,
    places_from_rows,
    places_to_rows,
    stretch_about,
    text_of_recording,
)
from app.core.jobs import CancelToken, no_report
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import Span
from tests.media import write_recording

FOUND = CoveredPlaces((CoveredPlace(((0.1, 0.1), (0.2, 0.1), (0.2, 0.3)), -math.inf, 4.5),))
DAY = 24 * 3600.0


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return open_recording(write_recording(tmp_path / "a.mp4"))


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The jobs of the process, which always finds the same."""
    made: list[Any] = []

    def run(_module: str, job: Any, **_rest: Any) -> bytes:
        made.append(job)
        return json.dumps(places_to_rows(FOUND)).encode()

    monkeypatch.setattr(text_search, "run_process", run)
    text_search._kept.clear()
    return made


def text_in(recording: Recording, start: float, end: float) -> CoveredPlaces:
    return text_of_recording(recording, Span(start, end), report=no_report, cancel=CancelToken())


def test_a_stretch_is_searched_once(recording: Recording, jobs: list[Any]) -> None:
    assert text_in(recording, 0.0, 1.0) == FOUND
    assert text_in(recording, 0.0, 1.0) == FOUND
    assert [job["span"] for job in jobs] == [{"start": 0.0, "end": 1.0}]
    text_in(recording, 1.0, 2.0)
    assert len(jobs) == 2


def test_text_of_one_recording_is_not_taken_for_that_of_another(
    recording: Recording, jobs: list[Any], tmp_path: Path
) -> None:
    other = open_recording(write_recording(tmp_path / "b.mp4", first=9))
    for one in (recording, other, recording):
        text_in(one, 0.0, 1.0)
    assert [Path(job["path"]).name for job in jobs] == ["a.mp4", "b.mp4"]


def test_a_search_that_failed_is_made_again(
    recording: Recording, jobs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> bytes:
        raise UserError("The detector of text is missing.")

    with monkeypatch.context() as failing:
        failing.setattr(text_search, "run_process", fail)
        with pytest.raises(UserError, match="missing"):
            text_in(recording, 0.0, 1.0)
    assert text_in(recording, 0.0, 1.0) == FOUND
    assert len(jobs) == 1


def test_only_so_many_stretches_are_kept(recording: Recording, jobs: list[Any]) -> None:
    for number in range(300):
        text_in(recording, float(number), number + 1.0)
    assert len(text_search._kept) == 256
    text_in(recording, 299.0, 300.0)
    assert len(jobs) == 300


def test_places_come_back_as_they_were() -> None:
    assert places_from_rows(json.loads(json.dumps(places_to_rows(FOUND)))) == FOUND


@given(st.floats(0.0, DAY), st.floats(0.0, 1.0))
def test_the_stretch_holds_the_picture_and_is_short_however_long_the_recording_is(
    duration: float, share: float
) -> None:
    seconds = share * duration
    stretch = stretch_about(duration, seconds)
    assert 0.0 <= stretch.start <= seconds <= stretch.end <= duration
    assert stretch.duration <= LONGEST + 10.0 + 1e-6
    before, after = seconds - stretch.start, stretch.end - seconds
    assert before >= min(5.0, seconds) - 1e-6, "a title near an end of the stretch is amid its pictures"
    assert after >= min(5.0, duration - seconds) - 1e-6


def test_all_of_a_short_recording_is_one_stretch() -> None:
    assert {stretch_about(55.0, seconds) for seconds in (0.0, 30.0, 55.0)} == {Span(0.0, 55.0)}
    assert len({stretch_about(DAY, float(seconds)) for seconds in range(0, 60, 10)}) == 1

"""Text that was found in a stretch is not looked for again or forgotten, and no picture is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.hiding import text_memory
from app.core.hiding.covered_places import CoveredPlace, CoveredPlaces
from app.core.hiding.text_memory import text_of_stretches
from app.core.recording.array_cache import cache_path, load_arrays, save_arrays
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import Span
from tests.media import write_recording

FIRST, SECOND = Span(0.0, 30.0), Span(25.0, 55.0)
NAME = CoveredPlace(((0.1, 0.1), (0.3, 0.1), (0.3, 0.15), (0.1, 0.15)))
TITLE = CoveredPlace(((0.5, 0.5), (0.75, 0.5), (0.7, 0.6)), 3.25, 4.5)
FOUND = CoveredPlaces((NAME, TITLE))


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recording:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    return open_recording(write_recording(tmp_path / "a.mp4", frames=5))


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    """The stretches in which text was looked for."""
    spans: list[Span] = []

    def search(_recording: Recording, span: Span, *, report: Callable[[float], None]) -> CoveredPlaces:
        spans.append(span)
        report(1.0)
        return FOUND if span == FIRST else CoveredPlaces()

    monkeypatch.setattr(text_memory, "text_in", search)
    return spans


def kept(recording: Recording, span: Span = FIRST) -> Path:
    return cache_path("text", text_memory._key(recording, span))


def test_a_stretch_is_searched_once(recording: Recording, searched: list[Span]) -> None:
    shares: list[float] = []
    assert text_of_stretches(recording, (FIRST, SECOND), shares.append) == (FOUND, CoveredPlaces())
    assert shares == [0.5, 1.0]
    again: list[float] = []
    assert text_of_stretches(recording, (SECOND, FIRST), again.append) == (CoveredPlaces(), FOUND)
    assert searched == [FIRST, SECOND]
    assert not again, "nothing is looked for"


def test_the_places_are_kept_exactly_and_nothing_of_a_picture(
    recording: Recording, searched: list[Span]
) -> None:
    text_of_stretches(recording, (FIRST,))
    arrays = load_arrays("text", text_memory._key(recording, FIRST))
    assert arrays is not None
    assert {name: array.shape for name, array in arrays.items()} == {
        "corners": (7, 2),
        "counts": (2,),
        "times": (2, 2),
    }
    (found,) = text_of_stretches(recording, (FIRST,))
    assert found.places[0].start == -math.inf
    assert found.places == FOUND.places


def test_another_version_searches_again(
    recording: Recording, searched: list[Span], monkeypatch: pytest.MonkeyPatch
) -> None:
    text_of_stretches(recording, (FIRST,))
    monkeypatch.setattr(text_memory, "SEARCH_VERSION", text_memory.SEARCH_VERSION + 1)
    text_of_stretches(recording, (FIRST,))
    assert searched == [FIRST, FIRST]


def test_another_recording_is_searched(recording: Recording, searched: list[Span], tmp_path: Path) -> None:
    text_of_stretches(recording, (FIRST,))
    other = open_recording(write_recording(tmp_path / "b.mp4", frames=6))
    text_of_stretches(other, (FIRST,))
    assert searched == [FIRST, FIRST]


@pytest.mark.parametrize("damage", ["bytes", "missing", "corner", "count", "time"])
def test_what_is_damaged_is_searched_again(damage: str, recording: Recording, searched: list[Span]) -> None:
    text_of_stretches(recording, (FIRST,))
    key = text_memory._key(recording, FIRST)
    arrays = load_arrays("text", key)
    assert arrays is not None
    if damage == "bytes":
        kept(recording).write_bytes(b"PK\x03\x04 not all of it")
    elif damage == "missing":
        save_arrays("text", key, {"corners": arrays["corners"]})
    else:
        name = {"corner": "corners", "count": "counts", "time": "times"}[damage]
        arrays[name] = arrays[name].astype(float)
        arrays[name].flat[0] = math.nan
        save_arrays("text", key, arrays)
    assert text_of_stretches(recording, (FIRST,)) == (FOUND,)
    assert searched == [FIRST, FIRST]


def test_what_was_searched_before_it_was_stopped_is_kept(
    recording: Recording, searched: list[Span], monkeypatch: pytest.MonkeyPatch
) -> None:
    search = vars(text_memory)["text_in"]

    def stopped(recording: Recording, span: Span, *, report: Callable[[float], None]) -> CoveredPlaces:
        if span == SECOND:
            raise KeyboardInterrupt
        found: CoveredPlaces = search(recording, span, report=report)
        return found

    monkeypatch.setattr(text_memory, "text_in", stopped)
    with pytest.raises(KeyboardInterrupt):
        text_of_stretches(recording, (FIRST, SECOND))
    monkeypatch.setattr(text_memory, "text_in", search)
    text_of_stretches(recording, (FIRST, SECOND))
    assert searched == [FIRST, SECOND]

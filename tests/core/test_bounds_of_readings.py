"""A reading from elsewhere is bounded in everything that it can hold: what a study takes it reads again."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core import semiology
from app.core.answer_words import side_words
from app.core.errors import UserError
from app.core.exchange import phrases
from app.core.exchange.bundle import ReadingExtras
from app.core.exchange.codec import Source
from app.core.exchange.file_readings import FileReading
from app.core.exchange.import_readings import MOST_BESIDE, import_into
from app.core.exchange.study_json import StudyJson
from app.core.exchange.within_recording import within_recording
from app.core.reading import (
    FORMAT,
    LONGEST_DETAILS,
    LONGEST_NAME,
    MOST_DETAILS,
    Reading,
    RecordingIdentity,
    from_dict,
    from_json,
    person,
)
from app.core.semiology import LATEST, MOST_SIDES, MOST_SPANS, Answer, Laterality, Presence, SideFrom, Span
from app.core.study.edits import SetNote
from app.core.study.edits.set_answer import describe_answer
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import ANA, Clip

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT


def changing(*times: float) -> Answer:
    """A side that changes at these times."""
    sides = tuple(SideFrom(time, (LEFT, RIGHT)[number % 2]) for number, time in enumerate(times))
    return Answer("clonic", Presence.YES, laterality=LEFT, sides=sides)


def reading_of(answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "recording": {"name": "event.mp4", "sha256": "", "duration": 60.0},
        "reader": {"kind": "person", "name": "Bo", "version": "1"},
        "answers": [{"feature": "clonic", "presence": "yes", **answer}],
    } | more


# sides


def test_many_changes_of_side_are_counted_and_not_listed() -> None:
    assert side_words(changing(1, 2, 3, 4)) == "left, from 0:02 right, from 0:03 left, from 0:04 right"
    assert side_words(changing(*range(1, 31))) == (
        "left, from 0:02 right, from 0:03 left, from 0:04 right and 26 more"
    )


def test_the_history_names_the_first_sides_alone() -> None:
    row: dict[str, Any] = {
        "presence": "yes",
        "confidence": None,
        "laterality": "left",
        "evidence": [],
        "explanation": "",
    }
    sides = [{"start": n, "laterality": ("left", "right")[n % 2]} for n in range(1_000_000)]
    assert describe_answer(row | {"sides": sides[:4]}) == "yes · left, then right, then left, then right"
    assert describe_answer(row | {"sides": sides}) == (
        "yes · left, then right, then left, then right and 999996 more"
    )


@given(st.lists(st.floats(0, 200), min_size=2, max_size=8, unique=True).map(sorted), st.floats(1, 150))
@example([10.0, 20.0, 60.02], 60.0)
@example([61.0, 62.0], 60.0)
def test_no_side_begins_after_the_end_of_the_recording(times: list[float], length: float) -> None:
    answer = changing(*times)
    reading = Reading(RecordingIdentity("a.mp4", "", length), ANA, {"clonic": answer})
    kept, sentences = within_recording(FileReading(0, reading, ReadingExtras(), {}), "a.mp4", length)
    now = kept.reading.answer("clonic")
    before = tuple(one for one in answer.sides if one.seconds <= length)
    assert now.sides == (before if len(before) > 1 else ())
    assert now.laterality is (LEFT if before else None)
    late = not before or times[-1] > length + 0.05
    assert len(sentences) == late
    assert all("Clonic, the side" in one and one.endswith("was left out.") for one in sentences)


# how much one answer can hold


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"evidence": [{"start": 1, "end": 2}] * (MOST_SPANS + 1)}, "at most 100,000 spans"),
        (
            {
                "laterality": "left",
                "sides": [
                    {"start": n, "laterality": ("left", "right")[n % 2]} for n in range(MOST_SIDES + 1)
                ],
            },
            "changes at most 1,000 times",
        ),
        ({"explanation": "x" * (semiology.LONGEST_EXPLANATION + 1)}, "at most 4 million characters"),
    ],
)
def test_an_answer_has_an_end(answer: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=f"^Clonic: .*{said}"):
        from_dict(reading_of(answer))


def test_an_answer_that_is_full_comes_back() -> None:
    sides = [{"start": n / 2, "laterality": ("left", "right")[n % 2]} for n in range(MOST_SIDES)]
    full = from_dict(reading_of({"laterality": "left", "sides": sides})).answer("clonic")
    assert len(full.sides) == MOST_SIDES


@pytest.mark.parametrize(
    "wrong",
    [
        {"reader": {"kind": "model", "name": "x" * (LONGEST_NAME + 1), "version": "1"}},
        {"reader": {"kind": "model", "name": "x", "version": "1" * (LONGEST_NAME + 1)}},
        {"reader": {"kind": "model", "name": "x", "version": "1", "details": {"a": "x" * LONGEST_DETAILS}}},
        {
            "reader": {
                "kind": "model", "name": "x", "version": "1",
                "details": {str(n): "" for n in range(MOST_DETAILS + 1)},
            }
        },
        {"recording": {"name": "x" * (LONGEST_NAME + 1), "sha256": "", "duration": 1}},
        {"recording": {"name": "x", "sha256": "0" * (LONGEST_NAME + 1), "duration": 1}},
        {"recording": {"name": "x", "sha256": "", "duration": 2 * LATEST}},
    ],
)  # fmt: skip
def test_who_and_what_is_named_has_an_end(wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        from_dict(reading_of({}, **wrong))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100 + "]" * 100,
        '{"a": 1e999}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1, "a": 2}',
        '{"a": ' + "9" * 30 + "}",
    ],
)
def test_json_that_no_reading_has_is_refused_before_it_is_read(text: str) -> None:
    for read in (from_json, lambda it: StudyJson().read(Source("a.json", it.encode()))):
        with pytest.raises(UserError, match="not valid JSON"):
            read(text)


def test_a_file_of_many_small_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "_MOST_PARTS", 1_000)
    for parts, said in ((1_000, "not a study"), (1_001, "not valid JSON")):
        with pytest.raises(UserError, match=said):
            StudyJson().read(Source("a.json", ("[" + "[]," * parts + "0]").encode()))


# what is taken can be read again

_TIMES = st.sampled_from([0, -0.0, 1.5, 59.9, 60.02, 61, LATEST, LATEST + 1, 1e300, -1, 10**17, True, "1"])
_LENGTHS = st.sampled_from([0, 1, 30, LONGEST_NAME, LONGEST_NAME + 1, semiology.LONGEST_EXPLANATION + 1])
_TEXTS = _LENGTHS.map(lambda length: "x" * length) | st.sampled_from(["\x00", "\u202eü", "a\nb", 3, None])
_SPANS = st.lists(st.fixed_dictionaries({"start": _TIMES, "end": _TIMES}), max_size=5)
_SIDES = st.lists(_TIMES, max_size=7).map(
    lambda times: [{"start": at, "laterality": ("left", "right")[n % 2]} for n, at in enumerate(times)]
)
_MARKS = st.lists(
    st.fixed_dictionaries({"kind": st.just("phase"), "seconds": _TIMES, "label": st.just("") | _TEXTS}),
    max_size=7,
)
_STRANGE: dict[str, st.SearchStrategy[Any]] = {
    "confidence": st.sampled_from([None, 0, 101, 1.5, 10**17]),
    "confidence_kind": st.sampled_from(["scaled", "?"]),
    "evidence": _SPANS,
    "sides": _SIDES,
    "explanation": _TEXTS,
    "name": _TEXTS,
    "version": _TEXTS,
    "details": st.dictionaries(st.just("a"), _TEXTS),
    "notes": st.dictionaries(st.sampled_from(["clonic", "?"]), _TEXTS),
    "marks": _MARKS,
}


@st.composite
def strange_readings(draw: st.DrawFn) -> dict[str, Any]:
    """Readings that are as they should be but for up to three values at and beyond the bounds."""
    named = draw(st.sets(st.sampled_from(sorted(_STRANGE)), min_size=1, max_size=3))
    strange = {name: draw(_STRANGE[name]) for name in sorted(named)}
    answer: dict[str, Any] = {"confidence": 50, "laterality": "left", "evidence": [{"start": 1, "end": 2}]}
    reader = {"kind": draw(st.sampled_from(["person", "model"])), "name": "Bo", "version": "1"}
    for name, value in strange.items():
        place = reader if name in ("name", "version", "details") else answer
        place[name] = value
    beside = {name: answer.pop(name) for name in ("notes", "marks") if name in answer}
    return reading_of(answer, reader=reader, **beside)


@settings(max_examples=40)
@given(strange_readings(), st.sampled_from([0.0, 60.0]))
@example(reading_of({}, marks=[{"kind": "phase", "seconds": 1e300, "label": ""}]), 0.0)
@example(reading_of({}, notes={"clonic": "x" * (semiology.LONGEST_EXPLANATION + 1)}), 60.0)
def test_what_a_study_takes_it_can_read_and_take_back(reading: dict[str, Any], length: float) -> None:
    data = {
        "format": "semioscope-study/1",
        "recordings": [
            {"name": "event.mp4", "sha256": "", "duration": 0, "fingerprint": "", "readings": [reading]}
        ],
    }
    with tempfile.TemporaryDirectory() as place:
        clip = replace(Clip(Path(place) / "event.mp4"), duration=length)
        with Study.open(Path(place) / "s", author="Ana") as study:
            number = study.recording(clip)
            before = len(study.history(viewer=None))
            try:
                source = Source("a.json", json.dumps(data).encode())
                changed = import_into(study, StudyJson().read(source), SealedFrom(())).changed
            except UserError:
                assert len(study.history(viewer=None)) == before
            else:
                assert study.verify_history() == ()
                assert study.undo(number) is not None or not changed
                assert study.verify_history() == ()
            assert study.faults() == ()


def test_an_imported_reading_has_an_end_of_marks(tmp_path: Path) -> None:
    marks = [{"kind": "phase", "seconds": n / 100, "label": ""} for n in range(MOST_BESIDE + 1)]
    data = {
        "format": "semioscope-study/1",
        "recordings": [
            {"name": "event.mp4", "sha256": "", "duration": 0, "readings": [reading_of({}, marks=marks)]}
        ],
    }
    imported = StudyJson().read(Source("a.json", json.dumps(data).encode()))
    with Study.open(tmp_path / "s", author="Ana") as study:
        study.recording(Clip(tmp_path / "event.mp4"))
        with pytest.raises(UserError, match="at most 1,000 marks, not 1,001"):
            import_into(study, imported, SealedFrom(()))


def test_a_reading_with_times_that_no_study_holds_is_not_kept(tmp_path: Path) -> None:
    late = Reading(
        RecordingIdentity("event.mp4", "", 0.0),
        person("Bo"),
        {"clonic": Answer("clonic", Presence.YES, evidence=(Span(1, 2 * LATEST),))},
    )
    with Study.open(tmp_path / "s", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "event.mp4"))
        with pytest.raises(UserError, match="more than a study can hold"):
            study.keep_reading(number, late)
        with pytest.raises(UserError, match="more than a study can hold"):
            study.apply(SetNote(number, ANA, "clonic", "", "x" * (semiology.LONGEST_EXPLANATION + 1)))
        assert study.history(viewer=None) == ()
        assert study.verify_history() == ()


def test_a_row_of_the_history_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    with Study.open(tmp_path / "s", author="A" * (LONGEST_NAME + 1)) as study:
        number = study.recording(Clip(tmp_path / "event.mp4"))
        with pytest.raises(UserError, match="more than a study can hold"):
            study.apply(SetNote(number, ANA, "clonic", "", "jerks"))
        assert study.history(viewer=None) == ()

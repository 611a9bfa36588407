"""A study exported, imported into an empty study of the same recording, and exported again: the same file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.exchange.bundle import Bundle, ReadingExtras, ReadRecording, bundle_of_study, join_bundles
from app.core.exchange.fidelity import Text
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.import_readings import import_into
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.edits import SetAnswer
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import Clip

OPEN = SealedFrom(())
NAMES = ("Ana", "Zoë 左", "A (2)")
TEXT = st.sampled_from(["", "=jerks", "a;=1", "left, then right", "two\nlines", "NA", "n/a", "'q'", "€ ↔ 😀"])


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    times = sorted(draw(st.lists(st.integers(0, 59_999), max_size=6, unique=True)))
    pairs = zip(times[::2], times[1::2], strict=False)
    return tuple(Span(start / 1000, end / 1000) for start, end in pairs)


@st.composite
def readings(draw: st.DrawFn) -> dict[str, dict[str, Answer]]:
    """Up to three people's answers within 60 s, to the millisecond, each with anything but all empty."""
    found: dict[str, dict[str, Answer]] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)):
        known = st.sampled_from([one.id for one in FEATURES])
        ids = draw(st.lists(known, min_size=1, max_size=4, unique=True))
        found[name] = {
            feature: Answer(
                feature, draw(st.sampled_from(Presence)), draw(st.none() | st.integers(0, 100)),
                draw(spans()), draw(st.sampled_from([None, *Laterality])), draw(TEXT),
            )
            for feature in ids
        }  # fmt: skip
    return found


def in_order(bundle: Bundle) -> Bundle:
    """The readings in the order of their readers, without the history, which tells of each import."""
    entries = (
        replace(one, readings=tuple(sorted(one.readings, key=_by_reader)), beside=())
        for one in bundle.recordings
    )
    return Bundle(tuple(entries))


def _by_reader(reading: Reading) -> str:
    return reading.reader.exact_key


def written(study: Study, format_id: str) -> Iterable[object]:
    """The content of an export; of a workbook, which has the time of its making in it, the cells."""
    bundle = in_order(bundle_of_study(study))
    codec = FORMATS[format_id].codec
    if FORMATS[format_id].fidelity.text is Text.CELL:
        from app.core.exchange.codec import Source
        from app.core.exchange.workbook import read_workbook

        return [read_workbook(Source(one.name, one.content)) for one in codec.write(bundle, "study")]
    return codec.write(bundle, "study")


def taken(place: Path, number: int, source: Study, format_id: str) -> Study:
    """A study of the same recording with what the export of another holds."""
    folder = place / f"out {number}"
    export(in_order(bundle_of_study(source)), folder, FORMATS[format_id])
    path = next(folder.iterdir()) if FORMATS[format_id].single else folder
    study = fresh(place, f"{number}")
    outcome = import_into(study, read(path, FORMATS[format_id]), OPEN)
    assert outcome.remarks == ()
    return study


def fresh(place: Path, name: str) -> Study:
    study = Study.open(place / f"{name}.semioscope", author="Ana")
    study.recording(Clip(place / "event.mp4", duration=60.0))
    return study


@pytest.mark.parametrize("format_id", FORMATS)
@pytest.mark.parametrize(
    "examples", [5, pytest.param(500, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
)
def test_an_export_that_was_imported_is_exported_the_same(format_id: str, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(readings())
    def is_the_same(said: dict[str, dict[str, Answer]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            first = fresh(place, "0")
            for name, answers in said.items():
                for feature, answer in answers.items():
                    # Annotations of EDF+ show a side, which is not read again.
                    kept = answer if FORMATS[format_id].fidelity.details else replace(answer, laterality=None)
                    first.apply(SetAnswer(1, person(name), Answer(feature), kept))
            second = taken(place, 1, first, format_id)
            assert written(second, format_id) == written(first, format_id)
            for study in (first, second):
                study.close()

    is_the_same()


def test_marks_join_the_answers_of_the_same_person_whatever_version_the_files_name() -> None:
    recording = RecordingIdentity("a.mp4", "", 9.0)
    answers = {"clonic": Answer("clonic", Presence.YES)}
    marks = ReadingExtras(marks=(Mark(MarkKind.ONSET, 2.0),))
    said = Reading(recording, person("Ana"), answers)
    marked = Reading(recording, replace(person("Ana"), version="2"), {})
    joined = join_bundles(
        (
            Bundle((ReadRecording(recording, (said,)),)),
            Bundle((ReadRecording(recording, (marked,), beside=(marks,)),)),
        )
    )
    assert joined.recordings == (ReadRecording(recording, (said,), beside=(marks,)),)

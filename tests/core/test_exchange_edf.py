"""EDF+ annotation files: valid for other programs, exact on the EEG's clock, back again, naming nobody."""

from __future__ import annotations

from pathlib import Path

import edfio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.edf_writing import WrittenAnnotation, edf_bytes
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.patient_fields import read_identity
from app.core.eeg.record_scan import read_recording
from app.core.eeg.sync import Sync
from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, ReadingExtras, ReadRecording
from app.core.exchange.codec import Source
from app.core.exchange.edf_annotations import EdfAnnotations, annotation_file
from app.core.exchange.fidelity import microseconds
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.marks import Mark, MarkKind
from tests.core.eeg_files import edf, plans

ANA = ReaderIdentity(ReaderKind.PERSON, "Ana", "1")
NIGHT = RecordingIdentity("night.mp4", "ab" * 32, 120.0)
READING = Reading(
    NIGHT,
    ANA,
    {
        "clonic": Answer("clonic", Presence.YES, 80, (Span(12.5, 20.25),), Laterality.LEFT, "jerks"),
        "tonic": Answer("tonic", Presence.NO),
    },
)
MARKS = (
    Mark(MarkKind.ONSET, 10.0), Mark(MarkKind.PHASE, 14.0, "clonic phase"), Mark(MarkKind.END, 50.0),
)  # fmt: skip
SYNC = Sync(-3600.25, 12e-6)


def test_edfio_reads_marks_and_spans_on_the_clock_of_the_eeg(tmp_path: Path) -> None:
    path = tmp_path / "a_annotations.edf"
    path.write_bytes(annotation_file(READING, MARKS, SYNC))
    read = edfio.read_edf(path)
    assert read.num_signals == 0
    assert (read.patient.code, read.patient.name, read.recording.hospital_administration_code) == ("X",) * 3
    found = {note.text: note for note in read.annotations if not note.text.startswith("Semioscope")}
    assert set(found) == {"Seizure onset", "Phase: clonic phase", "Seizure end", "Clonic: yes, left"}
    assert found["Seizure onset"].onset == pytest.approx(SYNC.to_eeg(10.0), abs=1e-6)
    clonic = found["Clonic: yes, left"]
    assert clonic.onset == pytest.approx(SYNC.to_eeg(12.5), abs=1e-6)
    assert clonic.duration == pytest.approx(SYNC.to_eeg(20.25) - SYNC.to_eeg(12.5), abs=1e-6)


def test_the_reader_of_eeg_files_reads_them_too(tmp_path: Path) -> None:
    path = tmp_path / "a_annotations.edf"
    path.write_bytes(annotation_file(READING, MARKS, None))
    with opened_eeg(path) as eeg:
        recording, identity = read_recording(eeg), read_identity(eeg)
    assert recording.warnings == ()
    assert (identity.patient, identity.recording) == ("X X X X", "Startdate X X X X")
    onset = next(note for note in recording.annotations if note.text == "Seizure onset")
    assert onset.onset_ns == 10_000_000_000


SECONDS = st.floats(0, 100_000)


def _start(span: Span) -> float:
    return span.start


def _end(span: Span) -> float:
    return span.end


@settings(max_examples=100)
@given(st.floats(-90_000, 90_000), st.floats(-2e-4, 2e-4), st.lists(st.tuples(SECONDS, SECONDS), max_size=4))
def test_spans_and_marks_come_back_over_any_clock(
    offset: float, drift: float, pairs: list[tuple[float, float]]
) -> None:
    spans = tuple(Span(min(pair), max(pair)) for pair in pairs)
    marks = tuple(Mark(MarkKind.PHASE, pair[0], "x") for pair in pairs)
    reading = Reading(NIGHT, ANA, {"tonic": Answer("tonic", Presence.YES, evidence=spans)})
    entry = ReadRecording(
        NIGHT, (reading,), beside=(ReadingExtras(marks=marks),), eeg_clock=Sync(offset, drift)
    )
    (file,) = EdfAnnotations().write(Bundle((entry,)), "")
    back = EdfAnnotations().read(Source(file.name, file.content)).bundle.recordings[0]
    evidence = back.readings[0].answer("tonic").evidence
    for pick in (_start, _end):
        expected = sorted(microseconds(pick(span)) for span in spans)
        assert sorted(map(pick, evidence)) == pytest.approx(expected, abs=2e-6)
    times = [mark.seconds for each in back.beside for mark in each.marks]
    assert times == pytest.approx(sorted(microseconds(mark.seconds) for mark in marks), abs=2e-6)


@settings(max_examples=60, deadline=None)
@given(plans())
def test_any_other_file_is_one_sentence(plan: object) -> None:
    with pytest.raises(UserError):
        EdfAnnotations().read(Source("other.edf", edf(plan)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Semioscope 1/2 {}",
        "Semioscope 1/1 {}",
        "Semioscope 1/1 []",
        'Semioscope 1/1 {"format":"semioscope-annotations/1","reader":3}',
        'Semioscope 1/1 {"format":"semioscope-annotations/1",'
        '"reader":{"kind":"person","name":"A","version":""},'
        '"recording":{"name":"a","sha256":"","duration":true}}',
        'Semioscope 1/1 {"format":"semioscope-annotations/1",'
        '"reader":{"kind":"person","name":"A","version":""},'
        '"recording":{"name":"a","sha256":"","duration":1},"sync":{"offset":1e99,"drift":0},"presences":{}}',
    ],
)
def test_a_spoilt_head_is_one_sentence(text: str) -> None:
    with pytest.raises(UserError):
        EdfAnnotations().read(Source("a.edf", edf_bytes([], [], [WrittenAnnotation(0.0, None, text)])))


def test_what_another_program_added_is_taken_or_named() -> None:
    raw = annotation_file(READING, MARKS, None)
    (file,) = EdfAnnotations().write(Bundle((ReadRecording(NIGHT, (READING,)),)), "")
    assert file.name == "night_1_Ana_annotations.edf"
    with_more = edf_bytes(
        [], [], [
            *_notes(raw),
            WrittenAnnotation(30.0, 2.0, "Head turning"),
            WrittenAnnotation(31.0, None, "telephone"),
        ],
    )  # fmt: skip
    imported = EdfAnnotations().read(Source("a.edf", with_more))
    answer = imported.bundle.readings[0].answer("head_turning")
    assert (answer.presence, answer.evidence) == (Presence.YES, (Span(30.0, 32.0),))
    assert imported.remarks == (
        "The annotation “telephone” is neither a mark nor a feature and was left out: 1.",
    )
    assert imported.unknown == ("telephone",)


def _notes(raw: bytes) -> list[WrittenAnnotation]:
    from app.core.exchange.edf_annotations import _annotations

    return [
        WrittenAnnotation(onset / 1e9, None if duration is None else duration / 1e9, text)
        for onset, duration, text in _annotations(Source("a.edf", raw))
    ]

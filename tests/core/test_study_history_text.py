"""What each kind of edit writes into the history, byte by byte: stored studies hold these texts for good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.eeg.sync import MarkPair, Sync
from app.core.picture_box import Box
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.cameras import Camera
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import (
    AttachEeg,
    ChangeSpans,
    Decide,
    Decision,
    Edit,
    LockReading,
    RateExplanation,
    SetAnswer,
    SetBadChannels,
    SetBlindByDefault,
    SetCameras,
    SetEegSync,
    SetMark,
    SetNote,
    SetPatientBox,
    SetPatientData,
    SetPeopleOnly,
    SetPerson,
    SetReference,
    SetSavedFilter,
    SetStudyName,
    SetVerdict,
)
from app.core.study.history import HistoryEntry
from app.core.study.marks import Mark, MarkKind
from app.core.study.patient_data import Diagnosis, PatientData
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.stored_eeg import AgreedSync, StoredEeg
from app.core.study.verdict import Verdict
from tests.core.study_cases import ANA, SIGNAL, Clip

_FULL = Answer(
    "tonic", Presence.YES, 87, (Span(12.4, 31.0), Span(40.0, 40.0)), Laterality.LEFT, "3 Hz – “links”\n"
)
_SAYS = Verdict(Presence.YES, 87, Laterality.LEFT, "3 Hz – “links”\n")
_AGREED = Answer("tonic", Presence.NO)
_CAMERA = Camera("c" * 64, "ceiling ä.mp4", "../ceiling ä.mp4", -3.25)

_BY_CLOCKS = AgreedSync(Sync(-3600), "start times of both files")
_BY_MARKS = AgreedSync(
    Sync(-3598.25, 1.2e-5), "two pairs of marks – “ä”", (MarkPair(3610, 11.8), MarkPair(7200, 3601.8))
)
_EEG = StoredEeg("d" * 40, "night ä.edf", "../night ä.edf", 123456789, _BY_CLOCKS)

_PATIENT = PatientData("P 7 ä", "2", Diagnosis.FUNCTIONAL, "test", (("age", "31"), ("ward", "=B")))

EDITS: tuple[Edit, ...] = (
    SetAnswer(1, ANA, Answer("tonic"), _FULL),
    SetVerdict(1, ANA, "tonic", _SAYS, Verdict(Presence.NOT_ASSESSABLE, None, None, "")),
    ChangeSpans(1, ANA, "tonic", (Span(40, 40),), (Span(41.2, 43), Span(41, 42))),
    SetNote(1, ANA, "tonic", "", "left “arm” first\n"),
    SetMark(1, ANA, None, Mark(MarkKind.ONSET, 3)),
    SetMark(1, ANA, Mark(MarkKind.ONSET, 3), Mark(MarkKind.ONSET, 3.5, "ä")),
    Decide(1, Decision(Answer("tonic")), Decision(_AGREED, "no posture – “held”")),
    RateExplanation(1, SIGNAL, "clonic", ANA, None, Rating(4, "right arm ü")),
    RateExplanation(1, SIGNAL, "clonic", ANA, Rating(4, "right arm ü"), None),
    SetPatientBox(1, None, Box(0, 0.25, 0.5, 1)),
    SetCameras(1, (), (_CAMERA,)),
    AttachEeg(1, None, _EEG),
    SetEegSync(1, "d" * 40, _BY_CLOCKS, _BY_MARKS),
    SetBadChannels(1, "d" * 40, frozenset(), frozenset({"T3-REF", "EMG ä"})),
    SetPerson(None, "Bo ä"),
    SetPerson("Bo ä", "Cy"),
    SetBlindByDefault(before=True, after=False),
    SetReference(None, SIGNAL),
    SetReference(SIGNAL, CONSENSUS),
    SetSavedFilter("mine ä", None, '{"text": "ä"}'),
    SetStudyName(None, "Ward ä"),
    SetPeopleOnly(before=True, after=False),
    SetPatientData(1, PatientData(), _PATIENT),
    SetPatientData(1, _PATIENT, PatientData("P 7 ä")),
    LockReading(1, ANA),
    LockReading(1, ANA, before=True, after=False),
)

TEXTS = [
    json.loads(line) for line in (Path(__file__).parent / "history_texts.jsonl").read_text().splitlines()
]
"""Subject, reader, feature, old and new of each row, as the program of version 4 of the schema wrote them."""


@pytest.fixture(name="written")
def _written(tmp_path: Path) -> tuple[HistoryEntry, ...]:
    """The history of a study in which each of the edits was made, after a reading was kept."""
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        assert study.recording(Clip(tmp_path / "clip.mp4")) == 1
        said = {"clonic": Answer("clonic", Presence.YES, 61, (Span(13, 30),), None, "3.1 Hz")}
        study.keep_reading(1, Reading(RecordingIdentity("clip.mp4", "", 60.0), SIGNAL, said))
        for edit in EDITS:
            study.apply(edit)
        study.apply(LockReading(1, ANA))
        study.reveal(1, ANA)
        study.note_unsealed("export – “CSV”", 3)
        assert study.verify_history() == ()
        return study.history(viewer=None)


def test_the_texts_of_every_kind_of_change_are_what_stored_studies_hold(
    written: tuple[HistoryEntry, ...],
) -> None:
    assert [[row.subject, row.reader, row.feature, row.old, row.new] for row in written] == TEXTS


def test_undone_and_redone_each_writes_the_same_texts_again(tmp_path: Path) -> None:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        study.recording(Clip(tmp_path / "clip.mp4"))
        for edit in EDITS[:7]:
            study.apply(edit)
            study.undo(1)
            study.redo(1)
        rows = study.history(viewer=None)
    for made, undone, redone in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        assert (undone.old, undone.new, undone.target) == (made.new, made.old, made.seq)
        assert (redone.old, redone.new, redone.target) == (made.old, made.new, made.seq)

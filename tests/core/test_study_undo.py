"""Any edits of any kind: undone they leave what was, redone what became, over any restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.eeg.sync import MarkPair, Sync
from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Presence, Span
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
    SetVerdict,
)
from app.core.study.marks import Mark, MarkKind
from app.core.study.patient_data import Diagnosis, PatientData
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.stored_eeg import AgreedSync, StoredEeg
from app.core.study.verdict import verdict_of
from tests.core.study_cases import ANA, SIGNAL, Clip
from tests.core.test_reading import answers

BO = person("Bo")
_READERS = st.sampled_from([ANA, BO])
_IDS = st.sampled_from([feature.id for feature in FEATURES[:3]])
_TEXTS = st.sampled_from(["", "a", "ä – “ü”\n", "<b>"])
_MARKS = st.builds(
    Mark, st.sampled_from(MarkKind), st.sampled_from([0.0, 1.5, 2.0]), st.sampled_from(["", "tonic"])
)
_ANSWERS = _IDS.flatmap(answers)
_SPANS = st.sampled_from([Span(0, 1), Span(0.5, 2.25), Span(3, 3)])
_CAMERA = Camera("c" * 64, "second ä.mp4", "../second ä.mp4", -1.5)
_PATIENT = PatientData("P 7", "", Diagnosis.OTHER, "", (("age", "31"),))
_NAMES = st.sampled_from(["Cy", "Dee", "Eve"])

_EEGS = (
    StoredEeg("d" * 40, "night ä.edf", "../night ä.edf", 7, AgreedSync(Sync(-5.5), "start times")),
    StoredEeg("a" * 40, "day.bdf", "C:/day.bdf", 0, AgreedSync(Sync(0.0, -1e-5))),
)
_TIMES = st.floats(-1e6, 1e6)
_SYNCS = st.builds(
    AgreedSync,
    st.builds(Sync, _TIMES, st.floats(-1e-4, 1e-4)),
    _TEXTS,
    st.lists(st.builds(MarkPair, _TIMES, _TIMES), max_size=3).map(tuple),
)

_WISHES = st.one_of(
    st.tuples(st.just("answer"), _READERS, _ANSWERS),
    st.tuples(st.just("verdict"), _READERS, _ANSWERS),
    st.tuples(st.just("spans"), _READERS, _IDS, st.tuples(st.none() | st.integers(0, 3), st.none() | _SPANS)),
    st.tuples(st.just("note"), _READERS, _IDS, _TEXTS),
    st.tuples(st.just("mark"), _READERS, _MARKS, st.none() | _MARKS),
    st.tuples(st.just("lock"), _READERS),
    st.tuples(st.just("decide"), _ANSWERS, _TEXTS),
    st.tuples(st.just("rate"), _READERS, st.none() | st.builds(Rating, st.integers(1, 5), _TEXTS)),
    st.tuples(st.just("box"), st.sampled_from([None, Box(0.1, 0.2, 0.5, 0.9)])),
    st.tuples(st.just("cameras"), st.sampled_from([(), (_CAMERA,), (_CAMERA, replace(_CAMERA, offset=3.2))])),
    st.tuples(st.just("patient"), st.sampled_from([PatientData(), _PATIENT, replace(_PATIENT, event="2")])),
    st.tuples(st.just("eeg"), st.sampled_from(_EEGS)),
    st.tuples(st.just("sync"), st.sampled_from(_EEGS), _SYNCS),
    st.tuples(st.just("bad"), st.sampled_from(_EEGS), st.frozensets(_TEXTS, max_size=3)),
    st.tuples(st.just("person"), st.none() | _NAMES, st.none() | _NAMES),
    st.tuples(st.just("blind"), st.booleans()),
    st.tuples(st.just("people"), st.booleans()),
    st.tuples(st.just("reference"), st.sampled_from([None, ANA, SIGNAL])),
    st.tuples(st.just("filter"), st.none() | _TEXTS),
)


def _answer(study: Study, recording: int, reader: ReaderIdentity, answer: Answer) -> Edit:
    return SetAnswer(
        recording, reader, study.reading(recording, reader, viewer=None).answer(answer.feature), answer
    )


def _verdict(study: Study, recording: int, reader: ReaderIdentity, answer: Answer) -> Edit:
    before = verdict_of(study.reading(recording, reader, viewer=None).answer(answer.feature))
    return SetVerdict(recording, reader, answer.feature, before, verdict_of(answer))


def _spans(
    study: Study, recording: int, reader: ReaderIdentity, feature: str, move: tuple[int | None, Span | None]
) -> Edit:
    former, span = move
    held = study.reading(recording, reader, viewer=None).answer(feature).evidence
    before = () if former is None else held[former : former + 1]
    return ChangeSpans(recording, reader, feature, before, () if span is None else (span,))


def _note(study: Study, recording: int, reader: ReaderIdentity, feature: str, text: str) -> Edit:
    return SetNote(
        recording, reader, feature, study.full_reading(recording, reader, viewer=None).note(feature), text
    )


def _mark(study: Study, recording: int, reader: ReaderIdentity, mark: Mark, after: Mark | None) -> Edit:
    there = mark in study.full_reading(recording, reader, viewer=None).marks
    return SetMark(recording, reader, *((mark, after) if there else (None, mark)))


def _lock(study: Study, recording: int, reader: ReaderIdentity) -> Edit:
    locked = any(
        one.locked for one in study.readers(recording, viewer=None) if one.reader.name == reader.name
    )
    return LockReading(recording, reader, locked, not locked)


def _decide(study: Study, recording: int, answer: Answer, note: str) -> Edit:
    full = study.full_reading(recording, CONSENSUS, viewer=None)
    before = Decision(full.reading.answer(answer.feature), full.note(answer.feature))
    return Decide(recording, before, Decision(answer, note))


def _rate(study: Study, recording: int, rater: ReaderIdentity, rating: Rating | None) -> Edit:
    former = next((one.rating for one in study.ratings(rater=rater, viewer=None)), None)
    return RateExplanation(recording, SIGNAL, "tonic", rater, former, rating)


def _eeg(study: Study, recording: int, eeg: StoredEeg) -> Edit:
    known = next((one for one in study.eegs(recording) if one.fingerprint == eeg.fingerprint), None)
    return AttachEeg(recording, known, eeg if known is None else None)


def _sync(study: Study, recording: int, eeg: StoredEeg, after: AgreedSync) -> Edit:
    known = next((one for one in study.eegs(recording) if one.fingerprint == eeg.fingerprint), eeg)
    return SetEegSync(recording, eeg.fingerprint, known.agreed, after)


def _bad(study: Study, recording: int, eeg: StoredEeg, after: frozenset[str]) -> Edit:
    known = next((one for one in study.eegs(recording) if one.fingerprint == eeg.fingerprint), eeg)
    return SetBadChannels(recording, eeg.fingerprint, known.bad_channels, after)


_EDITS: dict[str, Callable[..., Edit]] = {
    "answer": _answer,
    "verdict": _verdict,
    "spans": _spans,
    "note": _note,
    "mark": _mark,
    "lock": _lock,
    "decide": _decide,
    "rate": _rate,
    "box": lambda study, recording, box: SetPatientBox(recording, study.patient_box(recording), box),
    "cameras": lambda study, recording, after: SetCameras(recording, study.cameras(recording), after),
    "patient": lambda study, recording, after: SetPatientData(
        recording, study.patient_data(recording, viewers=()), after
    ),
    "eeg": _eeg,
    "sync": _sync,
    "bad": _bad,
    "person": lambda _study, _recording, before, after: SetPerson(before, after),
    "blind": lambda study, _recording, after: SetBlindByDefault(study.settings().blind_by_default, after),
    "people": lambda study, _recording, after: SetPeopleOnly(study.settings().people_only, after),
    "reference": lambda study, _recording, after: SetReference(study.settings().reference, after),
    "filter": lambda study, _recording, after: SetSavedFilter(
        "mine", study.settings().filters.get("mine"), after
    ),
}
"""The edit that a wish is, from what the study says now; ValueError or UserError when it is none."""


def _state(study: Study, recording: int) -> object:
    """Everything that a study says, without when and without readings that say nothing."""
    full = [
        one
        for one in study.full_readings(recording, viewer=None)
        if one.reading.answers or one.notes or one.marks
    ]
    return (
        sorted(
            (one.reading.reader.name, dict(one.reading.answers), dict(one.notes), one.marks) for one in full
        ),
        sorted(
            (one.reader.name, one.locked is not None)
            for one in study.readers(recording, viewer=None)
            if one.locked
        ),
        study.ratings(viewer=None),
        study.patient_box(recording),
        study.cameras(recording),
        study.patient_data(recording, viewers=()),
        study.eegs(recording),
        study.settings(),
        study.people(),
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_WISHES, max_size=16), st.booleans())
def test_undo_of_all_gives_the_start_and_redo_of_all_the_end(
    tmp_path_factory: pytest.TempPathFactory,
    wishes: list[tuple[Any, ...]],
    restart: bool,
) -> None:
    folder: Path = tmp_path_factory.mktemp("study")
    study = Study.open(folder, author="Ward")
    recording = study.recording(Clip(folder / "clip.mp4"))
    signal = Answer("tonic", Presence.YES, explanation="why")
    study.keep_reading(recording, Reading(RecordingIdentity("", "", 0), SIGNAL, {"tonic": signal}))
    # A person who answers comes into the study with the first answer; undo takes back the answer, not them.
    study.apply_all([SetPerson(None, "Ana"), SetPerson(None, "Bo")])
    study.apply(Decide(recording, Decision(Answer("tonic")), Decision(Answer("tonic"), "x")))
    study.change_author("Expert")
    start_of_study = len(study.history(viewer=None))
    start = _state(study, recording)
    for wish in wishes:
        try:
            study.apply(_EDITS[wish[0]](study, recording, *wish[1:]))
        except (UserError, ValueError):
            continue
        if restart:
            study.close()
            study = Study.open(folder, author="Expert")
    made = len(study.history(viewer=None)) - start_of_study
    end = _state(study, recording)
    # What is the study's own and what is the recording's can hang together: a person who has
    # answered cannot be removed. So the recording goes first, and comes back last.
    undone = [_count(study.undo, recording, made), 0]
    undone[1] = _count(study.undo, None, made - undone[0])
    assert sum(undone) == made
    assert _state(study, recording) == start
    if restart:
        study.close()
        study = Study.open(folder, author="Expert")
    assert study.verify_history() == ()
    redone = _count(study.redo, None, undone[1]) + _count(study.redo, recording, undone[0])
    assert redone == made
    assert _state(study, recording) == end
    assert study.verify_history() == ()
    study.close()


def _count(again: Callable[[int | None], object], place: int | None, most: int) -> int:
    """How many of at most so many can be undone or redone."""
    return next((number for number in range(most) if again(place) is None), most)

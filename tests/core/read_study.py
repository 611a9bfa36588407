"""A study that two people and two models have read, for what is computed over whole studies."""

from __future__ import annotations

import random
from collections.abc import Sequence

from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.edits import RateExplanation, SetPatientData
from app.core.study.patient_data import NO_PATIENT_DATA, Diagnosis, PatientData
from app.core.study.rating import Rating
from app.core.study.store import Study

EVA = person("Eva")
GOOD_MODEL = ReaderIdentity(ReaderKind.MODEL, "good-vl", "1", {"arm": "raw"})
POOR_MODEL = ReaderIdentity(ReaderKind.MODEL, "<b>poor</b> $x^{2$", "1", {"arm": "raw"})
_WRONG = {EVA.name: 0.0, GOOD_MODEL.name: 0.15, POOR_MODEL.name: 0.4}


def fill_study(
    study: Study, numbers: Sequence[int], *, readers: Sequence[ReaderIdentity] = (EVA, GOOD_MODEL, POOR_MODEL)
) -> None:
    """Let the readers answer everything in these recordings, the models with confidences and reasons of
    which Eva rates some; two recordings are of one patient."""
    draw = random.Random(7)
    rows = {row.id: row for row in study.recordings()}
    for place, number in enumerate(numbers):
        truth = {feature.id: draw.random() < 0.4 for feature in FEATURES}
        recording = RecordingIdentity(rows[number].name, "", rows[number].duration)
        for reader in readers:
            answers = {
                feature: _answer(draw, reader, feature, yes=yes != (draw.random() < _WRONG[reader.name]))
                for feature, yes in truth.items()
            }
            study.keep_reading(number, Reading(recording, reader, answers))
        diagnosis = (Diagnosis.EPILEPTIC, Diagnosis.FUNCTIONAL)[place // 2 % 2]
        data = PatientData(patient=f"P{place // 2}", diagnosis=diagnosis)
        study.apply(SetPatientData(number, NO_PATIENT_DATA, data))
        for feature in [feature.id for feature in FEATURES][::5] if EVA in readers else ():
            rating = Rating(draw.randint(1, 5))
            study.apply(RateExplanation(number, GOOD_MODEL, feature, EVA, None, rating))


def _answer(draw: random.Random, reader: ReaderIdentity, feature: str, *, yes: bool) -> Answer:
    if reader.kind is ReaderKind.PERSON:
        return Answer(feature, Presence.YES if yes else Presence.NO)
    presence = Presence.NOT_ASSESSABLE if draw.random() < 0.06 else Presence.YES if yes else Presence.NO
    return Answer(feature, presence, draw.randint(50, 100), (), None, f"{feature} was looked for")

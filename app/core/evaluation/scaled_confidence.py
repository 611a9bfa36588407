"""Confidence scaled by how often a reader's answers were right in a department's own patients.

Platt scaling (Platt 1999) as in `calibration`: a logistic regression of the reference's *yes* on the logit of
the reader's probability of *yes*. What an answer becomes is fitted on other patients alone: on the feature
where there are enough cases of it, else on all features together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.core.errors import UserError
from app.core.evaluation.calibration import calibration_error, fit_platt, logit_of, reliability
from app.core.plural import plural
from app.core.reader_details import SCALED_ON
from app.core.reading import Reading
from app.core.semiology import FEATURES, Answer, ConfidenceKind, Presence

FEWEST_RECORDINGS, FEWEST_PATIENTS, FEWEST_OF_EACH = 20, 10, 5
"""Recordings, patients, and cases of *yes* and of *no* below which nothing is fitted."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OfPatient:
    """A reader's reading of a recording of `patient`, and the reference's, None where there is none."""

    reading: Reading
    patient: str
    reference: Reading | None


@dataclass(frozen=True, slots=True)
class FeatureScaling:
    """The calibration error of `n` cases of a feature before and after scaling on other patients; `alone`
    says whether that was fitted on this feature alone."""

    n: int
    before: float
    after: float
    alone: bool


@dataclass(frozen=True, slots=True)
class ScaledReadings:
    """The readings with scaled confidence, in their order, and what scaling did by feature."""

    readings: tuple[Reading, ...]
    features: Mapping[str, FeatureScaling]
    patients: int
    recordings: int


@dataclass(frozen=True, slots=True)
class _Cases:
    """Cases with a reference: logits (k,) of the reader's yes, truth (k,) 0 or 1, names of patients,
    recordings and features (k,)."""

    logits: Floats
    truth: Floats
    patients: NDArray[np.str_]
    recordings: NDArray[np.str_]
    features: NDArray[np.str_]

    def where(self, rows: NDArray[np.bool_]) -> _Cases:
        return _Cases(
            self.logits[rows],
            self.truth[rows],
            self.patients[rows],
            self.recordings[rows],
            self.features[rows],
        )

    @property
    def shortage(self) -> str:
        """What is missing for a fit; "" when there is enough."""
        yes, no = int(self.truth.sum()), int((1 - self.truth).sum())
        recordings, patients = len(set(self.recordings)), len(set(self.patients))
        enough = recordings >= FEWEST_RECORDINGS and patients >= FEWEST_PATIENTS
        if enough and min(yes, no) >= FEWEST_OF_EACH:
            return ""
        return (
            f"the reference has {yes} yes and {no} no in {plural(recordings, 'recording')} of "
            f"{plural(patients, 'patient')}, and it takes {FEWEST_RECORDINGS} of {FEWEST_PATIENTS} with "
            f"{FEWEST_OF_EACH} of each"
        )


def scale_confidence(items: Sequence[OfPatient], reference: str) -> ScaledReadings:
    """The readings with confidences scaled on other patients; those that could not be scaled stay.

    `reference` is what the reference is called. Raises UserError that says what is missing when there are too
    few cases.
    """
    cases = _cases(items)
    shortage = cases.shortage
    if shortage:
        raise UserError(f"The confidence cannot be scaled: {shortage}.")

    @cache
    def fitted(feature: str, without: str) -> tuple[float, float, bool] | None:
        others = cases.where(cases.patients != without)
        for rows, alone in ((others.where(others.features == feature), True), (others, False)):
            found = None if rows.shortage else fit_platt(rows.logits, rows.truth)
            if found is not None:
                return (*found, alone)
        return None

    def scaled(answer: Answer, patient: str) -> Answer:
        fit = fitted(answer.feature, patient)
        logit = _logit(answer)
        if fit is None or logit is None:
            return answer
        chance = 1 / (1 + np.exp(-(fit[0] * logit + fit[1])))
        sure = chance if answer.presence is Presence.YES else 1 - chance
        return replace(answer, confidence=round(100 * sure), confidence_kind=ConfidenceKind.SCALED)

    readings = tuple(_signed(item, scaled, cases, reference) for item in items)
    after = _cases([replace(one, reading=reading) for one, reading in zip(items, readings, strict=True)])
    features = {}
    for feature in FEATURES:
        own = cases.features == feature.id
        if own.any():
            fits = [fitted(feature.id, patient) for patient in sorted(set(cases.patients[own]))]
            alone = all(fit is not None and fit[2] for fit in fits)
            before, now = (_error(one.where(one.features == feature.id)) for one in (cases, after))
            features[feature.id] = FeatureScaling(int(own.sum()), before, now, alone)
    return ScaledReadings(readings, features, len(set(cases.patients)), len(set(cases.recordings)))


def _cases(items: Iterable[OfPatient]) -> _Cases:
    found = [
        (logit, right.presence is Presence.YES, item.patient, item.reading.recording.sha256, answer.feature)
        for item in items
        if item.reference is not None
        for answer in item.reading.answers.values()
        if (logit := _logit(answer)) is not None
        and (right := item.reference.answer(answer.feature)).presence in (Presence.YES, Presence.NO)
    ]
    columns = list(zip(*found, strict=True)) or [()] * 5
    logits, truth = (np.array(column, dtype=np.float64) for column in columns[:2])
    patients, recordings, features = (np.array(column, dtype=np.str_) for column in columns[2:])
    return _Cases(logits, truth, patients, recordings, features)


def _logit(answer: Answer) -> float | None:
    """The logit of the probability of yes; None where the answer is neither yes nor no, or has none."""
    if answer.confidence is None or answer.presence not in (Presence.YES, Presence.NO):
        return None
    share = answer.confidence / 100
    return logit_of(share if answer.presence is Presence.YES else 1 - share)


def _error(cases: _Cases) -> float:
    return calibration_error(reliability(1 / (1 + np.exp(-cases.logits)), cases.truth))


def _signed(
    item: OfPatient, scaled: Callable[[Answer, str], Answer], cases: _Cases, reference: str
) -> Reading:
    """The reading under an identity that says on what its confidence was scaled."""
    reading = item.reading
    patients = len(set(cases.patients) - {item.patient})
    details = {**reading.reader.details, SCALED_ON: f"{patients} other patients, reference {reference}"}
    answers = {name: scaled(answer, item.patient) for name, answer in reading.answers.items()}
    return replace(reading, reader=replace(reading.reader, details=details), answers=answers)

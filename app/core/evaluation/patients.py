"""Patients: the recordings that stay together, and figures resampled over patients.

Intervals are expanded percentile intervals (Hesterberg, The American Statistician 2015): percentiles of the
bootstrap whose level is widened from z to t with the number of patients less one, because resampling n
patients is narrower by √((n − 1) / n).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.agreement.figure import RESAMPLES, SEED
from app.core.errors import UserError
from app.core.evaluation.labels import LabelledCase
from app.core.exchange.phrases import normalise_name, shorten

PATIENT = "patient"
_PATIENT_TITLES = ("patient", "patientid", "subject", "subjectid")


@dataclass(frozen=True, slots=True)
class PatientGroups:
    """The number of each case's patient (c,), counted from 0; `by` says what a patient was taken from.

    `unnamed` are the places of cases of which nothing says the patient: each counts as a patient.
    """

    numbers: NDArray[np.int64]
    count: int
    by: str
    unnamed: tuple[int, ...] = ()

    def totals(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """(…, p, f): the sums of `values` (…, c, f) within each patient."""
        members = (np.arange(self.count)[:, None] == self.numbers).astype(np.float64)
        result: NDArray[np.float64] = members @ values
        return result


ALONE = "recordings"
"""What the resampling is over where nothing says which recordings are of one patient."""


def group_patients(
    cases: Sequence[LabelledCase], further: Iterable[LabelledCase], by: str | None
) -> PatientGroups:
    """The patients of the cases: from the column `by`, else from names by the regular expression `by`.

    Without `by` from a column that is called patient or subject, else each recording alone. `further` are
    cases of other tables, whose columns count where the cases themselves have none. Raises UserError.
    """
    wanted = _PATIENT_TITLES if by in (None, PATIENT) else (normalise_name(by or ""),)
    columns = {case.key: found for case in (*further, *cases) if (found := column_text(case, wanted))}
    if columns:
        return _numbered([columns.get(case.key, "") for case in cases], by or PATIENT)
    if by is None:
        return _numbered([""] * len(cases), ALONE)
    if by == PATIENT:
        raise UserError("No table has a column “patient”; give --group-by a pattern of the names instead.")
    pattern = _compiled(by)
    return _numbered([_patient_in(case.name, pattern) for case in cases], by)


def column_text(case: LabelledCase, titles: Sequence[str]) -> str:
    """What the first of the columns with these (normalised) titles says of a case, without case; or ""."""
    found = {normalise_name(title): text for title, text in case.columns.items()}
    return next((found[title].casefold() for title in titles if found.get(title)), "")


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise UserError(f"“{shorten(pattern)}” is not a column and not a regular expression.") from error


def _patient_in(name: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(re.split(r"[\\/]", name)[-1])
    text = "" if found is None else next((part for part in found.groups() if part), found[0])
    if not text:
        raise UserError(f"“{shorten(name)}” has no patient by the pattern “{shorten(pattern.pattern)}”.")
    return text.casefold()


def _numbered(names: Sequence[str], by: str) -> PatientGroups:
    """Patients by name; a case without one is a patient alone."""
    known: dict[object, int] = {}
    numbers = [known.setdefault(name or place, len(known)) for place, name in enumerate(names)]
    unnamed = tuple(place for place, name in enumerate(names) if not name)
    return PatientGroups(np.array(numbers, dtype=np.int64), len(known), by, unnamed)


def resample(groups: PatientGroups, resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """(b, p): how often each patient is in each resample; always the same for as many patients."""
    if groups.count < 1:
        return np.zeros((resamples, 0))
    generator = np.random.default_rng(SEED)
    shares = np.full(groups.count, 1 / groups.count)
    return generator.multinomial(groups.count, shares, size=resamples).astype(np.float64)


def intervals(draws: NDArray[np.float64], patients: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lower and upper bounds (…) of 95 % intervals from resampled figures (b, …).

    Resamples in which a figure is not defined (NaN) are left out. NaN where half of them or more are, where
    all figures are the same, and for fewer than two patients.
    """
    ordered = np.sort(draws, axis=0)
    known = np.isfinite(ordered).sum(axis=0)
    if patients < 2:
        nothing = np.full(draws.shape[1:], np.nan)
        return nothing, nothing
    tail = _tail(patients)
    low, high = (_quantile(ordered, known, level) for level in (tail, 1 - tail))
    unknown = (2 * known <= len(draws)) | (_quantile(ordered, known, 0.0) == _quantile(ordered, known, 1.0))
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _tail(patients: int) -> float:
    """The share of resamples below the interval: 2.5 %, less for few patients."""
    from scipy.special import ndtr, stdtrit

    widened = np.sqrt(patients / (patients - 1)) * stdtrit(patients - 1, 0.975)
    return float(ndtr(-widened))


def _quantile(ordered: NDArray[np.float64], known: NDArray[np.int64], level: float) -> NDArray[np.float64]:
    """The quantile of sorted columns (b, …) of which the first `known` count, as numpy interpolates."""
    place = level * np.maximum(known - 1, 0)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(known - 1, 0))
    low, high = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, above))
    result: NDArray[np.float64] = low + (high - low) * (place - below)
    return result

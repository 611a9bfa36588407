"""The answers of one reader with the diagnosis of each recording, and the kind of reader they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.errors import UserError
from app.core.evaluation.labels import LabelledCase, LabelState, ReaderLabels
from app.core.evaluation.patients import PatientGroups, column_text
from app.core.exchange.phrases import normalise_name, shorten
from app.core.reading import ReaderKind
from app.core.semiology import FEATURES
from app.core.study.patient_data import Diagnosis, diagnosis_of

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class AnswerOrigin:
    """Whose answers: the kind of reader, and for anything but people which one, because another program's
    answers mean something else."""

    kind: ReaderKind
    name: str = ""

    @property
    def text(self) -> str:
        """As it is written in messages."""
        return (
            "people"
            if self.kind is ReaderKind.PERSON
            else f"the {self.kind.value} reader {self.name}".strip()
        )


def origin_of(labels: ReaderLabels, stated: ReaderKind | None) -> AnswerOrigin:
    """The origin of answers; `stated` is the kind for sources that do not say it.

    Raises UserError when nothing says it, and when both do and differ.
    """
    kind = labels.kind or stated
    if kind is None:
        raise UserError(
            "The table does not say what kind of reader answered: give --kind person, model or signal. What "
            "is true of experts' answers is not true of a model's."
        )
    if stated is not None and kind is not stated:
        raise UserError(f"The kind of reader is {kind.value} by the answers themselves, not {stated.value}.")
    return AnswerOrigin(kind, "" if kind is ReaderKind.PERSON else labels.reader)


@dataclass(frozen=True, slots=True, eq=False)
class DiagnosedCases:
    """Answers (c, 20) as 1 (yes), −1 (no) or 0, whether the event was epileptic (c,), and each patient.

    `left_out` counts recordings by why they are not among them.
    """

    answers: Array
    epileptic: Array
    patients: Array
    left_out: Mapping[str, int]


def encoded(cases: Iterable[LabelledCase]) -> Array:
    """(c, 20): 1 for yes, −1 for no, 0 for everything else."""
    values = {LabelState.YES: 1.0, LabelState.NO: -1.0}
    rows = [[values.get(case.state(feature.id), 0.0) for feature in FEATURES] for case in cases]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def diagnosed_cases(
    labels: ReaderLabels, diagnoses: Sequence[LabelledCase], column: str, groups: PatientGroups
) -> DiagnosedCases:
    """The cases that are epileptic or functional by a column of the answers' own table or of `diagnoses`.

    Raises UserError for a word that is not understood and when no table has the column.
    """
    title = (normalise_name(column),)
    known = {case.key: text for case in (*diagnoses, *labels.cases) if (text := column_text(case, title))}
    if not known:
        raise UserError(f"No table has a column “{shorten(column)}” that says what the event was.")
    found = [diagnosis_of(known.get(case.key, ""), f"“{shorten(case.name)}”") for case in labels.cases]
    decided = [at for at, each in enumerate(found) if each in (Diagnosis.EPILEPTIC, Diagnosis.FUNCTIONAL)]
    wanted = [at for at in decided if at not in groups.unnamed]
    return DiagnosedCases(
        encoded(labels.cases[at] for at in wanted),
        np.array([float(found[at] is Diagnosis.EPILEPTIC) for at in wanted]),
        groups.numbers[wanted],
        {
            "with another diagnosis": found.count(Diagnosis.OTHER),
            "without a diagnosis": found.count(None),
            "without a patient": len(decided) - len(wanted),
        },
    )

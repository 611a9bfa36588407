"""Epileptic or functional: judged on one reader's answers, suggested for the same kind of reader's alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app import __version__
from app.core.errors import UserError
from app.core.evaluation.label_sources import (
    LabelShelf,
    NamedSource,
    OpenStudy,
    chosen_readers,
    reference_labels,
)
from app.core.evaluation.label_tables import table_rows
from app.core.evaluation.labels import ReaderLabels
from app.core.evaluation.patients import ALONE, group_patients
from app.core.evaluation.recording_names import name_map
from app.core.exchange.codec import load
from app.core.plural import plural
from app.core.reading import ReaderKind
from app.core.study.viewer import Seal
from app.core.training.diagnosis.answers_and_diagnoses import (
    AnswerOrigin,
    DiagnosedCases,
    diagnosed_cases,
    encoded,
    origin_of,
)
from app.core.training.diagnosis.diagnosis_file import DiagnosisFile
from app.core.training.diagnosis.judging import (
    METHODS,
    JudgedDiagnosis,
    fit_methods,
    judge_diagnosis,
    predictions,
)
from app.core.training.one_thread import one_thread

FEWEST_OF_A_DIAGNOSIS, FEWEST_PATIENTS = 15, 10


@dataclass(frozen=True, slots=True)
class DiagnosisChoice:
    """Whose answers, where the diagnoses are (in the same table without), in which column; `kind` of reader
    for tables, which do not say it."""

    answers: tuple[NamedSource, ...]
    diagnoses: tuple[NamedSource, ...] = ()
    column: str = "diagnosis"
    names: Path | None = None
    group_by: str | None = None
    kind: ReaderKind | None = None


@dataclass(frozen=True, slots=True)
class JudgedAnswers:
    """A judged diagnosis, sentences on what was left out, and what was sealed."""

    file: DiagnosisFile
    remarks: tuple[str, ...]
    seals: tuple[Seal, ...]


@one_thread()
def judge_answers(choice: DiagnosisChoice, open_study: OpenStudy) -> JudgedAnswers:
    """The methods judged and fitted. Raises UserError, also for too few recordings or patients."""
    shelf, labels, origin = _answers(choice, open_study)
    further = reference_labels(shelf, choice.diagnoses).cases if choice.diagnoses else ()
    groups = group_patients(labels.cases, further, choice.group_by)
    if groups.by == ALONE:
        raise UserError(
            "Nothing says which recordings are of one patient, so a patient could be on both sides of a "
            "test: add a column “patient”, or give --group-by a pattern of the names."
        )
    cases = diagnosed_cases(labels, further, choice.column, groups)
    _refuse_too_little(cases)
    fitted = fit_methods(cases.answers, cases.epileptic, cases.patients)
    if fitted is None:
        raise UserError("The patients cannot be split so that both diagnoses are on each side.")
    left = [
        f"Left out: {plural(count, 'recording')} {why}." for why, count in cases.left_out.items() if count
    ]
    made = datetime.now(UTC).isoformat(timespec="seconds")
    file = DiagnosisFile(origin, labels.reader, __version__, made, judge_diagnosis(cases), *fitted)
    return JudgedAnswers(file, (*shelf.remarks, *left), tuple(shelf.seals))


def _answers(choice: DiagnosisChoice, open_study: OpenStudy) -> tuple[LabelShelf, ReaderLabels, AnswerOrigin]:
    names = {} if choice.names is None else name_map(table_rows(load(choice.names)))
    shelf = LabelShelf(names, open_study)
    chosen = chosen_readers(shelf, choice.answers)
    origins = {origin_of(labels, choice.kind) for labels in chosen}
    if len(origins) != 1:
        known = ", ".join(labels.reader for labels in chosen)
        raise UserError(f"The answers are of several kinds of readers: {known}. Choose one: NAME=PATH.")
    return shelf, reference_labels(shelf, choice.answers), origins.pop()


def _refuse_too_little(cases: DiagnosedCases) -> None:
    epileptic = int(cases.epileptic.sum())
    functional = len(cases.epileptic) - epileptic
    patients = len(np.unique(cases.patients))
    if min(epileptic, functional) < FEWEST_OF_A_DIAGNOSIS or patients < FEWEST_PATIENTS:
        raise UserError(
            f"There are {epileptic} epileptic and {functional} functional events of {patients} patients; at "
            f"least {FEWEST_OF_A_DIAGNOSIS} of each, of {FEWEST_PATIENTS} patients, are needed."
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The probability of an epileptic event by method, from `answered` features of a recording."""

    recording: str
    answered: int
    epileptic: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SuggestedDiagnoses:
    """A suggestion for each recording, and what was sealed."""

    suggestions: tuple[Suggestion, ...]
    seals: tuple[Seal, ...]


def suggest_diagnoses(
    file: DiagnosisFile, choice: DiagnosisChoice, open_study: OpenStudy
) -> SuggestedDiagnoses:
    """The suggestions for the recordings of the answers.

    Raises UserError for answers of another kind of reader than it was judged on, and when no method was above
    chance when it was judged.
    """
    shelf, labels, origin = _answers(choice, open_study)
    if origin != file.origin:
        raise UserError(
            f"This was judged on answers of {file.origin.text} and is not used for those of {origin.text}: "
            "what held for the one need not hold for the other. Judge it on them first."
        )
    if not above_chance(file.judged):
        raise UserError(
            "When this was judged on patients it had not seen, no method was above chance "
            f"({_areas(file.judged)}), so it suggests nothing."
        )
    rows = encoded(labels.cases)
    said = {name: predict(rows) for name, predict in predictions(file.model, file.forest).items()}
    used = [name for name in METHODS if _is_above_chance(file.judged, name)]
    suggestions = tuple(
        Suggestion(case.name, int((rows[at] != 0).sum()), {name: float(said[name][at]) for name in used})
        for at, case in enumerate(labels.cases)
    )
    return SuggestedDiagnoses(suggestions, tuple(shelf.seals))


def above_chance(judged: JudgedDiagnosis) -> bool:
    """Whether the interval of any method's AUC lies above one half."""
    return any(_is_above_chance(judged, name) for name in METHODS)


def _is_above_chance(judged: JudgedDiagnosis, method: str) -> bool:
    low = judged.methods[method].auc.low
    return low is not None and low > 0.5


def _areas(judged: JudgedDiagnosis) -> str:
    return ", ".join(
        f"AUC {each.auc.value:.2f} by {name}" for name, each in judged.methods.items() if each.auc.value
    )

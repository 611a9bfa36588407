"""The recordings that labels and files have in common, each with its patient; what is too little to learn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.core.errors import UserError
from app.core.evaluation.case_grid import lay_out
from app.core.evaluation.labels import LabelledCase, LabelState, ReaderLabels
from app.core.evaluation.patients import ALONE, PatientGroups, group_patients
from app.core.evaluation.recording_names import NameMap
from app.core.exchange.phrases import shorten
from app.core.plural import plural
from app.core.same_names import recording_key
from app.core.training.case_inputs import CaseInputs
from app.core.training.fitting import TrainingTask

FEWEST_OF_A_CLASS = 15
"""Recordings with yes, and with no, below which a feature is not trained."""
FEWEST_PATIENTS = 10
FEWEST_PATIENTS_OF_A_CLASS = 5
"""Patients with a yes, and with a no: as many as there are folds, so that each can be judged without them."""


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """A recording's file that was measured: its name, the SHA-256 of its content, its inputs."""

    name: str
    sha256: str
    inputs: CaseInputs


@dataclass(frozen=True, slots=True)
class TrainingCase:
    """A recording with labels, inputs, and the number of its patient."""

    labels: LabelledCase
    file: MeasuredFile
    patient: int


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The cases; `grouped_by` says what patients were taken from, `remarks` what was left out."""

    cases: tuple[TrainingCase, ...]
    grouped_by: str
    remarks: tuple[str, ...] = ()

    @property
    def patients(self) -> int:
        return len({case.patient for case in self.cases})


def training_set(
    labels: ReaderLabels, files: Sequence[MeasuredFile], names: NameMap, group_by: str | None
) -> TrainingSet:
    """The recordings that have labels and were measured.

    Raises UserError when nothing says who the patient is, when a recording is there twice, and when labels
    and files have no recording in common.
    """
    _refuse_twins(files)
    groups = patients_of(labels, group_by)
    by_name = {file.name: file for file in files}
    found = ReaderLabels("recordings", tuple(_case_of(file, names) for file in files))
    placed = lay_out(labels, {"recordings": found}).readers["recordings"]
    cases = tuple(
        TrainingCase(case, by_name[file.name], int(groups.numbers[at]))
        for at, (case, file) in enumerate(zip(labels.cases, placed.cases, strict=True))
        if file is not None and at not in groups.unnamed
    )
    missing = sum(file is None for file in placed.cases)
    return TrainingSet(cases, groups.by, tuple(_remarks(placed.unmatched, missing, len(groups.unnamed))))


def patients_of(labels: ReaderLabels, group_by: str | None) -> PatientGroups:
    """The patients of labelled recordings. Raises UserError when nothing says who they are."""
    groups = group_patients(labels.cases, (), group_by)
    if groups.by == ALONE:
        raise UserError(
            "Nothing says which recordings are of one patient, so a patient could be on both sides of a "
            "test: add a column “patient” to the labels, or give --group-by a pattern of the names."
        )
    return groups


def label_task(labels: ReaderLabels, groups: PatientGroups, feature: str) -> TrainingTask:
    """The labels of a feature without any input: what could be learned from if all recordings were there."""
    states = np.array([case.state(feature) for case in labels.cases], dtype=np.int8)
    decided = states <= LabelState.YES
    decided[list(groups.unnamed)] = False
    none = np.zeros((int(decided.sum()), 0))
    return TrainingTask(
        (), none, np.arange(len(none)), states[decided].astype(np.float64), groups.numbers[decided]
    )


def _refuse_twins(files: Sequence[MeasuredFile]) -> None:
    """Raises UserError for one recording under two names: it could be on both sides of a test."""
    known: dict[str, str] = {}
    for file in files:
        other = known.setdefault(file.sha256, file.name)
        if other is not file.name:
            raise UserError(
                f"“{shorten(file.name)}” and “{shorten(other)}” are the same recording; leave one out."
            )
    if len({file.name for file in files}) < len(files):
        raise UserError("Two recordings have the same file name; give each its own name.")


def _case_of(file: MeasuredFile, names: NameMap) -> LabelledCase:
    key = recording_key(file.name)
    return LabelledCase(file.name, names.get(key, key), {}, file.sha256)


def _remarks(unmatched: Sequence[str], missing: int, unnamed: int) -> Iterable[str]:
    if unnamed:
        yield f"{unnamed} labelled recordings name no patient, who could be on both sides; left out."
    if unmatched:
        recordings = plural(len(unmatched), "recording")
        yield f"{recordings} without labels, such as “{shorten(unmatched[0])}”, left out."
    if missing:
        yield f"{missing} labelled recordings were not given as files; left out."


def training_task(cases: Sequence[TrainingCase], feature: str) -> TrainingTask:
    """What the cases of `training_cases` teach of a feature, in their order."""
    kept = training_cases(cases, feature)
    rows = [case.file.inputs.rows(feature) for case in kept]
    return TrainingTask(
        kept[0].file.inputs.names(feature) if kept else (),
        np.concatenate(rows) if rows else np.zeros((0, 0)),
        np.repeat(np.arange(len(kept)), [len(each) for each in rows]),
        np.array([float(case.labels.state(feature)) for case in kept]),
        np.array([case.patient for case in kept], dtype=np.int64),
    )


def training_cases(cases: Sequence[TrainingCase], feature: str) -> list[TrainingCase]:
    """The cases that are labelled yes or no in a feature and in which something of it was measured."""
    wanted = (LabelState.NO, LabelState.YES)
    return [
        case for case in cases if case.labels.state(feature) in wanted and len(case.file.inputs.rows(feature))
    ]


def too_little(task: TrainingTask) -> str | None:
    """Why this is too little to learn from, as a sentence; None when it is enough."""
    yes, no = int((task.truth == 1).sum()), int((task.truth == 0).sum())
    patients = len(np.unique(task.patients))
    if min(yes, no) < FEWEST_OF_A_CLASS:
        return (
            f"{plural(yes, 'recording')} with yes and {no} with no are there; at least {FEWEST_OF_A_CLASS} "
            "of each are needed."
        )
    if patients < FEWEST_PATIENTS:
        return f"they are of {plural(patients, 'patient')}; at least {FEWEST_PATIENTS} are needed."
    with_yes, with_no = (len(np.unique(task.patients[task.truth == each])) for each in (1, 0))
    if min(with_yes, with_no) < FEWEST_PATIENTS_OF_A_CLASS:
        return (
            f"the recordings with yes are of {plural(with_yes, 'patient')}, those with no of {with_no}; at "
            f"least {FEWEST_PATIENTS_OF_A_CLASS} of each are needed."
        )
    return None

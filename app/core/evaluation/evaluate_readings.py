"""Readings scored against a reference: the use case of `semioscope evaluate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from pathlib import Path

from app.core.errors import UserError
from app.core.evaluation.calibration import Calibration, calibrate_reader
from app.core.evaluation.case_grid import CaseGrid, lay_out
from app.core.evaluation.confusion import Abstentions
from app.core.evaluation.first_movement import FirstMovement, compare_first_movements
from app.core.evaluation.label_sources import (
    LabelShelf,
    NamedSource,
    OpenStudy,
    reader_labels,
    reference_labels,
)
from app.core.evaluation.label_tables import names_in
from app.core.evaluation.labels import ReaderLabels
from app.core.evaluation.paired_test import PairedTest, compare_pair
from app.core.evaluation.patients import ALONE, PatientGroups, group_patients, resample
from app.core.evaluation.rated_explanations import ExplanationFigures, rate_reader
from app.core.evaluation.repeats import RepeatedReader, compare_repeats
from app.core.evaluation.scoring import ReaderResult, score_reader
from app.core.evaluation.segment_rules import MergedFigures, merge_reader
from app.core.evaluation.sequences import SequenceFigures, order_reader
from app.core.evaluation.timing_and_sides import (
    FeatureSides,
    FeatureTiming,
    compare_sides,
    time_reader,
)
from app.core.plural import plural
from app.core.study.blind_readings import AnswersUsed, describe_changed
from app.core.study.program_spans import describe_beyond_people
from app.core.study.viewer import Seal

SEALED = "Readings that are left out as sealed count as unanswered here."


@dataclass(frozen=True, slots=True)
class EvaluationChoice:
    """What is scored against what, and how; `group_by` is a column or a pattern of names, `used` says which
    answers of a study count of those who read blind."""

    reference: tuple[NamedSource, ...]
    readings: tuple[NamedSource, ...]
    names: Path | None = None
    group_by: str | None = None
    abstentions: Abstentions = Abstentions.STUDY
    used: AnswersUsed = AnswersUsed.LOCKED


@dataclass(frozen=True, slots=True)
class AnswerDetails:
    """What a reader's answers hold beyond presence, by feature; each is empty where the answers have none."""

    timing: Mapping[str, FeatureTiming]
    sides: Mapping[str, FeatureSides]
    confidence: Mapping[str, Calibration]
    explanations: Mapping[str, ExplanationFigures]
    merging: Mapping[str, MergedFigures]
    sequence: SequenceFigures | None
    first: FirstMovement


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every reader scored, and every two of them compared.

    `details` are by the name of the reading, `repeats` by that of the repeated reader. `changed` answers were
    changed after unblinding; `used` says whether they count, None where no label is of a study, which alone
    knows of it.
    """

    reference: str
    grid: CaseGrid
    groups: PatientGroups
    abstentions: Abstentions
    readers: Mapping[str, ReaderResult]
    details: Mapping[str, AnswerDetails]
    repeats: Mapping[str, RepeatedReader]
    pairs: tuple[PairedTest, ...]
    remarks: tuple[str, ...] = ()
    seals: tuple[Seal, ...] = ()
    used: AnswersUsed | None = None
    changed: int = 0


def evaluate_readings(choice: EvaluationChoice, open_study: OpenStudy) -> Evaluation:
    """The readings scored against the reference. Raises UserError."""
    shelf = LabelShelf(names_in(choice.names), open_study, choice.used)
    reference = reference_labels(shelf, choice.reference)
    readers = reader_labels(shelf, choice.readings, choice.reference)
    return with_sources(evaluate_labels(reference, readers, choice.abstentions, choice.group_by), shelf)


def with_sources(found: Evaluation, shelf: LabelShelf) -> Evaluation:
    """The evaluation with what is to be said of where its labels come from."""
    sealed = [SEALED] if any(seal.withheld for seal in shelf.seals) else []
    used = shelf.used if shelf.seals else None  # each study has its seal
    remarks = (*describe_changed(found.changed, used), *shelf.remarks, *found.remarks, *sealed)
    return replace(found, remarks=remarks, seals=tuple(shelf.seals), used=used)


def evaluate_labels(
    reference: ReaderLabels,
    readers: Mapping[str, ReaderLabels],
    rule: Abstentions = Abstentions.STUDY,
    group_by: str | None = None,
) -> Evaluation:
    """The same for labels that were read. Raises UserError."""
    if not any(case.labels for case in reference.cases):
        raise UserError("The reference has no column of one of the 20 features.")
    grid = lay_out(reference, readers)
    further = chain.from_iterable(labels.cases for labels in readers.values())
    groups = group_patients(grid.cases, further, group_by)
    draws = resample(groups)
    results = {name: score_reader(grid, reader, rule, groups, draws) for name, reader in grid.readers.items()}
    details = {
        name: AnswerDetails(
            time_reader(grid, reader, groups, draws),
            compare_sides(grid, reader, groups, draws),
            calibrate_reader(grid, reader, groups, draws),
            rate_reader(reader, groups, draws),
            merge_reader(grid, reader, groups, draws),
            order_reader(grid, reader, groups, draws),
            compare_first_movements(grid, reader, groups, draws),
        )
        for name, reader in grid.readers.items()
    }
    pairs = tuple(
        compare_pair(results[one], results[other], groups, draws) for one, other in combinations(results, 2)
    )
    remarks = (*describe_beyond_people(reference.beyond_people), *_remarks(grid, groups))
    repeats = compare_repeats(results, groups, draws)
    changed = reference.changed + sum(labels.changed for labels in readers.values())
    return Evaluation(
        reference.reader, grid, groups, rule, results, details, repeats, pairs, remarks, changed=changed
    )


def _remarks(grid: CaseGrid, groups: PatientGroups) -> Sequence[str]:
    remarks = []
    if groups.by == ALONE:
        remarks.append(
            "Nothing says which recordings are of one patient, so each counts as a patient; where a patient "
            "has several, the intervals are too narrow: give --group-by."
        )
    for name, reader in grid.readers.items():
        if missing := int(reader.missing.sum()):
            remarks.append(
                f"{name} says nothing of {missing} of the reference's {len(grid.cases)} recordings, "
                "which counts as unanswered."
            )
        if reader.unmatched:
            remarks.append(
                f"Left out of {name}: {plural(len(reader.unmatched), 'recording')} that the reference does "
                f"not have, such as “{reader.unmatched[0]}”."
            )
    return remarks

"""The best reader of an experiment, chosen on development patients and judged on others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.core.batch.experiment_file import ChooseRule
from app.core.errors import UserError
from app.core.evaluation.evaluate_readings import Evaluation, evaluate_labels
from app.core.evaluation.labels import LabelledCase, ReaderLabels
from app.core.evaluation.patients import PATIENT
from app.core.exchange.phrases import normalise_name, shorten

_F1 = "f1"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Mean F1 over features of every reader on the development patients, who was chosen, and the chosen
    reader's evaluation on the test patients."""

    development: Mapping[str, float | None]
    name: str
    test: Evaluation

    @property
    def test_f1(self) -> float | None:
        return self.test.readers[self.name].macro.figures[_F1].value

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        figure = self.test.readers[self.name].macro.figures[_F1]
        return {
            "development_f1": dict(self.development),
            "chosen": self.name,
            "test_f1": figure.value,
            "test_interval": [figure.low, figure.high],
            "test_recordings": len(self.test.grid.cases),
        }


def choose_reader(reference: ReaderLabels, readers: Mapping[str, ReaderLabels], rule: ChooseRule) -> Chosen:
    """Choose by mean F1 on the development split alone. Raises UserError when a patient is in both splits, or
    a split has no recordings."""
    _check_apart(reference, rule)
    development = _of_split(reference, rule.development)
    scores = {
        name: result.macro.figures[_F1].value
        for name, result in evaluate_labels(development, readers).readers.items()
    }
    known = {name: score for name, score in scores.items() if score is not None}
    if not known:
        raise UserError("No reader has a figure on the development recordings, so none can be chosen.")
    name = max(known, key=lambda one: known[one])
    test = evaluate_labels(_of_split(reference, rule.test), {name: readers[name]})
    return Chosen(scores, name, test)


def _of_split(reference: ReaderLabels, split: str) -> ReaderLabels:
    cases = tuple(case for case in reference.cases if _column(case, "split") == split.casefold())
    if not cases:
        raise UserError(f"The reference has no recording of the split “{shorten(split)}”.")
    return replace(reference, cases=cases)


def _check_apart(reference: ReaderLabels, rule: ChooseRule) -> None:
    patients: dict[str, set[str]] = {}
    for case in reference.cases:
        split, patient = _column(case, "split"), _column(case, PATIENT)
        if patient and split in (rule.development.casefold(), rule.test.casefold()):
            patients.setdefault(patient, set()).add(split)
    both = sorted(patient for patient, splits in patients.items() if len(splits) > 1)
    if both:
        raise UserError(f"The patient “{shorten(both[0])}” is in both splits; keep each patient in one.")


def _column(case: LabelledCase, title: str) -> str:
    found = {normalise_name(name): text for name, text in case.columns.items()}
    return found.get(title, "").casefold()

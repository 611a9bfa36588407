"""The file of a judged diagnosis: `semioscope-diagnosis/1`, JSON, checked when it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.evaluation.scoring import Estimate
from app.core.readers.trained.checked_values import (
    count_of,
    model_from_dict,
    model_to_dict,
    number_of,
    numbers_by_name,
    object_of,
    read_checked,
    text_of,
)
from app.core.readers.trained.linear_model import LinearModel
from app.core.reading import ReaderKind
from app.core.training.diagnosis.answers_and_diagnoses import AnswerOrigin
from app.core.training.diagnosis.forest import Forest, forest_from_list, forest_to_list
from app.core.training.diagnosis.judging import INPUTS, METHODS, JudgedDiagnosis, MethodFigures

FORMAT = "semioscope-diagnosis/1"
_LARGEST = 32 << 20
_WHAT = "a judged diagnosis"
_INTERVALS = ("auc", "accuracy", "brier")


@dataclass(frozen=True, slots=True, eq=False)
class DiagnosisFile:
    """Two methods, the origin of the answers on which they were judged, and how they did."""

    origin: AnswerOrigin
    labels: str
    program: str
    made: str
    judged: JudgedDiagnosis
    model: LinearModel
    forest: Forest


def diagnosis_to_json(file: DiagnosisFile) -> str:
    """The text of the file."""
    judged = file.judged
    data = {
        "format": FORMAT,
        "reader": {"kind": file.origin.kind.value, "name": file.origin.name},
        "labels": file.labels,
        "program": file.program,
        "made": file.made,
        "judged": judged_to_dict(judged),
        "logistic_regression": model_to_dict(file.model),
        "random_forest": forest_to_list(file.forest),
    }
    return json.dumps(data, ensure_ascii=True, allow_nan=False) + "\n"


def judged_to_dict(judged: JudgedDiagnosis) -> dict[str, Any]:
    """The figures as JSON values."""
    return {
        "recordings": judged.n,
        "patients": judged.patients,
        "epileptic": judged.epileptic,
        "majority_accuracy": judged.majority,
        "methods": {name: _figures_to_dict(each) for name, each in judged.methods.items()},
    }


def _figures_to_dict(figures: MethodFigures) -> dict[str, Any]:
    estimates = {name: getattr(figures, name) for name in _INTERVALS}
    return {
        **{name: [each.value, each.low, each.high] for name, each in estimates.items()},
        "balanced_accuracy": figures.balanced_accuracy,
        "importance": dict(figures.importance),
    }


def load_diagnosis(path: Path) -> DiagnosisFile:
    """The judged diagnosis in a file. Raises UserError for anything else."""
    return read_checked(path, _LARGEST, _WHAT, _from_dict)


def _from_dict(data: Mapping[str, Any]) -> DiagnosisFile:
    if data.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    reader = object_of(data.get("reader"), "reader")
    model = model_from_dict(object_of(data.get("logistic_regression"), "the regression"))
    if model.inputs != INPUTS:
        raise ValueError("its inputs are not the 20 features")
    return DiagnosisFile(
        AnswerOrigin(ReaderKind(text_of(reader, "kind")), text_of(reader, "name")),
        text_of(data, "labels"),
        text_of(data, "program"),
        text_of(data, "made"),
        _judged(object_of(data.get("judged"), "judged")),
        model,
        forest_from_list(data.get("random_forest"), len(INPUTS)),
    )


def _judged(data: Mapping[str, Any]) -> JudgedDiagnosis:
    methods = object_of(data.get("methods"), "methods")
    return JudgedDiagnosis(
        count_of(data, "recordings"),
        count_of(data, "patients"),
        count_of(data, "epileptic"),
        {name: _figures(object_of(methods.get(name), name)) for name in METHODS},
        number_of(data, "majority_accuracy"),
    )


def _figures(data: Mapping[str, Any]) -> MethodFigures:
    auc, accuracy, brier = (_estimate(data.get(name)) for name in _INTERVALS)
    importance = numbers_by_name(data.get("importance"), "importance")
    if set(importance) != set(INPUTS):
        raise ValueError("importance is not by the 20 features")
    return MethodFigures(auc, accuracy, number_of(data, "balanced_accuracy"), brier, importance)


def _estimate(value: object) -> Estimate:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError("a figure has no interval")
    known = {str(at): one for at, one in enumerate(value) if one is not None}
    middle, low, high = (number_of(known, key) if key in known else None for key in "012")
    return Estimate(middle, low, high)

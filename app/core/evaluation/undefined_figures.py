"""Why a figure is not defined: what the answers lack that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.core.semiology import FEATURE

if TYPE_CHECKING:
    from app.core.evaluation.scoring import ReaderResult

_ONE_CLASS = "the reference has one answer only"
_WHY = {
    "precision": "the reader never says yes",
    "recall": "the reference never says yes",
    "f1": "neither side says yes",
    "specificity": "the reference always says yes",
    "balanced_accuracy": _ONE_CLASS,
    "mcc": "one side always says the same",
}
"""By figure; accuracy is defined wherever there is a case."""


def why_undefined(figure: str, *, averaged: bool) -> str:
    """Why a figure of cases is not defined, as the end of a sentence; `averaged` over the classes."""
    return _ONE_CLASS if averaged and figure != "mcc" else _WHY[figure]


def undefined_lines(result: ReaderResult) -> Iterator[str]:
    """A sentence for each reason for which figures of a reader are not defined, with the features."""
    found: dict[str, dict[str, None]] = {}
    for feature, each in result.said.items():
        for figure in each.scored.figures.values():
            if figure.undefined:
                found.setdefault(figure.why, {})[FEATURE[feature].name] = None
    for why, names in found.items():
        yield f"– because {why}: {', '.join(names)}."

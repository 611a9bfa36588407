"""Why a figure is not defined: what the answers lack that it is about."""

from __future__ import annotations

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

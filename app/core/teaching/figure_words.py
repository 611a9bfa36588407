"""Figures of learners as words: a value with its interval, or a dash."""

from __future__ import annotations

from app.core.agreement.figure import Figure
from app.core.evaluation.scoring import Estimate


def share_words(figure: Figure | Estimate) -> str:
    """A share as a percentage with its interval."""
    return number_words(figure, ".0%")


def number_words(figure: Figure | Estimate, form: str = ".2f") -> str:
    """A value in this form with its interval; a dash without one."""
    if figure.value is None:
        return "–"
    known = figure.low is not None and figure.high is not None
    span = f" ({figure.low:{form}} to {figure.high:{form}})" if known else ""
    return f"{figure.value:{form}}{span}".replace("-", "−")

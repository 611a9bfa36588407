"""Figures, intervals and names as text."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.evaluation.scoring import Estimate, ReaderResult
from app.core.plain_text import plain
from app.core.semiology import FEATURE


def number(estimate: Estimate, form: str = ".3f") -> str:
    """The value as text, a dash where it is not defined."""
    return (
        "–" if estimate.value is None or estimate.undefined else f"{estimate.value:{form}}".replace("-", "−")
    )


def interval(estimate: Estimate, form: str = ".2f") -> str:
    """The bounds as text, "" where they are not known."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{estimate.low:{form}}–{estimate.high:{form}}" if "+" not in form else _signed(estimate, form)


def _signed(estimate: Estimate, form: str) -> str:
    return f"{estimate.low:{form}}…{estimate.high:{form}}".replace("-", "−")


def p_text(value: float | None) -> str:
    """A p as text."""
    if value is None:
        return "–"
    return "<.001" if value < 0.001 else f"{value:.3f}"


def one_line(text: str) -> str:
    """Untrusted text as plain text on one line."""
    return " ".join(plain(text).split())


def undefined_lines(result: ReaderResult) -> Iterator[str]:
    """A sentence for each reason for which figures of a reader are not defined, with the features."""
    found: dict[str, dict[str, None]] = {}
    for feature, each in result.said.items():
        for figure in each.scored.figures.values():
            if figure.undefined:
                found.setdefault(figure.why, {})[FEATURE[feature].name] = None
    for why, names in found.items():
        yield f"– because {why}: {', '.join(names)}."

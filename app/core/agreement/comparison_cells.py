"""Figures of agreement for display: each as short text, and as a whole sentence with its n."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.agreement.figure import Figure, Flag
from app.core.answer_words import confidence_words, side_words
from app.core.plural import plural
from app.core.presence_text import PRESENCE_GLYPHS, PRESENCE_NAMES
from app.core.semiology import Answer

if TYPE_CHECKING:
    from app.core.agreement.comparison import FeatureAgreement
    from app.core.agreement.kappa import PairFigures
    from app.core.agreement.many_readers import ManyFigures

PAIR_COLUMNS: Mapping[str, str] = {
    "n": "Cases that both decided, yes or no",
    "Counts": "Both yes · only the first yes · only the second yes · both no",
    "Same": "Share of the cases in which both say the same",
    "κ": "Cohen's kappa with its 95 % interval",
    "AC1": "Gwet's AC1",
    "PABAK": "Prevalence- and bias-adjusted kappa",
    "Overlap": "Intersection over union of the spans, and how many cases",
    "Onset s": "How much later the second reader's onset is, and in how many cases",
    "End s": "How much later the second reader's end is, and in how many cases",
    "Side": "Share of the cases in which both name the same side, and how many",
}
MANY_COLUMNS: Mapping[str, str] = {
    "Fleiss κ": "Fleiss' kappa of all chosen readers",
    "α": "Krippendorff's alpha of all chosen readers",
}
SPAN_COLUMNS = ("Overlap", "Onset s", "End s", "Side")
POOLED = "All features"


@dataclass(frozen=True, slots=True)
class ComparisonCell:
    """One displayed figure: short text, and a whole sentence with its n and what to beware of."""

    text: str
    sentence: str


BLANK = ComparisonCell("", "")

Columns = tuple[tuple[str, str], ...]
"""The heads of the columns that follow the feature's, each with what it means."""

Rows = tuple[tuple[str, tuple[ComparisonCell, ...]], ...]
"""The heads of rows, each with its cells."""


def answer_cell(name: str, answer: Answer) -> ComparisonCell:
    text = f"{PRESENCE_GLYPHS[answer.presence]} {PRESENCE_NAMES[answer.presence]}"
    said = filter(None, (PRESENCE_NAMES[answer.presence], side_words(answer), confidence_words(answer)))
    return ComparisonCell(text, f"{name} says {', '.join(said)}.")


def single_case_cell(figure: Figure, form: str) -> ComparisonCell:
    """The figure of a single case, which needs no interval and no warning."""
    if figure.value is None:
        return ComparisonCell("–", "Not both say yes and when.")
    return ComparisonCell(f"{figure.value:{form}}", f"{figure.explanation} n = {figure.n}.")


def side_cell(pair: tuple[Answer, Answer]) -> ComparisonCell:
    first, second = (answer.laterality.value if answer.laterality else "–" for answer in pair)
    return ComparisonCell(
        "same" if first == second else "other", f"The first says {first}, the second {second}. n = 1."
    )


def feature_cells(found: FeatureAgreement, many: ManyFigures | None) -> tuple[ComparisonCell, ...]:
    overlap = found.overlap
    cells = (
        *pair_cells(found.figures),
        figure_cell(overlap.iou, with_n=True),
        figure_cell(overlap.onset, "+.1f", with_n=True),
        figure_cell(overlap.offset, "+.1f", with_n=True),
        figure_cell(found.side, ".0%", with_n=True),
    )
    return cells if many is None else (*cells, figure_cell(many.fleiss), figure_cell(many.alpha))


def pooled_cells(figures: PairFigures, many: bool) -> tuple[ComparisonCell, ...]:
    return (*pair_cells(figures), *(BLANK for _ in range(6 if many else 4)))


def pair_cells(figures: PairFigures) -> tuple[ComparisonCell, ...]:
    counts = figures.counts
    sentence = (
        f"{plural(counts.n, 'case')} that both decided: both yes {counts.yes_yes}, both no {counts.no_no}, "
        f"only the first yes {counts.yes_no}, only the second yes {counts.no_yes}; besides these "
        f"{counts.not_assessable} not assessable and {counts.unanswered} unanswered."
    )
    four = f"{counts.yes_yes} · {counts.yes_no} · {counts.no_yes} · {counts.no_no}"
    return (
        ComparisonCell(str(counts.n), sentence),
        ComparisonCell(four if counts.n else "–", sentence),
        figure_cell(figures.percent, ".0%"),
        figure_cell(figures.kappa, interval=True),
        figure_cell(figures.ac1),
        figure_cell(figures.pabak),
    )


def figure_cell(
    figure: Figure, form: str = ".2f", *, interval: bool = False, with_n: bool = False
) -> ComparisonCell:
    """A figure for display; `*` few cases, `!` nearly all answers the same.

    `interval` writes the interval beside it, `with_n` how many cases it rests on.
    """
    known = figure.low is not None and figure.high is not None
    if figure.value is None:
        text = "–"
    else:
        text = f"{figure.value:{form}}"
        if interval and known:
            text += f"  {figure.low:{form}}…{figure.high:{form}}"
    few = Flag.SMALL_N in figure.flags and figure.value is not None
    one_sided = Flag.ONE_SIDED in figure.flags
    text += ("*" if few else "") + ("!" if one_sided else "")
    if with_n and figure.value is not None:
        text += f" ({figure.n})"
    low = f" 95 %: {figure.low:{form}} to {figure.high:{form}}." if known else ""
    flags = " ".join(flag.value for flag in figure.flags)
    return ComparisonCell(text, f"{figure.explanation} n = {figure.n}.{low} {flags}".strip())

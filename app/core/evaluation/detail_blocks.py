"""Timing, sides and confidence of a reader as blocks of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.core.evaluation.calibration import POOLED, Calibration
from app.core.evaluation.evaluate_readings import AnswerDetails
from app.core.evaluation.figure_text import interval, number
from app.core.evaluation.further_blocks import further_blocks
from app.core.evaluation.scoring import Estimate
from app.core.evaluation.timing_and_sides import FeatureSides, FeatureTiming
from app.core.report.blocks import Block, Heading, Paragraph, ReportCell, ReportRow, Table, TextTone
from app.core.semiology import FEATURE

_TIMING = (
    "Where both say yes and mark when. Overlap: intersection over union of the marked time. Onset, end: mean "
    "absolute error in seconds. Constant: the median onset and end of the reference in other patients, for "
    "every recording."
)
_SIDES = (
    "Where both say yes and name a side. Chance: with both sides' own frequencies. Constant: always the "
    "reference's most frequent side."
)
_CONFIDENCE = (
    "Brier: mean squared error of the probability of yes. Share of yes: the Brier score of always giving it. "
    "Calibration error: over ten bins of equal width. After Platt scaling: fitted on other patients, – where "
    "that is not possible."
)


def detail_blocks(details: AnswerDetails) -> Iterator[Block]:
    """A table each with its explanation, where the answers have any."""
    if details.timing:
        yield Heading("Timing")
        yield _timing(details.timing)
        yield Paragraph(_TIMING, TextTone.SOFT)
    if details.sides:
        yield Heading("Sides")
        yield _sides(details.sides)
        yield Paragraph(_SIDES, TextTone.SOFT)
    if details.confidence:
        yield Heading("Confidence")
        yield _confidence(details.confidence)
        yield _curve(details.confidence[POOLED])
        yield Paragraph(_CONFIDENCE, TextTone.SOFT)
    yield from further_blocks(details)


def _head(*words: str) -> tuple[ReportCell, ...]:
    return tuple(ReportCell(word) for word in words)


def _cell(estimate: Estimate, form: str = ".2f") -> ReportCell:
    bounds = interval(estimate, form)
    return ReportCell(number(estimate, form), f"[{bounds}]" if bounds else "", stacked=True)


def _timing(found: Mapping[str, FeatureTiming]) -> Table:
    rows = tuple(
        ReportRow(
            (
                ReportCell(FEATURE[feature].name),
                ReportCell(str(each.n)),
                _cell(each.reader.iou),
                ReportCell(number(each.constant.iou, ".2f")),
                _cell(each.reader.onset_error, ".1f"),
                ReportCell(number(each.constant.onset_error, ".1f")),
                _cell(each.reader.end_error, ".1f"),
                ReportCell(number(each.constant.end_error, ".1f")),
            )
        )
        for feature, each in found.items()
    )
    head = _head("Feature", "n", "Overlap", "Constant", "Onset, s", "Constant", "End, s", "Constant")
    return Table(head, rows, (0.24, 0.06, 0.14, 0.1, 0.14, 0.1, 0.12, 0.1))


def _sides(found: Mapping[str, FeatureSides]) -> Table:
    rows = tuple(
        ReportRow(
            (
                ReportCell(FEATURE[feature].name),
                ReportCell(str(each.n)),
                _cell(each.same),
                ReportCell(f"{each.chance:.2f}"),
                ReportCell(f"{each.constant:.2f}"),
            )
        )
        for feature, each in found.items()
    )
    return Table(_head("Feature", "n", "Same side", "Chance", "Constant"), rows, (0.3, 0.1, 0.24, 0.18, 0.18))


def _confidence(found: Mapping[str, Calibration]) -> Table:
    rows = tuple(
        ReportRow(
            (
                ReportCell("All features" if feature == POOLED else FEATURE[feature].name),
                ReportCell(str(each.n)),
                _cell(each.brier, ".3f"),
                *(
                    ReportCell("–" if value is None else f"{value:.3f}")
                    for value in (each.prevalence_brier, each.ece, each.platt_brier, each.platt_ece)
                ),
            )
        )
        for feature, each in found.items()
    )
    head = _head("Feature", "n", "Brier", "Share of yes", "Calibration error", "Brier, Platt", "Error, Platt")
    return Table(head, rows, (0.26, 0.08, 0.18, 0.12, 0.12, 0.12, 0.12))


def _curve(found: Calibration) -> Table:
    rows = tuple(
        ReportRow(
            (ReportCell(f"{one.probability:.0%}"), ReportCell(f"{one.yes:.0%}"), ReportCell(str(one.n)))
        )
        for one in found.curve
    )
    return Table(_head("Probability of yes said", "Share of yes", "Answers"), rows, (0.4, 0.3, 0.3))

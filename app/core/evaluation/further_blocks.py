"""Order of onsets, first movement, rated explanations and merging of a reader as blocks of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.core.evaluation.detail_lines import rules_text
from app.core.evaluation.evaluate_readings import AnswerDetails
from app.core.evaluation.figure_text import interval, number
from app.core.evaluation.first_movement import FirstMovement
from app.core.evaluation.rated_explanations import EVERYTHING, ExplanationFigures
from app.core.evaluation.scoring import Estimate
from app.core.evaluation.segment_rules import MergedFigures
from app.core.evaluation.sequences import SequenceFigures
from app.core.report.blocks import Block, Heading, Paragraph, ReportCell, ReportRow, Table, TextTone
from app.core.semiology import FEATURE

_ORDER = (
    "Of the features that both have in a recording, by their first onsets; what only one side has counts for "
    "nothing. Pairs: share in the same order. Subsequence: the longest in common, as a share of features. "
    "Constant: the order of the reference's median onsets in other patients."
)
_FIRST = (
    "The movement that begins first, where both mark one. Chance: with both sides' own frequencies. "
    "Constant: always the reference's most frequent one."
)
_RATED = (
    "Scores by people, from 1 (made up) to 5 (right). Agreement: Krippendorff's alpha for ordinal scores "
    "over explanations that several people rated, – where that is not defined."
)
_MERGED = (
    "F1 when any segment makes a yes, and by the rule that was best in other patients: a number or a share "
    "of segments, or one segment of some confidence."
)


def further_blocks(details: AnswerDetails) -> Iterator[Block]:
    """A table each with its explanation, where the answers have any."""
    if details.sequence is not None:
        yield Heading("Order of onsets")
        yield _order(details.sequence)
        yield Paragraph(_ORDER, TextTone.SOFT)
    if details.first.region is not None:
        yield Heading("First movement")
        yield _first(details.first)
        yield Paragraph(_FIRST, TextTone.SOFT)
    if EVERYTHING in details.explanations:
        yield Heading("Explanations")
        yield _rated(details.explanations)
        yield Paragraph(_RATED, TextTone.SOFT)
    if details.merging:
        yield Heading("Merging of segments")
        yield _merged(details.merging)
        yield Paragraph(_MERGED, TextTone.SOFT)


def _table(
    titles: tuple[str, ...], rows: Iterator[tuple[ReportCell, ...]], widths: tuple[float, ...]
) -> Table:
    head = tuple(ReportCell(title) for title in titles)
    return Table(head, tuple(ReportRow(cells) for cells in rows), widths)


def _cell(estimate: Estimate, form: str = ".2f") -> ReportCell:
    signed = "+.2f" if "+" in form else ".2f"
    bounds = interval(estimate, signed)
    return ReportCell(number(estimate, form), f"[{bounds}]" if bounds else "", stacked=True)


def _order(found: SequenceFigures) -> Table:
    rows = (
        (ReportCell(name), ReportCell(str(found.n)), _cell(mine), ReportCell(number(fixed, ".2f")))
        for name, mine, fixed in (
            ("Pairs in order", found.reader.pairs, found.constant.pairs),
            ("Longest common subsequence", found.reader.subsequence, found.constant.subsequence),
        )
    )
    return _table(("Order", "Recordings", "Reader", "Constant"), rows, (0.4, 0.16, 0.26, 0.18))


def _first(found: FirstMovement) -> Table:
    rows = (
        (
            ReportCell(name),
            ReportCell(str(one.n)),
            _cell(one.same),
            ReportCell(f"{one.chance:.2f}"),
            ReportCell(f"{one.constant:.2f}"),
        )
        for name, one in (("Body region", found.region), ("Side", found.side))
        if one is not None
    )
    return _table(("First movement", "n", "Same", "Chance", "Constant"), rows, (0.3, 0.1, 0.24, 0.18, 0.18))


def _rated(found: Mapping[str, ExplanationFigures]) -> Table:
    rows = (
        (
            ReportCell("All features" if feature == EVERYTHING else FEATURE[feature].name),
            ReportCell(str(each.n)),
            *(ReportCell(str(count)) for count in each.distribution.values()),
            _cell(each.mean),
            _cell(each.faithful),
            ReportCell("–" if each.alpha is None else f"{each.alpha:.2f}".replace("-", "−")),
        )
        for feature, each in found.items()
    )
    titles = ("Feature", "n", "1", "2", "3", "4", "5", "Mean", "3 or more", "Agreement")
    return _table(titles, rows, (0.25, 0.06, *(0.06 for _ in range(5)), 0.13, 0.14, 0.12))


def _merged(found: Mapping[str, MergedFigures]) -> Table:
    rows = (
        (
            ReportCell(FEATURE[feature].name),
            ReportCell(str(each.n)),
            _cell(each.any_segment),
            _cell(each.chosen),
            _cell(each.gain, "+.3f"),
            ReportCell(rules_text(each)),
        )
        for feature, each in found.items()
    )
    titles = ("Feature", "n", "F1, any", "F1, chosen", "Gain", "Rules chosen")
    return _table(titles, rows, (0.22, 0.06, 0.14, 0.14, 0.16, 0.28))

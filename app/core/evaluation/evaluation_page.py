"""An evaluation as one self-contained HTML page: overview, charts, each reader, every two readers, methods.

The F1 and n of each reader and feature lead to the recordings behind them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from app.core.atomic import write_atomically
from app.core.evaluation.behind_blocks import anchor_of, behind_blocks, chart_blocks, methods_blocks
from app.core.evaluation.detail_blocks import detail_blocks
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.evaluation.figure_text import interval, number, p_text, undefined_lines
from app.core.evaluation.paired_test import PairedTest
from app.core.evaluation.patients import ALONE
from app.core.evaluation.scoring import BaselineStanding, Coverage, Estimate, ReaderResult, Scored
from app.core.report.blocks import (
    Block,
    Chapter,
    Document,
    Facts,
    Heading,
    Paragraph,
    ReportCell,
    ReportRow,
    Table,
    TextTone,
)
from app.core.report.html import html_page
from app.core.semiology import FEATURE

_RULES = {
    "study": "a third class for verbal responsiveness, left out elsewhere",
    "exclude": "left out",
    "wrong": "counted as the wrong answer",
    "class": "a third class of every feature, scored by averages over the classes",
}
_MARKS = {
    BaselineStanding.BEATS: "above it",
    BaselineStanding.UNCLEAR: "~ above it, perhaps by chance",
    BaselineStanding.NOT_BETTER: "≤ not above it",
    BaselineStanding.UNKNOWN: "–",
}
_MOST_IN_A_TABLE = 5
"""Readers whose columns fit beside each other on a page."""

_METHODS = (
    "Figures are those of yes; for verbal responsiveness precision, recall, F1 and specificity are averages "
    "over the classes that occur. In brackets the 95 % interval by bootstrap over {groups} (2,000 resamples, "
    "expanded percentiles). Failed and unanswered are in no figure. Best trivial: the highest F1 of always "
    "yes, always no, or yes at random as often as the reference; ≤ the reader is not above it, ~ perhaps by "
    "chance. –: not defined; in means it counts 0, or the figure of the only answer."
)
_PAIRED = (
    "Both on the cases that are scored for both. Right alone: cases in which only the first, and only the "
    "second, says what the reference says. p: McNemar's exact test, and after Holm's correction over the "
    "features; it takes recordings as independent, the interval does not."
)


def evaluation_page(evaluation: Evaluation, *, group: str | None = None) -> str:
    """The whole page as text, with the present time at its foot; `group` is the column by which prevalence
    is shown."""
    made = datetime.now().astimezone()
    chapters = list(_chapters(evaluation, group))
    return html_page(Document("Evaluation", made, len(chapters), iter(chapters), "Contents"))


def write_page(evaluation: Evaluation, path: Path, *, group: str | None = None) -> None:
    """Write the page. Raises UserError."""
    write_atomically(path, evaluation_page(evaluation, group=group).encode("utf-8", "replace"))


def _chapters(evaluation: Evaluation, group: str | None) -> Iterator[Chapter]:
    yield Chapter("Evaluation", tuple(_overview(evaluation)))
    yield Chapter("Charts", (Heading("Charts", 1), *chart_blocks(evaluation, group)))
    for place, (name, result) in enumerate(evaluation.readers.items()):
        details = detail_blocks(evaluation.details[name])
        behind = behind_blocks(evaluation, name)
        yield Chapter(name, (*_reader(name, result, place), *details, *behind))
    for pair in evaluation.pairs:
        title = f"{pair.first} and {pair.second}"
        yield Chapter(title, (Heading(title, 1), Paragraph(_PAIRED, TextTone.SOFT), _pair(pair)))
    yield Chapter("Methods", tuple(methods_blocks(evaluation)))


def _overview(evaluation: Evaluation) -> Iterator[Block]:
    yield Heading("Evaluation", 1)
    yield Facts(
        (
            ("Reference", evaluation.reference),
            ("Recordings", str(len(evaluation.grid.cases))),
            ("Resampled", f"{evaluation.groups.count} {_groups(evaluation)}"),
            ("Not assessable", _RULES[evaluation.abstentions.value]),
        )
    )
    for remark in evaluation.remarks:
        yield Paragraph(remark, TextTone.NOTICE)
    names = list(evaluation.readers)
    for first in range(0, len(names), _MOST_IN_A_TABLE):
        chosen = names[first : first + _MOST_IN_A_TABLE]
        yield Heading("F1 by feature" if first == 0 else "F1 by feature, further readers")
        yield _f1_table([(name, evaluation.readers[name]) for name in chosen], first)
    yield Paragraph(_METHODS.format(groups=_groups(evaluation)), TextTone.SOFT)


def _groups(evaluation: Evaluation) -> str:
    return ALONE if evaluation.groups.by == ALONE else f"patients (by {evaluation.groups.by})"


def _f1_table(readers: Sequence[tuple[str, ReaderResult]], first: int) -> Table:
    """The F1 of these readers, `first` is the number of the first of them."""
    head = (ReportCell("Feature"), *(ReportCell(name) for name, _ in readers), ReportCell("Best trivial"))
    features = [feature for feature in FEATURE if any(feature in result.said for _, result in readers)]
    rows = [
        _f1_row(
            FEATURE[feature].name,
            [result.features[feature].scored for _, result in readers],
            [
                anchor_of(place, feature) if feature in result.said else ""
                for place, (_, result) in enumerate(readers, first)
            ],
        )
        for feature in features
    ]
    rows.append(_f1_row("Mean over features", [result.macro for _, result in readers]))
    rows.append(_f1_row("Mean weighted by yes", [result.weighted for _, result in readers]))
    width = 0.62 / len(readers)
    return Table(head, tuple(rows), (0.24, *(width for _ in readers), 0.14))


def _f1_row(name: str, scored: Sequence[Scored], links: Sequence[str] = ()) -> ReportRow:
    trivial = [each.trivial() for each in scored]
    best = max((one for one in trivial if one is not None), default=None)
    places = links or [""] * len(scored)
    cells = [
        _figure(each.figures["f1"], each.standing.value, link)
        for each, link in zip(scored, places, strict=True)
    ]
    return ReportRow((ReportCell(name), *cells, ReportCell("–" if best is None else f"{best:.2f}")))


def _reader(name: str, result: ReaderResult, place: int) -> Iterator[Block]:
    yield Heading(name, 1)
    yield Facts(
        (
            ("Recordings without a reading", str(int(result.reader.missing.sum()))),
            ("Recordings without a reference", str(len(result.reader.unmatched))),
        )
    )
    yield Heading("Figures")
    yield _figure_table(result, place)
    yield from (Paragraph(line, TextTone.SOFT) for line in undefined_lines(result))
    yield Heading("Coverage")
    yield _coverage_table(result)
    yield Paragraph(
        "Cases: recordings for which the reference has an answer. Answered: the reader said yes or no.",
        TextTone.SOFT,
    )


_SHOWN = ("accuracy", "precision", "recall", "f1", "specificity", "mcc")
_TITLES = ("Accuracy", "Precision", "Recall", "F1", "Specificity", "MCC")


def _figure_table(result: ReaderResult, place: int) -> Table:
    head = tuple(ReportCell(word) for word in ("Feature", "n", "Yes", *_TITLES, "F1 and best trivial"))
    rows = [
        _figure_row(
            FEATURE[feature].name, str(each.n), str(each.positives), each.scored, anchor_of(place, feature)
        )
        for feature, each in result.said.items()
    ]
    rows.append(_figure_row("Mean over features", "", "", result.macro))
    rows.append(_figure_row("Mean weighted by yes", "", "", result.weighted))
    return Table(head, tuple(rows), (0.19, 0.05, 0.05, *(0.095 for _ in _SHOWN), 0.14))


def _figure_row(name: str, n: str, positives: str, scored: Scored, link: str = "") -> ReportRow:
    figures = (_figure(scored.figures[key]) for key in _SHOWN)
    mark = ReportCell(_MARKS[scored.standing], interval(scored.gain, "+.2f"), stacked=True)
    counts = ReportCell(n, link=link), ReportCell(positives, link=link)
    return ReportRow((ReportCell(name), *counts, *figures, mark))


def _coverage_table(result: ReaderResult) -> Table:
    head = tuple(
        ReportCell(word)
        for word in (
            "Feature",
            "Cases",
            "Answered",
            "Not assessable",
            "Failed",
            "Unanswered",
            "Answered, share",
        )
    )
    rows = tuple(
        ReportRow(
            (
                ReportCell(FEATURE[feature].name),
                ReportCell(str(each.cases)),
                *(ReportCell(str(each.coverage[kind])) for kind in Coverage),
                ReportCell("–" if each.coverage_share is None else f"{each.coverage_share:.0%}"),
            )
        )
        for feature, each in result.said.items()
    )
    return Table(head, rows, (0.28, 0.1, 0.12, 0.14, 0.1, 0.12, 0.14))


def _pair(pair: PairedTest) -> Table:
    head = tuple(
        ReportCell(word) for word in ("Feature", "n", "F1, difference", "Right alone", "p", "p, Holm")
    )
    rows = [
        ReportRow(
            (
                ReportCell(FEATURE[feature].name),
                ReportCell(str(each.n)),
                _difference(each.differences["f1"]),
                ReportCell(f"{each.first_only} : {each.second_only}"),
                ReportCell(p_text(each.p)),
                ReportCell(p_text(each.p_holm)),
            )
        )
        for feature, each in pair.features.items()
        if each.n
    ]
    rows.append(
        ReportRow(
            (
                ReportCell("Mean over features"),
                ReportCell(""),
                _difference(pair.mean["f1"]),
                *[ReportCell("")] * 3,
            )
        )
    )
    return Table(head, tuple(rows), (0.3, 0.1, 0.24, 0.14, 0.11, 0.11))


def _figure(estimate: Estimate, mark: str = "", link: str = "") -> ReportCell:
    tone = TextTone.SOFT if estimate.value is None or estimate.undefined else TextTone.PLAIN
    bounds = interval(estimate)
    text = f"{number(estimate, '.2f')} {mark}".strip() if tone is TextTone.PLAIN else "–"
    return ReportCell(text, f"[{bounds}]" if bounds else "", tone=tone, stacked=True, link=link)


def _difference(estimate: Estimate) -> ReportCell:
    bounds = interval(estimate, "+.2f")
    return ReportCell(number(estimate, "+.3f"), f"[{bounds}]" if bounds else "", stacked=True)

"""The charts of an evaluation, and the recordings behind each number, as blocks of a page."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.evaluation.cases_behind import CasesWanted, cases_behind
from app.core.evaluation.chart_drawing import draw_chart
from app.core.evaluation.charts import ChartKind, all_charts
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.evaluation.labels import LabelState
from app.core.evaluation.methods_text import methods_text
from app.core.plural import plural
from app.core.report.blocks import (
    Block,
    DrawnChart,
    Heading,
    Paragraph,
    ReportCell,
    ReportRow,
    Table,
    TextTone,
)
from app.core.semiology import FEATURE, FEATURES

_YES, _NO = LabelState.YES, LabelState.NO
_BOTH = ((_YES, _YES), (_NO, _YES), (_YES, _NO), (_NO, _NO))
_HEAD = ("Feature", "Both yes", "Reader alone yes", "Reference alone yes", "Both no", "Others in the figures")


def anchor_of(number: int, feature: str) -> str:
    """Where the recordings behind the figures of a reader (counted from 0) and feature are listed."""
    return f"reader-{number}-{feature.replace('_', '-')}"


def chart_blocks(evaluation: Evaluation, group: str | None = None) -> Iterator[Block]:
    """A picture of each chart, but of the table of F1, which is there as one."""
    for chart in all_charts(evaluation, group=group):
        if chart.kind is not ChartKind.HEAT_MAP or len(chart.columns) > 1:
            yield DrawnChart(draw_chart(chart, "png"), chart.note, chart.title)


def methods_blocks(evaluation: Evaluation) -> Iterator[Block]:
    yield Heading("Methods", 1)
    for paragraph in methods_text(evaluation).strip().split("\n\n"):
        yield Paragraph(paragraph)


def behind_blocks(evaluation: Evaluation, name: str) -> Iterator[Block]:
    """The recordings by what the reference and the reader say, a row for each feature."""
    number = list(evaluation.readers).index(name)
    rows = tuple(
        _behind_row(evaluation, name, number, feature.id)
        for feature in FEATURES
        if feature.id in evaluation.readers[name].said
    )
    yield Heading("Recordings behind the figures")
    yield Table(tuple(ReportCell(word) for word in _HEAD), rows, (0.15, 0.17, 0.17, 0.17, 0.17, 0.17))
    yield Paragraph(
        "Others in the figures: where one side says not assessable and the rule for it scores the case.",
        TextTone.SOFT,
    )


def _behind_row(evaluation: Evaluation, name: str, number: int, feature: str) -> ReportRow:
    found = cases_behind(evaluation, CasesWanted(name, feature, scored=True))
    cells = [
        ReportCell(", ".join(one.name for one in found if (one.truth, one.said) == pair)) for pair in _BOTH
    ]
    others = [one.name for one in found if (one.truth, one.said) not in _BOTH]
    first = ReportCell(FEATURE[feature].name, plural(len(found), "recording"), stacked=True)
    return ReportRow((first, *cells, ReportCell(", ".join(others))), anchor=anchor_of(number, feature))

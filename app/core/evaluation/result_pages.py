"""The pages of the window of results, and the chart of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from app.core.evaluation import charts
from app.core.evaluation.calibration import POOLED
from app.core.evaluation.charts import Chart
from app.core.evaluation.evaluate_readings import Evaluation


class ResultPage(IntEnum):
    """The pages, in their order."""

    FIGURES = 0
    HEAT_MAP = 1
    INTERVALS = 2
    RELIABILITY = 3
    CONFUSION = 4
    FAITHFULNESS = 5
    PREVALENCE = 6
    METHODS = 7


TITLES = (
    "All figures",
    "Features and readers",
    "Intervals",
    "Reliability",
    "Confusion",
    "Faithfulness",
    "Prevalence",
    "Methods in words",
)
ASKS_READER = (ResultPage.FIGURES, ResultPage.CONFUSION)
ASKS_FIGURE = (ResultPage.HEAT_MAP, ResultPage.INTERVALS)
ASKS_FEATURE = (ResultPage.RELIABILITY, ResultPage.CONFUSION)
DRAWN = (ResultPage.INTERVALS, ResultPage.RELIABILITY, ResultPage.FAITHFULNESS, ResultPage.PREVALENCE)

NOTHING = {
    "reliability": "No reader gave a confidence here.",
    "faithfulness": "No explanation was rated; View → Rate explanations begins it.",
    "confusion": "Nothing to count.",
    "prevalence": "The reference says neither yes nor no of anything.",
    "heat-map": "No feature has an answer on both sides.",
    "intervals": "No feature has an answer on both sides.",
}
"""What is said where a chart has no number, by its kind."""


@dataclass(frozen=True, slots=True)
class ResultChoice:
    """What is chosen above a page; `feature` is None for all, `group` "" for no groups."""

    reader: str
    figure: str
    feature: str | None
    group: str


def chart_of(page: ResultPage, evaluation: Evaluation, choice: ResultChoice) -> Chart:
    """The chart of a page that has one."""
    made: dict[ResultPage, Callable[[], Chart]] = {
        ResultPage.HEAT_MAP: lambda: charts.figure_chart(
            evaluation, charts.ChartKind.HEAT_MAP, choice.figure
        ),
        ResultPage.INTERVALS: lambda: charts.figure_chart(
            evaluation, charts.ChartKind.INTERVALS, choice.figure
        ),
        ResultPage.RELIABILITY: lambda: charts.reliability_chart(evaluation, choice.feature or POOLED),
        ResultPage.CONFUSION: lambda: charts.confusion_chart(evaluation, choice.reader, choice.feature),
        ResultPage.FAITHFULNESS: lambda: charts.faithfulness_chart(evaluation),
        ResultPage.PREVALENCE: lambda: charts.prevalence_chart(evaluation, choice.group),
    }
    return made[page]()

"""The charts of an evaluation as data: what each number is, and which cases are behind it.

The window and the files (`chart_drawing.py`) each draw them in their way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.core.evaluation.calibration import BINS, POOLED
from app.core.evaluation.cases_behind import CasesWanted
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.evaluation.labels import LabelState
from app.core.evaluation.patients import column_text, resample
from app.core.evaluation.rated_explanations import EVERYTHING
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate, Scored
from app.core.exchange.phrases import normalise_name
from app.core.semiology import FEATURE, FEATURES


class ChartKind(StrEnum):
    """How a chart is drawn; the value begins the names of its files."""

    HEAT_MAP = "heat-map"
    INTERVALS = "intervals"
    RELIABILITY = "reliability"
    CONFUSION = "confusion"
    FAITHFULNESS = "faithfulness"
    PREVALENCE = "prevalence"
    FOREST = "forest"
    ONSETS = "onsets"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One number at its row and column (counted from 0), with the cases that it was counted over.

    `estimate` has the value and its interval, `n` the number of cases, `at` the place on the other axis of a
    curve (the mean probability of a bin), `beside` the best trivial answer.
    """

    row: int
    column: int
    estimate: Estimate
    n: int
    wanted: CasesWanted
    at: float | None = None
    beside: float | None = None


AGREEMENT_KINDS = (ChartKind.FOREST, ChartKind.ONSETS)
"""Charts of readers beside one another, without a reference (`agreement_charts.py`)."""

SIGNED_FIGURES = ("MCC", "κ", "AC1", "PABAK")
"""Figures that are from −1 to 1; 0 is chance."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Points in named rows and columns. `value` says what is drawn, `note` how it is to be read."""

    kind: ChartKind
    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    points: tuple[ChartPoint, ...]
    value: str
    note: str = ""
    whose: str = ""
    """The reader of a chart about one reader alone."""

    @property
    def axis(self) -> tuple[float, float]:
        """The lowest and highest value that the axis of values shows."""
        if self.kind is ChartKind.ONSETS:
            ends = (end for one in self.points for end in (one.estimate.value, one.estimate.high))
            return 0.0, max([1.0, *(end for end in ends if end is not None)])
        return (-1.0 if self.value in SIGNED_FIGURES else 0.0), 1.0

    def size_of(self, point: ChartPoint) -> float:
        """How large the mark of a number is drawn, as a share of the largest; by area, as eyes compare it."""
        most = max((one.n for one in self.points if one.row or self.kind is not ChartKind.FOREST), default=1)
        return math.sqrt(min(point.n / max(most, 1), 1.0)) if self.kind is ChartKind.FOREST else 1.0


FIGURE_NAMES: Mapping[str, str] = {
    "f1": "F1",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "specificity": "Specificity",
    "balanced_accuracy": "Balanced accuracy",
    "mcc": "MCC",
}
STATE_NAMES: Mapping[LabelState, str] = {
    LabelState.NO: "no",
    LabelState.YES: "yes",
    LabelState.NOT_ASSESSABLE: "not assessable",
    LabelState.FAILED: "failed",
    LabelState.UNANSWERED: "unanswered",
}
_MEANS = ("Mean over features", "Mean weighted by yes")
_INTERVALS = "95 % intervals over patients; a tick is the best trivial answer"
_UNDEFINED = "–: not defined; in means 0, or the figure of the only answer"
_GROUP_COLUMNS = ("diagnosis", "split")


def all_charts(evaluation: Evaluation, *, group: str | None = None) -> Iterator[Chart]:
    """Every chart that the answers allow; of each reader one of confusion. `group` as in `prevalence`."""
    yield figure_chart(evaluation, ChartKind.HEAT_MAP)
    yield figure_chart(evaluation, ChartKind.INTERVALS)
    if any(details.confidence for details in evaluation.details.values()):
        yield reliability_chart(evaluation)
    for name in evaluation.readers:
        yield confusion_chart(evaluation, name)
    if any(details.explanations for details in evaluation.details.values()):
        yield faithfulness_chart(evaluation)
    yield prevalence_chart(evaluation, group)


def figure_chart(evaluation: Evaluation, kind: ChartKind, figure: str = "f1") -> Chart:
    """A figure of each feature and reader, and its means, as a heat map or as dots with intervals."""
    readers = evaluation.readers
    features = [feature for feature in FEATURE if any(feature in result.said for result in readers.values())]
    points = []
    for column, (name, result) in enumerate(readers.items()):
        for row, feature in enumerate(features):
            if feature in result.said:
                each = result.features[feature]
                wanted = CasesWanted(name, feature, scored=True)
                points.append(_figure_point((row, column), each.scored, figure, each.n, wanted))
        total = sum(each.n for each in result.said.values())
        for row, scored in enumerate((result.macro, result.weighted), len(features)):
            wanted = CasesWanted(name, scored=True)
            points.append(_figure_point((row, column), scored, figure, total, wanted))
    names = tuple(FEATURE[feature].name for feature in features) + _MEANS
    title = f"{FIGURE_NAMES[figure]} by feature"
    note = _INTERVALS if kind is ChartKind.INTERVALS else _UNDEFINED
    return Chart(kind, title, names, tuple(readers), tuple(points), FIGURE_NAMES[figure], note)


def _figure_point(
    place: tuple[int, int], scored: Scored, figure: str, n: int, wanted: CasesWanted
) -> ChartPoint:
    """The point at a place (row, column)."""
    found = scored.figures[figure]
    shown = Estimate(None, why=found.why) if found.undefined else found
    return ChartPoint(*place, shown, n, wanted, beside=scored.trivial(figure))


def reliability_chart(evaluation: Evaluation, feature: str = POOLED) -> Chart:
    """The share of yes by tenths of the probability that readers said; of one feature, or of all."""
    rows = tuple(f"{at * 100 // BINS}–{(at + 1) * 100 // BINS} %" for at in range(BINS))
    points = []
    for column, (name, details) in enumerate(evaluation.details.items()):
        found = details.confidence.get(feature)
        for one in () if found is None else found.curve:
            tenth = min(int(one.probability * BINS + 1e-9), BINS - 1)
            wanted = CasesWanted(name, None if feature == POOLED else feature, tenth=tenth)
            points.append(ChartPoint(tenth, column, Estimate(one.yes), one.n, wanted, at=one.probability))
    of = "" if feature == POOLED else f", {FEATURE[feature].name}"
    return Chart(
        ChartKind.RELIABILITY,
        f"Reliability of confidence{of}",
        rows,
        tuple(evaluation.readers),
        tuple(points),
        "Share of yes by the reference",
        "On the diagonal a confidence is right as often as it says; larger dots stand for more answers",
    )


def confusion_chart(evaluation: Evaluation, reader: str, feature: str | None = None) -> Chart:
    """How often a reader said what where the reference says what; of one feature, or of all together."""
    result = evaluation.readers[reader]
    chosen = [each for each in result.said.values() if feature in (None, each.feature)]
    table = np.sum([each.table for each in chosen], axis=0) if chosen else np.zeros((5, 5), int)
    points = tuple(
        ChartPoint(
            truth, said, Estimate(float(table[truth, said])), int(table[truth, said]),
            CasesWanted(reader, feature, truth, said),
        )
        for truth in LabelState
        for said in LabelState
    )  # fmt: skip
    names = tuple(STATE_NAMES[state] for state in LabelState)
    of = "all features" if feature is None else FEATURE[feature].name
    title = f"Confusion: {reader}, {of}"
    note = "Rows: the reference; columns: the reader"
    return Chart(ChartKind.CONFUSION, title, names, names, points, "Answers", note, reader)


def faithfulness_chart(evaluation: Evaluation) -> Chart:
    """The share of each score (1–5) among the ratings of a reader's explanations."""
    rated = [name for name, one in evaluation.details.items() if EVERYTHING in one.explanations]
    points: list[ChartPoint] = []
    for row, name in enumerate(rated):
        found = evaluation.details[name].explanations[EVERYTHING]
        total = sum(found.distribution.values())
        for column, (score, count) in enumerate(found.distribution.items()):
            wanted = CasesWanted(name, score=score)
            points.append(ChartPoint(row, column, Estimate(count / total), count, wanted))
    return Chart(
        ChartKind.FAITHFULNESS,
        "Faithfulness of explanations",
        tuple(rated),
        ("1", "2", "3", "4", "5"),
        tuple(points),
        "Share of ratings",
        "1 made up, 3 half right, 5 right; the share of 3 or more is what studies report",
    )


def group_columns(evaluation: Evaluation) -> tuple[str, ...]:
    """The columns of the reference that put its recordings into two to twelve groups."""
    titles = dict.fromkeys(title for case in evaluation.grid.cases for title in case.columns)
    return tuple(title for title in titles if 2 <= len(_groups(evaluation, title)) <= 12)


def prevalence_chart(evaluation: Evaluation, group: str | None = None) -> Chart:
    """How often the reference says yes, by the column `group` (default: diagnosis or split, if there).

    Intervals are over patients. What is blank in the column is a group without a name.
    """
    if group is None:
        known = {normalise_name(title): title for title in group_columns(evaluation)}
        group = next((known[title] for title in _GROUP_COLUMNS if title in known), "")
    groups = _groups(evaluation, group) if group else ("",)
    points: list[ChartPoint] = []
    for column, text in enumerate(groups):
        points += _prevalence_points(evaluation, column, (group, text) if group else None)
    names = tuple(text or ("not said" if group else "all recordings") for text in groups)
    by = f" by {group}" if group else ""
    title = f"Prevalence{by}"
    rows = tuple(feature.name for feature in FEATURES)
    note = "Share of yes among yes and no of the reference; 95 % intervals over patients"
    return Chart(ChartKind.PREVALENCE, title, rows, names, tuple(points), "Share of yes", note)


def _groups(evaluation: Evaluation, column: str) -> tuple[str, ...]:
    wanted = (normalise_name(column),)
    return tuple(sorted({column_text(case, wanted) for case in evaluation.grid.cases}))


def _prevalence_points(
    evaluation: Evaluation, column: int, group: tuple[str, str] | None
) -> Sequence[ChartPoint]:
    draws, truth = resample(evaluation.groups), evaluation.grid.truth
    cases = evaluation.grid.cases
    member = np.array(
        [group is None or column_text(case, (normalise_name(group[0]),)) == group[1] for case in cases],
        dtype=bool,
    )
    points = []
    for row, feature in enumerate(FEATURES):
        known = member & (truth[:, row] <= LabelState.YES)
        if known.any():
            yes = truth[known, row] == LabelState.YES
            share = resampled_mean(yes, evaluation.groups.numbers[known], evaluation.groups, draws)
            wanted = CasesWanted(None, feature.id, LabelState.YES, group=group)
            points.append(ChartPoint(row, column, share, int(known.sum()), wanted))
    return points

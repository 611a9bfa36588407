"""Numbers of an evaluation as cells and sentences, each with the cases behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.core.evaluation.cases_behind import CaseBehind, CasesWanted
from app.core.evaluation.charts import FIGURE_NAMES, STATE_NAMES, Chart, ChartKind, ChartPoint
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.evaluation.figure_text import interval, number
from app.core.evaluation.labels import LabelState
from app.core.evaluation.scoring import Estimate, FeatureResult, Scored
from app.core.plural import plural
from app.core.semiology import FEATURE

_ANY = (None, None)
_SHARE_OF: Mapping[str, tuple[LabelState | None, LabelState | None]] = {
    "precision": (None, LabelState.YES),
    "recall": (LabelState.YES, None),
    "specificity": (LabelState.NO, None),
}
"""Of which cases a figure is a share: what the reference and what the reader says."""

TABLE_HEAD = ("n", "Yes", "Coverage", *FIGURE_NAMES.values(), "Best trivial")


@dataclass(frozen=True, slots=True)
class ResultCell:
    """A cell's text, a sentence on it, and the cases behind it."""

    text: str
    sentence: str
    wanted: CasesWanted


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A feature or a mean, and a cell for each of `TABLE_HEAD`."""

    name: str
    cells: tuple[ResultCell, ...]


def table_rows(evaluation: Evaluation, reader: str) -> Iterator[ResultRow]:
    """All figures of a reader, a row for each feature and mean."""
    result = evaluation.readers[reader]
    for feature, each in result.said.items():
        yield ResultRow(FEATURE[feature].name, tuple(_cells(reader, each)))
    for name, scored in (("Mean over features", result.macro), ("Mean weighted by yes", result.weighted)):
        every = CasesWanted(reader, scored=True)
        blank = ResultCell("", "", every)
        figures = (_figure_cell(name, key, scored.figures[key], every) for key in FIGURE_NAMES)
        yield ResultRow(name, (blank, blank, blank, *figures, _trivial_cell(name, scored, every)))


def _cells(reader: str, each: FeatureResult) -> Iterator[ResultCell]:
    name, scored = FEATURE[each.feature].name, CasesWanted(reader, each.feature, scored=True)
    yes = CasesWanted(reader, each.feature, LabelState.YES, scored=True)
    every = CasesWanted(reader, each.feature)
    share = "–" if each.coverage_share is None else f"{each.coverage_share:.0%}"
    kinds = ", ".join(f"{count} {kind.value.replace('_', ' ')}" for kind, count in each.coverage.items())
    few = " Few cases: read it with care." if each.is_small else ""
    yield ResultCell(str(each.n), f"{name}: {plural(each.n, 'case')} in the figures.{few}", scored)
    yield ResultCell(str(each.positives), f"{name}: in {each.positives} the reference says yes.", yes)
    yield ResultCell(share, f"{name}: of {plural(each.cases, 'case')} of the reference {kinds}.", every)
    for key in FIGURE_NAMES:
        states = _ANY if each.macro else _SHARE_OF.get(key, _ANY)
        wanted = CasesWanted(reader, each.feature, *states, scored=True)
        yield _figure_cell(name, key, each.scored.figures[key], wanted)
    yield _trivial_cell(name, each.scored, scored)


def _figure_cell(name: str, key: str, figure: Estimate, wanted: CasesWanted) -> ResultCell:
    if figure.undefined:
        return ResultCell("–", f"{name}: {FIGURE_NAMES[key]} is not defined, because {figure.why}.", wanted)
    bounds = interval(figure)
    text = number(figure, ".2f")
    between = f", 95 % interval {bounds}" if bounds else ""
    return ResultCell(text, f"{name}: {FIGURE_NAMES[key]} {text}{between}.", wanted)


def _trivial_cell(name: str, scored: Scored, wanted: CasesWanted) -> ResultCell:
    best = scored.trivial()
    if best is None:
        return ResultCell("–", f"{name}: there is no F1 to compare with.", wanted)
    text = f"{best:.2f} {scored.standing.value}".strip()
    means = scored.best.replace("_", " ")
    gain = number(scored.gain, "+.2f")
    return ResultCell(
        text, f"{name}: best trivial answer, {means}, has F1 {text}; the reader is {gain} above it.", wanted
    )


def describe_point(chart: Chart, point: ChartPoint) -> str:
    """A number of a chart as a sentence."""
    row, column = chart.rows[point.row], chart.columns[point.column]
    if chart.kind is ChartKind.CONFUSION:
        return f"The reference says {row}, the reader {column}: {plural(point.n, 'answer')}."
    if chart.kind is ChartKind.ONSETS:
        spread = _between(point.estimate)
        many = "recording" if point.n == 1 else "recordings"
        after = number(point.estimate, ".1f")
        return f"{row}, {column}: {after} s after the first sign{spread}, {point.n} {many}."
    if point.estimate.undefined:
        return f"{row}, {column}: {chart.value} is not defined, because {point.estimate.why}."
    text, bounds = number(point.estimate, ".2f"), interval(point.estimate)
    between = f" ({bounds})" if bounds else ""
    if chart.kind is ChartKind.RELIABILITY:
        return f"{column}: of {point.n} answers with a probability of {row} {text} are yes."
    if chart.kind is ChartKind.FAITHFULNESS:
        return f"{row}: {point.n} ratings of {column}, {text} of all."
    beside = "" if point.beside is None else f"; best trivial answer {point.beside:.2f}"
    return f"{row}, {column}: {chart.value} {text}{between}, {plural(point.n, 'case')}{beside}."


def _between(estimate: Estimate) -> str:
    known = estimate.low is not None and estimate.high is not None
    return f" (middle half {estimate.low:.1f} to {estimate.high:.1f} s)" if known else ""


def describe_case(case: CaseBehind) -> tuple[str, str, str, str, str]:
    """A case as cells: recording, feature, what the reference and the reader say, and whether it is right."""
    said = "" if case.said is None else STATE_NAMES[case.said]
    right = {True: "right", False: "wrong", None: ""}[case.right]
    return case.name, FEATURE[case.feature].name, STATE_NAMES[case.truth], said, right

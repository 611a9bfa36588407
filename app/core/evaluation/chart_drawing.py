"""Charts drawn by matplotlib for files: PNG, SVG, PDF.

Only figures of our data are made, without pyplot and its state. Names are foreign text: they are plain, never
read as formulas. The same chart gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.core.agreement.answer_map import AnswerMap, SaidState
from app.core.evaluation.charts import Chart, ChartKind, ChartPoint
from app.core.evaluation.figure_text import one_line
from app.core.semiology import FEATURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

FILE_KINDS = ("png", "svg", "pdf")

READER_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f7f7f", "#000000")
"""After Okabe and Ito (2008); further readers begin anew with another mark."""
MARKS = "os^Dv"

_STYLE: Mapping[Any, Any] = {
    "text.parse_math": False,
    "font.size": 8.0,
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.0,
    "axes.titlelocation": "left",
    "svg.fonttype": "none",
    "svg.hashsalt": "semioscope",
    "pdf.fonttype": 42,
    "savefig.bbox": "tight",
    "savefig.dpi": 200,
}
_UNDATED: Mapping[str, Mapping[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_LONGEST_NAME = 40
_HIGHEST_MAP = 20.0
"""Inches; more recordings get lower rows."""
_MOST_NAMED = 160
"""Recordings of a map up to which each row has its name."""


def draw_chart(chart: Chart, kind: str) -> bytes:
    """The chart as a file of one of the `FILE_KINDS`."""

    def draw(figure: Canvas, axes: Axes) -> None:
        _DRAWN[chart.kind](figure, axes, chart)
        axes.set_title(_name(chart.title, 90))
        if chart.note:
            figure.supxlabel(chart.note, fontsize=6.5, color="#555555", x=0.01, ha="left")

    return _drawn(_size(chart), kind, draw)


def draw_map(answers: AnswerMap, kind: str) -> bytes:
    """The map of all answers as a file of one of the `FILE_KINDS`; large studies get rows without names."""
    recordings, features, readers = answers.states.shape
    size = 3.0 + 0.07 * features * readers, 1.8 + min(max(0.12 * recordings, 1.0), _HIGHEST_MAP)
    return _drawn(size, kind, lambda figure, axes: _answer_map(figure, axes, answers))


def _drawn(size: tuple[float, float], kind: str, draw: Callable[[Canvas, Axes], None]) -> bytes:
    """A file of what `draw` draws, `size` in inches."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(dict(_STYLE)):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure, figure.add_subplot())
        content = io.BytesIO()
        figure.savefig(content, format=kind, metadata=dict(_UNDATED[kind]))
    return content.getvalue()


def _answer_map(figure: Canvas, axes: Axes, answers: AnswerMap) -> None:
    recordings, features, readers = answers.states.shape
    white, pale, hidden = (1.0, 1.0, 1.0), (0.87, 0.89, 0.91), (0.6, 0.6, 0.6)
    shades = np.full((readers, len(SaidState), 3), white)
    shades[:, SaidState.NO], shades[:, SaidState.SEALED] = pale, hidden
    for place in range(readers):
        colour = np.array([int(colour_of(place)[at : at + 2], 16) / 255 for at in (1, 3, 5)])
        shades[place, SaidState.YES] = colour
        shades[place, SaidState.NOT_ASSESSABLE] = (colour + 2 * np.ones(3)) / 3
    cells = shades[np.arange(readers), answers.states].reshape(recordings, features * readers, 3)
    axes.imshow(cells, aspect="auto", interpolation="nearest")
    middles = np.arange(features) * readers + (readers - 1) / 2
    axes.set_xticks(middles, [_name(one.name) for one in FEATURES], rotation=90)
    few = recordings <= _MOST_NAMED
    axes.set_yticks(range(recordings if few else 0), _names(answers.names) if few else [])
    for edge in np.arange(1, features) * readers - 0.5:
        axes.axvline(edge, color="#999999", linewidth=0.4)
    axes.set_title("All answers")
    listed = ", ".join(f"{place + 1} {_name(name)}" for place, name in enumerate(answers.readers))
    note = f"In each feature from left to right: {listed}. Full colour: yes; grey: no; pale: not assessable."
    figure.supxlabel(note, fontsize=6.5, color="#555555", x=0.01, ha="left")


def _size(chart: Chart) -> tuple[float, float]:
    """Width and height in inches."""
    rows, columns = len(chart.rows), len(chart.columns)
    if chart.kind is ChartKind.RELIABILITY:
        return 4.6, 4.4
    if chart.kind is ChartKind.CONFUSION:
        return 4.4, 3.6
    if chart.kind is ChartKind.FAITHFULNESS:
        return 6.0, 1.6 + 0.34 * rows
    if chart.kind is ChartKind.HEAT_MAP:
        return 2.6 + 0.85 * columns, 1.2 + 0.25 * rows
    return 6.2, 1.3 + rows * (0.16 + 0.09 * columns)


def _name(text: str, longest: int = _LONGEST_NAME) -> str:
    plain = one_line(text)
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _names(texts: Sequence[str]) -> list[str]:
    return [_name(text) for text in texts]


def colour_of(column: int) -> str:
    """The colour of a reader or group by its column."""
    return READER_COLOURS[column % len(READER_COLOURS)]


def _mark(column: int) -> str:
    return MARKS[column // len(READER_COLOURS) % len(MARKS)]


def _numbers(values: Sequence[float | None]) -> NDArray[np.float64]:
    """NaN where a value is not known."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _matrix(chart: Chart) -> NDArray[np.float64]:
    found = np.full((len(chart.rows), len(chart.columns)), np.nan)
    for point in chart.points:
        found[point.row, point.column] = np.nan if point.estimate.value is None else point.estimate.value
    return found


def _heat_map(figure: Canvas, axes: Axes, chart: Chart) -> None:
    low, _high = chart.axis
    shown = axes.imshow(_matrix(chart), cmap="cividis", vmin=low, vmax=1.0, aspect="auto")
    for point in chart.points:
        value = point.estimate.value
        text = "–" if value is None else f"{value:.2f}".replace("-", "−")
        light = value is None or (value - low) / (1 - low) > 0.55
        axes.text(
            point.column, point.row, text, ha="center", va="center", color="black" if light else "white"
        )
    _name_cells(axes, chart)
    figure.colorbar(shown, ax=axes, shrink=0.6, label=chart.value)


def _confusion(figure: Canvas, axes: Axes, chart: Chart) -> None:
    counts = _matrix(chart)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for point in chart.points:
        dark = shares[point.row, point.column] > 0.55
        text = str(point.n)
        axes.text(point.column, point.row, text, ha="center", va="center", color="white" if dark else "black")
    _name_cells(axes, chart)
    axes.set_ylabel("Reference")
    axes.set_xlabel("Reader")


def _name_cells(axes: Axes, chart: Chart) -> None:
    axes.set_xticks(range(len(chart.columns)), _names(chart.columns), rotation=30, ha="right")
    axes.set_yticks(range(len(chart.rows)), _names(chart.rows))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _dots(_figure: Canvas, axes: Axes, chart: Chart) -> None:
    for column, name in enumerate(chart.columns):
        points = [point for point in chart.points if point.column == column]
        _dot_column(axes, chart, column, name, points)
    axes.set_yticks(range(len(chart.rows)), _names(chart.rows))
    axes.set_ylim(len(chart.rows) - 0.5, -0.5)
    low, high = chart.axis
    if low < 0:
        axes.axvline(0, color="#999999", linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlim(low - 0.02 * high, 1.02 * high)
    axes.set_xlabel(chart.value)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(chart.columns) > 1 or chart.kind is ChartKind.INTERVALS:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)


def _dot_column(axes: Axes, chart: Chart, column: int, name: str, points: Sequence[ChartPoint]) -> None:
    shift = row_shift(column, len(chart.columns))
    known = [point for point in points if point.estimate.value is not None]
    colour = colour_of(column)
    for point in known:
        low, high = point.estimate.low, point.estimate.high
        if low is not None and high is not None:
            axes.plot([low, high], [point.row + shift] * 2, color=colour, linewidth=1.1, zorder=2)
    forest = chart.kind is ChartKind.FOREST
    axes.scatter(
        _numbers([point.estimate.value for point in known]),
        [point.row + shift for point in known],
        [(8.0 if forest else 3.6) ** 2 * max(chart.size_of(point), 0.2) ** 2 for point in known],
        colour, marker="s" if forest else _mark(column), label=_name(name), zorder=3,
    )  # fmt: skip
    trivial = [point for point in known if point.beside is not None]
    axes.plot(
        _numbers([point.beside for point in trivial]),
        [point.row + shift for point in trivial],
        linestyle="none", marker="|", markersize=5, color="#777777", zorder=1,
    )  # fmt: skip


def row_shift(column: int, columns: int) -> float:
    """How far below its row (in rows) a column's mark is drawn, so that readers do not cover one another."""
    return 0.0 if columns < 2 else min(0.6, 0.3 * (columns - 1)) * (column / (columns - 1) - 0.5)


def _reliability(_figure: Canvas, axes: Axes, chart: Chart) -> None:
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=(0, (4, 3)))
    most = max((point.n for point in chart.points), default=1)
    for column, name in enumerate(chart.columns):
        points = [point for point in chart.points if point.column == column and point.at is not None]
        if not points:
            continue
        places = _numbers([point.at for point in points])
        shares = _numbers([point.estimate.value for point in points])
        axes.plot(places, shares, color=colour_of(column), linewidth=1.1, label=_name(name))
        sizes = [8 + 60 * point.n / most for point in points]
        axes.scatter(places, shares, sizes, colour_of(column), marker=_mark(column))
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.set_xlabel("Probability of yes that was said")
    axes.set_ylabel(chart.value)
    axes.legend(loc="upper left", frameon=False)


_SCORE_COLOURS = ("#a6611a", "#dfc27d", "#d9d9d9", "#80cdc1", "#018571")


def _faithfulness(_figure: Canvas, axes: Axes, chart: Chart) -> None:
    shares = np.nan_to_num(_matrix(chart))
    before = np.zeros(len(chart.rows))
    for column, score in enumerate(chart.columns):
        axes.barh(
            range(len(chart.rows)), shares[:, column], left=before, color=_SCORE_COLOURS[column], label=score
        )
        before += shares[:, column]
    for point in chart.points:
        value = point.estimate.value or 0.0
        if value >= 0.04:
            middle = shares[point.row, : point.column].sum() + value / 2
            axes.text(middle, point.row, str(point.n), ha="center", va="center")
    axes.set_yticks(range(len(chart.rows)), _names(chart.rows))
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel(chart.value)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, title="Score")


_DRAWN: Mapping[ChartKind, Callable[[Canvas, Axes, Chart], None]] = {
    ChartKind.HEAT_MAP: _heat_map,
    ChartKind.INTERVALS: _dots,
    ChartKind.RELIABILITY: _reliability,
    ChartKind.CONFUSION: _confusion,
    ChartKind.FAITHFULNESS: _faithfulness,
    ChartKind.PREVALENCE: _dots,
    ChartKind.FOREST: _dots,
    ChartKind.ONSETS: _dots,
}

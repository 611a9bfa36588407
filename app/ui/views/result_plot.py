"""Charts of results that are drawn on axes: dots with intervals, reliability curves, shares of scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.core.evaluation.chart_drawing import row_shift
from app.core.evaluation.chart_words import describe_point
from app.core.evaluation.charts import AGREEMENT_KINDS, Chart, ChartKind, ChartPoint
from app.core.plain_text import plain
from app.ui.theme import Theme, small_font
from app.ui.views.flow import FlowLayout

if TYPE_CHECKING:
    import pyqtgraph as pg

_DARK = ("#56b4e9", "#e69f00", "#3ecf9c", "#e29ac4", "#f0e442", "#ff8a5c", "#b9bcc2")
_LIGHT = ("#0072b2", "#b45f06", "#00785a", "#a3427f", "#6b6200", "#c1440e", "#54585e")
"""After Okabe and Ito (2008), each at least 3 : 1 on the panel of its theme."""
_SCORES = ("#a6611a", "#dfc27d", "#bdbdbd", "#80cdc1", "#018571")
_MARKS = ("o", "s", "t1", "d", "star")
_NEAR = 14.0
"""Pixels within which a dot is meant by the pointer."""
_ROW, _PER_READER, _SQUARE = 14, 9, 380
_SWATCH = 10
"""Pixels of a mark in the legend."""


def reader_colour(theme: Theme, column: int) -> str:
    """The colour of a reader or group by its column."""
    colours = _DARK if theme.dark else _LIGHT
    return colours[column % len(colours)]


def mark_of(chart: Chart, column: int) -> str:
    """The form of a reader's or group's marks, as pyqtgraph names it: another one where the colours begin
    again. Areas, whose size says something, are squares."""
    if chart.kind in (ChartKind.FOREST, ChartKind.FAITHFULNESS):
        return "s"
    return _MARKS[column // len(_DARK) % len(_MARKS)]


Sized = float | Sequence[float]
"""The size of all marks in pixels, or of each."""


class ResultPlot(QWidget):
    """A chart on axes. Numbers are chosen with the pointer; the same as a table is for the keyboard."""

    chosen = Signal(object)
    """The ChartPoint that was clicked."""
    told = Signal(str)
    """What the number under the pointer says."""

    def __init__(self) -> None:
        super().__init__()
        self.legend = QWidget()
        self._legend = FlowLayout(self.legend)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.viewport().setAutoFillBackground(False)
        self._plot: pg.PlotWidget | None = None
        self._chart: Chart | None = None
        self._places: list[tuple[float, float, ChartPoint]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.legend)
        column.addWidget(self.area, 1)

    def show_chart(self, chart: Chart, theme: Theme) -> None:
        """Draw a chart in the colours of a theme."""
        self._chart = chart
        self._places = []
        plot = self._new_plot(theme)
        if chart.kind is ChartKind.RELIABILITY:
            self._draw_curves(plot, chart, theme)
        elif chart.kind is ChartKind.FAITHFULNESS:
            self._draw_bars(plot, chart, theme)
        else:
            self._draw_dots(plot, chart, theme)
        self._fill_legend(chart, theme)
        plot.setAccessibleName(chart.title)

    def clear(self) -> None:
        """Show nothing."""
        self._chart, self._places = None, []
        self._empty_legend()
        if (old := self.area.takeWidget()) is not None:
            old.deleteLater()
        self._plot = None

    def _new_plot(self, theme: Theme) -> pg.PlotWidget:
        import pyqtgraph as pg

        plot = pg.PlotWidget(background=theme.panel)
        plot.setFrameShape(QScrollArea.Shape.NoFrame)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setAntialiasing(True)
        for name in ("left", "bottom"):
            self._style_axis(plot, name, theme)
        plot.scene().sigMouseClicked.connect(self._clicked)
        plot.scene().sigMouseMoved.connect(self._moved)
        self._plot = plot
        self.area.setWidget(plot)
        return plot

    def _style_axis(self, plot: pg.PlotWidget, name: str, theme: Theme) -> None:
        axis = plot.getAxis(name)
        axis.setStyle(tickFont=small_font(), tickLength=-4)
        axis.setPen(theme.edge)
        axis.setTextPen(theme.text)

    def _name_rows(self, plot: pg.PlotWidget, chart: Chart, height: int) -> None:
        rows = [(row, plain(name, 40)) for row, name in enumerate(chart.rows)]
        plot.getAxis("left").setTicks([rows])
        plot.getViewBox().invertY(True)
        plot.setYRange(-0.6, len(chart.rows) - 0.4, padding=0)
        plot.setMinimumHeight(50 + height * len(chart.rows))

    def _draw_dots(self, plot: pg.PlotWidget, chart: Chart, theme: Theme) -> None:
        self._name_rows(plot, chart, _ROW + _PER_READER * len(chart.columns))
        low, high = chart.axis
        plot.setXRange(low - 0.02 * high, 1.02 * high, padding=0)
        if low < 0:
            self._draw_zero(plot, theme)
        plot.getAxis("bottom").setLabel(chart.value, color=theme.muted)
        if chart.kind in AGREEMENT_KINDS:
            # In a low panel the lower axis is out of sight at first.
            plot.showAxis("top")
            self._style_axis(plot, "top", theme)
        plot.showGrid(x=True, alpha=0.25)
        for column in range(len(chart.columns)):
            points = [one for one in chart.points if one.column == column and one.estimate.value is not None]
            shift = row_shift(column, len(chart.columns))
            self._draw_intervals(plot, points, shift, reader_colour(theme, column))
            trivial = [one for one in points if one.beside is not None]
            self._draw_marks(
                plot, [(one.beside or 0.0, one.row + shift) for one in trivial], "|", theme.muted, 9
            )
            places = [(one.estimate.value or 0.0, one.row + shift) for one in points]
            forest = chart.kind is ChartKind.FOREST
            size = [3 + 11 * chart.size_of(one) for one in points] if forest else 9
            self._draw_marks(plot, places, mark_of(chart, column), reader_colour(theme, column), size)
            self._places += [(*place, one) for place, one in zip(places, points, strict=True)]

    def _draw_intervals(
        self, plot: pg.PlotWidget, points: Sequence[ChartPoint], shift: float, colour: str
    ) -> None:
        import pyqtgraph as pg

        ends: list[tuple[float, float]] = []
        for one in points:
            low, high = one.estimate.low, one.estimate.high
            if low is not None and high is not None:
                ends += [(low, one.row + shift), (high, one.row + shift)]
        if ends:
            x, y = zip(*ends, strict=True)
            plot.plot(list(x), list(y), connect="pairs", pen=pg.mkPen(colour, width=1.5))

    def _draw_marks(
        self, plot: pg.PlotWidget, places: Sequence[tuple[float, float]], mark: str, colour: str, size: Sized
    ) -> None:
        import pyqtgraph as pg

        if not places:
            return
        x, y = zip(*places, strict=True)
        marks = pg.ScatterPlotItem(
            list(x), list(y), symbol=mark, size=size, brush=pg.mkBrush(colour), pen=pg.mkPen(colour)
        )
        plot.addItem(marks)

    def _draw_zero(self, plot: pg.PlotWidget, theme: Theme) -> None:
        """The line of chance."""
        import pyqtgraph as pg

        plot.addItem(pg.InfiniteLine(0, 90, pen=pg.mkPen(theme.edge, style=Qt.PenStyle.DashLine)))

    def _draw_curves(self, plot: pg.PlotWidget, chart: Chart, theme: Theme) -> None:
        import pyqtgraph as pg

        plot.setMinimumSize(_SQUARE, _SQUARE)
        plot.setXRange(-0.02, 1.02, padding=0)
        plot.setYRange(-0.02, 1.02, padding=0)
        plot.setAspectLocked(True)
        plot.getAxis("bottom").setLabel("Probability of yes that was said", color=theme.muted)
        plot.getAxis("left").setLabel(chart.value, color=theme.muted)
        plot.plot([0, 1], [0, 1], pen=pg.mkPen(theme.edge, style=Qt.PenStyle.DashLine))
        most = max((one.n for one in chart.points), default=1)
        for column in range(len(chart.columns)):
            points = [one for one in chart.points if one.column == column and one.at is not None]
            places = [(one.at or 0.0, one.estimate.value or 0.0) for one in points]
            colour = reader_colour(theme, column)
            if places:
                x, y = zip(*places, strict=True)
                plot.plot(list(x), list(y), pen=pg.mkPen(colour, width=1.5))
            for place, one in zip(places, points, strict=True):
                size = 6 + 8 * math.sqrt(one.n / most)
                self._draw_marks(plot, [place], mark_of(chart, column), colour, size)
            self._places += [(*place, one) for place, one in zip(places, points, strict=True)]

    def _draw_bars(self, plot: pg.PlotWidget, chart: Chart, theme: Theme) -> None:
        import pyqtgraph as pg

        self._name_rows(plot, chart, 46)
        plot.setMaximumHeight(50 + 60 * len(chart.rows))
        plot.setXRange(0, 1, padding=0.01)
        plot.getAxis("bottom").setLabel(chart.value, color=theme.muted)
        before = [0.0] * len(chart.rows)
        for one in sorted(chart.points, key=lambda each: each.column):
            share = one.estimate.value or 0.0
            start, before[one.row] = before[one.row], before[one.row] + share
            bar = pg.BarGraphItem(
                x0=[start], width=[share], y=[one.row], height=0.6, brush=_SCORES[one.column], pen=theme.panel
            )
            plot.addItem(bar)
            if share >= 0.03:
                text = pg.TextItem(str(one.n), color="#000000", anchor=(0.5, 0.5))
                text.setFont(small_font())
                text.setPos(start + share / 2, one.row)
                plot.addItem(text)
            self._places.append((start + share / 2, float(one.row), one))

    def _fill_legend(self, chart: Chart, theme: Theme) -> None:
        self._empty_legend()
        scores = chart.kind is ChartKind.FAITHFULNESS
        for column, name in enumerate(chart.columns):
            colour = _SCORES[column] if scores else reader_colour(theme, column)
            mark = _mark_picture(mark_of(chart, column), colour, self.devicePixelRatioF())
            self._legend.addWidget(_legend_entry(plain(name, 40), mark))
        self.legend.setVisible(bool(chart.columns))

    def _empty_legend(self) -> None:
        while (item := self._legend.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

    # the pointer

    def _clicked(self, event: Any) -> None:
        point = self._under(event.scenePos())
        if point is not None:
            self.chosen.emit(point)

    def _moved(self, place: QPointF) -> None:
        point = self._under(place)
        if self._plot is not None:
            self._plot.setCursor(
                Qt.CursorShape.ArrowCursor if point is None else Qt.CursorShape.PointingHandCursor
            )
        if point is not None and self._chart is not None:
            self.told.emit(describe_point(self._chart, point))

    def _under(self, place: QPointF) -> ChartPoint | None:
        """The number at a place of the scene: the bar there, or the nearest dot."""
        if self._plot is None or self._chart is None:
            return None
        view = self._plot.getViewBox()
        if self._chart.kind is ChartKind.FAITHFULNESS:
            at = view.mapSceneToView(place)
            return next((one for x, y, one in self._places if _on_bar(at, x, y, one)), None)
        near = [
            (math.hypot(place.x() - spot.x(), place.y() - spot.y()), number)
            for number, (x, y, _one) in enumerate(self._places)
            for spot in (view.mapViewToScene(QPointF(x, y)),)
        ]
        distance, number = min(near, default=(math.inf, -1))
        return self._places[number][2] if distance <= _NEAR else None


def _on_bar(at: QPointF, x: float, y: float, one: ChartPoint) -> bool:
    share = one.estimate.value or 0.0
    return abs(at.x() - x) <= share / 2 and abs(at.y() - y) <= 0.3


def _mark_picture(mark: str, colour: str, ratio: float) -> QPixmap:
    """A mark as the chart has it, for a screen with so many pixels for one of Qt's."""
    from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols

    picture = QPixmap(QSize(_SWATCH, _SWATCH) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(_SWATCH / 2, _SWATCH / 2)
    painter.scale(_SWATCH - 1, _SWATCH - 1)
    painter.fillPath(Symbols[mark], QColor(colour))
    painter.end()
    return picture


def _legend_entry(name: str, picture: QPixmap) -> QWidget:
    entry, swatch, words = QWidget(), QLabel(), QLabel(name)
    swatch.setPixmap(picture)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setFont(small_font())
    row = QHBoxLayout(entry)
    row.setContentsMargins(0, 0, 12, 0)
    row.setSpacing(5)
    row.addWidget(swatch)
    row.addWidget(words)
    return entry

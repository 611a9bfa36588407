"""Plots of a learner: the share right over the weeks, and certainty against what was right."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.agreement.figure import Figure
from app.core.plain_text import plain
from app.core.teaching.learner_certainty import LearnerCertainty
from app.core.teaching.learner_progress import WeekFigure
from app.ui.session.session import Session
from app.ui.theme import small_font

_MOST_TICKS = 8


class ProgressPlot(QWidget):
    """One plot of percentages in the colours of the window; it does not zoom."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__()
        import pyqtgraph

        self._session = session
        self._library: Any = pyqtgraph
        self.plot: Any = pyqtgraph.PlotWidget()
        self.plot.setMouseEnabled(False, False)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setYRange(0, 100, padding=0.04)
        self.plot.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        self._colour()
        session.appearance.theme_changed.connect(self._colour)

    def show_weeks(self, lines: Mapping[str, Sequence[WeekFigure]], *, intervals: bool) -> None:
        """Lines of the share right, week by week; `intervals` draws those of 95 %."""
        theme = self._session.appearance.theme
        colours = (theme.mine, theme.signal, theme.reference, theme.muted)
        self._begin("Week from", "Right, %")
        if len(lines) > 1:
            self.plot.addLegend(labelTextColor=theme.text, offset=(-10, -10))
        for number, (name, weeks) in enumerate(lines.items()):
            self._line(name, weeks, colours[number % len(colours)], intervals=intervals)
        self._name_weeks({one.week for weeks in lines.values() for one in weeks})

    def show_certainty(self, found: LearnerCertainty | None) -> None:
        """How often answers of a certainty were right, beside the line on which both are the same."""
        theme = self._session.appearance.theme
        self._begin("How certain, %", "Right, %")
        self.plot.setXRange(0, 100, padding=0.04)
        self.plot.plot([0, 100], [0, 100], pen=self._library.mkPen(theme.muted, style=Qt.PenStyle.DashLine))
        bins = [] if found is None else [(100 * one.certainty, one.right) for one in found.bins]
        self._points([x for x, _right in bins], [right for _x, right in bins], theme.mine, "", intervals=True)

    def _line(self, name: str, weeks: Sequence[WeekFigure], colour: str, *, intervals: bool) -> None:
        xs = [float(one.week.toordinal()) for one in weeks]
        self._points(xs, [one.right for one in weeks], colour, name, intervals=intervals)

    def _points(
        self, xs: Sequence[float], figures: Sequence[Figure], colour: str, name: str, *, intervals: bool
    ) -> None:
        ys = [100 * (one.value or 0.0) for one in figures]
        if intervals and xs:
            self._bars(xs, figures, colour)
        pen = self._library.mkPen(colour, width=2)
        # The library paints a name in a legend as markup, and a learner's file comes from somebody else.
        name = html.escape(plain(name, 40))
        looks = {"symbol": "o", "symbolSize": 8, "symbolBrush": colour, "symbolPen": None}
        self.plot.plot(list(xs), ys, pen=pen, name=name or None, **looks)

    def _bars(self, xs: Sequence[float], figures: Sequence[Figure], colour: str) -> None:
        """The intervals of these figures; one without an interval has a bar without length."""
        import numpy as np

        values = np.array([one.value or 0.0 for one in figures])
        lows = np.array(
            [value if one.low is None else one.low for one, value in zip(figures, values, strict=True)]
        )
        highs = np.array(
            [value if one.high is None else one.high for one, value in zip(figures, values, strict=True)]
        )
        below, above = 100 * (values - lows), 100 * (highs - values)
        pen = self._library.mkPen(colour)
        bars = self._library.ErrorBarItem(x=np.array(xs), y=100 * values, bottom=below, top=above, pen=pen)
        self.plot.addItem(bars)

    def _begin(self, across: str, up: str) -> None:
        self.plot.clear()
        legend = self.plot.getPlotItem().legend
        if legend is not None:
            legend.scene().removeItem(legend)
            self.plot.getPlotItem().legend = None
        axis = self.plot.getAxis("bottom")
        axis.setTicks(None)
        self.plot.enableAutoRange("x")
        self.plot.setLabel("bottom", across)
        self.plot.setLabel("left", up)

    def _name_weeks(self, weeks: set[date]) -> None:
        """Dates below the axis, not more than there is room for."""
        ordered = sorted(weeks)
        step = max(1, -(-len(ordered) // _MOST_TICKS))
        ticks = [(float(one.toordinal()), f"{one:%d %b}") for one in ordered[::step]]
        self.plot.getAxis("bottom").setTicks([ticks])
        if len(ordered) == 1:
            at = float(ordered[0].toordinal())
            self.plot.setXRange(at - 7, at + 7)

    def _colour(self) -> None:
        theme = self._session.appearance.theme
        self.plot.setBackground(theme.panel)
        for side in ("bottom", "left"):
            axis = self.plot.getAxis(side)
            axis.setPen(theme.edge)
            axis.setTextPen(theme.text)
            axis.setStyle(tickFont=small_font())

"""Charts of a comparison of readers: a forest plot by feature, and the order in which signs begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from app.core.agreement.comparison_cells import POOLED
from app.core.agreement.comparison_choice import Compared
from app.core.agreement.figure import Figure
from app.core.agreement.kappa import PairFigures
from app.core.evaluation.cases_behind import CasesWanted
from app.core.evaluation.charts import Chart, ChartKind, ChartPoint
from app.core.evaluation.scoring import Estimate
from app.core.semiology import FEATURE, FEATURES

FOREST_FIGURES: Mapping[str, Callable[[PairFigures], Figure]] = {
    "κ": lambda figures: figures.kappa,
    "AC1": lambda figures: figures.ac1,
    "PABAK": lambda figures: figures.pabak,
    "Same": lambda figures: figures.percent,
}
"""What a forest plot can show, by the head of its column in the table of figures."""


def forest_chart(compared: Compared, figure: str = "κ") -> Chart:
    """The agreement of the chosen two readers by feature: 95 % interval, and the number of cases as size."""
    of, pair = FOREST_FIGURES[figure], compared.chosen
    found = compared.comparison
    rows: dict[str, PairFigures] = {}
    if found is not None:
        rows = {POOLED: found.overall}
        rows |= {feature.name: found.features[feature.id].figures for feature in FEATURES}
    points = []
    for row, figures in enumerate(rows.values()):
        one = of(figures)
        if one.value is not None:
            wanted = CasesWanted(None, FEATURES[row - 1].id if row else None)
            points.append(ChartPoint(row, 0, Estimate(one.value, one.low, one.high), one.n, wanted))
    names = "" if pair is None else f"{pair[0]} and {pair[1]}"
    return Chart(
        ChartKind.FOREST,
        f"Agreement of {names}" if names else "Agreement",
        tuple(rows),
        (names,),
        tuple(points),
        figure,
        "95 % intervals; larger squares stand for more cases that both decided; “All features” has narrower "
        "intervals than it should, because answers within a recording depend on each other",
    )


def onset_chart(compared: Compared) -> Chart:
    """When signs begin by each reader, in seconds after the reader's first sign: medians and quartiles."""
    readers = tuple(name for name, delays in compared.delays.items() if delays)
    medians = {
        (feature, name): float(np.median(delays))
        for name in readers
        for feature, delays in compared.delays[name].items()
    }
    listed = {feature for feature, _name in medians}

    def usual(feature: str) -> float:
        return float(np.mean([medians[feature, name] for name in readers if (feature, name) in medians]))

    order = sorted(listed, key=usual)
    points = []
    for row, feature in enumerate(order):
        for column, name in enumerate(readers):
            delays = compared.delays[name].get(feature, ())
            if delays:
                low, high = (float(end) for end in np.percentile(delays, [25, 75]))
                spread = (low, high) if len(delays) > 1 else (None, None)
                estimate = Estimate(medians[feature, name], *spread)
                points.append(ChartPoint(row, column, estimate, len(delays), CasesWanted(None, feature)))
    return Chart(
        ChartKind.ONSETS,
        "Order of onsets",
        tuple(FEATURE[feature].name for feature in order),
        readers,
        tuple(points),
        "Seconds after the first sign",
        "By each reader, of signs with a marked time; lines span the middle half of the recordings",
    )

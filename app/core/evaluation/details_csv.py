"""Every figure beyond presence as a table: a row for each reader, feature, figure and bin of a curve."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from app.core.evaluation.details_json import details_to_dict
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.exchange.phrases import neutralise_everywhere

_HEAD = ("reader", "kind", "feature", "figure", "value", "low", "high", "n")


def details_to_csv(evaluation: Evaluation) -> str:
    """The rows, unrounded; blank where not known. The bins of the reliability curve are figures `curve 1`, …
    with the mean probability as `value` and the share of yes in the row `curve 1 yes`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEAD)
    for name, details in evaluation.details.items():
        for kind, found in details_to_dict(details).items():
            for row in _rows(kind, found):
                writer.writerow((neutralise_everywhere(name), kind, *row))
    return text.getvalue()


Row = tuple[object, ...]
_WITHOUT_FEATURES = ("sequence", "first_movement")


def _rows(kind: str, found: Mapping[str, object] | None) -> Iterator[Row]:
    if found is None:
        return
    parts = {"": found} if kind in _WITHOUT_FEATURES else found
    for feature, figures in parts.items():
        if isinstance(figures, Mapping):
            for row in _figures("", figures, figures.get("n")):
                yield (feature, *row)


def _figures(before: str, figures: Mapping[str, object], n: object) -> Iterator[Row]:
    """The rows of nested figures, their names joined with spaces."""
    n = figures.get("n", n)
    for name, value in figures.items():
        title = f"{before} {name}".strip().replace("_", " ")
        if isinstance(value, Mapping) and "interval" in value:
            low, high = value["interval"] or (None, None)
            yield title, value["value"], low, high, n
        elif isinstance(value, Mapping):
            yield from _figures(title, value, n)
        elif isinstance(value, list):
            yield from _curve(value)
        elif name != "n":
            yield title, value, None, None, n


def _curve(bins: list[Mapping[str, object]]) -> Iterator[Row]:
    for number, one in enumerate(bins, 1):
        yield f"curve {number}", one["probability"], None, None, one["n"]
        yield f"curve {number} yes", one["yes"], None, None, one["n"]

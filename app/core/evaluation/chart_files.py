"""The charts of an evaluation as files in a folder: a picture of each, and its numbers as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from app.core.atomic import make_folder, write_atomically
from app.core.errors import UserError
from app.core.evaluation.chart_drawing import FILE_KINDS, draw_chart
from app.core.evaluation.charts import Chart, ChartKind, all_charts
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.exchange.phrases import neutralise_everywhere
from app.core.jobs import CancelToken, Progress, Report, no_report

_HEAD = ("row", "column", "value", "low", "high", "n", "probability", "best_trivial")


def file_kinds(text: str) -> tuple[str, ...]:
    """The kinds of a list such as `svg,png`. Raises UserError for another kind."""
    kinds = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    if not kinds or set(kinds) - set(FILE_KINDS):
        raise UserError(f"Pictures of charts can be {', '.join(FILE_KINDS)}, not “{text}”.")
    return kinds


def charts_in(folder: Path, kinds: Sequence[str]) -> tuple[Path, ...]:
    """What is in the folder under names that charts of these kinds can have."""
    endings = {f".{kind}" for kind in (*kinds, "csv")}
    starts = tuple(kind.value for kind in ChartKind)
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple(one for one in found if one.suffix in endings and one.name.startswith(starts))


def write_charts(
    evaluation: Evaluation,
    folder: Path,
    kinds: Sequence[str] = ("png",),
    *,
    group: str | None = None,
    replace: bool = True,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> tuple[Path, ...]:
    """The files written: pictures of these kinds and a CSV of each chart; what exists is kept without
    `replace`. Raises UserError."""
    charts = tuple(all_charts(evaluation, group=group))
    make_folder(folder)
    written = []
    for number, (name, chart) in enumerate(zip(_file_names(charts), charts, strict=True)):
        report(Progress(f"Drawing {chart.title}", number / len(charts)))
        for kind in kinds:
            if cancel is not None:
                cancel.check()
            written.append(folder / f"{name}.{kind}")
            write_atomically(written[-1], draw_chart(chart, kind), replace=replace)
        written.append(folder / f"{name}.csv")
        content = chart_to_csv(chart).encode("utf-8-sig", "replace")
        write_atomically(written[-1], content, replace=replace)
    return tuple(written)


def _file_names(charts: Iterable[Chart]) -> Iterator[str]:
    """The kind of each chart and whose it is, in letters that every file system takes; no two alike."""
    used: set[str] = set()
    for chart in charts:
        whose = re.sub(r"[^A-Za-z0-9]+", "-", chart.whose).strip("-")[:40]
        name = start = "-".join(part for part in (chart.kind.value, whose) if part)
        number = 1
        while name.casefold() in used:
            number += 1
            name = f"{start}-{number}"
        used.add(name.casefold())
        yield name


def chart_to_csv(chart: Chart) -> str:
    """A row for each number, unrounded; blank where not known."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEAD)
    for point in chart.points:
        names = (
            neutralise_everywhere(chart.rows[point.row]),
            neutralise_everywhere(chart.columns[point.column]),
        )
        found = point.estimate
        writer.writerow((*names, found.value, found.low, found.high, point.n, point.at, point.beside))
    return text.getvalue()

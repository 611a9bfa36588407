"""Results of benchmarks for reading: in the terminal, and as the page of performance numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.benchmark import Result, Row, Rule

HEADER = ("what", "value", "floor", "ratio", "bar", "")
_HOLDS = {True: "holds", False: "MISSED", None: ""}


def as_text(result: Result) -> str:
    """The result as a table of aligned columns."""
    cells = [HEADER, *(_cells(row) for row in result.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADER))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([result.name, *lines, *result.notes]) + "\n"


def as_markdown(results: Sequence[Result], titles: dict[str, str]) -> str:
    """`docs/performance.md`: every result with the machine it was measured on."""
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; do not edit. Ratios are to a floor measured in the same run, so that they",
        "mean the same on another machine.",
    ]
    for result in results:
        lines += ["", *_section(result, titles)]
    return "\n".join(lines) + "\n"


def with_section(page: str, result: Result, titles: dict[str, str]) -> str:
    """The page with the section of one result measured anew, or added at the end."""
    before, *sections = page.rstrip("\n").split("\n\n## ")
    ours = "\n".join(_section(result, titles)).removeprefix("## ")
    same = [one.startswith(f"{result.name}: ") for one in sections]
    kept = [ours if is_ours else one for one, is_ours in zip(sections, same, strict=True)]
    return "\n\n## ".join([before, *kept, *([] if any(same) else [ours])]) + "\n"


def _section(result: Result, titles: dict[str, str]) -> list[str]:
    return [
        f"## {result.name}: {titles.get(result.name, '')}",
        "",
        f"| {' | '.join(HEADER)} |",
        "|---|--:|--:|--:|--:|---|",
        *(f"| {' | '.join(_cells(row))} |" for row in result.rows),
        "",
        *(f"- {note}" for note in result.notes),
        "- Measured on: " + ", ".join(f"{key} {value}" for key, value in result.machine.items()),
    ]


def _cells(row: Row) -> tuple[str, ...]:
    floor = "" if row.floor is None else f"{number(row.floor)} {row.unit}".strip()
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}×"
    return (row.what, f"{number(row.value)} {row.unit}".strip(), floor, ratio, _bar(row), _HOLDS[row.holds])


def _bar(row: Row) -> str:
    if row.bar is None:
        return ""
    if row.rule is Rule.RATIO_AT_MOST:
        return f"≤ {row.bar:g}×"
    sign = "≥" if row.rule is Rule.VALUE_AT_LEAST else "≤"
    return f"{sign} {row.bar:g} {row.unit}".strip()


def number(value: float) -> str:
    """Three figures, no exponent; a dash for not a number."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 4)}f}"

"""A table as it was found in a file: the row of titles found below whatever stands above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.exchange.phrases import FEATURE_ALIASES, normalise_name, shorten

NOT_CALCULATED = "\x00not calculated"
"""The text of a cell with a formula whose result no program has stored; no cell of a file holds it."""

MOST_ABOVE = 30
"""Rows in which the titles are looked for."""

_ALIASES: dict[str, tuple[str, ...]] = {
    "recording": ("recording", "recording name", "file", "file name", "video", "video name", "clip"),
    "sha256": ("sha256",),
    "duration": ("duration", "duration s"),
    "reader": ("reader", "reader name", "annotator", "rater", "coder", "observer"),
    "reader_kind": ("reader kind",),
    "reader_version": ("reader version",),
    "reader_details": ("reader details",),
    "feature": ("feature", "feature name", "semiology"),
    "presence": ("presence", "present", "answer", "value"),
    "confidence": ("confidence",),
    "confidence_kind": ("confidence kind",),
    "after_unblinding": ("after unblinding",),
    "laterality": ("laterality", "side"),
    "start": ("start", "onset", "start s", "span start"),
    "end": ("end", "offset", "end s", "span end"),
    "explanation": ("explanation", "note", "comment", "reason"),
}  # fmt: skip

COLUMN_ALIASES = {normalise_name(alias): column for column, names in _ALIASES.items() for alias in names}
"""The columns by every name that is understood, without case, spaces, underscores and hyphens."""


def aliases_of(column: str) -> tuple[str, ...]:
    """Every name that is understood for a column."""
    return _ALIASES[column]


@dataclass(frozen=True, slots=True)
class FoundTable:
    """The row of titles and the rows below it, as text; `first` is the number of the row of titles, as a
    spreadsheet counts. `decimal_comma`: the cells are separated by semicolons, so a comma is a decimal one.
    `remarks` and `asides` are as in `Imported`.
    """

    rows: Sequence[Sequence[str]]
    first: int = 1
    decimal_comma: bool = False
    remarks: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()

    @property
    def titles(self) -> Sequence[str]:
        return self.rows[0] if self.rows else ()

    def numbered(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows below the titles that hold anything, with their numbers."""
        for number, cells in enumerate(self.rows[1:], self.first + 1):
            if any(cell.strip() for cell in cells):
                yield number, cells


def count_titles(cells: Sequence[str]) -> int:
    """The number of cells that are titles of columns."""
    names = (normalise_name(cell) for cell in cells if len(cell) <= 80)
    return sum(name in COLUMN_ALIASES or name in FEATURE_ALIASES for name in names)


def find_titles(rows: Sequence[Sequence[str]]) -> int:
    """The place of the row of titles: the first with the most known ones, at least two and one for the
    recording, which rows of labels do not have; else the first with cells."""
    counts = [count_titles(cells) if _names_recordings(cells) else 0 for cells in rows[:MOST_ABOVE]]
    most = max(counts, default=0)
    if most > 1:
        return counts.index(most)
    filled = (place for place, cells in enumerate(rows[:MOST_ABOVE]) if any(cell.strip() for cell in cells))
    return next(filled, 0)


def _names_recordings(cells: Sequence[str]) -> bool:
    return any(COLUMN_ALIASES.get(normalise_name(cell)) == "recording" for cell in cells if len(cell) <= 80)


def table_of_rows(
    rows: Sequence[Sequence[str]],
    *,
    decimal_comma: bool = False,
    remarks: tuple[str, ...] = (),
    asides: tuple[str, ...] = (),
) -> FoundTable:
    """The table in the rows of a file; what stands above the titles becomes an aside."""
    at = find_titles(rows)
    above = [shorten(cell.strip()) for cells in rows[:at] for cell in cells if cell.strip()]
    if above:
        asides = (*asides, f"The lines above the titles of the columns were passed over: “{above[0]}”.")
    return FoundTable(rows[at:], at + 1, decimal_comma, remarks, asides)

"""The choice of readers to compare in a study, and the comparison for display."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.agreement.comparison_cells import Columns, Rows
from app.core.agreement.standing import GridRow


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice of what to compare: two readers and any number together, by name; a study or one recording.

    Names that are not there are passed over; without any of `together` it is all but the consensus. `only`
    is the number of the one recording; `me` is the reader who comes first when no pair is chosen.
    """

    pair: tuple[str, str] = ("", "")
    together: tuple[str, ...] = ()
    only: int | None = None
    me: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison for display. `rows` are the features' names with their figures, the first row pooled."""

    readers: tuple[str, ...]
    chosen: tuple[str, str] | None = None
    together: tuple[str, ...] = ()
    columns: Columns = ()
    rows: Rows = ()
    grid: tuple[GridRow, ...] = ()
    recordings: int = 0
    only_open: bool = False

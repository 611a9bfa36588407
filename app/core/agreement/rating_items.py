"""The explanations that a person rates and the results, for display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.reading import ReaderIdentity
from app.core.semiology import Presence, Span

if TYPE_CHECKING:
    from app.core.agreement.comparison_cells import Rows

COLUMNS = ("n", "1", "2", "3", "4", "5", "Mean", "≥ 3")


@dataclass(frozen=True, slots=True)
class RatingItem:
    """One explanation to rate: its place, the answer, and the person's score (1–5)."""

    number: int
    recording: str
    feature: str
    reader: ReaderIdentity
    presence: Presence
    explanation: str
    evidence: tuple[Span, ...]
    score: int | None


@dataclass(frozen=True, slots=True)
class RatingWork:
    """The readers and references to choose from, the chosen pair, the queue, and the results."""

    readers: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    chosen: tuple[str, str] | None = None
    items: tuple[RatingItem, ...] = ()
    rows: Rows = ()
    remark: str = ""

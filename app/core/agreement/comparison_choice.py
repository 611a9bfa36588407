"""The choice of readers to compare in a study, and the comparison for display."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.agreement.comparison_cells import Columns, Rows
from app.core.agreement.standing import GridRow
from app.core.study.blind_readings import AnswersUsed

if TYPE_CHECKING:
    from app.core.agreement.answer_map import AnswerMap
    from app.core.agreement.comparison import Comparison
    from app.core.agreement.onset_order import SignDelays


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice of what to compare: two readers and any number together, by name; a study or one recording.

    Names that are not there are passed over; without any of `together` it is all but the consensus. `only`
    is the number of the one recording; `me` is the reader who comes first when no pair is chosen; `used` says
    which answers count of those who read blind.
    """

    pair: tuple[str, str] = ("", "")
    together: tuple[str, ...] = ()
    only: int | None = None
    me: str = ""
    used: AnswersUsed = AnswersUsed.LOCKED


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison for display. `rows` are the features' names with their figures, the first row pooled.

    `comparison` has the figures of the two over the study, None of one recording; `answers` and `delays` are
    of all readers. `changed` of all answers were changed after unblinding; `used` says whether they count.
    """

    readers: tuple[str, ...]
    chosen: tuple[str, str] | None = None
    together: tuple[str, ...] = ()
    columns: Columns = ()
    rows: Rows = ()
    grid: tuple[GridRow, ...] = ()
    recordings: int = 0
    only_open: bool = False
    comparison: Comparison | None = None
    answers: AnswerMap | None = None
    delays: SignDelays = field(default_factory=dict)
    used: AnswersUsed = AnswersUsed.LOCKED
    changed: int = 0

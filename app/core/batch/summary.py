"""What became of each reading of a batch, as a table and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.batch.results import UnitFailure
from app.core.exchange.csv_file import rows_to_csv
from app.core.exchange.phrases import shorten

_MOST_NAMES = 3


class UnitState(StrEnum):
    """Read in this run, there from an earlier one, failed, or left because somebody stopped this one."""

    READ = "read"
    EARLIER = "earlier"
    FAILED = "failed"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A recording and a reader, what became of it, the name of its result, and why it failed."""

    recording: str
    reader: str
    state: UnitState
    key: str
    reason: str = ""

    @property
    def failure(self) -> UnitFailure:
        return UnitFailure(self.recording, self.reader, self.reason)


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """How many readings were made now and were there before, and what failed."""

    read: int
    reused: int
    failures: tuple[UnitFailure, ...]
    rows: tuple[SummaryRow, ...] = field(repr=False, default=())


def summary_to_csv(rows: Iterable[SummaryRow]) -> bytes:
    """The table of all readings."""
    titles = ("recording", "reader", "state", "result", "reason")
    cells = ((row.recording, row.reader, row.state.value, row.key, row.reason) for row in rows)
    return rows_to_csv((titles, *cells))


def describe_batch(outcome: BatchOutcome) -> tuple[str, ...]:
    """What was read, then each reason why something failed with the recordings that it cost."""
    failed = len(outcome.failures)
    head = f"{outcome.read} read, {outcome.reused} from before, {failed} failed."
    return (head, *_reasons(outcome.failures))


def _reasons(failures: Iterable[UnitFailure]) -> Iterator[str]:
    """The most frequent reason first."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for one in failures:
        by_reason.setdefault((one.reader, one.reason), []).append(one.recording)
    counts = Counter({key: len(names) for key, names in by_reason.items()})
    for (reader, reason), count in counts.most_common():
        names = [shorten(name) for name in by_reason[reader, reason][:_MOST_NAMES]]
        more = f" and {count - len(names)} more" if count > len(names) else ""
        yield f"{', '.join(names)}{more} · {reader}: {reason}"

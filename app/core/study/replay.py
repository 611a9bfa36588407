"""The check that a study's present state is what its history leads to."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

from app.core.errors import UserError
from app.core.study import history
from app.core.study.effects import Effects, Said, SpanCounts, SpansChange, StatePlace
from app.core.study.history import Broken, HistoryEntry
from app.core.study.recorded_changes import ALL_RECORDED, recorded_kind

_MOST_DANGLING = 1000


def verify(connection: sqlite3.Connection) -> tuple[Broken, ...]:
    """Every place where the history is broken, and everything stored that bypassed it."""
    entries = tuple(history.entries(connection))
    return (
        *history.broken_chain(connection, entries),
        *_broken_state(connection, entries),
        *_belongs_to_nothing(connection),
    )


def _belongs_to_nothing(connection: sqlite3.Connection) -> Iterator[Broken]:
    """Rows that name a recording, a reader or an answer that is not there; of many the first ones."""
    found = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_DANGLING)
    for table in sorted({str(row[0]) for row in found}):
        yield Broken(0, f"a row in the table {table} belongs to nothing")


def _broken_state(connection: sqlite3.Connection, entries: Iterable[HistoryEntry]) -> Iterator[Broken]:
    expected: dict[StatePlace, tuple[Said, int]] = {}
    for row in entries:
        try:
            for what, new in _effects(row):
                place = row.recording, row.reader, what
                said = _after(expected.get(place), new) if isinstance(new, SpansChange) else new
                expected[place] = (said, row.seq)
        except (ValueError, TypeError, AttributeError, LookupError, UserError):
            yield Broken(row.seq, f"row {row.seq} cannot be read")
    present = {place: said for kind in ALL_RECORDED for place, said in kind.held(connection)}
    for place in sorted(expected.keys() | present.keys(), key=str):
        should, seq = expected.get(place, ("", 0))
        if (present.get(place) or "") != (should or ""):
            yield Broken(seq, f"what the study holds for “{place[2]}” differs from its history")


def _after(known: tuple[Said, int] | None, change: SpansChange) -> SpanCounts:
    """The evidence after a change. Raises LookupError when it did not hold what was taken out."""
    spans = known[0] if known is not None else ""
    held: SpanCounts = Counter() if isinstance(spans, str) else spans
    if any(held[span] < count for span, count in change.removed.items()):
        raise LookupError("a span that was not there")
    # In place: one answer may have thousands, and as many changes of one span each.
    held.subtract(change.removed)
    held.update(change.added)
    for span in change.removed:
        if not held[span]:
            del held[span]
    return held


def _effects(row: HistoryEntry) -> Effects:
    kind = recorded_kind(row.subject, row.feature)
    if kind is None:
        raise ValueError("an unknown subject")
    return kind.effects(row)

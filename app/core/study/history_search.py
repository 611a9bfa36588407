"""The history asked for: filtered, in pages, and told in words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.reading import ReaderIdentity
from app.core.semiology import FEATURE
from app.core.study import sealing, tables, values
from app.core.study.history import COLUMNS, Entry, check_columns
from app.core.study.left_out import good_rows

PAGE = 200


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which rows of the history; None and "" are no condition.

    `since` and `until` are moments in UTC (ISO 8601), both included; `text` stands somewhere in old,
    new or why (capital and small letters of ASCII alike); `subject` is one of the kinds in docs/formats.md.
    """

    recording_id: int | None = None
    who: str | None = None
    reader: ReaderIdentity | None = None
    feature: str | None = None
    operation: str | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One row of the history with the names that hold now; "" where it does not apply."""

    entry: Entry
    recording: str
    reader: str

    @property
    def old(self) -> str:
        """What was, in words."""
        return in_words(self.entry.subject, self.entry.old)

    @property
    def new(self) -> str:
        """What became, in words."""
        return in_words(self.entry.subject, self.entry.new)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Rows with the latest first; `next` continues after them, None at the end."""

    rows: tuple[HistoryRow, ...]
    next: int | None


def page(
    connection: sqlite3.Connection,
    wanted: HistoryFilter,
    *,
    limit: int = PAGE,
    before: int | None = None,
    viewers: Sequence[ReaderIdentity] = (),
) -> HistoryPage:
    """At most `limit` rows that all of the viewers may see, older than row `before`."""
    conditions, values = _conditions(connection, wanted)
    if before is not None:
        conditions.append("seq < ?")
        values.append(before)
    for condition, value in seen_by(connection, viewers):
        conditions.append(condition)
        values.extend(value)
    where = " AND ".join(conditions) or "1"
    found = connection.execute(
        f"SELECT {_PREFIXED}, coalesce(recordings.name, ''), coalesce(readers.name, '') FROM history "
        "LEFT JOIN recordings ON recordings.fingerprint = history.recording "
        "LEFT JOIN readers ON readers.key = history.reader "
        f"WHERE {where} ORDER BY seq DESC LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    rows = tuple(good_rows(connection, found[:limit], _row, _what))
    return HistoryPage(rows, int(found[limit - 1][0]) if len(found) > limit else None)


def _row(*row: Any) -> HistoryRow:
    """Raises ValueError when the row is not what this program writes."""
    recording, reader = (values.name(name) for name in row[-2:])
    return HistoryRow(_checked(Entry(*row[:-2])), recording, reader)


def _what(seq: object, *_rest: object) -> str:
    return f"row {seq!r:.40} of the history"


def readable(connection: sqlite3.Connection, entries: Iterable[Entry]) -> Iterator[Entry]:
    """The rows that are what this program writes."""
    return good_rows(connection, ((entry,) for entry in entries), _checked, lambda entry: _what(entry.seq))


def _checked(entry: Entry) -> Entry:
    """The same row. Raises ValueError when it is not what this program writes."""
    check_columns(entry)
    try:
        # The row may be put into words later, and nothing may fail then.
        in_words(entry.subject, entry.old)
        in_words(entry.subject, entry.new)
    except (TypeError, LookupError, AttributeError) as error:
        raise ValueError("what was changed cannot be told") from error
    return entry


_PREFIXED = ", ".join(f"history.{column.strip()}" for column in COLUMNS.split(","))


def seen_by(
    connection: sqlite3.Connection, viewers: Sequence[ReaderIdentity]
) -> list[tuple[str, tuple[Any, ...]]]:
    """The conditions under which all viewers may see a row, each with its values; none when all may be seen.

    Rows of the others' readings of a recording that is sealed to a viewer are left out whole: also
    who changed which feature, and why, would tell something. So are all ratings of explanations there.
    """
    return [condition for viewer in viewers for condition in _seen_by(connection, viewer)]


def _seen_by(connection: sqlite3.Connection, viewer: ReaderIdentity) -> list[tuple[str, tuple[Any, ...]]]:
    opened = sealing.open_recordings(connection, viewer)
    if opened is None:
        return []
    number = tables.reader_id(connection, viewer)
    key = "" if number is None else tables.key_of(connection, number)
    fingerprints = json.dumps([tables.recording(connection, one).fingerprint for one in sorted(opened)])
    return [
        (
            "(history.reader IS NULL OR (history.reader = ? AND history.subject <> 'rating') "
            "OR history.recording = '' OR history.recording IN (SELECT value FROM json_each(?)))",
            (key, fingerprints),
        )
    ]


def _conditions(connection: sqlite3.Connection, wanted: HistoryFilter) -> tuple[list[str], list[Any]]:
    recording = (
        None if wanted.recording_id is None else tables.recording(connection, wanted.recording_id).fingerprint
    )
    number = None if wanted.reader is None else tables.reader_id(connection, wanted.reader)
    key = None if wanted.reader is None else tables.key_of(connection, number) if number else ""
    # Old and new stand as JSON of ASCII, why as it is.
    told = _like(json.dumps(wanted.text)[1:-1]), _like(wanted.text)
    table = (
        ("history.recording = ?", recording),
        ("who = ?", wanted.who),
        ("history.reader = ?", key),
        ("feature = ?", wanted.feature),
        ("operation = ?", wanted.operation),
        ("subject = ?", wanted.subject),
        ("at >= ?", wanted.since),
        ("at <= ?", wanted.until),
    )
    used: list[tuple[str, Any]] = [(condition, value) for condition, value in table if value is not None]
    conditions, values = [condition for condition, _value in used], [value for _condition, value in used]
    if wanted.text:
        conditions.append(r"(old || ' ' || new LIKE ? ESCAPE '\' OR why LIKE ? ESCAPE '\')")
        values.extend(told)
    return conditions, values


def _like(text: str) -> str:
    """What LIKE finds anywhere, taken by the letter."""
    for character in ("\\", "%", "_"):
        text = text.replace(character, "\\" + character)
    return f"%{text}%"


def in_words(subject: str, text: str) -> str:
    """What a row's `old` or `new` says, on one line of plain text; "" is nothing."""
    value = values.json_of(text)
    return "" if value is None else _WORDS.get(subject, str)(value)


def _answer(value: dict[str, Any]) -> str:
    spans = value["evidence"]
    parts = (
        (value["presence"] or "unanswered").replace("_", " "),
        "" if value["confidence"] is None else f"{value['confidence']} %",
        value["laterality"] or "",
        _spans([(span["start"], span["end"]) for span in spans]),
        value["explanation"],
    )
    return " · ".join(" ".join(part.split()) for part in parts if part)


def _spans(value: Sequence[Sequence[float]]) -> str:
    shown = ", ".join(f"{start:.2f}–{end:.2f} s" for start, end in value[:3])
    return f"{shown} · and {len(value) - 3} more spans" if len(value) > 3 else shown


def _reading(value: list[dict[str, Any]]) -> str:
    return f"{sum(row['presence'] is not None for row in value)} of {len(FEATURE)} answered"


def _box(value: list[float]) -> str:
    return ", ".join(f"{side:.3f}" for side in value)


def _cameras(value: list[dict[str, Any]]) -> str:
    return ", ".join(f"{one['name']} {one['offset']:+.3f} s" for one in value)


_WORDS: dict[str, Callable[[Any], str]] = {
    "answer": _answer,
    "decision": lambda value: " · ".join(filter(None, (_answer(value["answer"]), value["note"]))),
    "lock": lambda value: "locked, read blind" if value.get("blind") else "locked",
    "mark": lambda value: f"{value['kind']} {value['seconds']:.2f} s {value['label']}".strip(),
    "rating": lambda value: f"{value['score']} of 5 {value['note']}".strip(),
    "reading": _reading,
    "spans": _spans,
    "verdict": lambda value: _answer({**value, "evidence": []}),
    "patient_box": _box,
    "cameras": _cameras,
    "restore": lambda value: value.get("copy") or f"{value['history_seq']} changes, kept as {value['kept']}",
    "unsealed": lambda value: f"{value['readings']} sealed readings given to: {value['for']}",
    "reveal": lambda value: f"{len(value)} readings shown",
}

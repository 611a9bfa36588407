"""Whether the present state of a study is the one that its history leads to."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from app.core.errors import UserError
from app.core.semiology import Answer
from app.core.study import history, rows, values
from app.core.study.history import Broken, Entry
from app.core.study.left_out import good_rows, quoted
from app.core.study.verdict import with_verdict

_Place = tuple[str, str | None, str]
"""fingerprint of the recording ("" for the study), key of the reader, what is said there."""

_MOST_DANGLING = 1000

_Spans = Counter[rows.SpanRow]

_Said = str | _Spans
"""A text, "" for nothing, or the evidence of an answer."""


@dataclass(frozen=True, slots=True)
class _Changed:
    """Spans that a row takes out of the evidence, and those that it puts in."""

    removed: _Spans
    added: _Spans


_Effects = Iterator[tuple[str, _Said | _Changed]]
"""What is said, and what it is after the row or how the row changes it."""


def verify(connection: sqlite3.Connection) -> tuple[Broken, ...]:
    """Every place where the history is broken, and everything that is kept and bypassed it."""
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


def _broken_state(connection: sqlite3.Connection, entries: Iterable[Entry]) -> Iterator[Broken]:
    expected: dict[_Place, tuple[_Said, int]] = {}
    for row in entries:
        try:
            for what, new in _effects(row):
                place = row.recording, row.reader, what
                said = _after(expected.get(place), new) if isinstance(new, _Changed) else new
                expected[place] = (said, row.seq)
        except (ValueError, TypeError, AttributeError, LookupError, UserError):
            yield Broken(row.seq, f"row {row.seq} cannot be read")
    present = _present(connection)
    for place in sorted(expected.keys() | present.keys(), key=str):
        should, seq = expected.get(place, ("", 0))
        if (present.get(place) or "") != (should or ""):
            yield Broken(seq, f"what the study holds for “{place[2]}” differs from its history")


def _after(known: tuple[_Said, int] | None, change: _Changed) -> _Spans:
    """The evidence after a change. Raises LookupError when it did not hold what was taken out."""
    spans = known[0] if known is not None else ""
    held: _Spans = Counter() if isinstance(spans, str) else spans
    if any(held[span] < count for span, count in change.removed.items()):
        raise LookupError("a span that was not there")
    # In place: one answer may have thousands, and as many changes of one span each.
    held.subtract(change.removed)
    held.update(change.added)
    for span in change.removed:
        if not held[span]:
            del held[span]
    return held


def _effects(row: Entry) -> _Effects:
    effects = _EFFECTS.get(row.subject)
    if effects is None:
        raise ValueError("an unknown subject")
    return effects(row)


def _reading(row: Entry) -> _Effects:
    before, after = rows.answers_from_json(row.old), rows.answers_from_json(row.new)
    for feature in before.keys() | after.keys():
        yield from _said(after.get(feature, Answer(feature)))


def _answer(row: Entry) -> _Effects:
    yield from _said(rows.answer_from_json(row.new))


def _verdict(row: Entry) -> _Effects:
    bare = with_verdict(Answer(str(row.feature)), rows.verdict_from_json(row.new))
    yield next(_said(bare))


def _spans(row: Entry) -> _Effects:
    before, after = rows.spans_from_json(row.old), rows.spans_from_json(row.new)
    change = _Changed(Counter(rows.spans_to_rows(before)), Counter(rows.spans_to_rows(after)))
    yield _evidence_of(str(row.feature)), change


def _note(row: Entry) -> _Effects:
    yield f"note on {row.feature}", rows.text_from_json(row.new)


def _mark(row: Entry) -> _Effects:
    for text, kept in ((row.old, False), (row.new, True)):
        if rows.mark_from_json(text) is not None:
            yield f"mark {text}", text if kept else ""


def _lock(row: Entry) -> _Effects:
    locked = values.json_of(row.new, values.PARTS_OF_READING)
    yield "lock", _locked(row.at, bool(values.fields(locked)["blind"])) if locked else ""


def _locked(at: str, blind: bool) -> str:
    return f"{at} {'blind' if blind else 'open'}"


def _decision(row: Entry) -> _Effects:
    decision = rows.decision_from_json(row.new)
    yield from _said(decision.answer)
    yield f"note on {row.feature}", decision.note


def _rating(row: Entry) -> _Effects:
    rating = rows.rating_from_json(row.new)
    what = f"rating of {row.feature} by {rows.rater_key(row.old, row.new)}"
    yield what, f"{rating.score} {rating.note}" if rating else ""


def _patient_box(row: Entry) -> _Effects:
    yield "patient_box", "" if row.new == "null" else row.new


def _cameras(row: Entry) -> _Effects:
    yield "cameras", "" if row.new == "null" else row.new


def _person(row: Entry) -> _Effects:
    yield "name", _name(row.reader or "", rows.name_from_json(row.new))


def _name(key: str, name: str | None) -> str:
    """Only a name that is not the first one is a state; who just is there may have come with an answer."""
    if name is None:
        return ""
    _kind, first, *_number = values.items(values.json_of(key))
    return "" if first == name else name


def _setting(row: Entry) -> _Effects:
    yield f"setting {row.feature}", "" if row.new == "null" else row.new


def _reveal(row: Entry) -> _Effects:
    yield "reveal", row.at


def _nothing(_row: Entry) -> _Effects:
    """The rows before a restore are those of the copy: what they lead to is what is there."""
    yield from ()


_EFFECTS: dict[str, Callable[[Entry], _Effects]] = {
    history.READING: _reading,
    history.REVEAL: _reveal,
    history.RESTORE: _nothing,
    history.UNSEALED: _nothing,
    "answer": _answer,
    "verdict": _verdict,
    "spans": _spans,
    "note": _note,
    "mark": _mark,
    "lock": _lock,
    "decision": _decision,
    "rating": _rating,
    "patient_box": _patient_box,
    "cameras": _cameras,
    "person": _person,
    "setting": _setting,
}


def _said(answer: Answer) -> Iterator[tuple[str, _Said]]:
    """The answer and its evidence, which can change by itself."""
    bare = replace(answer, evidence=())
    yield answer.feature, "" if bare == Answer(answer.feature) else rows.answer_to_json(bare)
    yield _evidence_of(answer.feature), Counter(rows.spans_to_rows(answer.evidence))


def _evidence_of(feature: str) -> str:
    return f"evidence for {feature}"


def _present(connection: sqlite3.Connection) -> dict[_Place, _Said]:
    return dict(
        (
            *_present_answers(connection),
            *_present_readings(connection),
            *_present_ratings(connection),
            *_present_study(connection),
        )
    )


_Present = Iterator[tuple[_Place, _Said]]
_OF = "JOIN recordings ON recordings.id = recording_id JOIN readers ON readers.id = reader_id"


def _present_answers(connection: sqlite3.Connection) -> _Present:
    found = connection.execute(
        "SELECT fingerprint, key, note, feature, presence, confidence, laterality, explanation "
        f"FROM answers {_OF}"
    )
    for pair in good_rows(connection, found, _answer_there, lambda *row: f"the answer to {quoted(row[3])}"):
        yield from pair
    held = connection.execute(f"SELECT fingerprint, key, feature, begins, ends FROM spans {_OF}")
    evidence: dict[_Place, _Spans] = {}
    for place, span in good_rows(connection, held, _span_there, lambda *row: f"a span for {quoted(row[2])}"):
        evidence.setdefault(place, Counter())[span] += 1
    yield from evidence.items()


_There = tuple[_Place, _Said]


def _answer_there(fingerprint: str, key: str, note: object, *row: object) -> tuple[_There, _There]:
    answer = rows.answer_from_row(row, ())
    said = next(_said(answer))[1]
    return (
        ((fingerprint, key, answer.feature), said),
        ((fingerprint, key, f"note on {answer.feature}"), values.text(note)),
    )


def _span_there(
    fingerprint: str, key: str, feature: object, begins: object, ends: object
) -> tuple[_Place, rows.SpanRow]:
    span = rows.span_from_row(begins, ends)
    return (fingerprint, key, _evidence_of(values.feature(feature))), (span.start, span.end)


def _present_readings(connection: sqlite3.Connection) -> _Present:
    found = connection.execute(f"SELECT fingerprint, key, marks.kind, seconds, label FROM marks {_OF}")
    yield from good_rows(connection, found, _mark_there, lambda *_row: "a mark")
    states = connection.execute(f"SELECT fingerprint, key, locked, blind, revealed FROM readings {_OF}")
    for pair in good_rows(connection, states, _state_there, lambda *_row: "how far a reader is"):
        yield from pair


def _mark_there(fingerprint: str, key: str, *row: object) -> _There:
    text = rows.mark_to_json(rows.mark_from_row(*row))
    return (fingerprint, key, f"mark {text}"), text


def _state_there(
    fingerprint: str, key: str, locked: object, blind: object, revealed: object
) -> tuple[_There, _There]:
    at = values.maybe(values.moment, locked)
    sealed = bool(values.maybe(values.flag, blind))
    return (
        ((fingerprint, key, "lock"), _locked(at, sealed) if at else ""),
        ((fingerprint, key, "reveal"), values.maybe(values.moment, revealed) or ""),
    )


def _present_ratings(connection: sqlite3.Connection) -> _Present:
    found = connection.execute(
        "SELECT fingerprint, readers.key, feature, rater.key, score, note "
        f"FROM ratings {_OF} JOIN readers AS rater ON rater.id = rater_id"
    )
    yield from good_rows(connection, found, _rating_there, lambda *_row: "a rating of an explanation")


def _rating_there(fingerprint: str, key: str, feature: str, rater: str, *row: object) -> _There:
    rating = rows.rating_from_row(*row)
    return (fingerprint, key, f"rating of {feature} by {rater}"), f"{rating.score} {rating.note}"


def _present_study(connection: sqlite3.Connection) -> _Present:
    for column in ("patient_box", "cameras"):
        found = connection.execute(
            f"SELECT fingerprint, {column} FROM recordings WHERE {column} IS NOT NULL"
        ).fetchall()
        yield from (((fingerprint, None, column), said) for fingerprint, said in found)
    people = connection.execute("SELECT key, name FROM readers WHERE kind = 'person'")
    yield from good_rows(
        connection,
        people,
        lambda key, name: (("", key, "name"), _name(key, values.name(name))),
        lambda _key, name: f"the reader {quoted(name)}",
    )
    for name, value in connection.execute("SELECT name, value FROM settings"):
        yield ("", None, f"setting {name}"), value

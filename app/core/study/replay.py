"""Whether the present state of a study is the one that its history leads to."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from app.core.errors import UserError
from app.core.semiology import Answer
from app.core.study import history, rows
from app.core.study.history import Broken, Entry
from app.core.study.verdict import with_verdict

_Place = tuple[str, str | None, str]
"""fingerprint of the recording ("" for the study), key of the reader, what is said there."""

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
    return (*history.broken_chain(connection, entries), *_broken_state(connection, entries))


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
    try:
        present = _present(connection)
    except (ValueError, TypeError, LookupError, UserError):
        yield Broken(0, "the present answers cannot be read")
        return
    for place in sorted(expected.keys() | present.keys(), key=str):
        should, seq = expected.get(place, ("", 0))
        if (present.get(place) or "") != (should or ""):
            yield Broken(seq, f"the present {place[2]} is not what the history says")


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
    locked = json.loads(row.new)
    yield "lock", _locked(row.at, locked["blind"]) if locked else ""


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
    yield "name", _name(row.reader or "", json.loads(row.new))


def _name(key: str, name: str | None) -> str:
    """Only a name that is not the first one is a state; who just is there may have come with an answer."""
    return "" if name is None or json.loads(key)[1] == name else name


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
    for fingerprint, key, note, *row in connection.execute(
        "SELECT fingerprint, key, note, feature, presence, confidence, laterality, explanation "
        f"FROM answers {_OF}"
    ):
        answer = rows.answer_from_row((row[0], row[1], row[2], row[3], row[4]), ())
        yield (fingerprint, key, answer.feature), next(_said(answer))[1]
        yield (fingerprint, key, f"note on {answer.feature}"), note
    evidence: dict[_Place, _Spans] = {}
    for fingerprint, key, feature, begins, ends in connection.execute(
        f"SELECT fingerprint, key, feature, begins, ends FROM spans {_OF}"
    ):
        spans = evidence.setdefault((fingerprint, key, _evidence_of(feature)), Counter())
        spans[begins, ends] += 1
    yield from evidence.items()


def _present_readings(connection: sqlite3.Connection) -> _Present:
    for fingerprint, key, kind, seconds, label in connection.execute(
        f"SELECT fingerprint, key, marks.kind, seconds, label FROM marks {_OF}"
    ):
        text = rows.canonical({"kind": kind, "seconds": seconds, "label": label})
        yield (fingerprint, key, f"mark {text}"), text
    for fingerprint, key, locked, blind, revealed in connection.execute(
        f"SELECT fingerprint, key, locked, blind, revealed FROM readings {_OF}"
    ):
        yield (fingerprint, key, "lock"), _locked(locked, bool(blind)) if locked else ""
        yield (fingerprint, key, "reveal"), revealed or ""


def _present_ratings(connection: sqlite3.Connection) -> _Present:
    for fingerprint, key, feature, rater, score, note in connection.execute(
        "SELECT fingerprint, readers.key, feature, rater.key, score, note "
        f"FROM ratings {_OF} JOIN readers AS rater ON rater.id = rater_id"
    ):
        yield (fingerprint, key, f"rating of {feature} by {rater}"), f"{score} {note}"


def _present_study(connection: sqlite3.Connection) -> _Present:
    for fingerprint, box in connection.execute(
        "SELECT fingerprint, patient_box FROM recordings WHERE patient_box IS NOT NULL"
    ):
        yield (fingerprint, None, "patient_box"), box
    for fingerprint, cameras in connection.execute(
        "SELECT fingerprint, cameras FROM recordings WHERE cameras IS NOT NULL"
    ):
        yield (fingerprint, None, "cameras"), cameras
    for key, name in connection.execute("SELECT key, name FROM readers WHERE kind = 'person'"):
        yield ("", key, "name"), _name(key, name)
    for name, value in connection.execute("SELECT name, value FROM settings"):
        yield ("", None, f"setting {name}"), value

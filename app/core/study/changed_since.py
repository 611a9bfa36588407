"""What readers said when the consensus was decided, and where they have changed it since.

It follows from the history, so it holds for decisions of every age and nothing is stored for it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.core.reading import ReaderIdentity
from app.core.semiology import Answer
from app.core.study import answer_table, history, reader_table, recording_table, rows, values
from app.core.study.consensus import CONSENSUS
from app.core.study.disagreement import differ
from app.core.study.edits import ChangeSpans, Decide, SetAnswer, SetVerdict
from app.core.study.history import HistoryEntry, Operation
from app.core.study.unreadable_rows import WRONG, good_rows, report_unreadable
from app.core.study.verdict import with_verdict
from app.core.study.voters import voters

Said = Mapping[str, Answer]
"""Answers by feature."""

SaidThen = Mapping[str, Said]
"""What a reader (`exact_key`) said of each decided feature when it was decided."""

_OF_ANSWERS = (SetAnswer.subject, SetVerdict.subject, ChangeSpans.subject, history.READING)
_ANSWERING = f"subject IN ({', '.join(repr(one) for one in _OF_ANSWERS)})"
_DECIDING = f"subject IN ('{Decide.subject}', '{SetAnswer.subject}')"


def is_changed(then: Answer, now: Answer, decided: Answer) -> bool:
    """Whether a reader says something else now than when it was decided: presence, side or spans.

    A first answer changes nothing unless it contradicts what was decided.
    """
    if then.presence is None:
        return differ((now, decided)) is not None
    one, other = ((said.presence, said.laterality, said.sides, said.evidence) for said in (then, now))
    return one != other


def said_when_decided(connection: sqlite3.Connection, recording_id: int) -> SaidThen:
    """What every reader of the recording said when each feature was decided that has a consensus."""
    fingerprint = recording_table.fingerprint_of(connection, recording_id)
    decided = _decided(connection, fingerprint).get(fingerprint, {})
    if not decided:
        return {}
    return {
        reader.exact_key: _said_then(connection, recording_id, reader, decided)
        for reader in reader_table.readers_of(connection, recording_id)
    }


def changed_features(connection: sqlite3.Connection) -> dict[int, frozenset[str]]:
    """The features whose decision is older than what a voter says, by recording; without empty ones."""
    decided = _decided(connection, None)
    if not decided:
        return {}
    voting, found = voters(connection), dict[int, frozenset[str]]()
    latest = _latest_answers(connection, {one for readers in voting.values() for one in readers})
    for fingerprint, features in decided.items():
        answered = {one: _older_than(features, last) for one, last in latest.get(fingerprint, {}).items()}
        number = recording_table.find_number(connection, fingerprint) if any(answered.values()) else None
        if number is not None:
            who = voting.get(number, {})
            late = [(who[one], older) for one, older in answered.items() if older and one in who]
            found[number] = _changed(connection, number, late)
    return {number: features for number, features in found.items() if features}


def _older_than(decided: Mapping[str, int], answered: Mapping[str | None, int]) -> dict[str, int]:
    """The decisions (rows by feature) that are older than what one reader has answered last."""
    whole = answered.get(None, 0)
    return {one: seq for one, seq in decided.items() if max(whole, answered.get(one, 0)) > seq}


def _changed(
    connection: sqlite3.Connection,
    recording_id: int,
    late: Iterable[tuple[ReaderIdentity, Mapping[str, int]]],
) -> frozenset[str]:
    """The features of which a reader says something else now than when they were decided.

    Each of the readers comes with the decisions since which they have answered: of all others they say what
    they said then, so that nothing of their history has to be taken back.
    """
    agreed = answer_table.answers(connection, recording_id, CONSENSUS)
    found = set[str]()
    for reader, decided in late:
        then = _said_then(connection, recording_id, reader, decided)
        now = answer_table.answers(connection, recording_id, reader)
        found |= {
            one
            for one in decided.keys() & agreed.keys()
            if agreed[one].presence is not None
            and is_changed(then[one], now.get(one, Answer(one)), agreed[one])
        }
    return frozenset(found)


def _decided(connection: sqlite3.Connection, fingerprint: str | None) -> dict[str, dict[str, int]]:
    """The row of the history that each standing decision is from, by recording (fingerprint) and feature."""
    number = reader_table.reader_id(connection, CONSENSUS)
    if number is None:
        return {}
    here = () if fingerprint is None else (fingerprint,)
    found = connection.execute(
        "SELECT seq, operation, target, recording, feature FROM history "
        f"WHERE reader = ? AND {_DECIDING} {'AND recording = ?' if here else ''} ORDER BY seq DESC",
        (reader_table.key_of(connection, number), *here),
    )
    kept = good_rows(connection, found.fetchall(), _deciding, lambda seq, *_row: _what(seq))
    standing: dict[str, dict[str, int]] = {}
    settled: set[int | None] = set()
    for seq, operation, target, recording, feature in kept:
        of_recording = standing.setdefault(recording, {})
        if feature in of_recording:
            continue
        if operation == Operation.EDIT and seq not in settled:
            of_recording[feature] = seq
        elif operation != Operation.EDIT and target not in settled:
            settled.add(target)
            if operation == Operation.REDO and target is not None:
                of_recording[feature] = target
    return standing


def _deciding(
    seq: object, operation: object, target: object, recording: object, feature: object
) -> tuple[int, str, int | None, str, str]:
    """Raises ValueError when the row is not what this program writes."""
    whose = values.name(recording), values.feature(feature)
    return values.number(seq), values.name(operation), values.maybe(values.number, target), *whose


def _what(seq: object) -> str:
    return f"row {seq!r:.40} of the history"


def _latest_answers(
    connection: sqlite3.Connection, readers: Collection[int]
) -> dict[str, dict[int, dict[str | None, int]]]:
    """The last row of the history in which each of these readers (by their numbers) changed an answer, by
    recording, reader and feature; that of a whole reading stands under None."""
    keys = dict(
        connection.execute(
            "SELECT key, id FROM readers WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([*readers]),),
        )
    )
    latest = connection.execute(
        "SELECT recording, reader, feature, max(seq) FROM history "
        f"WHERE reader IN (SELECT value FROM json_each(?)) AND {_ANSWERING} "
        "GROUP BY recording, reader, feature",
        (json.dumps([*keys]),),
    )
    found: dict[str, dict[int, dict[str | None, int]]] = {}
    for recording, key, feature, seq in latest:
        found.setdefault(recording, {}).setdefault(keys[key], {})[feature] = seq
    return found


def _said_then(
    connection: sqlite3.Connection, recording_id: int, reader: ReaderIdentity, decided: Mapping[str, int]
) -> dict[str, Answer]:
    """What the reader said of each feature before the rows after its decision: these are taken back, from the
    first on that holds a whole reading."""
    now = answer_table.answers(connection, recording_id, reader)
    said = {one: now.get(one, Answer(one)) for one in decided}
    number = reader_table.reader_id(connection, reader)
    if number is None:
        return said
    fingerprint = recording_table.fingerprint_of(connection, recording_id)
    key = reader_table.key_of(connection, number)
    until = _first_whole(connection, fingerprint, key, decided)
    conditions: list[tuple[str, tuple[Any, ...]]] = [
        ("reader = ?", (key,)),
        ("seq > ?", (min(decided.values()),)),
        (_ANSWERING, ()),
        (
            "(subject <> ? OR seq IN (SELECT value FROM json_each(?)))",
            (history.READING, json.dumps([*until.values()])),
        ),
    ]
    for entry in reversed([*history.entries(connection, fingerprint, conditions=conditions)]):
        later = {
            one
            for one, seq in decided.items()
            if seq < entry.seq <= until.get(one, entry.seq) and entry.feature in (None, one)
        }
        if not later:
            continue
        try:
            said.update(_before({one: said[one] for one in later}, entry))
        except WRONG:
            report_unreadable(connection, _what(entry.seq))
    return said


def _first_whole(
    connection: sqlite3.Connection, fingerprint: str, key: str, decided: Mapping[str, int]
) -> dict[str, int]:
    """The first row after each decision in which the reader's whole reading was stored, by feature: it says
    in full what was said before, so that no later row matters."""
    found = connection.execute(
        "SELECT seq FROM history WHERE recording = ? AND reader = ? AND subject = ? AND seq > ? ORDER BY seq",
        (fingerprint, key, history.READING, min(decided.values())),
    )
    wholes = [seq for (seq,) in found]
    first = {one: next((whole for whole in wholes if whole > seq), None) for one, seq in decided.items()}
    return {one: seq for one, seq in first.items() if seq is not None}


def _before(said: Said, entry: HistoryEntry) -> dict[str, Answer]:
    """These answers without the change that a row of the history records."""
    if entry.subject == history.READING:
        whole = rows.answers_from_json(entry.old, said.keys())
        return {one: whole.get(one, Answer(one)) for one in said}
    if entry.subject == SetAnswer.subject:
        return {one: SetAnswer.state_from_json(entry.old) for one in said}
    if entry.subject == SetVerdict.subject:
        verdict = SetVerdict.state_from_json(entry.old)
        return {one: with_verdict(answer, verdict) for one, answer in said.items()}
    came, went = (Counter(ChangeSpans.state_from_json(text)) for text in (entry.new, entry.old))
    return {
        one: replace(answer, evidence=tuple((Counter(answer.evidence) - came + went).elements()))
        for one, answer in said.items()
    }

"""A person rates how faithful a reader's explanation is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import Answer
from app.core.study import answer_table, reader_table, reading_table, values
from app.core.study.edits.edit import NoLonger, ReadingEdit, check_feature, reader_of
from app.core.study.effects import OF_READING, Effects, Held
from app.core.study.history import HistoryEntry
from app.core.study.rating import Rating, rating_from_row, sheet_from_dict, sheet_to_column, sheet_to_dict
from app.core.study.unreadable_rows import good_rows, value_or_none


@dataclass(frozen=True, slots=True)
class RateExplanation(ReadingEdit):
    """What `rater` (a person) thinks of a reader's explanation of one feature; None is no rating.

    Raises ValueError for an unknown feature, a rater who is no person, and when nothing is rated.
    """

    subject: ClassVar = "rating"
    label: ClassVar = "rating"
    plural: ClassVar = "ratings"

    recording_id: int
    reader: ReaderIdentity
    feature: str
    rater: ReaderIdentity
    before: Rating | None
    after: Rating | None

    def __post_init__(self) -> None:
        check_feature(self.feature)
        if self.rater.kind is not ReaderKind.PERSON:
            raise ValueError("only a person rates")
        if self.before is None and self.after is None:
            raise ValueError("an edit changes a rating")

    def check(self, connection: sqlite3.Connection) -> None:
        """An explanation can be rated whether or not its reading is locked; it must be there."""
        if self.after is not None and not reading_table.has_reading(
            connection, self.recording_id, self.reader
        ):
            raise NoLonger("There is no reading whose explanation could be rated.")

    def stored(self, connection: sqlite3.Connection) -> Rating | None:
        row = connection.execute(f"SELECT score, note, sheet {_OF_PLACE}", self._place(connection)).fetchone()
        if row is None:
            return None
        return value_or_none(connection, lambda kept: rating_from_row(*kept), row, _WHAT)

    def _place(self, connection: sqlite3.Connection) -> tuple[Any, ...]:
        reader, rater = (reader_table.reader_id(connection, one) for one in (self.reader, self.rater))
        return self.recording_id, reader, self.feature, rater

    def enter(self, connection: sqlite3.Connection) -> None:
        reader_table.put_reader(connection, self.rater)

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        rater = reader_table.key_of(connection, reader_table.put_reader(connection, self.rater))
        return _to_json(self.before, rater), _to_json(self.after, rater)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        place = self._place(connection)
        connection.execute(f"DELETE {_OF_PLACE}", place)
        if self.after is not None:
            answers = answer_table.answers(connection, self.recording_id, self.reader, self.feature)
            explanation = answers.get(self.feature, Answer(self.feature)).explanation
            connection.execute(
                "INSERT INTO ratings "
                "(recording_id, reader_id, feature, rater_id, score, note, sheet, explanation) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*place, self.after.score, self.after.note, sheet_to_column(self.after.sheet), explanation),
            )

    @staticmethod
    def state_to_json(state: Any) -> str:
        return _to_json(state, "")

    @staticmethod
    def state_from_json(text: str) -> Rating | None:
        return _from_json(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> RateExplanation:
        before, after = _from_json(entry.old), _from_json(entry.new)
        rater = reader_table.reader(connection, _rater_key(entry))
        return cls(recording_id, reader_of(connection, entry), entry.feature or "", rater, before, after)

    @staticmethod
    def describe(value: Any) -> str:
        answers = value.get("sheet", {}).items()
        sheet = ", ".join(f"{name} {'yes' if holds else 'no'}" for name, holds in answers)
        return " ".join(filter(None, (f"{value['score']} of 5", sheet and f"({sheet})", value["note"])))

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        rating = _from_json(entry.new)
        yield _rating_of(str(entry.feature), _rater_key(entry)), _said(rating) if rating else ""

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        found = connection.execute(
            "SELECT fingerprint, readers.key, feature, rater.key, score, note, sheet "
            f"FROM ratings {OF_READING} JOIN readers AS rater ON rater.id = rater_id"
        )
        return good_rows(connection, found, _rating_held, lambda *_row: _WHAT)


_OF_PLACE = "FROM ratings WHERE recording_id = ? AND reader_id = ? AND feature = ? AND rater_id = ?"
_WHAT = "a rating of an explanation"


def _rating_held(fingerprint: str, key: str, feature: str, rater: str, *row: object) -> Held:
    return (fingerprint, key, _rating_of(feature, rater)), _said(rating_from_row(*row))


def _rating_of(feature: str, rater: str) -> str:
    return f"rating of {feature} by {rater}"


def _said(rating: Rating) -> str:
    sheet = f" {sheet_to_column(rating.sheet)}" if rating.sheet else ""
    return f"{rating.score} {rating.note}{sheet}"


def _to_json(rating: Rating | None, rater_key: str) -> str:
    """A rating as JSON, with its rater, because the history's column of the reader names who was rated."""
    if rating is None:
        return canonical(None)
    sheet = {"sheet": sheet_to_dict(rating.sheet)} if rating.sheet else {}
    return canonical({"rater": rater_key, "score": rating.score, "note": rating.note, **sheet})


def _from_json(text: str) -> Rating | None:
    return values.maybe(_rating, values.json_of(text))


def _rating(value: object) -> Rating:
    row = values.fields(value)
    sheet = sheet_from_dict(row.get("sheet", {}))
    return Rating(values.number(row.get("score")), values.text(row.get("note")), sheet)


def _rater_key(entry: HistoryEntry) -> str:
    for text in (entry.old, entry.new):
        row = values.json_of(text)
        if row is not None:
            return values.text(values.fields(row).get("rater"))
    raise ValueError("a rating without a rater")

"""The stored ratings of explanations."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from app.core.reading import ReaderIdentity
from app.core.study import reader_table, rows, sealing
from app.core.study import values as checks
from app.core.study.rating import Rating, rating_from_row
from app.core.study.unreadable_rows import good_rows, quote


@dataclass(frozen=True, slots=True)
class Explained:
    """One explanation: what a reader says of one feature of one recording."""

    recording_id: int
    reader: ReaderIdentity
    feature: str


@dataclass(frozen=True, slots=True)
class StoredRating:
    """A rating; `explanation` is the text that was rated, `current` whether the reader still says it."""

    explained: Explained
    rater: ReaderIdentity
    rating: Rating
    explanation: str
    current: bool


_RATINGS = """
SELECT recording_id, readers.kind, readers.name, readers.version, readers.details, ratings.feature,
    rater.kind, rater.name, rater.version, rater.details, score, ratings.note, sheet,
    ratings.explanation, coalesce(answers.explanation, '')
FROM ratings
JOIN readers ON readers.id = reader_id
JOIN readers AS rater ON rater.id = rater_id
LEFT JOIN answers USING (recording_id, reader_id, feature)
WHERE (:recording IS NULL OR recording_id = :recording)
    AND (:any_reader OR reader_id = :reader) AND (:any_rater OR rater_id = :rater)
ORDER BY recording_id, reader_id, ratings.feature, rater_id
"""


def ratings(
    connection: sqlite3.Connection,
    recording_id: int | None,
    reader: ReaderIdentity | None,
    rater: ReaderIdentity | None,
    viewer: ReaderIdentity | None,
) -> tuple[StoredRating, ...]:
    """The ratings of a recording, a reader or a rater (None: any), without what is sealed to the viewer."""
    values = {
        "recording": recording_id,
        "any_reader": reader is None,
        "reader": None if reader is None else reader_table.reader_id(connection, reader),
        "any_rater": rater is None,
        "rater": None if rater is None else reader_table.reader_id(connection, rater),
    }
    opened = sealing.open_recordings(connection, viewer)
    found = connection.execute(_RATINGS, values).fetchall()
    seen = (row for row in found if opened is None or row[0] in opened)
    return tuple(good_rows(connection, seen, _rating, _what))


def _rating(number: int, *row: Any) -> StoredRating:
    """Raises ValueError when the row is not what this program writes."""
    who, by = rows.reader_from_row(*row[0:4]), rows.reader_from_row(*row[5:9])
    score, note, sheet, rated, present = row[9:14]
    explained = Explained(number, who, checks.feature(row[4]))
    return StoredRating(
        explained, by, rating_from_row(score, note, sheet), checks.text(rated), rated == present
    )


def _what(number: int, *row: Any) -> str:
    return f"a rating by {quote(row[6])} in recording {number}"


def known_by(explained: Explained) -> tuple[int, str, str]:
    """The key of an explanation; a reader's details cannot be hashed."""
    return explained.recording_id, explained.reader.exact_key, explained.feature

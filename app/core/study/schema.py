"""The tables of a study, their version, and how an older version becomes the present one."""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from app.core.errors import UserError
from app.core.study import values
from app.core.study.journals import APPLICATION_ID, ForeignFileError

Step = tuple[str | Callable[[sqlite3.Connection], None], ...]
"""The step from one version of the schema to the next, in one transaction: statements and functions."""

_ANSWERS_IN_FULL: Step = (
    # Version 2: several readers, blind readings, marks, ratings.
    "ALTER TABLE readings ADD COLUMN blind INTEGER",
    # Until then everybody saw everything.
    "UPDATE readings SET blind = 0",
    "ALTER TABLE readings ADD COLUMN revealed TEXT",
    """CREATE TABLE marks (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        seconds REAL NOT NULL,
        label TEXT NOT NULL,
        PRIMARY KEY (recording_id, reader_id, kind, seconds, label),
        FOREIGN KEY (recording_id, reader_id) REFERENCES readings (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE ratings (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        feature TEXT NOT NULL,
        rater_id INTEGER NOT NULL REFERENCES readers (id),
        score INTEGER NOT NULL,
        note TEXT NOT NULL,
        explanation TEXT NOT NULL,
        PRIMARY KEY (recording_id, reader_id, feature, rater_id),
        FOREIGN KEY (recording_id, reader_id) REFERENCES readings (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE UNIQUE INDEX person_of_name ON readers (name) WHERE kind = 'person'",
    # The worklist counts every answer of a study; with this it need not read their explanations.
    "CREATE INDEX answers_of_feature ON answers (recording_id, feature, reader_id, presence, laterality)",
)

_CAMERAS: Step = (
    # Version 3: further cameras beside a recording.
    "ALTER TABLE recordings ADD COLUMN cameras TEXT",
)


def _take_spans_out(connection: sqlite3.Connection) -> None:
    """Not in SQL: SQLite reads some numbers in JSON one bit beside what Python wrote."""
    found = connection.execute("SELECT recording_id, reader_id, feature, evidence FROM answers").fetchall()
    for recording, reader, feature, evidence in found:
        try:
            pairs = [_pair(pair) for pair in values.items(values.json_of(evidence))]
            spans = [(recording, reader, feature, begins, ends) for begins, ends in pairs]
        except ValueError as error:
            raise UserError(f"The study's answer for {feature} is malformed.") from error
        connection.executemany("INSERT INTO spans VALUES (?, ?, ?, ?, ?)", spans)


def _pair(value: object) -> tuple[float, float]:
    begins, ends = values.items(value)
    return values.seconds(begins), values.seconds(ends)


_SPANS_BY_THEMSELVES: Step = (
    # Version 4: one span among thousands is changed without writing the others again.
    """CREATE TABLE spans (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        feature TEXT NOT NULL,
        begins REAL NOT NULL,
        ends REAL NOT NULL,
        FOREIGN KEY (recording_id, reader_id, feature) REFERENCES answers (recording_id, reader_id, feature)
    ) STRICT""",
    "CREATE INDEX spans_of_answer ON spans (recording_id, reader_id, feature, begins, ends)",
    _take_spans_out,
    "ALTER TABLE answers DROP COLUMN evidence",
)

_EDITS_TOGETHER: Step = ()
"""Version 5: `history.target` of an edit names the first of those that were made together; no table differs.

Earlier programs would pass such edits over when they undo.
"""

_EEG_FILES: Step = (
    # Version 6: the EEG files of a recording, each with the sync that was agreed and its bad channels (JSON).
    """CREATE TABLE eeg_files (
        recording_id INTEGER NOT NULL REFERENCES recordings (id),
        fingerprint TEXT NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        size INTEGER NOT NULL,
        sync TEXT NOT NULL,
        bad_channels TEXT NOT NULL,
        PRIMARY KEY (recording_id, fingerprint)
    ) STRICT, WITHOUT ROWID""",
)

_PATIENT_DATA: Step = (
    # Version 7: patient, event, diagnosis, split and free columns of a recording (JSON); a recording that is
    # kept by its labels alone has the path "".
    "ALTER TABLE recordings ADD COLUMN patient_data TEXT",
)

_MORE_OF_ANSWERS: Step = (
    # Version 8: how a confidence came about, and sides that change (JSON; NULL for stated and none).
    "ALTER TABLE answers ADD COLUMN extras TEXT",
    # And what a rater answered of the particulars of an explanation (JSON; NULL for nothing).
    "ALTER TABLE ratings ADD COLUMN sheet TEXT",
)

STEPS: tuple[Step, ...] = (
    _ANSWERS_IN_FULL,
    _CAMERAS,
    _SPANS_BY_THEMSELVES,
    _EDITS_TOGETHER,
    _EEG_FILES,
    _PATIENT_DATA,
    _MORE_OF_ANSWERS,
)
"""Step i turns version i + 1 into version i + 2."""

TABLES: Step = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE recordings (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT,
        duration REAL NOT NULL,
        added TEXT NOT NULL,
        patient_box TEXT
    ) STRICT""",
    """CREATE TABLE readers (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        details TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE readings (
        recording_id INTEGER NOT NULL REFERENCES recordings (id),
        reader_id INTEGER NOT NULL REFERENCES readers (id),
        begun TEXT NOT NULL,
        changed TEXT NOT NULL,
        locked TEXT,
        PRIMARY KEY (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE answers (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        feature TEXT NOT NULL,
        presence TEXT,
        confidence INTEGER,
        laterality TEXT,
        explanation TEXT NOT NULL,
        evidence TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (recording_id, reader_id, feature),
        FOREIGN KEY (recording_id, reader_id) REFERENCES readings (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE history (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        operation TEXT NOT NULL,
        subject TEXT NOT NULL,
        recording TEXT NOT NULL,
        reader TEXT,
        feature TEXT,
        old TEXT NOT NULL,
        new TEXT NOT NULL,
        target INTEGER,
        why TEXT NOT NULL DEFAULT '',
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX history_of_recording ON history (recording, who, seq)",
    """CREATE TRIGGER history_rows_stay BEFORE DELETE ON history
        BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END""",
    """CREATE TRIGGER history_rows_keep BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END""",
)
"""Version 1; a new study takes every step since, so that it cannot differ from a migrated one."""


def utc_now() -> str:
    """This moment in UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def version_of(steps: Sequence[Step]) -> int:
    return 1 + len(steps)


@contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """All reads in the context see the file at one moment, whatever another program writes meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        _end(connection)


def _end(connection: sqlite3.Connection) -> None:
    """End a transaction without a change, if SQLite has not ended it after an error."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def stored_version(connection: sqlite3.Connection) -> int:
    """The version of the schema in the file, 0 for an empty one. UserError when it is not a study."""
    # Between two reads another program can make the study: then id and version would not go together.
    with one_moment(connection):
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if application == APPLICATION_ID and version > 0:
            return version
        if application or version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ForeignFileError("This folder's study.sqlite is not a study of this program.")
        return 0


class NewerStudyError(UserError):
    """The study was written by a newer version of the program."""


def check_version(version: int, steps: Sequence[Step] = STEPS) -> None:
    """NewerStudyError when the study was written by a newer version of the program."""
    if version > version_of(steps):
        raise NewerStudyError(
            "This study was made with a newer version of Semioscope; nothing was changed in it: "
            "open it with that version."
        )


def create(connection: sqlite3.Connection) -> None:
    """Make the tables of a new study, inside the caller's transaction."""
    make_tables(connection, STEPS)
    study_id = uuid.uuid4().hex
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [
            ("study_id", study_id),
            ("created", utc_now()),
            ("history_seq", "0"),
            ("history_hash", seed(study_id)),
        ],
    )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version_of(STEPS)}")


def make_tables(connection: sqlite3.Connection, steps: Sequence[Step]) -> None:
    """The empty tables of the version that the steps lead to."""
    for step in (TABLES, *steps):
        _take(connection, step)


def seed(study_id: str) -> str:
    """What the first row of the history is chained to: it ties the history to its study."""
    return hashlib.sha256(study_id.encode()).hexdigest()


def migrate(connection: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """Turn an older schema into the present one, inside the caller's transaction."""
    version = stored_version(connection)
    for step in steps[version - 1 :]:
        _take(connection, step)
    connection.execute(f"PRAGMA user_version = {version_of(steps)}")


def _take(connection: sqlite3.Connection, step: Step) -> None:
    for part in step:
        if callable(part):
            part(connection)
        else:
            connection.execute(part)

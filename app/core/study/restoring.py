"""Restoring a study from a copy of it, after its present state was kept as a copy."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.study import history, recording_table, replay, schema, sealing
from app.core.study.backup import UNPACKED, Backup, back_up
from app.core.study.connection import StudyConnection, is_whole
from app.core.study.copies import UNREADABLE, connect_immutable, connect_to_copy, is_damage, summary_in
from app.core.study.database import FILE_NAME, Database, connect_for_viewing, open_for_writing
from app.core.study.files_in_use import hold_for_viewing
from app.core.study.history import Broken, Operation, Subject
from app.core.study.journals import is_there
from app.core.study.sealing import ShownAnswers
from app.core.study.study_files import check_copy
from app.core.study.time_limit import is_interruption, seconds_for
from app.core.study.transaction_memory import forget

REPLACED = "replaced"
"""What a copy is for that was made before the study was restored; none of them is ever removed."""

_BUSY_SECONDS = 10.0
_CHECKING = {"least": 120.0, "bytes_per_second": 1e6}
"""How long the check of one copy may take, on a slow share too."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`copy` is what the study is again; `kept` the copy of what it was until then, or the folder with its
    damaged files."""

    copy: Backup
    kept: Path


@dataclass(frozen=True, slots=True)
class InspectedCopy:
    """What a copy holds: `size` in bytes, the `last` change in UTC; `fault` is "" when it is whole."""

    copy: Backup
    size: int
    recordings: int = 0
    changes: int = 0
    last: str = ""
    fault: str = ""
    answers: int = 0
    study_id: str = ""


def inspect_copy(copy: Backup) -> InspectedCopy:
    """Read a copy whole and check it; it may take seconds. Nothing is changed, nothing is raised."""
    try:
        size = copy.path.stat().st_size
    except OSError as error:
        return InspectedCopy(copy, 0, fault=(error.strerror or "it cannot be read").lower())
    try:
        with closing(connect_to_copy(copy.path, seconds=seconds_for(size, **_CHECKING))) as connection:
            if not is_whole(connection):
                return InspectedCopy(copy, size, fault="the file is damaged")
            broken = _first_broken(connection)
            of = summary_in(connection)
            (recordings,) = connection.execute("SELECT coalesce(sum(1), 0) FROM recordings").fetchone()
            changes, last = connection.execute("SELECT count(*), max(at) FROM history").fetchone()
    except UNREADABLE as error:
        late = isinstance(error, sqlite3.Error) and is_interruption(error)
        return InspectedCopy(copy, size, fault="reading it took too long" if late else "the file is damaged")
    except UserError as error:
        return InspectedCopy(copy, size, fault=str(error))
    fault = "" if broken is None else broken.what
    answers, study_id = (of.answers, of.study_id) if of is not None else (0, "")
    return InspectedCopy(copy, size, recordings, changes, last or "", fault, answers, study_id)


def _first_broken(connection: sqlite3.Connection) -> Broken | None:
    """The first fault of a copy's history or tables; None when there is none.

    Of an older version only the history is checked: what stands beside it has the tables of that version.
    """
    if schema.stored_version(connection) < schema.version_of(schema.STEPS):
        return next(history.broken_chain(connection, history.entries(connection)), None)
    return next(iter(replay.verify(connection)), None)


def copies_of_other_studies(inspected: Sequence[InspectedCopy], study_id: str) -> frozenset[Path]:
    """The copies that are not of the study with this id; "" when it is no longer known.

    It is then taken to be that of the copy with the most changes.
    """
    whole = [one for one in inspected if one.study_id]
    if not study_id and whole:
        study_id = max(whole, key=lambda one: one.changes).study_id
    return frozenset(one.copy.path for one in whole if one.study_id != study_id)


def restore(database: Database, path: Path, copy: Backup, who: str) -> Restored:
    """Restore the study in `path` from the copy, and record that in its history.

    All of it is one transaction: programs that have the study open see the one state or the other,
    and after a crash it is the former one. Raises UserError when the copy is not whole, of another
    study or of a newer version, sqlite3.Error and OSError when the system does not let it through;
    the study is as it was then.
    """
    with (
        prepared(copy, path.parent) as file,
        closing(_source(file)) as source,
        database.writing() as connection,
    ):
        if _meta(source, "study_id") != _meta(connection, "study_id"):
            raise UserError(f"{copy.path.name} is a copy of another study, so nothing was changed.")
        was = {name: _meta(connection, name) for name in ("history_seq", "history_hash")}
        seen = seen_of(seen_in(connection, source))
        last = max(recording_table.last_recording(one) for one in (source, connection))
        kept = back_up(path, REPLACED)
        forget(connection)
        _take_over(source, connection)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_recording', ?)", (str(last),))
        history.append(
            connection,
            Subject(history.RESTORE, ""),
            who=who,
            operation=Operation.RESTORED,
            old=canonical({**was, "kept": kept.name, **seen}),
            new=canonical({"copy": copy.path.name}),
        )
    return Restored(copy, kept)


@contextmanager
def prepared(copy: Backup, folder: Path) -> Iterator[Path]:
    """A file with the copy's content, checked and brought up to date; the copy itself stays as it is.

    It is in a folder inside `folder` that is removed at the end. Raises UserError when the copy is
    not whole or of a newer version.
    """
    if not copy.path.is_file():
        raise UserError(f"There is no copy {copy.path.name}.")
    check_copy(copy.path, folder)
    # Beside the study and not where others may read: it is the same patients.
    with tempfile.TemporaryDirectory(dir=folder, prefix=UNPACKED) as place:
        path = Path(place) / FILE_NAME
        path.touch(mode=0o600)
        _copy_content(copy.path, path)
        with _not_whole(copy.path.name):
            _check_version(path, copy.path.name)
            open_for_writing(path, busy_seconds=_BUSY_SECONDS, steps=schema.STEPS).close()
            with closing(_source(path)) as connection:
                _check(connection, copy.path.name)
        yield path


def _source(path: Path) -> StudyConnection:
    """The copy that was made ready, with time enough to read all of it. Raises as `connect_for_viewing`."""
    seconds = seconds_for(path.stat().st_size, **_CHECKING)
    return connect_for_viewing(path, busy_seconds=_BUSY_SECONDS, seconds=seconds)


def _copy_content(copy: Path, path: Path) -> None:
    """Raises UserError for a file that this process has open: closing it would drop SQLite's locks on it."""
    hold = hold_for_viewing(copy, is_there)
    try:
        if hold.locked:
            raise UserError("The study is open here; close it first.")
        shutil.copyfile(copy, path)
    finally:
        hold.release()


def _check_version(path: Path, name: str) -> None:
    with closing(connect_immutable(path)) as connection:
        try:
            version = schema.stored_version(connection)
        except UserError:
            raise UserError(f"{name} is not a copy of a study, so nothing was changed.") from None
    if version == 0:
        raise UserError(f"{name} is empty, so nothing was changed.")
    if version > schema.version_of(schema.STEPS):
        raise UserError(
            f"{name} was made with a newer version of Semioscope, so nothing was changed: "
            "restore it with that version."
        )


@contextmanager
def _not_whole(name: str) -> Iterator[None]:
    """Say of the copy, and not of the study, that it is damaged."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if not is_damage(error):
            raise
        raise UserError(f"{name} is not whole (the file is damaged), so nothing was changed.") from error


def _check(connection: sqlite3.Connection, name: str) -> None:
    whole = is_whole(connection)
    broken = next(iter(replay.verify(connection)), None) if whole else None
    if not whole or broken is not None:
        what = "the file is damaged" if broken is None else broken.what
        raise UserError(f"{name} is not whole ({what}), so nothing was changed.")


def _meta(connection: sqlite3.Connection, key: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return "" if row is None else str(row[0])


def seen_in(target: sqlite3.Connection, source: sqlite3.Connection) -> ShownAnswers:
    """The answers that persons were shown in the study `target` and that the copy `source` does not record.

    Also what an earlier restore says of it, because its row goes with the others.
    """
    earlier = sealing.shown_before_restores(target)
    opened = set(earlier.opened)
    if _blind_settings(target) - _blind_settings(source):
        opened |= {str(row[0]) for row in target.execute("SELECT fingerprint FROM recordings")}
    revealed = (revealed_in(target) | earlier.revealed) - revealed_in(source)
    return ShownAnswers(frozenset(revealed), frozenset(opened))


def seen_of(seen: ShownAnswers) -> dict[str, list[Any]]:
    """The same as the row of the history says it."""
    return {"revealed": sorted(seen.revealed), "opened": sorted(seen.opened)}


def _blind_settings(connection: sqlite3.Connection) -> set[str]:
    """The rows of the history, by their hash, that say whether reading is blind."""
    found = connection.execute(
        "SELECT hash FROM history WHERE recording = '' AND subject = 'setting' AND feature = ?",
        (sealing.BLIND_BY_DEFAULT,),
    )
    return {str(text) for (text,) in found}


def revealed_in(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Fingerprint of the recording and key of the reader of every reading that was shown the others'."""
    found = connection.execute(
        "SELECT fingerprint, key FROM readings JOIN recordings ON recordings.id = recording_id "
        "JOIN readers ON readers.id = reader_id WHERE revealed IS NOT NULL"
    )
    return {(str(fingerprint), str(key)) for fingerprint, key in found}


def _take_over(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Every row of every table, inside the caller's transaction; both have the present schema."""
    guards = target.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _sql in guards:
        target.execute(f"DROP TRIGGER {name}")
    target.execute("PRAGMA defer_foreign_keys = ON")
    names = target.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for (table,) in names:
        columns = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
        target.execute(f"DELETE FROM {table}")
        target.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            source.execute(f"SELECT {', '.join(columns)} FROM {table}"),
        )
    for _name, sql in guards:
        target.execute(sql)

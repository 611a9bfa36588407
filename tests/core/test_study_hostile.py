"""A study from somebody else: its journals and its SQL do nothing, and a wrong value costs one row."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import DamagedStudyError, UserError
from app.core.semiology import Answer, Presence, Span
from app.core.study import place, restoring, schema, values
from app.core.study.database import Database, open_for_writing
from app.core.study.edits import SetAnswer
from app.core.study.journals import ForeignFileError, check_files
from app.core.study.store import Study, study_folder_for
from tests.core import hostile_studies as hostile
from tests.core.study_cases import ANA, ROOT, Clip, presence, tick

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "clip.semioscope"
    with Study.open(place, author="Ana") as study:
        tick(study, study.recording(Clip(tmp_path / "clip.mp4")), "tonic", Presence.YES)
    return place


@pytest.fixture(scope="module")
def full_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.make(tmp_path_factory.mktemp("full") / "clip.semioscope")


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# journals


def _journal(database: Path, *, page: int = 4096, pages: int | None = None, names: str = "") -> bytes:
    count = database.stat().st_size // 4096 if pages is None else pages
    head = (_JOURNAL_MAGIC + struct.pack(">IIIII", 0, 0x1234, count, 512, page)).ljust(512, b"\0")
    if not names:
        return head
    name = names.encode()
    tail = struct.pack(">I", 0x40000000 // page + 1) + name + struct.pack(">II", len(name), sum(name))
    return head + tail + _JOURNAL_MAGIC


def _log(page: int, frame: tuple[int, int] = (1, 1), *, magic: int = 0x377F0682) -> bytes:
    """A log of one frame, its header's checksum as SQLite computes it."""
    start = struct.pack(">6I", magic, 3007000, page, 0, 11, 22)
    one = two = 0
    words = struct.unpack("<6I", start)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return start + struct.pack(">2I", one, two) + struct.pack(">6I", *frame, 11, 22, 0, 0) + bytes(page)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


FOREIGN: dict[str, tuple[str, Callable[[Path], bytes]]] = {
    "another file": ("-journal", lambda path: _journal(path, names="/somewhere/precious.txt")),
    "a relative file": ("-journal", lambda path: _journal(path, names="precious.txt")),
    "page size": ("-journal", lambda path: _journal(path, page=1024)),
    "more pages than there are": ("-journal", lambda path: _journal(path, pages=1 << 30)),
    "more records than there are": (
        "-journal",
        lambda path: _JOURNAL_MAGIC + struct.pack(">IIIII", 99, 0, 1, 512, 4096) + bytes(600),
    ),
    "sector": (
        "-journal",
        lambda path: _JOURNAL_MAGIC + struct.pack(">IIIII", 0, 0, 1, 500, 4096) + bytes(600),
    ),
    "no journal": ("-journal", lambda path: b"#!/bin/sh" * 100),
    "log of another page size": ("-wal", lambda path: _log(1024)),
    "log with a page far off": ("-wal", lambda path: _log(4096, (1 << 31, 1 << 31))),
    "log that makes the file large": ("-wal", lambda path: _log(4096, (1, 1 << 31))),
    "page nought": ("-wal", lambda path: _log(4096, (0, 1))),
    "no log": ("-wal", lambda path: b"#!/bin/sh" * 100),
}


@pytest.mark.parametrize("case", FOREIGN)
@pytest.mark.parametrize("shared", [False, True])
def test_a_journal_that_this_program_did_not_write_never_reaches_sqlite(
    folder: Path, case: str, *, shared: bool
) -> None:
    suffix, make = FOREIGN[case]
    path = folder / "study.sqlite"
    _beside(path, suffix).write_bytes(make(path))
    before = _contents(folder)
    with pytest.raises(DamagedStudyError, match=f"study.sqlite{suffix}"):
        Study.open(folder, author="Ana", shared=shared)
    with pytest.raises(ForeignFileError, match=f"study.sqlite{suffix}"):
        check_files(path)
    assert _contents(folder) | {"writer.lock": b""} == before | {"writer.lock": b""}
    _beside(path, suffix).unlink()
    with Study.open(folder, author="Ana") as study:
        assert study.verify_history() == ()


def test_a_log_that_fits_is_taken(folder: Path) -> None:
    """The cases above are refused for what each of them says, not for being made here."""
    path = folder / "study.sqlite"
    _beside(path, "-wal").write_bytes(_log(4096))
    _beside(path, "-journal").write_bytes(_journal(path))
    check_files(path)


@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_a_journal_beside_an_empty_or_missing_database_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "study.sqlite"
    content = {"-journal": _JOURNAL_MAGIC + struct.pack(">IIIII", 0, 0, 5, 512, 4096), "-wal": _log(4096)}
    _beside(path, suffix).write_bytes(content[suffix].ljust(512, b"\0"))
    with pytest.raises(ForeignFileError):
        check_files(path)
    path.touch()
    with pytest.raises(ForeignFileError):
        check_files(path)


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links and pipes")
@pytest.mark.parametrize("name", ["study.sqlite", "study.sqlite-wal", "study.sqlite-journal"])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_plain_file_is_not_opened(tmp_path: Path, folder: Path, name: str, kind: str) -> None:
    place = folder / name
    place.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(place)
    else:
        shutil.copytree(folder, tmp_path / "elsewhere")
        (tmp_path / "elsewhere" / name).touch()
        place.symlink_to(tmp_path / "elsewhere" / name)
    with pytest.raises(UserError, match="not a regular file"):
        Study.open(folder, author="Ana", shared=True)


@pytest.mark.skipif(os.name == "nt", reason="counts the names of a file")
@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_a_journal_that_is_a_file_of_somewhere_else_is_not_written(
    tmp_path: Path, folder: Path, suffix: str
) -> None:
    (tmp_path / "precious.txt").write_bytes(b"")
    os.link(tmp_path / "precious.txt", _beside(folder / "study.sqlite", suffix))
    with pytest.raises(UserError, match="is a link"):
        Study.open(folder, author="Ana")
    with pytest.raises(ForeignFileError, match="somewhere else"):
        check_files(folder / "study.sqlite")


@given(st.binary(max_size=200), st.binary(max_size=200), st.sampled_from(["", "-journal", "-wal"]))
def test_no_header_is_an_unexpected_error(start: bytes, rest: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "study.sqlite")
        path.write_bytes(_ours() if suffix else b"SQLite format 3\0" + start)
        if suffix:
            begin = _JOURNAL_MAGIC if suffix == "-journal" else b"\x37\x7f\x06\x82\0\x2d\xe2\x18"
            _beside(path, suffix).write_bytes(begin + start + rest)
        with contextlib.suppress(ForeignFileError):
            check_files(path)


def _ours() -> bytes:
    """The header of a study of two pages."""
    fields = {16: b"\x10\0\1\1\0\x40\x20\x20", 56: b"\0\0\0\1", 68: b"SEMI"}
    content = bytearray(8192)
    content[:16] = b"SQLite format 3\0"
    for at, value in fields.items():
        content[at : at + len(value)] = value
    return bytes(content)


_KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = " + sys.argv[2])
connection.execute("PRAGMA cache_size = 1")
for _ in range(2):
    connection.execute("BEGIN")
    for n in range(2000):
        row = (f"filter {n}", '"x"')
        connection.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", row)
    if _ == 0 and sys.argv[2] == "wal":
        connection.execute("COMMIT")
    elif _ == 0:
        connection.execute("ROLLBACK")
os._exit(9)
"""


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_what_a_killed_program_left_is_finished(folder: Path, mode: str) -> None:
    path = folder / "study.sqlite"
    subprocess.run([sys.executable, "-c", _KILLED, str(path), mode], check=False)
    assert _beside(path, "-wal" if mode == "wal" else "-journal").stat().st_size > 4096
    with Study.open(folder, author="Ana") as study:
        assert len(study.settings().filters) == (2000 if mode == "wal" else 0)
        assert presence(study, 1, "tonic") is Presence.YES
    assert not _beside(path, "-journal").exists()


def test_a_copy_is_looked_at_and_put_back_without_its_journal(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        made = study.back_up_if_due()
        assert made is not None
        victim = folder.parent / "precious.txt"
        victim.write_text("mine", encoding="utf-8")
        _beside(made, "-journal").write_bytes(_journal(made, names=str(victim)))
        (copy,) = study.backups()
        before = _contents(folder / "backups")
        assert restoring.inspect_copy(copy).fault == ""
        assert _contents(folder / "backups") == before
        study.restore(copy)
        assert study.verify_history() == ()
    assert victim.read_text(encoding="utf-8") == "mine"


# neighbours


def test_a_neighbour_is_looked_at_without_its_journals(folder: Path, tmp_path: Path) -> None:
    path = folder / "study.sqlite"
    victim = tmp_path / "precious.txt"
    victim.write_text("mine", encoding="utf-8")
    _beside(path, "-journal").write_bytes(_journal(path, names=str(victim)))
    before = _contents(tmp_path)
    assert study_folder_for(tmp_path / "renamed.mp4", "f" * 64) == folder
    assert study_folder_for(tmp_path / "renamed.mp4", "0" * 64) == tmp_path / "renamed.semioscope"
    assert _contents(tmp_path) == before


def test_a_neighbour_that_takes_its_time_is_not_waited_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(place, "_knows", lambda *_: waiting.wait(60))
    begun = time.monotonic()
    assert study_folder_for(tmp_path / "x.mp4", "f" * 64, seconds=0.1) == tmp_path / "x.semioscope"
    waiting.set()
    assert time.monotonic() - begun < 30


_PLANTED_VIEW = """
ALTER TABLE recordings RENAME TO kept;
CREATE VIEW recordings AS WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
    SELECT x AS id, printf('%d', x) AS fingerprint FROM c WHERE x < 0;
"""


def test_a_neighbour_with_sql_of_its_own_is_passed_over(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "a.semioscope"
    shutil.copytree(folder, other)
    _execute(other, _PLANTED_VIEW)
    os.utime(other, (2e9, 2e9))
    assert study_folder_for(tmp_path / "renamed.mp4", "f" * 64, seconds=20) == folder


@pytest.mark.skipif(os.name == "nt", reason="only POSIX systems drop locks like that")
def test_looking_for_a_study_leaves_the_locks_of_the_open_one(folder: Path) -> None:
    """SQLite needs the file for itself to leave write-ahead mode: it gets it once our lock is dropped."""
    with Study.open(folder, author="Ana") as study:
        study.people()
        assert study_folder_for(folder.parent / "renamed.mp4", "f" * 64) == folder
        with Study.open(folder, author="Bo") as second:
            assert second.read_only
        script = (
            "import sqlite3, sys\n"
            "connection = sqlite3.connect(sys.argv[1], timeout=0)\n"
            "print(connection.execute('PRAGMA journal_mode = DELETE').fetchone()[0])"
        )
        found = subprocess.run(
            [sys.executable, "-c", script, str(folder / "study.sqlite")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "locked" in found.stderr or found.stdout.strip() == "wal"


# the schema


def _execute(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.executescript(sql)


def _redefined(old: str, new: str) -> str:
    return (
        "PRAGMA writable_schema = ON; "
        f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}'); PRAGMA schema_version = 9000;"
    )


PLANTED = {
    "view": "CREATE VIEW more AS SELECT 1;",
    "view in place of a table": _PLANTED_VIEW,
    "trigger": "CREATE TRIGGER t AFTER INSERT ON history BEGIN UPDATE answers SET presence = 'no'; END;",
    "trigger of ours, other": "DROP TRIGGER history_rows_stay; "
    "CREATE TRIGGER history_rows_stay BEFORE DELETE ON history BEGIN SELECT 1; END;",
    "no trigger": "DROP TRIGGER history_rows_keep;",
    "table": "CREATE TABLE more (x);",
    "index": "CREATE INDEX more ON answers (note);",
    "index on an expression": "CREATE INDEX more ON answers (abs(confidence));",
    "no index": "DROP INDEX answers_of_feature;",
    "column": "ALTER TABLE answers ADD COLUMN more TEXT;",
    "generated column": "ALTER TABLE answers ADD COLUMN more TEXT AS (hex(note));",
    "virtual table": "CREATE VIRTUAL TABLE more USING fts5 (x);",
    "statistics": "ANALYZE;",
    "check": _redefined("seconds REAL NOT NULL", "seconds REAL NOT NULL CHECK (seconds > abs(-1))"),
    "default": _redefined("note TEXT NOT NULL DEFAULT ''''", "note TEXT NOT NULL DEFAULT (hex(1))"),
    "collation": _redefined("label TEXT NOT NULL", "label TEXT NOT NULL COLLATE NOCASE"),
    "not strict": _redefined("STRICT, WITHOUT", "WITHOUT"),
    "key as a type": _redefined("name TEXT PRIMARY KEY", 'name TEXT "PRIMARY" "KEY" PRIMARY KEY'),
    "reference": _redefined("REFERENCES recordings (id)", "REFERENCES recordings (id) ON DELETE CASCADE"),
    "conflict": _redefined(
        "fingerprint TEXT NOT NULL UNIQUE", "fingerprint TEXT NOT NULL UNIQUE ON CONFLICT REPLACE"
    ),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_schema_that_is_not_ours_to_the_word_is_refused(folder: Path, case: str) -> None:
    _execute(folder, PLANTED[case])
    with pytest.raises(UserError, match=r"tables|damaged"):
        Study.open(folder, author="Ana")
    with pytest.raises(UserError, match=r"tables|damaged"):
        Study.open(folder, author="Ana", shared=True)


def test_white_space_and_the_order_of_columns_do_not_count(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        told = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        ).fetchall()
        connection.execute("PRAGMA writable_schema = ON")
        for _kind, name, sql in told:
            written = " ".join(sql.replace("(", " ( ").replace(",", " ,\n\t").split(" "))
            connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (written, name))
        connection.execute("PRAGMA schema_version = 9000")
        connection.commit()
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is Presence.YES
        tick(study, 1, "clonic", Presence.NO)
        assert study.verify_history() == ()


def test_tables_with_columns_in_another_order_are_written_right(tmp_path: Path) -> None:
    """As a program of somebody else makes a study by the words of docs/formats.md."""
    folder = tmp_path / "clip.semioscope"
    with Study.open(folder, author="Ana"):
        pass
    turned = "begins REAL NOT NULL,\n        ends REAL NOT NULL", "ends REAL NOT NULL, begins REAL NOT NULL"
    _execute(folder, _redefined(*turned))
    hostile.make(folder)
    with Study.open(folder, author="Ana") as study:
        assert study.verify_history() == ()
        first, second = study.reading(1, ANA).answer("arm_straightening").evidence
        assert first.start < first.end <= second.start < second.end


def test_sql_that_is_planted_into_an_open_study_is_noticed(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        tick(study, 1, "clonic", Presence.YES)
        _execute(folder, PLANTED["trigger"])
        with pytest.raises(UserError, match="tables"):
            tick(study, 1, "figure4", Presence.YES)
        with pytest.raises(UserError, match="tables"):
            study.history()


# time


@pytest.fixture
def database(folder: Path) -> Iterator[Database]:
    opened = open_for_writing(folder / "study.sqlite", busy_seconds=1.0, steps=schema.STEPS)
    yield opened
    opened.close()


_ENDLESS = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"


def test_a_question_without_end_is_given_up_in_one_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_reading_seconds", 0.1)
    with pytest.raises(UserError, match="took too long"), database.reading() as connection:
        connection.execute(_ENDLESS)
    with database.reading() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_change_without_end_is_rolled_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_writing_seconds", 0.1)

    def change() -> None:
        with database.writing() as connection:
            connection.execute("INSERT INTO settings (name, value) VALUES ('x', '1')")
            connection.execute(_ENDLESS)

    with pytest.raises(UserError, match="took too long"):
        change()
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM settings").fetchone() == (0,)


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_ctrl_c_ends_a_question(folder: Path) -> None:
    script = (
        "import sys, os, signal, threading\n"
        "from pathlib import Path\n"
        "from app.core.study import schema\n"
        "from app.core.study.database import open_for_writing\n"
        "database = open_for_writing(Path(sys.argv[1]), busy_seconds=1.0, steps=schema.STEPS)\n"
        "database._reading_seconds = 100.0  # so that on a busy machine the limit is not first\n"
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try:\n"
        "    with database.reading() as connection:\n"
        f"        connection.execute({_ENDLESS!r})\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, str(folder / "study.sqlite")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    assert found.stdout == "stopped\n", found.stderr


# values


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("answers", "presence"), "maybe", "the answer to “arm_flexion” of “Ana”"),
        (("answers", "confidence"), 2**62, "the answer to “arm_flexion” of “Ana”"),
        (("spans", "begins"), float("inf"), "a span of the evidence for “arm_flexion” of “Ana”"),
        (("spans", "ends"), b"\xff", "a span of the evidence for “arm_flexion” of “Ana”"),
        (("marks", "kind"), "middle", "a mark of “Ana”"),
        (("recordings", "patient_box"), "[" * 100_000, "the patient's box of the recording “clip.mp4”"),
        (("recordings", "cameras"), '{"a": 1}', "what the cameras of recording 1 are"),
        (("eeg_files", "sync"), '{"offset": 1e999}', "the EEG “night.edf” of a recording"),
        (("eeg_files", "bad_channels"), "[" * 100_000, "the EEG “night.edf” of a recording"),
        (("eeg_files", "size"), -1, "the EEG “night.edf” of a recording"),
        (("recordings", "duration"), -5.0, "the recording “clip.mp4”"),
        (("readers", "kind"), "robot", "the reader “Ana”"),
        (("readings", "locked"), "yesterday", "how far the reader “Ana” is"),
        (("settings", "value"), "[" * 100_000, "the setting “blind_by_default”"),
        (("history", "new"), "{", "row 1 of the history"),
    ],
)
def test_a_wrong_value_costs_one_row_and_is_named_in_one_sentence(
    full_study: Path, tmp_path: Path, place: tuple[str, str], value: object, sentence: str
) -> None:
    table, column = place
    folder = Path(shutil.copytree(full_study, tmp_path / "clip.semioscope"))
    _put_first(folder, table, column, value)
    told = [fault for fault in hostile.ask_everything(folder) if "left out" in fault]
    assert any(sentence.casefold() in fault.casefold() for fault in told), told
    with Study.open(folder, author="Ana", shared=True) as study:
        assert presence_of_others(study) >= 17


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE meta SET value = '9223372036854775807' WHERE key = 'history_seq'",
        "UPDATE meta SET value = 'x' WHERE key = 'history_seq'",
        "INSERT INTO meta VALUES ('last_recording', '9223372036854775807')",
        "UPDATE recordings SET id = 9223372036854775807",
    ],
)
def test_a_number_that_nothing_can_follow_is_told(folder: Path, tmp_path: Path, statement: str) -> None:
    _execute(folder, statement)
    with Study.open(folder, author="Ana") as study, pytest.raises(UserError, match="damaged"):
        tick(study, study.recording(Clip(tmp_path / "new.mp4", "e" * 64)), "clonic", Presence.YES)


def presence_of_others(study: Study) -> int:
    """How many of Bo's answers, none of which was touched, can be read."""
    return len(study.reading(1, hostile.BO).answers) if study.recordings()[0].id == 1 else 20


def _put_first(folder: Path, table: str, column: str, value: object) -> None:
    """The value in the first row alone, in the order in which the study is made."""
    firsts = {
        "answers": "feature = 'arm_flexion' AND reader_id = 1",
        "readings": "reader_id = 1",
        "eeg_files": "1",
    }
    where = firsts.get(table, f"rowid = (SELECT min(rowid) FROM {table})")
    if table in {"marks", "settings"}:
        where = "kind = 'onset'" if table == "marks" else "name = 'blind_by_default'"
    assert hostile.put(folder, table, column, value, where=where)


def _spoil(study: Path, place: Path, rng: random.Random, case: int) -> tuple[Path, str]:
    folder = place / "clip.semioscope"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(study, folder)
    if case % 3 == 0:
        return folder, hostile.damage(folder, rng)
    table, column = rng.choice(hostile.columns(study))
    value = rng.choice((*hostile.VALUES, hostile.NOT_TEXT))
    hostile.put(folder, table, column, value, where=rng.choice(("1", "random() % 3 = 0")))
    return folder, f"{table}.{column} = {value!r:.60}"


def _check(study: Path, place: Path, rng: random.Random, cases: int, commands: int) -> None:
    for case in range(cases):
        folder, what = _spoil(study, place, rng, case)
        hostile.ask_everything(folder)
        for command in (hostile.COMMANDS[0], *rng.sample(hostile.COMMANDS[1:], commands)):
            code, said = hostile.run(folder, command, place / "out")
            assert code in {0, 1}, (what, command, said)
            assert code == 0 or said, (what, command)


@pytest.mark.parametrize("value", [hostile.NOT_TEXT, "soon", None])
def test_evidence_that_is_not_a_number_does_not_hinder_new_answers(
    full_study: Path, tmp_path: Path, value: object
) -> None:
    folder = tmp_path / "clip.semioscope"
    shutil.copytree(full_study, folder)
    assert hostile.put(folder, "spans", "begins", value)
    hostile.ask_everything(folder)


def test_no_spoiled_study_is_an_unexpected_error(full_study: Path, tmp_path: Path) -> None:
    _check(full_study, tmp_path, random.Random(20), cases=60, commands=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_no_spoiled_study_of_thousands_is_an_unexpected_error(
    full_study: Path, tmp_path: Path, seed: int
) -> None:
    _check(full_study, tmp_path, random.Random(seed), cases=90, commands=3)


@pytest.mark.slow
@pytest.mark.parametrize("table", hostile.TABLES)
def test_no_value_in_any_column_is_an_unexpected_error(full_study: Path, tmp_path: Path, table: str) -> None:
    for name, column in hostile.columns(full_study):
        for value in (*hostile.VALUES, hostile.NOT_TEXT) if name == table else ():
            folder = tmp_path / "clip.semioscope"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(full_study, folder)
            hostile.put(folder, table, column, value)
            hostile.ask_everything(folder)
            code, said = hostile.run(folder, hostile.COMMANDS[0], tmp_path / "out")
            assert code in {0, 1}, (table, column, value, said)


def test_a_row_with_more_parts_than_this_program_writes_is_left_out_unparsed(
    full_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "clip.semioscope"
    shutil.copytree(full_study, folder)
    many = "[" + "1," * (values.MOST_PARTS + 1) + "1]"
    assert hostile.put(folder, "history", "new", many, where="subject NOT IN ('lock', 'reading')")
    parsed: list[int] = []
    loads = json.loads

    def counted(text: str, **how: object) -> object:
        parsed.append(len(text))
        return loads(text, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(json, "loads", counted)
    with Study.open(folder, author="Ana", shared=True) as study:
        assert len(study.history()) < 10
        assert sum("of the history in this study cannot be read" in fault for fault in study.faults()) > 40
    assert max(parsed, default=0) < len(many)


def test_an_answer_of_ten_thousand_spans_stays_readable(folder: Path) -> None:
    spans = tuple(Span(float(n), n + 0.5) for n in range(10_000))
    with Study.open(folder, author="Ana") as study:
        before = study.reading(1, ANA).answer("clonic")
        after = Answer("clonic", Presence.YES, 50, spans, None, "a, b, " * 50_000)
        study.apply(SetAnswer(1, ANA, before, after))
        assert study.reading(1, ANA).answer("clonic") == after
        assert study.verify_history() == ()
        study.undo(1)
        study.redo(1)
        assert study.reading(1, ANA).answer("clonic") == after
        assert study.faults() == ()

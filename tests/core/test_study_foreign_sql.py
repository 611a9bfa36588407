"""SQL that somebody else put into a study does nothing, and a question without end is given up."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.semiology import Presence
from app.core.study import schema
from app.core.study.database import Database, open_for_writing
from app.core.study.store import Study
from tests.core import hostile_studies as hostile
from tests.core.study_cases import ANA, ROOT, presence, tick
from tests.core.study_folders import PLANTED_VIEW, execute_sql, folder

__all__ = ["folder"]


def _redefined(old: str, new: str) -> str:
    return (
        "PRAGMA writable_schema = ON; "
        f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}'); PRAGMA schema_version = 9000;"
    )


PLANTED = {
    "view": "CREATE VIEW more AS SELECT 1;",
    "view in place of a table": PLANTED_VIEW,
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
    execute_sql(folder, PLANTED[case])
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
    execute_sql(folder, _redefined(*turned))
    hostile.make(folder)
    with Study.open(folder, author="Ana") as study:
        assert study.verify_history() == ()
        first, second = study.reading(1, ANA, viewer=None).answer("arm_straightening").evidence
        assert first.start < first.end <= second.start < second.end


def test_sql_that_is_planted_into_an_open_study_is_noticed(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        tick(study, 1, "clonic", Presence.YES)
        execute_sql(folder, PLANTED["trigger"])
        with pytest.raises(UserError, match="tables"):
            tick(study, 1, "figure4", Presence.YES)
        with pytest.raises(UserError, match="tables"):
            study.history(viewer=None)


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
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it\n"
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

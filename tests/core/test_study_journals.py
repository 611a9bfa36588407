"""The journals of a study from somebody else never reach SQLite, beside it or in a neighbour."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import DamagedStudyError, UserError
from app.core.semiology import Presence
from app.core.study import place, restoring
from app.core.study.journals import ForeignFileError, check_files
from app.core.study.store import Study, study_folder_for
from tests.core.study_cases import presence
from tests.core.study_folders import PLANTED_VIEW, execute_sql, folder, folder_contents

__all__ = ["folder"]


_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")


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
    before = folder_contents(folder)
    with pytest.raises(DamagedStudyError, match=f"study.sqlite{suffix}"):
        Study.open(folder, author="Ana", shared=shared)
    with pytest.raises(ForeignFileError, match=f"study.sqlite{suffix}"):
        check_files(path)
    assert folder_contents(folder) | {"writer.lock": b""} == before | {"writer.lock": b""}
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
        before = folder_contents(folder / "backups")
        assert restoring.inspect_copy(copy).fault == ""
        assert folder_contents(folder / "backups") == before
        study.restore(copy)
        assert study.verify_history() == ()
    assert victim.read_text(encoding="utf-8") == "mine"


# neighbours


def test_a_neighbour_is_looked_at_without_its_journals(folder: Path, tmp_path: Path) -> None:
    path = folder / "study.sqlite"
    victim = tmp_path / "precious.txt"
    victim.write_text("mine", encoding="utf-8")
    _beside(path, "-journal").write_bytes(_journal(path, names=str(victim)))
    before = folder_contents(tmp_path)
    assert study_folder_for(tmp_path / "renamed.mp4", "f" * 64) == folder
    assert study_folder_for(tmp_path / "renamed.mp4", "0" * 64) == tmp_path / "renamed.semioscope"
    assert folder_contents(tmp_path) == before


def test_a_neighbour_that_takes_its_time_is_not_waited_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(place, "_knows", lambda *_: waiting.wait(60))
    begun = time.monotonic()
    assert study_folder_for(tmp_path / "x.mp4", "f" * 64, seconds=0.1) == tmp_path / "x.semioscope"
    waiting.set()
    assert time.monotonic() - begun < 30


def test_a_neighbour_with_sql_of_its_own_is_passed_over(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "a.semioscope"
    shutil.copytree(folder, other)
    execute_sql(other, PLANTED_VIEW)
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

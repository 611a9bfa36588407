"""Whatever happened to a study's files: it is said, they stay as they are, and a copy can be restored."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from app import cli
from app.core.errors import DamagedStudyError, UserError
from app.core.semiology import Presence
from app.core.study import damage
from app.core.study.backup import backups
from app.core.study.damage import fault_of
from app.core.study.edits import SetStudyName
from app.core.study.replacing import ITSELF, restorable_copies, restore_from_copy
from app.core.study.restoring import inspect_copy
from app.core.study.store import Study
from tests.core.damaged_studies import (
    DEEP,
    KINDS,
    LOGS,
    assert_restored,
    copy_study,
    cut_off,
    log_of,
    made,
    newest_copy,
    other,
    overwrite,
    study_files_content,
    write_noise_as_log,
)
from tests.core.study_cases import presence

__all__ = ["made", "other"]


@LOGS
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_said_changes_nothing_and_the_copy_comes_back(
    made: Path, tmp_path: Path, kept: str, kind: str
) -> None:
    folder = copy_study(made, kept, tmp_path)
    KINDS[kind](folder / "study.sqlite")
    before = study_files_content(folder)
    for how in ({}, {"shared": True}, {"create": False}):
        with pytest.raises(
            DamagedStudyError, match=r"cannot be opened because .*a copy of the study can be restored"
        ):
            Study.open(folder, author="Ana", **how)  # type: ignore[arg-type]
    assert study_files_content(folder) == before
    restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)
    (aside,) = (folder / "backups").glob("damaged-*")
    assert study_files_content(aside) == before


@LOGS
@pytest.mark.parametrize("kind", DEEP)
def test_damage_further_in_is_found_and_the_copy_comes_back(
    made: Path, tmp_path: Path, kept: str, kind: str
) -> None:
    folder = copy_study(made, kept, tmp_path)
    DEEP[kind](folder / "study.sqlite")
    # A page that the log holds too is read there, and is whole.
    mended = kept == "with_log" and kind == "the last page"
    assert cli.main(["history", str(folder), "--verify"]) == (0 if mended else 1)
    before = study_files_content(folder)
    restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)
    if not mended:
        (aside,) = (folder / "backups").glob("damaged-*")
        assert study_files_content(aside) == before


@pytest.mark.slow
@LOGS
@pytest.mark.parametrize("seed", range(60))
def test_noise_anywhere_never_stands_between_a_study_and_its_copy(
    made: Path, tmp_path: Path, kept: str, seed: int
) -> None:
    folder, chance = copy_study(made, kept, tmp_path), random.Random(seed)
    path = folder / "study.sqlite"
    size = path.stat().st_size
    for _ in range(chance.randrange(1, 4)):
        count = chance.choice((1, 16, 512, 4096, 20_000))
        overwrite(chance.randrange(max(size - count, 1)), chance.randbytes(count))(path)
    if chance.random() < 0.3:
        cut_off(chance.randrange(size))(path)
    assert cli.main(["history", str(folder), "--verify"]) in {0, 1}
    restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)


def _foreign_log(other: Path, path: Path) -> None:
    shutil.copy(log_of(other), log_of(path))


def _log_of_no_study(_other: Path, path: Path) -> None:
    place = path.parent / "photos.sqlite"
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE photos (name TEXT)")
        connection.commit()
        shutil.copy(place.with_name("photos.sqlite-wal"), log_of(path))
    for left in path.parent.glob("photos*"):
        left.unlink()


def _header_of_log(other: Path, path: Path) -> None:
    _foreign_log(other, path)
    overwrite(20, b"\xff")(log_of(path))


@pytest.mark.parametrize("kind", [_foreign_log, _log_of_no_study, write_noise_as_log, _header_of_log])
def test_a_log_that_is_not_of_this_study_never_reaches_it(
    made: Path, other: Path, tmp_path: Path, kind: Callable[[Path, Path], None]
) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    kind(other, folder / "study.sqlite")
    before = study_files_content(folder)
    with pytest.raises(DamagedStudyError, match="the log beside it"):
        Study.open(folder, author="Ana")
    assert study_files_content(folder) == before
    itself = next(one for one in restorable_copies(folder) if one.what == ITSELF)
    restore_from_copy(folder, itself, "Ana")
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is Presence.NO, "the study as it is without that log"
        assert study.verify_history() == ()
    restore_from_copy(folder, backups(folder)[-1], "Ana")
    assert_restored(folder)


def _journal_naming(path: Path, victim: Path) -> None:
    """A rollback journal beside the study that names another file, which SQLite would delete."""
    name, page = str(victim).encode(), 4096
    head = bytes.fromhex("d9d505f920a163d7") + struct.pack(
        ">5I", 0, 1, path.stat().st_size // page, 512, page
    )
    tail = struct.pack(">I", 0x40000000 // page + 1) + name + struct.pack(">2I", len(name), sum(name))
    path.with_name("study.sqlite-journal").write_bytes(
        head.ljust(512, b"\0") + tail + bytes.fromhex("d9d505f920a163d7")
    )


def test_a_journal_of_somebody_else_is_set_aside_and_deletes_nothing(made: Path, tmp_path: Path) -> None:
    folder, victim = copy_study(made, "without_log", tmp_path), tmp_path / "letter.txt"
    victim.write_text("mine")
    _journal_naming(folder / "study.sqlite", victim)
    before = study_files_content(folder)
    with pytest.raises(DamagedStudyError, match=r"did not write study.sqlite-journal.*a copy of the study"):
        Study.open(folder, author="Ana")
    assert study_files_content(folder) == before
    itself = next(one for one in restorable_copies(folder) if one.what == ITSELF)
    restore_from_copy(folder, itself, "Ana")
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is Presence.NO, "the study as it is without that journal"
    restore_from_copy(folder, backups(folder)[-1], "Ana")
    assert_restored(folder)
    assert victim.read_text() == "mine"
    (aside,) = (folder / "backups").glob("damaged-*")
    assert study_files_content(aside) == before


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "pipe"])
def test_what_stands_in_place_of_the_file_is_renamed_and_never_opened(
    made: Path, other: Path, tmp_path: Path, kind: str
) -> None:
    folder, elsewhere = copy_study(made, "without_log", tmp_path), tmp_path / "elsewhere"
    shutil.copytree(other.parent, elsewhere)
    path, far = folder / "study.sqlite", elsewhere / "study.sqlite"
    path.unlink()
    make = {"symbolic link": path.symlink_to, "hard link": path.hardlink_to}
    make.get(kind, lambda _far: os.mkfifo(path))(far)
    before = study_files_content(elsewhere)
    with pytest.raises(DamagedStudyError, match="a copy of the study can be restored"):
        Study.open(folder, author="Ana")
    restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)
    assert study_files_content(elsewhere) == before


def test_a_copy_is_called_whole_only_when_it_can_be_restored(made: Path, tmp_path: Path) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    copy = newest_copy(folder)
    assert inspect_copy(copy).fault == ""
    with closing(sqlite3.connect(copy.path)) as connection:
        connection.execute("UPDATE answers SET presence = 'no' WHERE feature = 'clonic'")
        connection.commit()
    fault = inspect_copy(copy).fault
    assert "clonic" in fault
    with pytest.raises(UserError, match="clonic"):
        restore_from_copy(folder, copy, "Ana")


def test_a_study_that_says_it_is_newer_is_kept_whole_when_a_copy_is_restored(
    made: Path, tmp_path: Path
) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    overwrite(60, (99).to_bytes(4, "big"))(folder / "study.sqlite")
    before = study_files_content(folder)
    with pytest.raises(UserError, match="newer version"):
        Study.open(folder, author="Ana")
    restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)
    (aside,) = (folder / "backups").glob("damaged-*")
    assert study_files_content(aside) == before


def test_a_study_that_holds_sql_of_somebody_else_is_put_back_to_its_copy(made: Path, tmp_path: Path) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON history BEGIN UPDATE answers SET presence = 'no'; END"
        )
        connection.commit()
    with pytest.raises(DamagedStudyError, match="its tables were changed by another program"):
        Study.open(folder, author="Ana")
    assert not any(one.what == ITSELF for one in restorable_copies(folder))
    restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)


def test_the_log_of_the_study_itself_is_read(made: Path, tmp_path: Path) -> None:
    folder = copy_study(made, "with_log", tmp_path)
    assert log_of(folder / "study.sqlite").stat().st_size
    assert fault_of(folder / "study.sqlite") == ""
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is Presence.NO


def test_what_was_set_aside_can_be_put_back_in_its_turn(made: Path, tmp_path: Path) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    write_noise_as_log(folder, folder / "study.sqlite")
    restore_from_copy(folder, newest_copy(folder), "Ana")
    aside = next(one for one in restorable_copies(folder) if one.what == "damaged")
    restore_from_copy(folder, aside, "Ana")
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is Presence.NO


@pytest.mark.parametrize(
    "trace",
    [
        "backups/study-day-20261102T120000000000Z.sqlite",
        "readings/a/run.json",
        "egress.jsonl",
        "study.sqlite-wal",
    ],
)
@pytest.mark.parametrize("empty", [True, False])
def test_where_something_of_a_study_lies_no_new_one_is_made(tmp_path: Path, trace: str, empty: bool) -> None:
    folder = tmp_path / "clip.semioscope"
    (folder / trace).parent.mkdir(parents=True)
    (folder / trace).write_text("{}")
    if empty:
        (folder / "study.sqlite").touch()
    with pytest.raises(DamagedStudyError, match="empty" if empty else "missing"):
        Study.open(folder, author="Ana")
    assert (folder / "study.sqlite").exists() is empty
    assert not empty or (folder / "study.sqlite").stat().st_size == 0


def test_a_file_that_this_account_may_not_read_is_said_and_the_copy_comes_back(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: Path(path).name != "study.sqlite")
        with pytest.raises(DamagedStudyError, match="may not be read by this account"):
            Study.open(folder, author="Ana")
        restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)


def test_an_empty_file_alone_becomes_a_study_only_where_one_is_to_be_made(tmp_path: Path) -> None:
    (tmp_path / "study.sqlite").touch()
    with pytest.raises(UserError, match="is empty"):
        Study.open(tmp_path, author="Ana", create=False)
    assert (tmp_path / "study.sqlite").stat().st_size == 0
    Study.open(tmp_path, author="Ana").close()
    assert (tmp_path / "study.sqlite").stat().st_size > 0


def test_a_checkpoint_that_a_full_disk_stopped_is_no_damage_also_of_a_study_that_was_open_before(
    tmp_path: Path,
) -> None:
    """The first page in the file counts more pages than the file has; the log holds it, and all others."""
    folder = tmp_path / "clip.semioscope"
    names = [None, *(f"Ward {number}" for number in range(20))]
    Study.open(folder, author="Ana").close()
    path = folder / "study.sqlite"
    with Study.open(folder, author="Ana") as study:
        study.apply(SetStudyName(names[0], names[1]))
        Study.open(folder, author="Bo").close()  # its log is known from here on
        for before, after in pairwise(names[1:]):
            study.apply(SetStudyName(before, after), why="why " * 800)
        stored, log = path.read_bytes(), log_of(path).read_bytes()
    first = [page for number, page in damage._frames(log) if number == 1][-1]
    assert int.from_bytes(first[28:32], "big") > len(stored) // len(first)
    path.write_bytes(first + stored[len(first) :])
    log_of(path).write_bytes(log)
    assert fault_of(path) == ""
    with Study.open(folder, author="Ana") as study:
        assert [row.new for row in study.history(viewer=None)][-1:] == [f'"{names[-1]}"']

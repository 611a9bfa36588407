"""A study folder as it can be received: odd names, no plain files, pages without end, very many copies."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli import main
from app.core.errors import DamagedStudyError, UserError
from app.core.folders import settings_folder
from app.core.recording.identity import fingerprint
from app.core.recording.probe import open_recording
from app.core.semiology import Presence
from app.core.study import copies, copy_schedule, files_in_use, restoring, text_limit, time_limit
from app.core.study.backup import Backup, backups
from app.core.study.cameras import camera_of
from app.core.study.connection import connect_for_viewing
from app.core.study.moved_recordings import find_moved
from app.core.study.named_places import may_open, remember_opened
from app.core.study.replacing import restorable_copies, restore_from_copy
from app.core.study.store import Study, study_folder_for
from tests.core.study_cases import Clip, tick

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX systems only")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return _make(tmp_path / "clip.semioscope")


def _make(folder: Path) -> Path:
    with Study.open(folder, author="Ana") as study:
        tick(study, study.recording(Clip(folder.parent / "clip.mp4")), "tonic", Presence.YES)
        study.back_up_if_due()
    return folder


# names


@posix
def test_a_folder_that_is_called_like_an_address_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = _make(tmp_path / "victim.semioscope")
    before = {path: path.read_bytes() for path in victim.rglob("*") if path.is_file()}
    monkeypatch.chdir(tmp_path)
    place = Path("file:victim.semioscope%2fstudy.sqlite?mode=rwc&x=")
    with Study.open(place, author="Bo", shared=True) as study:
        study.recording(Clip(tmp_path / "other.mp4", "0" * 64))
        study.back_up_now()
        assert len(study.recordings()) == 1
    assert (tmp_path / place / "study.sqlite").stat().st_size > 0
    assert {path: path.read_bytes() for path in victim.rglob("*") if path.is_file()} == before


@posix
def test_a_folder_whose_name_is_not_utf_8_is_used_and_stands_in_nobodys_way(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"Anf\xe4lle.semioscope")
    try:
        odd.mkdir()
    except OSError:
        pytest.skip("this disk takes names in UTF-8 only")
    _make(odd)
    assert study_folder_for(tmp_path / "renamed.mp4", "f" * 64, seconds=20) == odd
    assert restoring.inspect_copy(backups(odd)[0]).fault == ""
    other = tmp_path / "other.semioscope"
    with Study.open(other, author="Ana") as study:
        study.recording(Clip(tmp_path / "other.mp4", "0" * 64))
    os.utime(odd, (2e9, 2e9))
    assert study_folder_for(tmp_path / "renamed.mp4", "0" * 64, seconds=20) == other


def test_a_folder_of_copies_above_a_recording_makes_no_study_of_the_folder_around_it(folder: Path) -> None:
    home = folder.parent
    shutil.copytree(folder / "backups", home / "backups")
    recording = home / "films" / "x.mp4"
    recording.parent.mkdir()
    assert study_folder_for(recording) == recording.with_suffix(".semioscope")
    (folder / "study.sqlite").unlink()
    assert study_folder_for(folder / "x.mp4") == folder, "but one that is named like a study is one still"


@posix
@pytest.mark.parametrize(
    "named", ["clip.semioscope", "../here/clip.semioscope", "link", "far/clip.semioscope", "."]
)
def test_however_a_study_is_reached_its_recordings_lie_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    home = tmp_path / "here"
    folder = _make(home / "clip.semioscope")
    (home / "clip.mp4").write_bytes(b"picture")
    (home / "far").mkdir()
    (home / "far" / "clip.semioscope").symlink_to(folder)
    (home / "link").symlink_to(folder)
    monkeypatch.chdir(folder if named == "." else home)
    with Study.open(Path(named), author="Ana", create=False, shared=True) as study:
        place = study.recording_path(1)
        assert place == home / "clip.mp4"
        assert may_open(place, study.folder)
        assert camera_of(home / "clip.mp4", "0" * 40, study.folder).place(study.folder) == place


# anything but a plain file


@posix
@pytest.mark.parametrize("kind", ["pipe", "link", "link to a pipe"])
def test_the_copies_are_listed_without_opening_what_is_no_plain_file(folder: Path, kind: str) -> None:
    path, elsewhere = folder / "study.sqlite", folder.parent / "elsewhere"
    other = _make(folder.parent / "other.semioscope") / "study.sqlite"
    path.unlink()
    if kind == "link":
        path.symlink_to(other)
    else:
        os.mkfifo(elsewhere)
        path.symlink_to(elsewhere) if kind == "link to a pipe" else elsewhere.rename(path)
    (copy,) = restorable_copies(folder)
    assert copies.copy_summary(path) is None
    assert main(["backup", str(folder), "--list"]) == 0
    before = other.read_bytes()
    restore_from_copy(folder, copy, "Ana")
    with Study.open(folder, author="Ana", create=False) as study:
        assert study.verify_history() == ()
    assert other.read_bytes() == before


@posix
def test_a_study_in_a_snapshot_of_hard_links_says_how_it_can_be_opened(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = tmp_path / "snapshot" / folder.name
    shutil.copytree(folder, snapshot, copy_function=os.link)
    for place in (folder, snapshot):
        with pytest.raises(UserError, match=r"study.sqlite is a link .* copy the whole folder"):
            Study.open(place, author="Ana", create=False)
        assert main(["backup", str(place), "--list"]) == 0
        assert "1 more has a name elsewhere" in capsys.readouterr().out
    whole = shutil.copytree(snapshot, tmp_path / "whole" / folder.name)
    with Study.open(whole, author="Ana", create=False) as study:
        assert study.verify_history() == ()
        assert len(study.backups()) == 1


@posix
def test_a_pipe_among_the_films_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder.parent / "pipe.mp4")
    with Study.open(folder, author="Ana") as study:
        assert find_moved(study, folder.parent) == ()


def test_files_that_were_set_aside_at_no_possible_time_are_listed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = folder / "backups" / "damaged-1"
    aside.mkdir()
    shutil.copy(folder / "study.sqlite", aside)
    real = Path.stat

    def stat(path: Path, **how: bool) -> os.stat_result:
        found = list(real(path, **how))
        return os.stat_result([*found[:8], 10**15, *found[9:]]) if path.parent == aside else real(path, **how)

    monkeypatch.setattr(Path, "stat", stat)
    assert [one.what for one in restorable_copies(folder)] == ["day", "damaged"]


# SQLite's locks


def _others_get_it_alone(path: Path) -> bool:
    script = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], timeout=0)\n"
        "print(connection.execute('PRAGMA journal_mode = DELETE').fetchone()[0])"
    )
    command = [sys.executable, "-c", script, str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() == "delete"


@posix
def test_no_reader_of_recordings_opens_a_study_and_drops_its_locks(folder: Path) -> None:
    path = folder / "study.sqlite"
    with Study.open(folder, author="Ana") as study:
        study.recording(Clip(folder / "gone.sqlite", "0" * 64))
        assert not may_open(path, folder)
        remember_opened(path)
        assert not may_open(path, folder)
        assert not may_open(path.with_name("study.sqlite-wal"), folder)
        with pytest.raises(UserError, match="is the file of a study"):
            open_recording(path)
        with pytest.raises(OSError, match="not a recording"):
            fingerprint(path)
        assert find_moved(study, folder.parent) == ()
        assert not _others_get_it_alone(path)
    assert settings_folder().is_dir()


@posix
def test_a_study_that_is_open_here_is_not_copied_as_a_file(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        study.people()
        itself = Backup(folder / "study.sqlite", "itself", datetime.now(UTC))
        with pytest.raises(UserError, match="open here"), restoring.prepared(itself, folder):
            pass
        assert not _others_get_it_alone(folder / "study.sqlite")


def test_a_disk_that_does_not_answer_keeps_nobody_waiting_who_opens_another_file(
    folder: Path, tmp_path: Path
) -> None:
    other = _make(tmp_path / "other.semioscope")
    begun, answered = threading.Event(), threading.Event()

    def check(_path: Path) -> None:
        begun.set()
        answered.wait(60)

    hanging = threading.Thread(
        target=lambda: files_in_use.hold_for_viewing(other / "study.sqlite", check).release()
    )
    hanging.start()
    assert begun.wait(60)
    try:
        Study.open(folder, author="Ana").close()
    finally:
        answered.set()
        hanging.join()
    Study.open(other, author="Ana").close()


def test_a_check_that_fails_leaves_the_file_to_others(folder: Path) -> None:
    def check(_path: Path) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        files_in_use.hold_for_viewing(folder / "study.sqlite", check)
    with files_in_use.held_alone(folder / "study.sqlite"):
        pass


# pages without end

_PAGE = 4096


def _without_end(path: Path, table: str = "answers") -> None:
    """Let every index of the table be a tree whose pages lead to one page again and again, 60⁸ times."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        roots = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE tbl_name = ?", (table,)
        ).fetchall()
    content = bytearray(path.read_bytes())
    for (root,) in roots:
        leaf = bytes(content[(root - 1) * _PAGE : root * _PAGE])
        if leaf[0] != 10:  # not the leaf of an index
            continue
        (place,) = struct.unpack(">H", leaf[8:10])
        row = leaf[place : place + 1 + leaf[place]]
        page = leaf
        for _level in range(8):
            content += page
            page = _inner(len(content) // _PAGE, row)
        content[(root - 1) * _PAGE : root * _PAGE] = page
    content[28:32] = struct.pack(">I", len(content) // _PAGE)
    path.write_bytes(content)


def _inner(child: int, row: bytes, count: int = 60) -> bytes:
    """A page of an index that names one page below it `count` times."""
    page, cell = bytearray(_PAGE), struct.pack(">I", child) + row
    places = [_PAGE - (number + 1) * len(cell) for number in range(count)]
    for place in places:
        page[place : place + len(cell)] = cell
    page[:12] = struct.pack(">BHHHBI", 2, 0, count, places[-1], 0, child)
    page[12 : 12 + 2 * count] = struct.pack(f">{count}H", *places)
    return bytes(page)


def test_a_copy_whose_pages_have_no_end_is_given_up_in_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_HELD", {"least": 0.2, "bytes_per_second": 1e9})
    (copy,) = backups(folder)
    _without_end(copy.path)
    assert copies.copy_summary(copy.path) is None
    assert restoring.inspect_copy(copy).fault != ""
    with Study.open(folder, author="Ana") as study:
        assert study.back_up_if_due() is not None
    assert copy.path.exists()


def test_no_more_is_read_than_the_file_can_hold(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT 'text' FROM c"
    monkeypatch.setattr(text_limit, "_LEAST", 0)
    with closing(connect_for_viewing(folder / "study.sqlite", busy_seconds=1, seconds=60)) as connection:
        assert connection.execute("SELECT count(name), min(name) FROM sqlite_master").fetchone()[0] > 5
        with pytest.raises(sqlite3.DatabaseError) as told:
            connection.execute(endless).fetchall()
        assert told.value.sqlite_errorcode == sqlite3.SQLITE_CORRUPT


# time, and very many copies


def test_a_copy_that_takes_too_long_to_read_is_not_called_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "_CHECKING", {"least": 0.0, "bytes_per_second": 1e12})
    monkeypatch.setattr(time_limit, "_INSTRUCTIONS", 1)
    assert restoring.inspect_copy(backups(folder)[0]).fault == "reading it took too long"


def test_of_very_many_copies_those_that_are_not_reached_in_time_stay(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy,) = backups(folder)
    for number in range(300):
        at = datetime.now(UTC) - timedelta(seconds=number)
        shutil.copy(copy.path, copy.path.with_name(f"study-hour-{at:%Y%m%dT%H%M%S%fZ}.sqlite"))
    monkeypatch.setattr(copy_schedule, "_ALL_SECONDS", 0.0)
    with Study.open(folder, author="Ana") as study:
        before = set(backups(folder))
        assert study.back_up_if_due() is not None
        assert before < set(backups(folder))
        monkeypatch.setattr(copy_schedule, "_ALL_SECONDS", 60.0)
        begun = time.monotonic()
        study.back_up_if_changed(copy_schedule.HOURLY)
        assert time.monotonic() - begun < 60


def test_of_very_many_copies_the_error_counts_only_some(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy,) = backups(folder)
    for number in range(1200):
        copy.path.with_name(f"study-day-20200101T000000{number:06}Z.sqlite").write_bytes(b"x")
    (folder / "study.sqlite").unlink()
    looked_at: list[Path] = []
    real = Path.lstat

    def noted(path: Path) -> os.stat_result:
        looked_at.append(path)
        return real(path)

    monkeypatch.setattr(Path, "lstat", noted)
    with pytest.raises(DamagedStudyError, match="missing; one of its 500 copies"):
        Study.open(folder, author="Ana")
    assert len(looked_at) < 600
    assert len(backups(folder)) == 1201

"""A new study of files, folders and lists; looking at studies that are not opened; where one is entered."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.core.atomic import has_unfinished
from app.core.batch.begin_study import begin_study, chosen_recordings, folder_of_name, patients_in
from app.core.errors import Cancelled, UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, no_report
from app.core.reading import person
from app.core.recording.probe import open_recording
from app.core.semiology import Answer, Presence
from app.core.study import connection, worklist
from app.core.study import study_look as looking
from app.core.study.edits import LockReading, SetAnswer
from app.core.study.store import Study
from app.core.study.study_entry import study_entry, study_folder_of
from app.core.study.study_look import Look, RecordingLook, StudyLook, look_at, study_look
from tests.media import write_recording

ANA = person("Ana")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    names = ("P1_1_a.mp4", "P1_2_a.mp4", "P2_1_b.mp4")
    return [write_recording(tmp_path / name, frames=5 + place) for place, name in enumerate(names)]


def begun(folder: Path, files: list[Path], pattern: str = "") -> Path:
    return begin_study(folder, files, pattern, "Ana", report=no_report, cancel=CancelToken()).folder


def test_files_folders_and_lists_give_each_recording_once(tmp_path: Path, files: list[Path]) -> None:
    table = tmp_path / "list.csv"
    table.write_text("recording\nP2_1_b.mp4\n")
    chosen = chosen_recordings([files[0], table, tmp_path], cancel=CancelToken())
    assert chosen == (files[0], files[2], files[1])
    assert patients_in([path.name for path in files], "{patient}_{event}_*") == (2, 0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no recordings"):
        chosen_recordings([tmp_path / "empty"], cancel=CancelToken())


def test_the_search_of_a_deep_folder_is_stopped(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, searched = CancelToken(), list[str]()

    def walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for number in range(3):
            searched.append(str(folder))
            cancel.cancel()
            yield (str(folder), [], [f"{number}.mp4"])

    monkeypatch.setattr("app.core.batch.recording_list.os.walk", walk)
    with pytest.raises(Cancelled):
        chosen_recordings([tmp_path], cancel=cancel)
    assert len(searched) == 1


@pytest.mark.parametrize("name", ["", "  ", "a/b", "..", ".x", "a:b", "x" * 101, "end."])
def test_a_name_that_no_folder_can_have_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        folder_of_name(name, tmp_path)


def test_a_name_is_that_of_its_folder(tmp_path: Path) -> None:
    assert folder_of_name("  Friday   round ", tmp_path) == tmp_path / "Friday round.semioscope"
    assert folder_of_name("Friday.semioscope", tmp_path) == tmp_path / "Friday.semioscope"


def test_a_study_is_made_with_patients_from_the_names(tmp_path: Path, files: list[Path]) -> None:
    made = begin_study(
        tmp_path / "s.semioscope",
        [*files, tmp_path / "gone.mp4"],
        "{patient}_{event}_*",
        "Ana",
        report=no_report,
        cancel=CancelToken(),
    )
    assert made.recordings == 3
    assert "gone.mp4" in " ".join(made.remarks)
    with Study.open_for_viewing(made.folder) as study:
        assert [study.patient_data(row.id, viewers=()).patient for row in study.recordings()] == [
            "P1",
            "P1",
            "P2",
        ]
        assert [study.patient_data(row.id, viewers=()).event for row in study.recordings()] == ["1", "2", "1"]
    with pytest.raises(UserError, match="already"):
        begun(made.folder, files)


def test_a_wrong_pattern_makes_nothing(tmp_path: Path, files: list[Path]) -> None:
    with pytest.raises(UserError, match="pattern"):
        begun(tmp_path / "s.semioscope", files, "no placeholder")
    assert not (tmp_path / "s.semioscope").exists()


def test_after_an_attempt_without_any_recording_the_name_is_free(tmp_path: Path, files: list[Path]) -> None:
    with pytest.raises(UserError, match=r"gone\.mp4"):
        begun(tmp_path / "s.semioscope", [tmp_path / "gone.mp4"])
    begun(tmp_path / "s.semioscope", files)


def read_by_ana(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        for number in (1, 2):
            study.apply(SetAnswer(number, ANA, Answer("tonic"), Answer("tonic", Presence.NO)))
        study.apply(LockReading(1, ANA))


def test_looking_says_how_far_one_is_and_changes_nothing(tmp_path: Path, files: list[Path]) -> None:
    folder = begun(tmp_path / "s.semioscope", files)
    read_by_ana(folder)
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert study_look(folder, ANA) == StudyLook(folder, 3, locked=1, done=0, started=1, name="s")
    assert study_look(folder, person("Ben")) == StudyLook(folder, 3, name="s")
    told: list[Look] = []
    look_at([folder], [files[0]], ANA, told.append)
    assert RecordingLook(files[0], 1, locked=True) in told, "it is known from the study that names it"
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_what_a_killed_program_left_in_the_log_is_counted(tmp_path: Path, files: list[Path]) -> None:
    folder, killed = begun(tmp_path / "s.semioscope", files[:1]), tmp_path / "killed.semioscope"
    with Study.open(folder, author="Ana") as study:
        for path in files[1:]:
            study.recording(open_recording(path))
        study.apply(SetAnswer(2, ANA, Answer("tonic"), Answer("tonic", Presence.YES)))
        # What another process would find had this one been killed just now.
        shutil.copytree(folder, killed, ignore=shutil.ignore_patterns("*-shm", "writer.lock"))
        told: list[Look] = []
        look_at([folder], [], ANA, told.append)
        assert told == [StudyLook(folder, 3, started=1, name="s")], "nor need the log of one that is open"
    assert (killed / "study.sqlite-wal").stat().st_size > 0
    kept = {path.name: path.read_bytes() for path in killed.iterdir() if path.is_file()}
    look = study_look(killed, ANA)
    assert (look.recordings, look.started) == (3, 1)
    assert {name: (killed / name).read_bytes() for name in kept} == kept
    (killed / "study.sqlite-wal").write_bytes(b"\x37\x7f\x06\x82" + b"not a log of ours " * 9)
    assert study_look(killed, ANA).why_not == "It cannot be read just now."


def killed_with_a_log(tmp_path: Path, files: list[Path], *left_out: str) -> Path:
    """A study of three recordings, two of them in the log alone, as it was when its program was killed."""
    folder, killed = begun(tmp_path / "s.semioscope", files[:1]), tmp_path / "killed.semioscope"
    with Study.open(folder, author="Ana") as study:
        for path in files[1:]:
            study.recording(open_recording(path))
        shutil.copytree(folder, killed, ignore=shutil.ignore_patterns("writer.lock", *left_out))
    return killed


def state(folder: Path) -> dict[str, tuple[int, ...]]:
    """Names, owners, rights, sizes and times of what is in a folder, and its own."""
    found = {one.name: one.stat() for one in (folder, *folder.iterdir())}
    return {
        name: (at.st_uid, at.st_gid, at.st_mode, at.st_size, at.st_mtime_ns, at.st_ino)
        for name, at in found.items()
    }


@pytest.mark.parametrize("left_out", [("*-shm",), ()])
def test_looking_changes_and_makes_nothing_in_the_folder(
    tmp_path: Path, files: list[Path], left_out: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even while it looks: a colleague who writes meanwhile would meet what was made."""
    killed = killed_with_a_log(tmp_path, files, *left_out)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    before, during = state(killed), list[dict[str, tuple[int, ...]]]()

    def look(*given: Any, **how: Any) -> Any:
        found = worklist.worklist(*given, **how)
        during.append(state(killed))
        return found

    monkeypatch.setattr(looking, "worklist", look)
    assert study_look(killed, ANA).recordings == 3
    assert during == [before]
    assert state(killed) == before
    assert not list((tmp_path / "temporary").iterdir()), "nobody would remove it there after a kill"
    assert not has_unfinished(cache_folder()), "the private copy is gone"


def test_the_copy_that_is_read_is_private(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed, rights = killed_with_a_log(tmp_path, files, "*-shm"), list[int]()
    connect = connection.connect

    def note(target: Path | str, busy_seconds: float) -> Any:
        if isinstance(target, Path):
            rights.extend(one.stat().st_mode & 0o077 for one in (target.parent, *target.parent.iterdir()))
        return connect(target, busy_seconds)

    monkeypatch.setattr(connection, "connect", note)
    assert study_look(killed, ANA).recordings == 3
    assert rights == [0, 0, 0, 0], "the folder, what says that it is in use, the study and its log"


@pytest.mark.parametrize("is_full", [False, True])
def test_progress_is_shown_with_its_log_where_the_account_has_no_room_for_a_copy(
    tmp_path: Path, files: list[Path], is_full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = killed_with_a_log(tmp_path, files, "*-shm")
    cache, temporary = cache_folder(), tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    write = Path.write_bytes

    def refuse(path: Path, data: bytes) -> int:
        if path.is_relative_to(cache):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write(path, data)

    if is_full:
        monkeypatch.setattr(Path, "write_bytes", refuse)
    else:
        shutil.rmtree(cache)
        cache.touch()
    assert study_look(killed, ANA).recordings == 3
    (private,) = temporary.iterdir()
    assert private.stat().st_mode & 0o077 == 0
    assert not list(private.iterdir())
    private.chmod(0o755)
    assert study_look(killed, ANA).recordings == 1, "no copy is made where others read"


@pytest.mark.parametrize("has_cache", [True, False], ids=["in the cache", "in the system's folder"])
def test_the_copy_that_a_killed_program_leaves_is_removed_at_the_next_start(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch, *, has_cache: bool
) -> None:
    killed = killed_with_a_log(tmp_path, files, "*-shm")
    looking_program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.core.study import connection\n"
        "connection.StudyConnection.backup = lambda *_: os.kill(os.getpid(), 9)\n"
        "connection.connect_with_log(Path(sys.argv[1]), busy_seconds=0.2, seconds=60.0)\n"
    )
    cache, place = cache_folder(), tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    if not has_cache:
        cache.rename(tmp_path / "cache")
        cache.touch()
    subprocess.run([sys.executable, "-c", looking_program, str(killed / "study.sqlite")], check=False)
    if not has_cache:
        cache.unlink()
    (left,) = (cache_folder() if has_cache else place).rglob("study.sqlite")
    assert main(["history", str(tmp_path / "none")])  # a start, whatever comes of it
    wait = time.monotonic() + 60
    while left.parent.exists() and time.monotonic() < wait:
        time.sleep(0.01)
    assert not left.parent.exists()


def test_progress_on_read_only_media_is_shown_with_its_log(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite cannot make the file there that it needs for reading a log."""
    killed = killed_with_a_log(tmp_path, files, "*-shm")
    monkeypatch.setattr(connection, "connect", refusing_in(killed, connection.connect))
    killed.chmod(0o500)
    try:
        assert study_look(killed, ANA).recordings == 3
    finally:
        killed.chmod(0o700)


def refusing_in(folder: Path, connect: Any) -> Any:
    """What the system says where nothing can be made, to an administrator too."""

    def refuse(target: Path | str, busy_seconds: float) -> Any:
        if str(folder) in str(target) and "immutable" not in str(target):
            raise sqlite3.OperationalError("unable to open database file")
        return connect(target, busy_seconds)

    return refuse


def test_a_large_study_and_a_log_that_changes_or_finds_no_room_are_read_without_the_log(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = killed_with_a_log(tmp_path, files)
    before, tick = state(killed), count()
    with monkeypatch.context() as changed:
        changed.setattr(connection, "_states", lambda *_paths: [(next(tick), 0)])
        assert study_look(killed, ANA).recordings == 1
    with monkeypatch.context() as changed:
        changed.setattr(connection, "_LARGEST_COPY", 1000)
        assert study_look(killed, ANA).recordings == 1
    with monkeypatch.context() as changed:
        changed.setattr(connection, "cache_folder", lambda: tmp_path / "no room")
        changed.setattr(tempfile, "tempdir", str(tmp_path / "no room"))
        assert study_look(killed, ANA).recordings == 1
    assert state(killed) == before


def test_what_is_gone_damaged_or_late_is_said(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "d.semioscope"
    damaged.mkdir()
    (damaged / "study.sqlite").write_text("no study")
    looks: list[Look] = []
    look_at([tmp_path / "gone.semioscope", damaged], [files[0], tmp_path / "no.mp4"], ANA, looks.append)
    said = {look.why_not for look in looks if isinstance(look, StudyLook)}
    assert said == {"It is not where it was.", "It cannot be read just now."}
    recordings = {look.path.name: look for look in looks if isinstance(look, RecordingLook)}
    assert recordings["no.mp4"].why_not
    assert recordings["P1_1_a.mp4"] == RecordingLook(files[0])
    release = threading.Event()
    monkeypatch.setattr(looking, "study_look", lambda *_args: release.wait(60))
    looks.clear()
    look_at([tmp_path], [files[0]], ANA, looks.append, seconds=0.2)
    release.set()
    assert [type(look) for look in looks] == [RecordingLook], "a share that hangs holds up nobody"


def test_a_study_is_entered_where_it_was_left_else_at_what_is_to_be_read(
    tmp_path: Path, files: list[Path]
) -> None:
    folder = begun(tmp_path / "s.semioscope", files)
    read_by_ana(folder)
    assert study_entry(folder, ANA).path == files[1], "the first is locked"
    assert study_entry(folder, ANA, files[2]).path == files[2]
    assert study_entry(folder, ANA, tmp_path / "other.mp4").path == files[1]
    files[1].unlink()
    assert study_entry(folder, ANA).path == files[2]
    for path in (files[0], files[2]):
        path.unlink()
    with pytest.raises(UserError, match="where it was"):
        study_entry(folder, ANA)
    assert study_folder_of(folder / "study.sqlite") == folder
    with pytest.raises(UserError, match="not a study"):
        study_folder_of(tmp_path)


def test_a_place_elsewhere_is_only_offered(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(tmp_path / "apart" / "s.semioscope", files)
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "somebody else"))
    entry = study_entry(tmp_path / "apart" / "s.semioscope", ANA)
    assert (entry.path, entry.offered) == (files[0], True)

"""A copy is restored only where it belongs, and a kill at any step loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from app import cli
from app.core.errors import DamagedStudyError, UserError
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import Answer, Presence
from app.core.study.backup import backups
from app.core.study.edits import LockReading, SetAnswer
from app.core.study.replacing import restore_from_copy
from app.core.study.store import Study
from tests.core.damaged_studies import (
    KINDS,
    assert_restored,
    copy_study,
    halve,
    log_of,
    made,
    newest_copy,
    noise,
    other,
    overwrite,
    replace_by_foreign,
    study_files_content,
    write_noise_as_log,
)
from tests.core.study_cases import ANA, ROOT, SIGNAL, Clip

__all__ = ["made", "other"]


# what must not be restored


def test_a_study_that_another_window_or_program_has_open_is_not_replaced(made: Path, tmp_path: Path) -> None:
    folder = copy_study(made, "with_log", tmp_path)
    holding = (
        "import sys; from pathlib import Path; from app.core.study.store import Study;"
        "study = Study.open(Path(sys.argv[1]), author='Bo', shared=sys.argv[2] == 'shared');"
        "study.recordings(); print('open', flush=True); sys.stdin.read()"
    )
    for how, said in (("window", "another window"), ("shared", "Another program")):
        with subprocess.Popen(
            [sys.executable, "-c", holding, str(folder), how],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        ) as holder:  # fmt: skip
            assert holder.stdout is not None
            holder.stdout.readline()
            former = (folder / "study.sqlite").read_bytes()
            overwrite(0, noise(4096))(folder / "study.sqlite")
            with pytest.raises(UserError, match=said):
                restore_from_copy(folder, newest_copy(folder), "Ana")
            (folder / "study.sqlite").write_bytes(former)
            holder.communicate()


@pytest.mark.parametrize("kind", ["cut", "noise", "newer", "foreign", "empty", "meddled", "gone"])
def test_a_copy_that_is_none_changes_nothing(made: Path, tmp_path: Path, kind: str) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    copy = newest_copy(folder)
    _unfit(copy.path, kind)
    KINDS["half"](folder / "study.sqlite")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UserError, match=r"nothing was changed|There is no copy"):
        restore_from_copy(folder, copy, "Ana")
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    after.pop(folder / "writer.lock", None), before.pop(folder / "writer.lock", None)
    assert after == before


def _unfit(path: Path, kind: str) -> None:
    if kind == "cut":
        halve(path)
    elif kind == "noise":
        path.write_bytes(noise(5000))
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "gone":
        path.unlink()
    elif kind == "foreign":
        replace_by_foreign(path)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "PRAGMA user_version = 99" if kind == "newer" else "UPDATE answers SET presence = 'no'"
            )
            connection.commit()


def test_where_the_damaged_file_says_of_which_study_it_is_a_copy_of_another_is_refused(
    made: Path, other: Path, tmp_path: Path
) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(other, newest_copy(folder).path)
    write_noise_as_log(other, folder / "study.sqlite")
    with pytest.raises(UserError, match="another study"):
        restore_from_copy(folder, newest_copy(folder), "Ana")


# who has seen what


@pytest.mark.parametrize("readable", [True, False])
def test_who_was_shown_the_others_answers_does_not_read_blind_after_it(
    tmp_path: Path, readable: bool
) -> None:
    """It is read in the damaged study, or else in a later copy."""
    folder = tmp_path / "clip.semioscope"
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(tmp_path / "clip.mp4"))
        yes = Answer("tonic", Presence.YES)
        study.keep_reading(recording, Reading(RecordingIdentity("", "", 0), SIGNAL, {"tonic": yes}))
        for name in ("Ana", "Bo"):
            study.apply(SetAnswer(recording, person(name), Answer("tonic"), yes))
        copy = study.back_up_now()
        study.apply(LockReading(recording, ANA))
        study.reveal(recording, ANA)
        if not readable:
            study.back_up_now()
    path = folder / "study.sqlite"
    (write_noise_as_log if readable else lambda _other, path: halve(path))(path, path)
    restore_from_copy(folder, next(one for one in backups(folder) if one.path == copy), "Ana")
    with Study.open(folder, author="Ana") as study:
        for name in ("Ana", "Bo"):
            study.apply(LockReading(recording, person(name)))
        blind = {one.reader.name: one.blind for one in study.readers(recording, viewer=None) if one.locked}
        assert blind == {"Ana": False, "Bo": True}


# killed in the middle

_CALLS = ("link", "rename", "replace", "fsync", "mkdir", "unlink")


def _killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do the work in a separate process that is killed at its call number `step` to the disk.

    Gives whether it was.
    """
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    left = [step]

    def counted(former: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return former(*arguments, **named)

        return call

    for name in _CALLS:
        setattr(os, name, counted(getattr(os, name)))
    try:
        work()
    finally:
        os._exit(0)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
@pytest.mark.parametrize("kind", ["first page of noise", "a log of noise"])
def test_a_kill_at_any_step_leaves_the_former_files_or_the_restored_study(
    made: Path, tmp_path: Path, kind: str
) -> None:
    for step in range(40):
        place = tmp_path / str(step)
        place.mkdir()
        folder = copy_study(made, "with_log", place)
        path = folder / "study.sqlite"
        KINDS[kind](path) if kind in KINDS else write_noise_as_log(path, path)
        before = study_files_content(folder)
        killed = _killed_at(step, partial(restore_from_copy, folder, newest_copy(folder), "Ana"))
        _assert_nothing_lost(folder, before)
        if not killed:
            break
        restore_from_copy(folder, newest_copy(folder), "Ana")
        assert_restored(folder)
        shutil.rmtree(place)
    assert not killed, "it never came to its end"
    assert step > 8


def _assert_nothing_lost(folder: Path, before: dict[str, bytes]) -> None:
    """The study's file is the former one and everything next to it is there, or it is restored."""
    aside = list(_contents_of(folder / "backups"))
    if study_files_content(folder).get("study.sqlite") == before["study.sqlite"]:
        for name, content in before.items():
            assert content in [study_files_content(folder).get(name), *(one.get(name) for one in aside)]
        with pytest.raises(DamagedStudyError):
            Study.open(folder, author="Ana")
    else:
        assert before in aside
        with Study.open(folder, author="Ana", create=False) as study:
            assert study.history(viewer=None)[-1].operation == "restored"


def _contents_of(folder: Path) -> Iterator[dict[str, bytes]]:
    for place in folder.glob("damaged-*"):
        yield study_files_content(place)


def test_without_room_for_the_copy_nothing_changes(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_study(made, "with_log", tmp_path)
    KINDS["half"](folder / "study.sqlite")
    before = study_files_content(folder)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(UserError, match="not restored because of this: no space left"):
            restore_from_copy(folder, newest_copy(folder), "Ana")
    assert study_files_content(folder) == before
    restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)


# the command line


def test_every_command_says_what_is_wrong_and_the_way_back(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_study(made, "with_log", tmp_path)
    (folder / "study.sqlite").write_bytes(b"")
    log_of(folder / "study.sqlite").unlink()
    out = str(tmp_path / "out.csv")
    for command in (
        ["history", str(folder), "--verify"],
        ["history", str(folder)],
        ["export", str(folder), "--format", "csv-long", "--out", out],
        ["backup", str(folder)],
        ["agreement", str(folder)],
    ):
        assert cli.main(command) == 1
        said = capsys.readouterr().err
        assert "is empty" in said
        assert f"semioscope backup {folder} --list" in said
        assert "--restore NAME" in said
        assert said.count("\n") == 1
    assert (folder / "study.sqlite").read_bytes() == b""
    assert cli.main(["backup", str(folder), "--list"]) == 0
    assert "whole, 20 changes, 20 answers" in capsys.readouterr().out
    assert cli.main(["backup", str(folder), "--restore", newest_copy(folder).path.name]) == 0
    assert "kept in the folder backups/damaged-" in capsys.readouterr().out
    assert cli.main(["history", str(folder), "--verify"]) == 0


def test_listing_changes_nothing_in_a_folder_that_cannot_be_opened(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_study(made, "with_log", tmp_path)
    KINDS["header zeroed"](folder / "study.sqlite")
    copy = newest_copy(folder).path
    copy.with_name(copy.name + "-journal").write_bytes(b"a journal that nobody has asked for")
    copy.with_name(copy.name + "-wal").write_bytes(noise(5000))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert cli.main(["backup", str(folder), "--list"]) == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert "whole, 20 changes" in capsys.readouterr().out
    with suppress(FileNotFoundError):
        (folder / "writer.lock").unlink()


@pytest.mark.parametrize("change", ["UPDATE meta SET value = 'x' WHERE key = 'study_id'", "DELETE FROM meta"])
def test_a_study_that_does_not_say_any_more_which_it_is_comes_back(
    made: Path, tmp_path: Path, change: str
) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute(change)
        connection.commit()
    assert cli.main(["history", str(folder), "--verify"]) == 1
    restore_from_copy(folder, newest_copy(folder), "Ana")
    assert_restored(folder)


def test_another_study_in_its_place_that_is_whole_is_not_replaced(
    made: Path, other: Path, tmp_path: Path
) -> None:
    folder = copy_study(made, "without_log", tmp_path)
    shutil.copy(other, folder / "study.sqlite")
    if log_of(other).exists():
        shutil.copy(log_of(other), log_of(folder / "study.sqlite"))
    with pytest.raises(UserError, match="of another study"):
        restore_from_copy(folder, newest_copy(folder), "Ana")

"""Whatever happened to a study's files: it is said, they stay as they are, and a copy can be restored."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import struct
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
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.backup import Backup, backups
from app.core.study.damage import fault_of
from app.core.study.edits import LockReading, SetAnswer
from app.core.study.replacing import ITSELF, restorable_copies, restore_from_copy
from app.core.study.restoring import inspect_copy
from app.core.study.store import Study
from tests.core.study_cases import ANA, ROOT, SIGNAL, Clip, presence, tick

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with 20 answers, a copy of them, and one change since that only the log holds."""
    place = tmp_path_factory.mktemp("made")
    live = place / "live.semioscope"
    with Study.open(live, author="Ana") as study:
        recording = study.recording(Clip(place / "clip.mp4"))
        for feature in FEATURES:
            tick(study, recording, feature.id, Presence.YES)
        study.back_up_if_due()
    with Study.open(live, author="Ana") as study:
        tick(study, 1, "tonic", Presence.NO)
        shutil.copytree(live, place / "with_log.semioscope")
    shutil.copytree(live, place / "without_log.semioscope")
    return place


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another study with a log."""
    place = tmp_path_factory.mktemp("other")
    with Study.open(place / "live", author="Bo") as study:
        for feature in FEATURES[:5]:
            tick(study, study.recording(Clip(place / "other.mp4", "e" * 64)), feature.id, Presence.NO)
        shutil.copytree(place / "live", place / "kept")
    return place / "kept" / "study.sqlite"


def _log(path: Path) -> Path:
    return path.with_name("study.sqlite-wal")


def _noise(count: int) -> bytes:
    return random.Random(7).randbytes(count)


def _overwrite(begin: int, data: bytes) -> Damage:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[begin : begin + len(data)] = data
        path.write_bytes(content)

    return damage


def _cut(count: int) -> Damage:
    def damage(path: Path) -> None:
        path.write_bytes(path.read_bytes()[:count])

    return damage


def _replace(content: bytes) -> Damage:
    def damage(path: Path) -> None:
        path.write_bytes(content)

    return damage


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _foreign_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
        connection.commit()


KINDS: dict[str, Damage] = {
    "missing": lambda path: path.unlink(),
    "empty": _replace(b""),
    "half": _half,
    "cut in the header": _cut(60),
    "cut in the first page": _cut(1000),
    "zeroed": _zeroed,
    "header zeroed": _overwrite(0, bytes(100)),
    "header of noise": _overwrite(0, _noise(16)),
    "a form of definitions that is unknown": _overwrite(44, b"\0\0\0\x09"),
    "first page of noise": _overwrite(0, _noise(4096)),
    "all noise": _replace(_noise(40_000)),
    "a text": _replace(b"Dear colleague,\n" * 500),
    "a foreign database": _foreign_database,
    "a folder": _folder,
}
"""Damage that shows at once."""


def _pages_of_noise(path: Path) -> None:
    """Every page but the first."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + _noise(len(content) - 4096))


def _last_page(path: Path) -> None:
    _overwrite(path.stat().st_size - 4096, _noise(4096))(path)


def _tables_zeroed(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:8192] + bytes(len(content) - 8192))


DEEP: dict[str, Damage] = {
    "all but the first page": _pages_of_noise,
    "the last page": _last_page,
    "no tables": _tables_zeroed,
}
"""Damage that shows where these pages are read."""

LOGS = pytest.mark.parametrize("kept", ["with_log", "without_log"])


def _copy_of(made: Path, kept: str, tmp_path: Path) -> Path:
    folder = tmp_path / "clip.semioscope"
    shutil.copytree(made / f"{kept}.semioscope", folder)
    return folder


def _content(folder: Path) -> dict[str, bytes]:
    """The study's own files, without the index that every opening may make anew."""
    found = (folder / f"study.sqlite{ending}" for ending in ("", "-wal", "-journal"))
    return {place.name: place.read_bytes() for place in found if place.is_file()}


def _newest(folder: Path) -> Backup:
    return backups(folder)[0]


def _assert_back(folder: Path) -> None:
    """Every answer of the copy is there, the history is whole and says what was done, and work goes on."""
    with Study.open(folder, author="Ana", create=False) as study:
        study.check_pages()
        assert [presence(study, 1, feature.id) for feature in FEATURES] == [Presence.YES] * 20
        assert study.verify_history() == ()
        assert study.history()[-1].operation == "restored"
        tick(study, 1, "clonic", Presence.NO)
        assert study.verify_history() == ()


@LOGS
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_said_changes_nothing_and_the_copy_comes_back(
    made: Path, tmp_path: Path, kept: str, kind: str
) -> None:
    folder = _copy_of(made, kept, tmp_path)
    KINDS[kind](folder / "study.sqlite")
    before = _content(folder)
    for how in ({}, {"shared": True}, {"create": False}):
        with pytest.raises(
            DamagedStudyError, match=r"cannot be opened because .*a copy of the study can be restored"
        ):
            Study.open(folder, author="Ana", **how)  # type: ignore[arg-type]
    assert _content(folder) == before
    restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)
    (aside,) = (folder / "backups").glob("damaged-*")
    assert _content(aside) == before


@LOGS
@pytest.mark.parametrize("kind", DEEP)
def test_damage_further_in_is_found_and_the_copy_comes_back(
    made: Path, tmp_path: Path, kept: str, kind: str
) -> None:
    folder = _copy_of(made, kept, tmp_path)
    DEEP[kind](folder / "study.sqlite")
    # A page that the log holds too is read there, and is whole.
    mended = kept == "with_log" and kind == "the last page"
    assert cli.main(["history", str(folder), "--verify"]) == (0 if mended else 1)
    before = _content(folder)
    restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)
    if not mended:
        (aside,) = (folder / "backups").glob("damaged-*")
        assert _content(aside) == before


@pytest.mark.slow
@LOGS
@pytest.mark.parametrize("seed", range(60))
def test_noise_anywhere_never_stands_between_a_study_and_its_copy(
    made: Path, tmp_path: Path, kept: str, seed: int
) -> None:
    folder, chance = _copy_of(made, kept, tmp_path), random.Random(seed)
    path = folder / "study.sqlite"
    size = path.stat().st_size
    for _ in range(chance.randrange(1, 4)):
        count = chance.choice((1, 16, 512, 4096, 20_000))
        _overwrite(chance.randrange(max(size - count, 1)), chance.randbytes(count))(path)
    if chance.random() < 0.3:
        _cut(chance.randrange(size))(path)
    assert cli.main(["history", str(folder), "--verify"]) in {0, 1}
    restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)


def _foreign_log(other: Path, path: Path) -> None:
    shutil.copy(_log(other), _log(path))


def _log_of_no_study(_other: Path, path: Path) -> None:
    place = path.parent / "photos.sqlite"
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE photos (name TEXT)")
        connection.commit()
        shutil.copy(place.with_name("photos.sqlite-wal"), _log(path))
    for left in path.parent.glob("photos*"):
        left.unlink()


def _log_of_noise(_other: Path, path: Path) -> None:
    _log(path).write_bytes(_noise(20_000))


def _header_of_log(other: Path, path: Path) -> None:
    _foreign_log(other, path)
    _overwrite(20, b"\xff")(_log(path))


@pytest.mark.parametrize("kind", [_foreign_log, _log_of_no_study, _log_of_noise, _header_of_log])
def test_a_log_that_is_not_of_this_study_never_reaches_it(
    made: Path, other: Path, tmp_path: Path, kind: Callable[[Path, Path], None]
) -> None:
    folder = _copy_of(made, "without_log", tmp_path)
    kind(other, folder / "study.sqlite")
    before = _content(folder)
    with pytest.raises(DamagedStudyError, match="the log beside it"):
        Study.open(folder, author="Ana")
    assert _content(folder) == before
    itself = next(one for one in restorable_copies(folder) if one.what == ITSELF)
    restore_from_copy(folder, itself, "Ana")
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is Presence.NO, "the study as it is without that log"
        assert study.verify_history() == ()
    restore_from_copy(folder, backups(folder)[-1], "Ana")
    _assert_back(folder)


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
    folder, victim = _copy_of(made, "without_log", tmp_path), tmp_path / "letter.txt"
    victim.write_text("mine")
    _journal_naming(folder / "study.sqlite", victim)
    before = _content(folder)
    with pytest.raises(DamagedStudyError, match=r"did not write study.sqlite-journal.*a copy of the study"):
        Study.open(folder, author="Ana")
    assert _content(folder) == before
    itself = next(one for one in restorable_copies(folder) if one.what == ITSELF)
    restore_from_copy(folder, itself, "Ana")
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is Presence.NO, "the study as it is without that journal"
    restore_from_copy(folder, backups(folder)[-1], "Ana")
    _assert_back(folder)
    assert victim.read_text() == "mine"
    (aside,) = (folder / "backups").glob("damaged-*")
    assert _content(aside) == before


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "pipe"])
def test_what_stands_in_place_of_the_file_is_renamed_and_never_opened(
    made: Path, other: Path, tmp_path: Path, kind: str
) -> None:
    folder, elsewhere = _copy_of(made, "without_log", tmp_path), tmp_path / "elsewhere"
    shutil.copytree(other.parent, elsewhere)
    path, far = folder / "study.sqlite", elsewhere / "study.sqlite"
    path.unlink()
    make = {"symbolic link": path.symlink_to, "hard link": path.hardlink_to}
    make.get(kind, lambda _far: os.mkfifo(path))(far)
    before = _content(elsewhere)
    with pytest.raises(DamagedStudyError, match="a copy of the study can be restored"):
        Study.open(folder, author="Ana")
    restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)
    assert _content(elsewhere) == before


def test_a_copy_is_called_whole_only_when_it_can_be_restored(made: Path, tmp_path: Path) -> None:
    folder = _copy_of(made, "without_log", tmp_path)
    copy = _newest(folder)
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
    folder = _copy_of(made, "without_log", tmp_path)
    _overwrite(60, (99).to_bytes(4, "big"))(folder / "study.sqlite")
    before = _content(folder)
    with pytest.raises(UserError, match="newer version"):
        Study.open(folder, author="Ana")
    restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)
    (aside,) = (folder / "backups").glob("damaged-*")
    assert _content(aside) == before


def test_a_study_that_holds_sql_of_somebody_else_is_put_back_to_its_copy(made: Path, tmp_path: Path) -> None:
    folder = _copy_of(made, "without_log", tmp_path)
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON history BEGIN UPDATE answers SET presence = 'no'; END"
        )
        connection.commit()
    with pytest.raises(DamagedStudyError, match="its tables were changed by another program"):
        Study.open(folder, author="Ana")
    assert not any(one.what == ITSELF for one in restorable_copies(folder))
    restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)


def test_the_log_of_the_study_itself_is_read(made: Path, tmp_path: Path) -> None:
    folder = _copy_of(made, "with_log", tmp_path)
    assert _log(folder / "study.sqlite").stat().st_size
    assert fault_of(folder / "study.sqlite") == ""
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is Presence.NO


def test_what_was_set_aside_can_be_put_back_in_its_turn(made: Path, tmp_path: Path) -> None:
    folder = _copy_of(made, "without_log", tmp_path)
    _log_of_noise(folder, folder / "study.sqlite")
    restore_from_copy(folder, _newest(folder), "Ana")
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
    folder = _copy_of(made, "without_log", tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: Path(path).name != "study.sqlite")
        with pytest.raises(DamagedStudyError, match="may not be read by this account"):
            Study.open(folder, author="Ana")
        restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)


def test_an_empty_file_alone_becomes_a_study_only_where_one_is_to_be_made(tmp_path: Path) -> None:
    (tmp_path / "study.sqlite").touch()
    with pytest.raises(UserError, match="is empty"):
        Study.open(tmp_path, author="Ana", create=False)
    assert (tmp_path / "study.sqlite").stat().st_size == 0
    Study.open(tmp_path, author="Ana").close()
    assert (tmp_path / "study.sqlite").stat().st_size > 0


# what must not be put back


def test_a_study_that_another_window_or_program_has_open_is_not_replaced(made: Path, tmp_path: Path) -> None:
    folder = _copy_of(made, "with_log", tmp_path)
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
            _overwrite(0, _noise(4096))(folder / "study.sqlite")
            with pytest.raises(UserError, match=said):
                restore_from_copy(folder, _newest(folder), "Ana")
            (folder / "study.sqlite").write_bytes(former)
            holder.communicate()


@pytest.mark.parametrize("kind", ["cut", "noise", "newer", "foreign", "empty", "meddled", "gone"])
def test_a_copy_that_is_none_changes_nothing(made: Path, tmp_path: Path, kind: str) -> None:
    folder = _copy_of(made, "without_log", tmp_path)
    copy = _newest(folder)
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
        _half(path)
    elif kind == "noise":
        path.write_bytes(_noise(5000))
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "gone":
        path.unlink()
    elif kind == "foreign":
        _foreign_database(path)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "PRAGMA user_version = 99" if kind == "newer" else "UPDATE answers SET presence = 'no'"
            )
            connection.commit()


def test_where_the_damaged_file_says_of_which_study_it_is_a_copy_of_another_is_refused(
    made: Path, other: Path, tmp_path: Path
) -> None:
    folder = _copy_of(made, "without_log", tmp_path)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(other, _newest(folder).path)
    _log_of_noise(other, folder / "study.sqlite")
    with pytest.raises(UserError, match="another study"):
        restore_from_copy(folder, _newest(folder), "Ana")


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
    (_log_of_noise if readable else lambda _other, path: _half(path))(path, path)
    restore_from_copy(folder, next(one for one in backups(folder) if one.path == copy), "Ana")
    with Study.open(folder, author="Ana") as study:
        for name in ("Ana", "Bo"):
            study.apply(LockReading(recording, person(name)))
        blind = {one.reader.name: one.blind for one in study.readers(recording) if one.locked}
        assert blind == {"Ana": False, "Bo": True}


# killed in the middle

_CALLS = ("link", "rename", "replace", "fsync", "mkdir", "unlink")


def _killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do the work in a process of its own that is killed at its call number `step` to the disk.

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
        folder = _copy_of(made, "with_log", place)
        path = folder / "study.sqlite"
        KINDS[kind](path) if kind in KINDS else _log_of_noise(path, path)
        before = _content(folder)
        killed = _killed_at(step, partial(restore_from_copy, folder, _newest(folder), "Ana"))
        _assert_nothing_lost(folder, before)
        if not killed:
            break
        restore_from_copy(folder, _newest(folder), "Ana")
        _assert_back(folder)
        shutil.rmtree(place)
    assert not killed, "it never came to its end"
    assert step > 8


def _assert_nothing_lost(folder: Path, before: dict[str, bytes]) -> None:
    """The study's file is the former one and everything that lay beside it is there, or it is restored."""
    aside = list(_contents_of(folder / "backups"))
    if _content(folder).get("study.sqlite") == before["study.sqlite"]:
        for name, content in before.items():
            assert content in [_content(folder).get(name), *(one.get(name) for one in aside)]
        with pytest.raises(DamagedStudyError):
            Study.open(folder, author="Ana")
    else:
        assert before in aside
        with Study.open(folder, author="Ana", create=False) as study:
            assert study.history()[-1].operation == "restored"


def _contents_of(folder: Path) -> Iterator[dict[str, bytes]]:
    for place in folder.glob("damaged-*"):
        yield _content(place)


def test_without_room_for_the_copy_nothing_changes(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _copy_of(made, "with_log", tmp_path)
    KINDS["half"](folder / "study.sqlite")
    before = _content(folder)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(UserError, match="not restored because of this: no space left"):
            restore_from_copy(folder, _newest(folder), "Ana")
    assert _content(folder) == before
    restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)


# the command line


def test_every_command_says_what_is_wrong_and_the_way_back(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _copy_of(made, "with_log", tmp_path)
    (folder / "study.sqlite").write_bytes(b"")
    _log(folder / "study.sqlite").unlink()
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
    assert cli.main(["backup", str(folder), "--restore", _newest(folder).path.name]) == 0
    assert "kept in the folder backups/damaged-" in capsys.readouterr().out
    assert cli.main(["history", str(folder), "--verify"]) == 0


def test_listing_changes_nothing_in_a_folder_that_cannot_be_opened(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _copy_of(made, "with_log", tmp_path)
    KINDS["header zeroed"](folder / "study.sqlite")
    copy = _newest(folder).path
    copy.with_name(copy.name + "-journal").write_bytes(b"a journal that nobody has asked for")
    copy.with_name(copy.name + "-wal").write_bytes(_noise(5000))
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
    folder = _copy_of(made, "without_log", tmp_path)
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute(change)
        connection.commit()
    assert cli.main(["history", str(folder), "--verify"]) == 1
    restore_from_copy(folder, _newest(folder), "Ana")
    _assert_back(folder)


def test_another_study_in_its_place_that_is_whole_is_not_replaced(
    made: Path, other: Path, tmp_path: Path
) -> None:
    folder = _copy_of(made, "without_log", tmp_path)
    shutil.copy(other, folder / "study.sqlite")
    if _log(other).exists():
        shutil.copy(_log(other), _log(folder / "study.sqlite"))
    with pytest.raises(UserError, match="of another study"):
        restore_from_copy(folder, _newest(folder), "Ana")

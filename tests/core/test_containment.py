"""Nothing inside a folder that somebody else made leads out of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from app.core.atomic import remove_unfinished, write_atomically
from app.core.containment import (
    LeadsOutsideError,
    check_inside,
    files_inside,
    folders_inside,
    keep_to_owner,
    make_folder_inside,
    open_inside,
    read_inside,
    remove_left,
    write_inside,
)
from app.core.errors import UserError
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import allow, connection_test_permission, find_permission, has_legacy_permissions
from app.core.privacy.ledger import Ledger, Sending
from app.core.readers.models.journal import Journal
from app.core.readers.models.provider import Reply
from app.core.readers.models.sweep_readings import sweep_study
from app.core.study.place import study_folder_for
from app.core.study.store import Study
from app.core.study.writer_lock import WriterLock
from tests.core.study_cases import Clip

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need rights there")

Link = Callable[[Path, Path], None]
LINKS = pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
SENDING = Sending("Dr A", "gpu:443", "qwen", "reading", 3, "00ff", "none")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "received.semioscope"
    Study.open(folder, author="Ana").close()
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_bytes(b"mine")
    return folder


@LINKS
def test_a_link_is_neither_read_nor_written(study: Path, outside: Path, link: Link) -> None:
    link(outside / "file", study / "file")
    for flags in (os.O_RDONLY, os.O_WRONLY | os.O_APPEND, os.O_RDWR | os.O_CREAT):
        with pytest.raises(LeadsOutsideError):
            open_inside(study / "file", study, flags)
    with pytest.raises(LeadsOutsideError):
        read_inside(study / "file", study, largest=100)
    write_inside(study / "file", study, b"new")
    assert (outside / "file").read_bytes() == b"mine"
    assert (study / "file").read_bytes() == b"new"


def test_a_folder_on_the_way_that_is_a_link_is_not_gone_through(study: Path, outside: Path) -> None:
    (study / "readings").symlink_to(outside)
    for call in (
        lambda: check_inside(study / "readings" / "file", study),
        lambda: read_inside(study / "readings" / "file", study, largest=100),
        lambda: write_inside(study / "readings" / "file", study, b"new"),
        lambda: make_folder_inside(study / "readings" / "x", study),
    ):
        with pytest.raises(LeadsOutsideError):
            call()
    assert files_inside(study / "readings", study) == ()
    assert folders_inside(study / "readings", study) == ()
    assert [path.name for path in outside.iterdir()] == ["file"]
    assert (outside / "file").read_bytes() == b"mine"


def test_a_link_to_nowhere_makes_no_file_elsewhere(study: Path, outside: Path) -> None:
    (study / "egress.jsonl").symlink_to(outside / "made")
    with pytest.raises(UserError):
        Ledger(study).sending(SENDING)
    assert not (outside / "made").exists()


def test_a_named_pipe_is_not_waited_for(study: Path) -> None:
    os.mkfifo(study / "egress.jsonl")
    with pytest.raises(UserError):
        Ledger(study).entries()
    with pytest.raises(UserError):
        Ledger(study).sending(SENDING)


def test_the_folder_itself_may_be_reached_through_a_link(study: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(study)
    write_inside(tmp_path / "shortcut" / "file", tmp_path / "shortcut", b"new")
    assert (study / "file").read_bytes() == b"new"
    Study.open(tmp_path / "shortcut", author="Ana", create=False).close()


def test_nothing_goes_up(study: Path) -> None:
    with pytest.raises(ValueError, match="up"):
        check_inside(study / ".." / "x", study)
    with pytest.raises(ValueError, match="subpath"):
        check_inside(study.parent, study)


@LINKS
@pytest.mark.parametrize("name", ["egress.jsonl", "writer.lock"])
def test_files_of_a_study_that_are_links(study: Path, outside: Path, link: Link, name: str) -> None:
    (study / name).unlink(missing_ok=True)
    link(outside / "file", study / name)
    with pytest.raises(UserError, match="link"):
        Ledger(study).sending(SENDING) if name == "egress.jsonl" else WriterLock.acquire(study)
    assert (outside / "file").read_bytes() == b"mine"


@LINKS
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_a_database_that_is_a_link_is_not_opened(
    study: Path, tmp_path: Path, link: Link, suffix: str
) -> None:
    other = tmp_path / "other.semioscope"
    with Study.open(other, author="Ana") as opened:
        target = Path(f"{other / 'study.sqlite'}{suffix}")
        target.touch()
        before = target.read_bytes()
        place = Path(f"{study / 'study.sqlite'}{suffix}")
        place.unlink(missing_ok=True)
        link(target, place)
        with pytest.raises(UserError, match="is a link"):
            Study.open(study, author="Ana")
        assert opened.read_only is False
        assert target.read_bytes() == before


def test_copies_that_are_links_are_not_listed(study: Path, outside: Path) -> None:
    (study / "backups").mkdir()
    (study / "backups" / "study-day-20260101T000000000000Z.sqlite").symlink_to(outside / "file")
    with Study.open(study, author="Ana") as opened:
        assert opened.backups() == ()
    (study / "backups" / "study-day-20260101T000000000000Z.sqlite").unlink()
    (study / "backups").rmdir()
    (study / "backups").symlink_to(outside)
    with pytest.raises(UserError, match="link"):
        Study.open(study, author="Ana")


def test_a_sweep_does_not_go_through_links(study: Path, outside: Path) -> None:
    form = "0123456789abcdef"
    for name in (f".unfinished-{form}", f".semioscope-{form}"):
        (outside / name).write_bytes(b"mine")
    (outside / f".unfinished-{form}1").mkdir()
    (study / "readings" / "own").mkdir(parents=True)
    (study / "readings" / "x").symlink_to(outside)
    (study / "readings" / "own" / f".unfinished-{form}").symlink_to(outside)
    (study / "readings" / "own" / f".semioscope-{form}").symlink_to(outside / "file")
    before = sorted(outside.iterdir())
    sweep_study(study)
    assert sorted(outside.iterdir()) == before
    assert (outside / "file").read_bytes() == b"mine"
    assert not (outside / "writer.lock").exists()


def test_only_names_of_exactly_this_form_are_removed(tmp_path: Path) -> None:
    form = re.compile(r"\.left-[0-9a-f]{4}")
    for name in (".left-00ff", ".left-00fff", ".left-mine", "x.left-00ff", ".left-00FF"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".left-abcd").mkdir()
    (tmp_path / ".left-abcd" / "file").write_bytes(b"x")
    remove_left(tmp_path, tmp_path, form)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".left-00FF", ".left-00fff", ".left-mine", "x.left-00ff",
    ]  # fmt: skip


def test_a_reading_that_is_a_link_is_not_written(study: Path, outside: Path) -> None:
    (study / "readings").mkdir()
    (study / "readings" / "x").symlink_to(outside)
    with pytest.raises(UserError, match="link"):
        Journal(study / "readings" / "x", {"model": "m"})
    (study / "readings" / "y").mkdir()
    journal = Journal(study / "readings" / "y", {"model": "m"})
    (study / "readings" / "y" / "0000-pose.json").symlink_to(outside / "file")
    assert journal.reply("0000-pose") is None
    journal.keep("0000-pose", Reply("said", "m"))
    assert (outside / "file").read_bytes() == b"mine"
    assert journal.reply("0000-pose") == Reply("said", "m")


# permissions and the modes of files


def test_a_copied_or_moved_study_has_no_permission(study: Path, tmp_path: Path) -> None:
    place = Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "qwen")
    allow(study, place, "Ana")
    assert find_permission(study, place, "Ana") is not None
    assert find_permission(study, place, "Ben") is None
    copied = tmp_path / "copied.semioscope"
    shutil.copytree(study, copied)
    assert find_permission(copied, place, "Ana") is None
    assert list(study.glob("*permission*")) == []
    # Another study in the same place is another study.
    shutil.rmtree(study)
    Study.open(study, author="Ana").close()
    assert find_permission(study, place, "Ana") is None


def test_a_second_account_has_no_permission_for_the_same_folder(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "qwen")
    allow(study, place, "Ana")
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "another account"))
    assert find_permission(study, place, "Ana") is None


def test_a_test_of_the_connection_covers_no_recording(study: Path) -> None:
    place = Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "qwen")
    given = connection_test_permission(place, "Ana")
    assert given.valid
    assert not given.covers_recordings
    assert find_permission(study, place, "Ana") is None


def test_a_permission_for_https_is_none_for_http(study: Path) -> None:
    place = Destination(ServiceKind.OTHER_SERVER, "10.0.0.5:8443", "qwen", "https")
    allow(study, place, "Ana")
    assert find_permission(study, replace(place, scheme="http"), "Ana") is None
    assert find_permission(study, replace(place, host="10.0.0.5:443"), "Ana") is None
    assert find_permission(study, place, "Ana") is not None


def test_what_a_study_says_of_permissions_is_not_believed(study: Path) -> None:
    place = Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "qwen")
    given = allow(study.parent / "elsewhere", place, "Ana")
    assert not has_legacy_permissions(study)
    (study / "permissions.json").write_text(json.dumps([asdict(given)]))
    assert find_permission(study, place, "Ana") is None
    assert has_legacy_permissions(study)


@pytest.mark.parametrize(("before", "after"), [
    (0o644, 0o600), (0o640, 0o600), (0o666, 0o660), (0o660, 0o660), (0o600, 0o600), (0o444, 0o400),
])  # fmt: skip
def test_files_are_kept_to_their_owner_and_to_a_group_that_may_write(
    tmp_path: Path, before: int, after: int
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    file.chmod(before)
    keep_to_owner((file,))
    assert stat.S_IMODE(file.stat().st_mode) == after


def test_a_new_file_is_for_its_owner_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_atomically(tmp_path / "new", b"x")
        (tmp_path / "old").write_bytes(b"x")
        (tmp_path / "old").chmod(0o644)
        write_atomically(tmp_path / "old", b"y")
        (tmp_path / "own").write_bytes(b"x")
        write_atomically(tmp_path / "own", b"y", private=True)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"new": 0o600, "old": 0o644, "own": 0o600}


# what a killed program left


def test_unfinished_files_are_removed_when_nobody_writes_them(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    left, held, linked = (tmp_path / f".semioscope-{digit * 16}" for digit in "abc")
    left.write_bytes(b"x")
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    linked.symlink_to(victim)
    (tmp_path / ".semioscope-mine").write_bytes(b"mine")
    with held.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        remove_unfinished(tmp_path)
        assert held.exists()
    assert not left.exists()
    assert linked.is_symlink()
    assert victim.read_bytes() == b"mine"
    assert (tmp_path / ".semioscope-mine").exists()
    remove_unfinished(tmp_path)
    assert not held.exists()


def test_writing_removes_what_a_killed_program_left_there(tmp_path: Path) -> None:
    left = tmp_path / ".semioscope-0123456789abcdef"
    left.write_bytes(b"half a table")
    write_atomically(tmp_path / "out.csv", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_neighbour_that_is_a_link_is_not_looked_into(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "other.semioscope"
    other.parent.mkdir()
    with Study.open(other, author="Ana") as opened:
        opened.recording(Clip(tmp_path / "event.mp4", "a" * 40))
    folder = tmp_path / "received"
    (folder / "x.semioscope").mkdir(parents=True)
    (folder / "x.semioscope" / "study.sqlite").symlink_to(other / "study.sqlite")
    (folder / "y.semioscope").symlink_to(other)
    assert study_folder_for(folder / "event.mp4", "a" * 40) == folder / "event.semioscope"

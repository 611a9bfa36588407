"""Where a study lies, on which kind of disk, and how it is found again."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.folders import studies_folder
from app.core.semiology import Presence
from app.core.study import database, filesystem, place
from app.core.study.filesystem import filesystem_type
from app.core.study.journal_mode import set_journal
from app.core.study.store import Study, study_folder_for
from tests.core.study_cases import Clip, tick


def _make(folder: Path, clip: Clip) -> Path:
    with Study.open(folder, author="Ana") as study:
        tick(study, study.recording(clip), "tonic", Presence.YES)
    return folder


def test_a_new_study_lies_beside_its_recording_and_asking_makes_nothing(tmp_path: Path) -> None:
    assert study_folder_for(tmp_path / "a b.c.mp4") == tmp_path / "a b.c.semioscope"
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_gives_an_absolute_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert study_folder_for(Path("a.mp4")) == tmp_path / "a.semioscope"


def test_a_study_folder_that_holds_the_recording_is_its_study(tmp_path: Path) -> None:
    study = _make(tmp_path / "study", Clip(tmp_path / "study" / "recordings" / "a.mp4"))
    assert study_folder_for(tmp_path / "study" / "recordings" / "b.mp4") == study


def test_the_recordings_own_study_comes_before_one_around_it(tmp_path: Path) -> None:
    _make(tmp_path, Clip(tmp_path / "x.mp4", "0" * 64))
    own = _make(tmp_path / "a.semioscope", Clip(tmp_path / "a.mp4"))
    assert study_folder_for(tmp_path / "a.mp4") == own
    assert study_folder_for(tmp_path / "x.mp4") == tmp_path
    assert study_folder_for(tmp_path / "a.mp4", "0" * 64) == tmp_path, "content comes first"


def test_a_renamed_recording_finds_its_study_by_content(tmp_path: Path) -> None:
    old = _make(tmp_path / "old name.semioscope", Clip(tmp_path / "old name.mp4", "a" * 64))
    (tmp_path / "broken.semioscope").mkdir()
    (tmp_path / "broken.semioscope" / "study.sqlite").write_bytes(b"not a study")
    assert study_folder_for(tmp_path / "new.mp4", "a" * 64) == old
    assert study_folder_for(tmp_path / "new.mp4", "b" * 64) == tmp_path / "new.semioscope"


def _unwritable(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    """For the superuser too: modes alone do not bind it."""
    real = os.access

    def access(path: str | os.PathLike[str], mode: int) -> bool:
        below = any(Path(path).is_relative_to(folder) for folder in folders)
        return not (below and mode & os.W_OK) and real(path, mode)

    monkeypatch.setattr(os, "access", access)


def test_a_recording_in_an_unwritable_folder_has_its_study_elsewhere_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unwritable(monkeypatch, tmp_path / "cd", tmp_path / "dvd")
    clip = Clip(tmp_path / "cd" / "a.mp4", "a" * 64)
    folder = study_folder_for(clip.path)
    assert folder.parent == studies_folder()
    assert study_folder_for(tmp_path / "dvd" / "a.mp4") != folder, "one name in two folders, two studies"
    with Study.open(folder, author="Ana") as study:
        assert "cannot be written" in study.note
        assert not study.read_only
        recording = study.recording(clip)
        assert study.recording_path(recording) == clip.path
    assert study_folder_for(clip.path) == folder
    assert study_folder_for(tmp_path / "cd" / "renamed.mp4", "a" * 64) == folder


def test_a_study_in_an_unwritable_folder_can_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = Clip(tmp_path / "a.mp4")
    folder = _make(tmp_path / "a.semioscope", clip)
    before = (folder / "study.sqlite").read_bytes()
    _unwritable(monkeypatch, folder)
    with Study.open(folder, author="Ana") as study:
        assert study.read_only
        assert "cannot be written" in study.note
        recording = study.recording(clip)
        assert [reading.answer("tonic").presence for reading in study.readings(recording, viewer=None)] == [
            Presence.YES
        ]
        with pytest.raises(UserError, match="cannot be written"):
            tick(study, recording, "tonic", Presence.NO)
    assert (folder / "study.sqlite").read_bytes() == before


def test_a_study_cannot_be_made_where_nothing_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(UserError, match=r"a\.semioscope.*permission denied"):
        Study.open(tmp_path / "a.semioscope", author="Ana")


_MOUNTS = r"""/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
server:/emu /mnt/emu nfs4 rw,vers=4.2 0 0
//server/x /mnt/with\040space cifs rw 0 0
/dev/sdb1 /mnt/emu/local xfs rw 0 0
tmpfs /cover tmpfs rw 0 0
host:/y /cover fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ana", "ext4"),
        ("/mnt/emu", "nfs4"),
        ("/mnt/emu/2026/a", "nfs4"),
        ("/mnt/emulator", "ext4"),
        ("/mnt/emu/local/a", "xfs"),
        ("/mnt/with space/a", "cifs"),
        ("/cover/a", "fuse.sshfs"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="a table of Linux")
def test_the_kind_of_disk_is_read_from_the_mounts(folder: str, kind: str) -> None:
    assert filesystem_type(Path(folder), _MOUNTS) == kind


def test_no_table_of_mounts_means_a_local_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert filesystem_type(tmp_path, "") == ""
    monkeypatch.setattr(filesystem, "_MOUNTS", tmp_path / "none")
    assert not filesystem.on_network_share(tmp_path)


def _pragma(study: Study, name: str) -> str | int:
    with study._database.reading() as connection:
        value: str | int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


_FULL, _EXTRA = 2, 3


def _is_wal(folder: Path) -> bool:
    return (folder / "study.sqlite").read_bytes()[18:20] == b"\x02\x02"


def test_a_local_study_keeps_a_synced_write_ahead_log(tmp_path: Path) -> None:
    with Study.open(tmp_path / "a", author="Ana") as study:
        assert _pragma(study, "journal_mode") == "wal"
        assert _pragma(study, "synchronous") == _FULL
        assert _pragma(study, "foreign_keys") == 1
        assert _pragma(study, "trusted_schema") == 0


def test_a_study_on_a_share_keeps_a_synced_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = Clip(tmp_path / "a.mp4")
    folder = _make(tmp_path / "a", clip)
    assert _is_wal(folder)
    monkeypatch.setattr(database, "on_network_share", lambda _folder: True)
    with (
        Study.open(folder, author="Ana", shared=True) as study,
        Study.open(folder, author="Bo", shared=True) as other,
    ):
        assert _pragma(study, "journal_mode") == "delete"
        assert _pragma(study, "synchronous") == _EXTRA
        recording = study.recording(clip)
        tick(study, recording, "clonic", Presence.NO)
        tick(other, recording, "clonic", Presence.YES)
        assert study.history(viewer=None)[-1].who == "Bo"
        assert not list(folder.glob("*-shm"))
        assert study.verify_history() == ()
    assert not _is_wal(folder)


def test_a_study_from_a_share_goes_on_on_a_local_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = Clip(tmp_path / "a.mp4")
    with monkeypatch.context() as share:
        share.setattr(database, "on_network_share", lambda _folder: True)
        folder = _make(tmp_path / "a", clip)
    with Study.open(folder, author="Ana") as study:
        assert _pragma(study, "journal_mode") == "wal"
        tick(study, study.recording(clip), "tonic", Presence.NO)


def test_where_there_can_be_no_log_the_journal_is_synced_to_its_end(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        set_journal(connection, network=False, busy_seconds=0.0)
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == _EXTRA


def test_paths_are_relative_where_both_share_more_than_a_root(tmp_path: Path) -> None:
    folder = tmp_path / "studies" / "a.semioscope"
    assert place.relative_path(tmp_path / "clips" / "é.mp4", folder) == "../../clips/é.mp4"
    root = Path(tmp_path.anchor)
    assert (
        place.relative_path(root / "elsewhere-entirely" / "a.mp4", folder)
        == (root / "elsewhere-entirely" / "a.mp4").as_posix()
    )

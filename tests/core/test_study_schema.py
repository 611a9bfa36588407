"""Versions of a study: newer ones are refused, older ones migrated with a backup, half-made ones finished."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.semiology import Presence
from app.core.study import schema
from app.core.study.journals import APPLICATION_ID
from app.core.study.store import Study
from tests.core.study_cases import Clip, presence, tick


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    return Clip(tmp_path / "clip.mp4")


@pytest.fixture
def folder(tmp_path: Path, clip: Clip) -> Path:
    place = tmp_path / "clip.semioscope"
    with Study.open(place, author="Ana") as study:
        tick(study, study.recording(clip), "tonic", Presence.YES)
    return place


def _query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(statement).fetchall()
        connection.commit()
    return found


def _whole(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_study_says_what_it_is(folder: Path) -> None:
    assert _query(folder / "study.sqlite", "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert _query(folder / "study.sqlite", "PRAGMA user_version") == [(1 + len(schema.STEPS),)]


@pytest.mark.parametrize("shared", [False, True])
def test_a_study_of_a_newer_version_is_refused_and_untouched(folder: Path, *, shared: bool) -> None:
    _query(folder / "study.sqlite", "PRAGMA user_version = 1000")
    before = _whole(folder)
    with pytest.raises(UserError, match="newer version"):
        Study.open(folder, author="Ana", shared=shared)
    assert _whole(folder) == before


def test_after_a_refusal_another_window_may_open_it(folder: Path) -> None:
    _query(folder / "study.sqlite", "PRAGMA user_version = 1000")
    with pytest.raises(UserError):
        Study.open(folder, author="Ana")
    _query(folder / "study.sqlite", f"PRAGMA user_version = {_VERSION}")
    with Study.open(folder, author="Ana") as study:
        assert not study.read_only


def _other_sqlite(path: Path) -> None:
    _query(path, "CREATE TABLE notes (text)")


def _other_application(path: Path) -> None:
    _query(path, "PRAGMA application_id = 252006674")


def _text(path: Path) -> None:
    path.write_text("These are not the studies you are looking for. " * 100, encoding="utf-8")


@pytest.mark.parametrize("make", [_other_sqlite, _other_application, _text])
def test_what_is_not_a_study_is_refused_and_untouched(tmp_path: Path, make: Callable[[Path], None]) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    make(folder / "study.sqlite")
    before = (folder / "study.sqlite").read_bytes()
    with pytest.raises(UserError, match="not a study"):
        Study.open(folder, author="Ana")
    assert (folder / "study.sqlite").read_bytes() == before


def test_a_damaged_study_is_told_in_one_sentence(folder: Path, clip: Clip) -> None:
    path = folder / "study.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged"), Study.open(folder, author="Ana") as study:
        study.recording(clip)


def test_a_study_whose_making_was_cut_short_is_made(tmp_path: Path, clip: Clip) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "study.sqlite").touch()
    with Study.open(tmp_path / "new", author="Ana") as study:
        tick(study, study.recording(clip), "tonic", Presence.YES)
        assert study.verify_history() == ()


_VERSION = schema.version_of(schema.STEPS)
_NEXT: schema.Step = ("ALTER TABLE recordings ADD COLUMN onset REAL", "UPDATE recordings SET onset = 1.5")
_AFTER: schema.Step = ("CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT",)


@pytest.mark.parametrize("shared", [False, True])
def test_a_study_that_a_newer_program_has_taken_over_is_not_written_by_this_one(
    folder: Path, clip: Clip, *, shared: bool
) -> None:
    with Study.open(folder, author="Ana", shared=shared) as study:
        recording = study.recording(clip)
        Study.open(folder, author="Bo", shared=True, steps=(*schema.STEPS, _NEXT)).close()
        with pytest.raises(UserError, match="newer version"):
            tick(study, recording, "clonic", Presence.NO)
        with pytest.raises(UserError, match="newer version"):
            study.readings(recording, viewer=None)
    with Study.open(folder, author="Ana", steps=(*schema.STEPS, _NEXT)) as study:
        assert presence(study, recording, "clonic") is None
        assert study.verify_history() == ()


def test_an_older_study_is_migrated_with_a_backup_first(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana", steps=(*schema.STEPS, _NEXT, _AFTER)) as study:
        recording = study.recording(clip)
        assert presence(study, recording, "tonic") is Presence.YES
        study.undo(recording)
        assert study.verify_history() == ()
    assert _query(folder / "study.sqlite", "PRAGMA user_version") == [(_VERSION + 2,)]
    assert _query(folder / "study.sqlite", "SELECT onset FROM recordings") == [(1.5,)]
    (backup,) = (folder / "backups").iterdir()
    assert backup.name.startswith(f"study-v{_VERSION}-")
    assert _query(backup, "PRAGMA user_version") == [(_VERSION,)]
    assert _query(backup, "SELECT presence FROM answers") == [("yes",)]


def test_a_backup_is_a_study_by_itself(folder: Path, clip: Clip, tmp_path: Path) -> None:
    with Study.open(folder, author="Ana", steps=(*schema.STEPS, _NEXT)):
        pass
    (backup,) = (folder / "backups").iterdir()
    (tmp_path / "restored").mkdir()
    backup.rename(tmp_path / "restored" / "study.sqlite")
    with Study.open(tmp_path / "restored", author="Ana", create=False) as study:
        assert presence(study, study.recording(clip), "tonic") is Presence.YES


def test_only_the_missing_steps_are_taken(folder: Path) -> None:
    with Study.open(folder, author="Ana", steps=(*schema.STEPS, _NEXT)):
        pass
    with Study.open(folder, author="Ana", steps=(*schema.STEPS, _NEXT, _AFTER)):
        pass
    made = sorted(path.name[:8] for path in (folder / "backups").iterdir())
    assert made == [f"study-v{_VERSION}", f"study-v{_VERSION + 1}"]
    with Study.open(folder, author="Ana", steps=(*schema.STEPS, _NEXT, _AFTER)):
        pass
    assert len(list((folder / "backups").iterdir())) == 2, "what is up to date needs no backup"


def test_a_step_that_fails_changes_nothing(folder: Path, clip: Clip) -> None:
    with pytest.raises(sqlite3.OperationalError):
        Study.open(folder, author="Ana", steps=(*schema.STEPS, _NEXT, ("ALTER TABLE nowhere ADD COLUMN x",)))
    with Study.open(folder, author="Ana") as study:
        assert presence(study, study.recording(clip), "tonic") is Presence.YES
    columns = [row[1] for row in _query(folder / "study.sqlite", "PRAGMA table_info(recordings)")]
    assert "onset" not in columns


def test_without_a_backup_there_is_no_migration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="no space left"):
        Study.open(folder, author="Ana", steps=(*schema.STEPS, _NEXT))
    assert _query(folder / "study.sqlite", "PRAGMA user_version") == [(_VERSION,)]


def test_an_older_study_that_is_open_elsewhere_is_not_migrated_under_it(folder: Path, clip: Clip) -> None:
    newer = (*schema.STEPS, _NEXT)
    with Study.open(folder, author="Ana") as first, Study.open(folder, author="Bo", steps=newer) as second:
        assert second.read_only
        assert presence(second, 1, "tonic") is Presence.YES
        with pytest.raises(UserError, match="another window"):
            tick(second, 1, "clonic", Presence.YES)
        tick(first, first.recording(clip), "clonic", Presence.YES)
    assert _query(folder / "study.sqlite", "PRAGMA user_version") == [(_VERSION,)]

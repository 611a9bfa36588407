"""Daily copies: whole, one a day, some kept for weeks, and none lost when a new one fails."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.semiology import FEATURES, Presence
from app.core.study.backup import back_up, backups
from app.core.study.copy_thinning import DAYS
from app.core.study.store import Study
from tests.core.study_cases import Clip, presence, tick

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "clip.semioscope"
    with Study.open(place, author="Ana") as study:
        tick(study, study.recording(Clip(tmp_path / "clip.mp4")), "tonic", Presence.YES)
    return place


def test_one_copy_a_day_of_what_is_there_then(folder: Path, tmp_path: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        made = study.back_up_if_due(NOON)
        assert made is not None
        tick(study, 1, "clonic", Presence.NO)
        assert study.back_up_if_due(NOON + timedelta(hours=11)) is None
        later = study.back_up_if_due(NOON + timedelta(hours=12))
        assert [one.path for one in study.backups()] == [later, made]
        assert [one.what for one in study.backups()] == ["day", "day"]
        assert study.backups()[1].at == NOON
    (tmp_path / "restored").mkdir()
    made.rename(tmp_path / "restored" / "study.sqlite")
    with Study.open(tmp_path / "restored", author="Ana", create=False) as study:
        assert presence(study, 1, "tonic") is Presence.YES
        assert presence(study, 1, "clonic") is None
        assert study.verify_history() == ()


def test_a_second_window_makes_no_copy(folder: Path) -> None:
    with Study.open(folder, author="Ana"), Study.open(folder, author="Bo") as second:
        assert second.back_up_if_due() is None
    assert backups(folder) == ()


def test_old_daily_copies_go_and_those_before_a_migration_stay(folder: Path) -> None:
    before = back_up(folder / "study.sqlite", "v1", NOON - timedelta(days=400))
    by_hand = folder / "backups" / "study-of-mine.sqlite"
    by_hand.touch()
    with Study.open(folder, author="Ana") as study:
        for day in range(20):
            assert study.back_up_if_due(NOON + timedelta(days=day)) is not None
        assert len([one for one in study.backups() if one.what == "day"]) == DAYS + 2
    assert before.exists()
    assert by_hand.exists()


def test_a_copy_that_fails_is_told_and_costs_no_older_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Study.open(folder, author="Ana") as study:
        first = study.back_up_if_due(NOON)

        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr("app.core.study.backup.sync_file", full)
            with pytest.raises(UserError, match="copy of the study was not made because of this: no space"):
                study.back_up_if_due(NOON + timedelta(days=1))
        assert [one.path for one in study.backups()] == [first]
        assert sorted(path.name for path in (folder / "backups").iterdir()) == [
            one.name for one in [first] if one
        ]
        assert study.back_up_if_due(NOON + timedelta(days=1)) is not None


def test_of_a_damaged_study_no_copy_takes_the_place_of_a_good_one(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        study.apply_all([])
        for feature in FEATURES:
            tick(study, 1, feature.id, Presence.NO)
        good = study.back_up_if_due(NOON)
    path = folder / "study.sqlite"
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    with Study.open(folder, author="Ana") as study:
        with pytest.raises(UserError, match="damaged"):
            study.back_up_if_due(NOON + timedelta(days=1))
        assert [one.path for one in study.backups()] == [good]


def test_what_a_killed_program_left_half_made_is_swept_after_a_day(folder: Path) -> None:
    (folder / "backups").mkdir()
    old, new = (folder / "backups" / f"study-day-{name}.partial" for name in ("old", "new"))
    for partial in (old, new):
        partial.touch()
    two_days_ago = time.time() - 2 * 86400
    os.utime(old, (two_days_ago, two_days_ago))
    with Study.open(folder, author="Ana") as study:
        study.back_up_if_due()
    assert not old.exists()
    assert new.exists()


def test_a_copy_is_of_one_moment_while_others_write(folder: Path) -> None:
    with (
        Study.open(folder, author="Ana") as study,
        closing(sqlite3.connect(folder / "study.sqlite")) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE answers SET presence = 'no'")
        made = study.back_up_if_due(NOON)
        other.rollback()
    assert made is not None
    with closing(sqlite3.connect(made)) as copy:
        assert copy.execute("SELECT presence FROM answers").fetchall() == [("yes",)]


def test_a_copy_that_fails_leaves_no_journal_of_it_even_when_it_cannot_be_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def full(partial: Path) -> None:
        for ending in ("-journal", "-wal", "-shm"):
            partial.with_name(partial.name + ending).touch()
        raise OSError(28, "No space left on device")

    def held(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".partial":
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr("app.core.study.backup.sync_file", full)
    monkeypatch.setattr(Path, "unlink", held)
    with pytest.raises(OSError, match="No space"):
        back_up(folder / "study.sqlite", "now", NOON)
    (left,) = (folder / "backups").iterdir()
    assert left.suffix == ".partial"

"""Back to a copy: in one step or not at all, and what was there until then is kept."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import Answer, Presence, Span
from app.core.study.backup import backups
from app.core.study.edits import (
    ChangeSpans,
    LockReading,
    RateExplanation,
    SetAnswer,
    SetBlindByDefault,
    SetMark,
    SetNote,
    SetPatientBox,
    SetPerson,
    SetSavedFilter,
)
from app.core.study.marks import Mark, MarkKind
from app.core.study.rating import Rating
from app.core.study.restoring import inspect_copy
from app.core.study.store import Study
from tests.core.study_cases import ANA, ROOT, SIGNAL, Clip, presence, tick

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FULL = Answer("clonic", Presence.YES, 70, (Span(0.1 + 0.2, 2), Span(5, 6)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed study with one copy of noon, and one change since."""
    place = tmp_path / "clip.semioscope"
    with Study.open(place, author="Ana") as study:
        _fill(study, study.recording(Clip(tmp_path / "clip.mp4")))
        study.back_up_if_due(NOON)
        tick(study, 1, "tonic", Presence.NO)
        study.recording(Clip(tmp_path / "later.mp4", fingerprint="a" * 64))
    return place


def _fill(study: Study, recording: int) -> None:
    """Something in every table."""
    why = Answer("tonic", Presence.YES, explanation="why")
    study.keep_reading(recording, Reading(RecordingIdentity("", "", 0), SIGNAL, {"tonic": why}))
    study.apply(SetAnswer(recording, ANA, Answer("clonic"), FULL))
    study.apply(ChangeSpans(recording, ANA, "clonic", (Span(5, 6),), (Span(5, 7),)))
    study.apply(SetNote(recording, ANA, "tonic", "", "left first"))
    study.apply(SetMark(recording, ANA, None, Mark(MarkKind.ONSET, 3.5)))
    study.apply(RateExplanation(recording, SIGNAL, "tonic", ANA, None, Rating(4)))
    study.apply(SetPatientBox(recording, None, Box(0.1, 0.2, 0.5, 0.9)))
    study.apply_all([SetPerson(None, "Bo"), SetSavedFilter("mine", None, "x")])
    study.apply(LockReading(recording, person("Bo")))


def _said(study: Study) -> object:
    return (
        [study.full_readings(row.id, viewer=None) for row in study.recordings()],
        [study.readers(row.id, viewer=None) for row in study.recordings()],
        [study.patient_box(row.id) for row in study.recordings()],
        study.ratings(viewer=None),
        study.settings(),
        study.people(),
        study.answers_at_lock(1, person("Bo"), viewer=None),
    )


def _of_copy(folder: Path, place: Path) -> tuple[object, tuple[Any, ...]]:
    place.mkdir()
    shutil.copy(backups(folder)[-1].path, place / "study.sqlite")
    with Study.open(place, author="Ana") as study:
        return _said(study), study.history(viewer=None)


def test_the_study_is_what_the_copy_was_and_what_it_was_is_kept(folder: Path, tmp_path: Path) -> None:
    said, past = _of_copy(folder, tmp_path / "copy")
    with Study.open(folder, author="Chloë") as study:
        before, all_of_it = _said(study), study.history(viewer=None)
        (noon,) = study.backups()
        restored = study.restore(noon)
        assert _said(study) == said
        assert study.history(viewer=None)[:-1] == past
        row = study.history(viewer=None)[-1]
        assert (row.who, row.operation, row.subject) == ("Chloë", "restored", "restore")
        assert study.verify_history() == ()
        assert presence(study, 1, "tonic") is None
        assert [one.what for one in study.backups()] == ["replaced", "day"]
    with (
        pytest.raises(sqlite3.IntegrityError),
        closing(sqlite3.connect(folder / "study.sqlite")) as connection,
    ):
        connection.execute("DELETE FROM history")
    (tmp_path / "kept").mkdir()
    shutil.copy(restored.kept, tmp_path / "kept" / "study.sqlite")
    with Study.open(tmp_path / "kept", author="Ana") as kept:
        assert _said(kept) == before
        assert kept.history(viewer=None) == all_of_it


@pytest.mark.parametrize("times", [1, 2])
def test_who_has_seen_the_others_answers_does_not_read_blind_after_it(tmp_path: Path, times: int) -> None:
    with Study.open(tmp_path / "study", author="Ana") as study:
        recording = study.recording(Clip(tmp_path / "clip.mp4"))
        study.keep_reading(recording, Reading(RecordingIdentity("", "", 0), SIGNAL, {"clonic": FULL}))
        for name in ("Ana", "Bo"):
            study.apply(SetAnswer(recording, person(name), Answer("tonic"), Answer("tonic", Presence.NO)))
        study.back_up_if_due(NOON)
        study.apply(LockReading(recording, ANA))
        study.reveal(recording, ANA)
        noon = study.backups()[0]
        for _ in range(times):
            study.restore(noon)
        assert study.is_sealed(recording, ANA)
        for name in ("Ana", "Bo"):
            study.apply(LockReading(recording, person(name)))
        blind = {one.reader.name: one.blind for one in study.readers(recording, viewer=None) if one.locked}
        assert blind == {"Ana": False, "Bo": True}
        assert study.verify_history() == ()


@pytest.mark.parametrize("times", [1, 2])
def test_what_everybody_could_see_for_a_time_is_not_blind_either(tmp_path: Path, times: int) -> None:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        recording = study.recording(Clip(tmp_path / "clip.mp4"))
        tick(study, recording, "tonic", Presence.NO)
        study.back_up_if_due(NOON)
        study.apply(SetBlindByDefault(True, False))
        noon = study.backups()[0]
        for _ in range(times):
            study.restore(noon)
        other = study.recording(Clip(tmp_path / "later.mp4", fingerprint="a" * 64))
        tick(study, other, "tonic", Presence.NO)
        for number in (recording, other):
            study.apply(LockReading(number, ANA))
        assert [study.readers(number, viewer=None)[0].blind for number in (recording, other)] == [False, True]
        assert study.verify_history() == ()


def test_it_can_be_taken_back_by_going_to_what_was_kept(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        before = _said(study)
        restored = study.restore(study.backups()[0])
        kept = next(one for one in study.backups() if one.path == restored.kept)
        study.restore(kept)
        assert _said(study) == before
        assert study.verify_history() == ()
        assert len(study.backups()) == 3


def test_work_goes_on_and_undo_reaches_what_the_copy_had(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        study.restore(study.backups()[0])
        tick(study, 1, "head_turning", Presence.YES)
        assert study.undo(1) is not None
        assert study.undo(1) is not None, "the lock"
        assert study.undo(1) is not None, "the box"
        assert study.patient_box(1) is None
        assert study.verify_history() == ()


def test_the_number_of_a_recording_is_never_that_of_another(folder: Path, tmp_path: Path) -> None:
    other = Clip(tmp_path / "other.mp4", fingerprint="b" * 64)
    with Study.open(folder, author="Ana") as study, Study.open(folder, author="Ana") as window:
        later = next(row.id for row in study.recordings() if row.name == "later.mp4")
        before = study.restore(study.backups()[0])
        number = study.recording(other)
        assert number != later
        with pytest.raises(LookupError):
            window.reading(later, ANA, viewer=None)
        study.restore(next(one for one in study.backups() if one.path == before.kept))
        assert study.recording(other) not in {later, number}
        assert {row.id: row.name for row in window.recordings()}[later] == "later.mp4"
        assert study.verify_history() == ()


def test_a_program_that_has_it_open_sees_it_and_goes_on(folder: Path) -> None:
    with Study.open(folder, author="Bo", shared=True) as beside:
        seen = beside.others_changes()
        with Study.open(folder, author="Ana") as study:
            study.restore(study.backups()[0])
        assert beside.others_changes() != seen
        assert presence(beside, 1, "tonic") is None
        tick(beside, 1, "tonic", Presence.YES)
        assert beside.verify_history() == ()


def test_daily_copies_go_on_and_never_remove_what_was_kept(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        kept = study.restore(study.backups()[0]).kept
        for day in range(1, 60):
            study.back_up_if_due(NOON + timedelta(days=day))
        assert kept in [one.path for one in study.backups()]


def test_a_copy_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "clip.semioscope"
    folder.mkdir()
    stored = Path(__file__).parent / "studies" / "version_1.sql"
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.executescript(stored.read_text(encoding="utf-8"))
    with Study.open(folder, author="Ana") as study:
        (old,) = study.backups()
        before = _said(study)
        tick(study, 1, "tonic", Presence.NO)
        content = old.path.read_bytes()
        study.restore(old)
        assert _said(study) == before
        assert study.verify_history() == ()
        assert old.path.read_bytes() == content, "the copy itself stays as it is"


def _unchanged_after(study: Study, match: str) -> None:
    before, files = _said(study), [one.path for one in study.backups()]
    with pytest.raises(UserError, match=match):
        study.restore(study.backups()[-1])
    assert _said(study) == before
    assert [one.path for one in study.backups()] == files
    assert study.verify_history() == ()
    assert [one.name for one in study.folder.iterdir() if one.name.startswith(".restoring")] == []
    tick(study, 1, "head_turning", Presence.YES)


def test_a_damaged_copy_changes_nothing(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        path = study.backups()[0].path
        content = bytearray(path.read_bytes())
        content[8192:] = b"\xff" * (len(content) - 8192)
        path.write_bytes(content)
        assert inspect_copy(study.backups()[0]).fault
        _unchanged_after(study, "damaged|not whole")


def test_a_copy_that_was_meddled_with_changes_nothing(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        with closing(sqlite3.connect(study.backups()[0].path)) as connection:
            connection.execute("UPDATE answers SET presence = 'no'")
            connection.commit()
        _unchanged_after(study, "not whole")


def test_a_copy_of_another_study_changes_nothing(folder: Path, tmp_path: Path) -> None:
    with Study.open(tmp_path / "other", author="Ana") as other:
        made = other.back_up_if_due(NOON)
    assert made is not None
    with Study.open(folder, author="Ana") as study:
        shutil.copy(made, study.backups()[0].path)
        _unchanged_after(study, "another study")


def test_without_room_for_what_is_there_nothing_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with Study.open(folder, author="Ana") as study:
        before = _said(study)
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(UserError, match="because of this: no space left"):
                study.restore(study.backups()[0])
        assert _said(study) == before
        assert study.verify_history() == ()


def test_what_can_only_be_looked_at_is_not_put_back(folder: Path) -> None:
    with (
        Study.open(folder, author="Ana"),
        Study.open(folder, author="Bo") as second,
        pytest.raises(UserError, match="another window"),
    ):
        second.restore(second.backups()[0])


_KILLED = """
import os, signal, sys
from pathlib import Path
from app.core.study import history, restoring
from app.core.study.store import Study
when = sys.argv[2]
target = {"taken": (restoring, "_take_over"), "written": (history, "append")}[when]
former = getattr(*target)
def killed(*arguments, **named):
    former(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(*target, killed)
with Study.open(Path(sys.argv[1]), author="Ana") as study:
    study.restore(study.backups()[0])
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
@pytest.mark.parametrize("when", ["taken", "written"])
def test_a_kill_in_the_middle_leaves_what_was(folder: Path, when: str) -> None:
    with Study.open(folder, author="Ana") as study:
        before = _said(study)
    done = subprocess.run([sys.executable, "-c", _KILLED, str(folder), when], cwd=ROOT, check=False)
    assert done.returncode == -9
    with Study.open(folder, author="Ana") as study:
        assert _said(study) == before
        assert study.verify_history() == ()
        study.restore(study.backups()[-1])
        assert presence(study, 1, "tonic") is None


def test_what_a_killed_program_unpacked_is_removed_a_day_later(folder: Path) -> None:
    left, fresh = folder / ".restoring-old", folder / ".restoring-new"
    for place in (left, fresh):
        place.mkdir()
        (place / "study.sqlite").write_bytes(b"the same patients")
    os.utime(left, (time.time() - 2 * 86400,) * 2)
    with Study.open(folder, author="Ana") as study:
        study.back_up_if_due()
    assert not left.exists()
    assert fresh.exists()


def test_a_copy_says_what_is_in_it(folder: Path) -> None:
    (copy,) = backups(folder)
    looked = inspect_copy(copy)
    assert (looked.recordings, looked.changes, looked.fault) == (1, 10, "")
    assert looked.size == copy.path.stat().st_size
    assert looked.last
    copy.path.unlink()
    assert inspect_copy(copy).fault == "no such file or directory"


def test_the_command_lists_and_restores(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["backup", str(folder), "--list"]) == 0
    line = capsys.readouterr().out.strip()
    name = backups(folder)[0].path.name
    assert line.startswith("2026-11-02 12:00 UTC  day ")
    assert "whole, 10 changes" in line
    assert line.endswith(name)
    assert cli.main(["backup", str(folder), "--restore", name]) == 0
    said = capsys.readouterr().out
    assert f"The copy {name} was restored" in said
    assert "kept as study-replaced-" in said
    with Study.open(folder, author="Ana") as study:
        assert presence(study, 1, "tonic") is None
        assert cli.main(["backup", str(folder), "--restore", name]) == 1
    assert "another window" in capsys.readouterr().err
    assert cli.main(["backup", str(folder), "--restore", "nothing"]) == 1
    assert "no copy “nothing”" in capsys.readouterr().err

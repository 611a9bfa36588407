"""Places that a person drew over a recording are covered in the clips of a course too."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.core.deidentify import prepared_clips
from app.core.deidentify.clip_choice import choice_from_dict
from app.core.deidentify.clip_ledger import WAITING_CLIPS
from app.core.folders import settings_folder
from app.core.picture_box import Box
from app.core.privacy.ledger import Ledger
from app.core.recording.probe import open_recording
from app.core.study.edits import SetHiddenPlaces
from app.core.study.hidden_places import PREFIX, HiddenPlaces
from app.core.study.store import Study
from app.core.teaching.course_file import CLIPS, open_course
from app.core.teaching.hiding_note import HIDING_FILE
from tests.core.deidentified_cases import make_clips
from tests.core.test_teaching_command import run, study

__all__ = ["study"]

PLATE, MIRRORED, GIVEN = Box(0, 0, 0.5, 0.25), Box(0.5, 0, 1, 0.25), Box(0.5, 0.5, 1, 1)


@pytest.fixture
def jobs(study: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The jobs of the process that makes clips, which works as before."""
    noted: list[Any] = []

    def note(module: str, job: Any, **rest: Any) -> bytes:
        noted.append(job)
        return make_clips(module, job, **rest)

    monkeypatch.setattr(prepared_clips, "run_process", note)
    return noted


def draw(study: Path, before: HiddenPlaces, *places: Box) -> HiddenPlaces:
    """Draw these places over the recording of the study, and one over its mirrored picture."""
    recording = open_recording(study.parent / "Kowalski.mp4")
    after = {recording.picture_key: places, f"{recording.picture_key}-mirrored": (MIRRORED,)}
    with Study.open(study, author="Ana") as opened:
        opened.apply(SetHiddenPlaces(1, before, after))
    return after


def make(study: Path, *more: object) -> int:
    return run("make", study, "--key", "Ana", "--out", study.parent / "c", *more)


def covers(jobs: list[Any]) -> list[tuple[Box, ...]]:
    return [choice_from_dict(job["choice"]).covers for job in jobs]


def test_places_of_the_recording_are_covered_beside_those_of_the_command(
    study: Path, jobs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    draw(study, {}, PLATE)
    assert make(study, "--cover", "0.5,0.5,1,1") == 1
    assert covers(jobs) == [(GIVEN, PLATE)]
    assert "another picture of this recording are not covered: 1." in capsys.readouterr().err
    [entry] = Ledger(settings_folder()).entries()
    assert "also covered: 50,50–100,100 %, 0,0–50,25 %" in entry.sending.deidentification


def test_no_course_is_made_without_places_that_cannot_be_read(
    study: Path, jobs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    fingerprint = open_recording(study.parent / "Kowalski.mp4").fingerprint
    with closing(sqlite3.connect(study / "study.sqlite")) as connection:
        connection.execute("INSERT INTO settings VALUES (?, ?)", (f"{PREFIX}{fingerprint}", '{"a": [[2]]}'))
        connection.commit()
    assert make(study) == 1
    said = capsys.readouterr().err
    assert "“Kowalski.mp4”: The places to cover" in said
    assert "cannot be read" in said
    assert jobs == []


def test_a_clip_that_waits_is_made_anew_when_a_place_was_drawn_since(
    study: Path, jobs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(study) == 1
    assert make(study) == 1
    assert covers(jobs) == [()], "not made again without a reason"
    before = draw(study, {}, PLATE)
    assert make(study, "--confirm") == 1
    assert "the places to cover in it have changed" in capsys.readouterr().err
    assert make(study) == 1
    assert covers(jobs) == [(), (PLATE,)]
    draw(study, before)
    assert make(study) == 1
    assert covers(jobs) == [(), (PLATE,), ()], "nor is one kept that was taken away"
    assert make(study, "--confirm") == 0
    course = open_course(study.parent / "c.semioscope-course")
    assert [path.name for path in (course.path / CLIPS).iterdir()] == [f"{course.course.cases[0].id}.mp4"]


def test_a_clip_of_another_account_that_waits_is_not_deleted(
    study: Path, jobs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(study) == 1
    [waiting] = (study.parent / "c.semioscope-course" / CLIPS).glob("*.unconfirmed.mp4")
    waiting.write_bytes(b"theirs")
    draw(study, {}, PLATE)
    assert make(study) == 1
    assert "exists already" in capsys.readouterr().err
    assert waiting.read_bytes() == b"theirs"


def test_a_sheet_that_was_saved_anew_is_moved_away_and_its_clip_made_again(
    study: Path, jobs: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert make(study) == 1
    [sheet] = (study.parent / "c.semioscope-course" / CLIPS).glob("*.unconfirmed.png")
    sheet.write_bytes(sheet.read_bytes() + b"saved anew")
    assert make(study, "--confirm") == 1
    assert "move it away and make the clip anew" in capsys.readouterr().err
    assert make(study) == 1
    assert f"move it out of {sheet.parent}" in capsys.readouterr().err
    assert len(jobs) == 1, "said before any work"
    sheet.rename(tmp_path / "mine.png")
    assert make(study) == 1
    assert len(jobs) == 2
    assert make(study, "--confirm") == 0


def test_what_an_earlier_version_laid_aside_is_made_anew(
    study: Path, jobs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(study) == 1
    listed = settings_folder() / WAITING_CLIPS
    row = json.loads(listed.read_text())
    listed.write_text("\n" + json.dumps({key: row[key] for key in ("sha256", "sheet", "row")}))
    note = study.parent / "c.semioscope-course" / CLIPS / HIDING_FILE
    note.write_text(json.dumps(json.loads(note.read_text())["choice"], sort_keys=True) + "\n")
    assert make(study, "--confirm") == 1
    assert "by another version of this program; make it anew" in capsys.readouterr().err
    assert make(study, "--faces", "figure") == 1
    assert "another way" in capsys.readouterr().err
    assert make(study) == 1
    assert len(jobs) == 2
    assert make(study, "--confirm") == 0


def test_what_was_suspected_in_a_clip_is_told_when_it_is_confirmed(
    study: Path, jobs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(study) == 1
    [sheet] = (study.parent / "c.semioscope-course" / CLIPS).glob("*.unconfirmed.png")
    capsys.readouterr()
    assert make(study, "--confirm") == 0
    said = capsys.readouterr().err
    assert "found no face in it that still shows" in said
    assert str(sheet) in said

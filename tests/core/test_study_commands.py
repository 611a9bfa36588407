"""`semioscope history` and `semioscope backup`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app import cli
from app.core.reading import person
from app.core.semiology import Answer, Presence
from app.core.study.edits import SetAnswer, SetNote
from app.core.study.store import Study
from tests.core.study_cases import ANA, Clip, tick


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "ward"
    bo = person("Bo")
    with Study.open(place, author="Ana") as study:
        recording = study.recording(Clip(tmp_path / "clip.mp4"))
        tick(study, recording, "tonic", Presence.YES)
        study.apply(SetNote(recording, ANA, "tonic", "", "left arm"), why="seen\x1b[31m twice")
        study.apply(SetAnswer(recording, bo, Answer("tonic"), Answer("tonic", Presence.NO)))
    return place


def test_the_history_is_told_line_by_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["history", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "clip.mp4 · Bo · tonic: unanswered → no" in lines[0]
    assert "– → left arm (why: seen" in lines[1]
    assert "\x1b" not in lines[1]


def test_the_history_is_filtered_and_blind(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, seqs in (
        (["--reader", "Ana"], [2, 1]),
        (["--text", "left"], [2]),
        (["--recording", "clip.mp4", "--feature", "clonic"], []),
        (["--since", "2999-01-01"], []),
        (["--limit", "1"], [3]),
        (["--viewer", "Ana"], [2, 1]),
    ):
        assert cli.main(["history", str(folder), "--json", *arguments]) == 0
        assert [row["seq"] for row in json.loads(capsys.readouterr().out)] == seqs, arguments
    assert cli.main(["history", str(folder), "--recording", "other.mp4"]) == 1


def test_a_broken_history_is_an_exit_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["history", str(folder), "--verify"]) == 0
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute("UPDATE answers SET presence = 'no'")
        connection.commit()
    assert cli.main(["history", str(folder), "--verify"]) == 1
    assert "“tonic” differs from its history" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["history", "backup", "agreement"])
def test_a_file_in_place_of_a_study_is_told(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "event.mp4"
    recording.write_bytes(b"no study")
    assert cli.main([command, str(recording)]) == 1
    assert "“event.mp4” is a file; name the folder of its study" in capsys.readouterr().err


def test_copies_of_a_folder_that_is_no_study_are_not_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["backup", str(tmp_path), "--list"]) == 1
    assert "There is no study in the folder" in capsys.readouterr().err


def test_a_backup_is_made_once_a_day_and_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Study.open(folder, author="Ana"):
        assert cli.main(["backup", str(folder)]) == 0
    made = Path(capsys.readouterr().out.strip())
    assert made.parent == folder / "backups"
    assert cli.main(["backup", str(folder)]) == 0
    assert cli.main(["backup", str(folder), "--list"]) == 0
    again, listed = capsys.readouterr().out.splitlines()
    # At midnight the day may have changed in between.
    assert Path(again).parent == made.parent
    assert listed.split("  ")[-1] == again

"""The table of what a format keeps says what the format is held to in the tests of round trips."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli import main
from app.core.exchange.fidelity import KEPT, LOST, Times
from app.core.exchange.formats import FORMATS, parts_kept
from app.core.semiology import Presence
from app.core.study.store import Study
from tests.core.study_cases import Clip, tick


@pytest.mark.parametrize("format_id", FORMATS)
def test_the_table_says_what_the_round_trip_holds(format_id: str) -> None:
    said, keeps = dict(parts_kept(format_id)), FORMATS[format_id].fidelity
    assert (said["Times"] == LOST) is (keeps.times is Times.NONE)
    assert said["Explanation"].startswith(KEPT) is keeps.details
    assert (said["Phases of the seizure"] == KEPT) is (keeps.marks or keeps.everything_beside)
    assert (said["Notes, ratings and the history"] == KEPT) is keeps.everything_beside
    assert (said["Recordings that nobody has read"] == KEPT) is keeps.without_readings


def test_the_command_shows_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana") as study:
        study.recording(Clip(tmp_path / "a.mp4"))
        tick(study, 1, "clonic", Presence.YES)
    out = str(tmp_path / "out.csv")
    asked = ["export", str(folder), "--format", "csv-wide", "--out", out, "--unsealed"]
    assert main(asked) == 0
    assert capsys.readouterr().err == ""
    assert main([*asked, "--kept"]) == 0
    assert re.search(r"^Times +not kept$", capsys.readouterr().err, re.MULTILINE)


def test_presence_is_kept_by_every_format() -> None:
    assert {parts_kept(format_id)[0][1] for format_id in FORMATS} == {KEPT}

"""Recordings that are added to a study: what is said of those that could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.study.add_recordings import add_recordings
from app.core.study.store import Study
from tests.media import write_recording


def refusal(folder: Path, paths: list[Path]) -> str:
    with (
        Study.open(folder / "s.semioscope", author="Ana", shared=True) as study,
        pytest.raises(UserError) as refused,
    ):
        add_recordings(study, paths, report=no_report, cancel=CancelToken())
    return str(refused.value)


def test_it_is_said_how_many_could_not_be_read_and_why(tmp_path: Path) -> None:
    good = write_recording(tmp_path / "good.mp4", frames=5)
    said = refusal(tmp_path, [good, *(tmp_path / f"gone{number}.mp4" for number in range(10))])
    assert said.startswith("10 of 11 could not be read: “gone0.mp4” was not found")
    assert said.endswith("Nor could gone3.mp4, gone4.mp4, gone5.mp4, gone6.mp4, gone7.mp4 and 2 more.")


def test_of_a_single_file_the_reason_is_said_alone(tmp_path: Path) -> None:
    assert refusal(tmp_path, [tmp_path / "gone.mp4"]).startswith("“gone.mp4” was not found")


def test_what_the_study_had_before_is_said_beside_a_refusal(tmp_path: Path) -> None:
    good = write_recording(tmp_path / "good.mp4", frames=5)
    with Study.open(tmp_path / "s.semioscope", author="Ana", shared=True) as study:
        first = add_recordings(study, [good, good], report=no_report, cancel=CancelToken())
        assert first.known == (), "it is new, though it was chosen twice"
        with pytest.raises(UserError, match=r"1 of 2 could not .*good\.mp4 is in this study already\."):
            add_recordings(study, [good, tmp_path / "gone.mp4"], report=no_report, cancel=CancelToken())

"""The analysis gives freed memory back while it runs, so that it does not grow with the recording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from app.core.enhance import pose_analysis, pose_process
from app.core.jobs import no_report
from app.core.recording.probe import open_recording
from tests.media import numbered_picture, write_recording


def test_freed_memory_goes_back_every_few_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [numbered_picture(number, 64, 48) for number in range(3)]
    recording = open_recording(write_recording(tmp_path / "a.mp4", pictures=pictures, rate=10, size=(64, 48)))
    done, given_back = [], []

    def rows(*_: object) -> Iterator[object]:
        for number in range(200):
            done.append(number)
            yield number

    monkeypatch.setattr(pose_analysis, "patient_detectors", lambda: nullcontext(None))
    monkeypatch.setattr(pose_analysis, "survey_room", lambda *_: None)
    monkeypatch.setattr(pose_analysis, "find_rows", rows)
    monkeypatch.setattr(pose_analysis, "assemble", lambda *_: None)
    monkeypatch.setattr(pose_process, "give_back_freed_memory", lambda: given_back.append(len(done)))
    pose_process.analyse(recording, None, no_report)
    assert given_back == [64, 128, 192]

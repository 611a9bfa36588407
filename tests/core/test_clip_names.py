"""What a clip is called: what is said of its name, and what may be next to it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from app.commands import deidentify
from app.core.deidentify import prepared_clips
from app.core.recording.probe import open_recording
from tests.media import write_recording


def said(out: Path, capsys: pytest.CaptureFixture[str], **more: Any) -> str:
    given = {"study": None, "seizure": False, "each_feature": False, "reader": None, "viewer": None}
    rest = {"unsealed": False, "start": None, "end": None, "confirm": False, "out": out}
    args = Namespace(**{**given, **rest, "file": out.with_name("seizure.mp4"), **more})
    deidentify._check(args)
    shown = capsys.readouterr()
    return shown.out + shown.err


def test_the_ending_of_a_name_is_said_where_it_is_true_and_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "clip"
    assert "becomes “clip.mp4”" in said(out, capsys)
    assert said(out, capsys, confirm=True) == ""
    assert said(out, capsys, study=tmp_path, each_feature=True) == ""


def test_a_folder_that_is_called_like_the_clips_is_in_nobodys_way(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "seizure.mp4", frames=5))
    out = tmp_path / "clips"
    out.mkdir()
    prepared_clips._check(recording, out, (tmp_path / "clips-tonic.mp4",), tmp_path)

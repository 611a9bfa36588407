"""Dialogs for recordings begin where the person keeps theirs, not where the demonstration is generated."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths

from app.core.folders import cache_folder
from app.ui.commands.start_folder import start_folder


def test_it_is_the_folder_of_the_last_recording_of_the_person(tmp_path: Path) -> None:
    generated = cache_folder() / "demonstration" / "generated patient.mp4"
    ward, older = tmp_path / "ward" / "a.mp4", tmp_path / "older" / "b.mp4"
    for recording in (ward, older):
        recording.parent.mkdir()
    assert start_folder([str(ward), str(older)]) == str(ward.parent)
    assert start_folder([generated, older]) == str(older.parent)


@pytest.mark.parametrize("has_videos", [True, False])
def test_without_one_it_is_the_folder_of_videos_or_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_videos: bool
) -> None:
    videos = tmp_path / "Videos"
    if has_videos:
        videos.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _where: str(videos))
    expected = str(videos if has_videos else Path.home())
    assert start_folder([]) == expected
    assert start_folder([cache_folder() / "generated patient.mp4"]) == expected


def test_a_folder_that_does_not_answer_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt would wait for it in the thread of the window."""
    share, near = tmp_path / "share", tmp_path / "near"
    for folder in (share, near):
        folder.mkdir()
    answers, is_dir = threading.Event(), Path.is_dir

    def slowly(path: Path) -> bool:
        if path == share:
            answers.wait(60)
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", slowly)
    try:
        assert start_folder((share / "a.mp4", near / "b.mp4")) == str(near)
    finally:
        answers.set()
    assert start_folder((tmp_path / "gone" / "a.mp4", near / "b.mp4")) == str(near)

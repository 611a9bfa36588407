"""What cannot be opened, read or kept is a sentence, and leaves the open recording as it is."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.core.enhance.pose_track import NOBODY_FOUND, Doubt
from app.core.errors import UserError
from app.core.folders import studies_folder
from app.core.recording import probe
from app.core.semiology import Presence
from app.core.study.store import Study
from app.ui.session.recording_analysis import AGAIN, DONE_AGAIN, STOPPED
from tests.media import write_recording
from tests.ui.made_poses import a_pose_track, without
from tests.ui.session_cases import (
    QuickReader,
    at_rest,
    is_open,
    opened,
    quick,
    recording_path,
    saved,
)

__all__ = ["quick", "recording_path"]


def test_a_picture_without_a_person_is_said_once(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = without(a_pose_track(1.0), slice(None))
    monkeypatch.setattr("app.core.enhance.pose.pose_track", lambda *_, **__: nobody)
    with opened(qtbot, recording_path) as session:
        assert session.status.message == NOBODY_FOUND
        session.status.show_message("")
        session.opening.open(recording_path.with_name("missing.mp4"))
        at_rest(qtbot, session)
        assert "missing.mp4" in session.status.message
        assert NOBODY_FOUND not in session.status.message


def test_what_was_followed_instead_of_a_person_is_said_in_the_same_sentence(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = without(a_pose_track(4.0), slice(None))
    followed = (nobody.times >= 0.8) & (nobody.times <= 3.1)
    doubted = replace(nobody, doubt=np.where(followed, Doubt.NOT_A_PERSON, Doubt.NONE).astype(np.uint8))
    monkeypatch.setattr("app.core.enhance.pose.pose_track", lambda *_, **__: doubted)
    with opened(qtbot, recording_path) as session:
        assert session.status.message == (
            "Nobody was surely found in the picture, so what has to be seen cannot be assessed; something "
            "was followed from 0.8 to 3.1 s that is not surely a person. If that is the patient, draw a box "
            "around them."
        )


@pytest.mark.parametrize("content", [b"", b"no recording" * 100], ids=["empty", "not a recording"])
def test_what_cannot_be_opened_is_one_sentence(
    qtbot: QtBot, quick: type[QuickReader], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(content)
    with opened(qtbot) as session:
        session.opening.open(path)
        qtbot.waitUntil(lambda: bool(session.status.message))
        at_rest(qtbot, session)
        assert "bad.mp4" in session.status.message
        assert session.opened.recording is None


def test_a_failed_opening_leaves_the_open_recording(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, tmp_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.opening.open(tmp_path / "missing.mp4")
        qtbot.waitUntil(lambda: bool(session.status.message))
        at_rest(qtbot, session)
        assert session.opened.recording is not None
        assert session.opened.recording.name == "seizure.mp4"
        session.answers.answer("clonic", Presence.YES)
        assert session.answers.mine.answer("clonic").presence is Presence.YES


def test_a_failed_opening_leaves_the_running_analysis_alone(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, tmp_path: Path
) -> None:
    quick.wait = threading.Event()
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no recording" * 100)
    with opened(qtbot) as session:
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: quick.read_count == 1)
        session.opening.open(bad)
        qtbot.waitUntil(lambda: "bad.mp4" in session.status.message)
        qtbot.waitUntil(lambda: not session.analysis.runner.opening)
        assert session.analysis.work is not None, "it goes on being shown"
        assert session.analysis.work.what == "Reading"
        quick.wait.set()
        at_rest(qtbot, session)
        assert quick.read_count == 1
        assert [reading.recording.name for reading in session.answers.others] == ["seizure.mp4"]


def test_analysing_again_says_that_it_has_begun_and_is_over(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        quick.wait = threading.Event()
        session.analysis.start_again()
        assert session.status.line == AGAIN
        assert session.analysis.work is not None
        quick.wait.set()
        at_rest(qtbot, session)
        assert session.status.line == DONE_AGAIN
        quick.wait = threading.Event()
        session.analysis.start_again()
        session.analysis.cancel()
        at_rest(qtbot, session)
        assert session.status.line == STOPPED


def test_analysing_again_does_not_stop_another_file_from_being_opened(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write_recording(recording_path.with_name("other.mp4"), frames=20)
    begun, go = threading.Event(), threading.Event()
    with opened(qtbot, recording_path) as session:
        whole = probe.open_recording

        def held(path: Path, **how: Any) -> Any:
            begun.set()
            assert go.wait(60)
            return whole(path, **how)

        monkeypatch.setattr(probe, "open_recording", held)
        monkeypatch.setattr("app.ui.session.analysis.preview_frame", lambda *_what: None)
        session.opening.open(other)
        qtbot.waitUntil(begun.is_set)
        session.analysis.start_again()
        go.set()
        qtbot.waitUntil(lambda: is_open(session, other))
        at_rest(qtbot, session)


def test_a_reader_that_cannot_leaves_the_rest(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    quick.error = UserError("The analysis stopped: its process ended.")
    with opened(qtbot, recording_path) as session:
        assert session.status.message == "The analysis stopped: its process ended."
        assert session.sound_detail.waveform is not None
        session.answers.answer("clonic", Presence.YES)
        saved(qtbot, session)
        assert session.status.line.startswith("saved ")


def test_a_bug_in_the_background_is_logged_and_told(
    qtbot: QtBot,
    quick: type[QuickReader],
    recording_path: Path,
    expected_errors: pytest.LogCaptureFixture,
) -> None:
    quick.error = RuntimeError("a bug")
    with opened(qtbot, recording_path) as session:
        assert "unexpected" in session.status.message
    logged = [record.getMessage() for record in expected_errors.records if record.levelno >= logging.ERROR]
    assert any("RuntimeError" in message for message in logged)
    assert not any("a bug" in message for message in logged), "a message can quote a name"


def test_a_tick_that_cannot_be_kept_is_not_shown(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(qtbot, recording_path) as session:

        def refuse(*_edits: Any, **_why: Any) -> None:
            raise UserError("The disk is full; nothing was changed.")

        monkeypatch.setattr(Study, "apply_all", refuse)
        session.answers.answer("clonic", Presence.YES)
        saved(qtbot, session)
        assert session.status.message == "The disk is full; nothing was changed."
        assert session.answers.mine.answer("clonic").presence is None
        assert session.status.line == "not saved"


def test_without_a_recording_a_tick_says_why_not(qtbot: QtBot) -> None:
    with opened(qtbot) as session:
        session.answers.answer("clonic", Presence.YES)
        assert session.status.message == "No recording is open."
        session.undoing.undo()
        session.playback.seek(3.0)
        session.playback.step(1)
        assert session.playback.cursor == 0.0


def test_a_study_that_lies_elsewhere_is_told(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = studies_folder() / "seizure.semioscope"
    monkeypatch.setattr("app.core.study.place.study_folder_for", lambda *_: apart)
    with opened(qtbot, recording_path) as session:
        assert "own folder" in session.status.message
        session.answers.answer("clonic", Presence.YES)
        assert "own folder" in session.status.message
        assert session.study.folder == apart


def test_a_study_that_cannot_be_read_is_never_opened_in_the_windows_thread(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(qtbot, recording_path) as session:
        session.answers.answer("clonic", Presence.YES)
        folder = session.study.folder
    assert folder is not None
    content = (folder / "study.sqlite").read_bytes()
    (folder / "study.sqlite").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    tried: list[Path] = []
    monkeypatch.setattr(Study, "open", lambda place, **_how: tried.append(place))
    with opened(qtbot, recording_path) as session:
        assert "damaged" in session.status.message
    assert tried == []


def test_a_demonstration_that_cannot_be_drawn_leaves_the_open_recording(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> Path:
        raise UserError("“demonstration.mp4” could not be written: the disk is full.")

    monkeypatch.setattr("app.core.phantom.demonstration_file.demonstration_recording", full)
    with opened(qtbot, recording_path) as session:
        session.opening.open_demonstration()
        qtbot.waitUntil(lambda: bool(session.status.message))
        at_rest(qtbot, session)
        assert "disk is full" in session.status.message
        assert session.opened.recording is not None
        assert session.opened.recording.name == "seizure.mp4"


def test_what_was_said_before_is_not_lost_by_an_opening_without_trouble(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot) as session:
        session.opening.open(recording_path)
        session.status.show_message("The program ended unexpectedly last time.")
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        assert session.status.message == "The program ended unexpectedly last time."


def test_a_crash_while_looking_for_the_pose_is_said_once_and_not_tried_again(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise UserError("The analysis of the picture failed.")

    monkeypatch.setattr("app.core.enhance.pose.pose_track", crash)
    with opened(qtbot, recording_path) as session:
        assert session.status.message == "The analysis of the picture failed."
        assert session.sound_detail.waveform is not None
        assert quick.read_count == 0
        monkeypatch.setattr("app.core.enhance.pose.pose_track", lambda *_, **__: a_pose_track(1.0))
        session.analysis.start_again()
        at_rest(qtbot, session)
        assert quick.read_count == 1
        assert session.status.message == ""

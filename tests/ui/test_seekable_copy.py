"""The seekable copy in the window: offered where it helps, written in the background, opened on request; and
what the window says when the open file changes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.semiology import Presence
from app.ui.session.session import Session
from app.ui.views.banner import Banner
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.session_cases import QuickReader, at_rest, opened, opened_path, quick, saved
from tests.ui.watched_files import watch_often

__all__ = ["quick"]


def damaged(folder: Path) -> Path:
    data = bytearray(write_recording(folder / "whole.ts", frames=100, sound=tone(4.0)).read_bytes())
    del data[188 * 60 : 188 * 70]
    path = folder / "damaged.ts"
    path.write_bytes(data)
    return path


def slow(folder: Path) -> Path:
    return write_recording(folder / "slow.avi", codec="mpeg4", gop=999, ticks=[100 * n for n in range(60)])


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader]) -> Iterator[Window]:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        yield window
        window.close()


def banner(window: Window) -> Banner:
    """The one of the open recording; the start page has another."""
    centre = window.centralWidget()
    assert centre is not None
    (found,) = centre.findChildren(Banner)
    return found


def opening(qtbot: QtBot, window: Window, path: Path) -> Session:
    session = window.session
    session.opening.open(path)
    qtbot.waitUntil(lambda: opened_path(session) == path)
    at_rest(qtbot, session)
    return session


@pytest.mark.parametrize("make", [damaged, slow])
def test_copy_is_offered_written_and_opened(
    qtbot: QtBot, window: Window, tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opening(qtbot, window, make(tmp_path))
    before = session.opened.recording
    assert before is not None
    shown = banner(window)
    assert shown.isVisible()
    assert "seekable copy" in shown.words.text()
    out = tmp_path / "copy.mp4"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    shown.accept.click()
    qtbot.waitUntil(
        lambda: session.status.offer is not None and session.status.offer.label == "Open the copy"
    )
    assert out.exists()
    assert "copy.mp4" in shown.words.text()
    shown.accept.click()
    qtbot.waitUntil(lambda: opened_path(session) == out)
    at_rest(qtbot, session)
    assert session.status.offer is None
    assert session.opened.duration == pytest.approx(before.duration, abs=0.2)


def test_nothing_is_offered_where_nothing_is_wrong(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    session = opening(qtbot, window, write_recording(tmp_path / "a.mp4", frames=50, sound=tone(2.0)))
    assert session.status.offer is None
    assert not banner(window).accept.isVisible()


def test_offer_can_be_closed_and_is_made_once(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    path = damaged(tmp_path)
    session = opening(qtbot, window, path)
    banner(window)._close()
    assert session.status.offer is None
    assert not banner(window).isVisible()
    opening(qtbot, window, tmp_path / "whole.ts")
    opening(qtbot, window, path)
    assert session.status.offer is None
    assert "damaged" in session.status.message


def test_copy_that_is_given_up_leaves_nothing(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()

    def waits(_recording: Any, _out: Path, _report: Any, cancel: Any, **_rest: Any) -> Any:
        held.set()
        while True:
            cancel.check()
            cancel.wait(0.01)

    monkeypatch.setattr("app.core.recording.seekable_copy.write_seekable_copy", waits)
    session = opening(qtbot, window, damaged(tmp_path))
    copies = window._tools._copies
    copies.write(tmp_path / "copy.mp4")
    qtbot.waitUntil(held.is_set)
    qtbot.waitUntil(lambda: copies._progress._dialog is not None)
    dialog = copies._progress._dialog
    assert dialog is not None
    dialog.canceled.emit()
    qtbot.waitUntil(lambda: copies._progress._dialog is None)
    assert session.status.offer is None
    assert not (tmp_path / "copy.mp4").exists()


def test_copy_over_the_recording_is_refused(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    path = damaged(tmp_path)
    session = opening(qtbot, window, path)
    content = path.read_bytes()
    window._tools._copies.write(path)
    qtbot.waitUntil(lambda: "never written over" in session.status.message)
    assert path.read_bytes() == content


@pytest.fixture
def watching(quick: type[QuickReader], monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    return watch_often(monkeypatch)


def _is_at(session: Session, seconds: float) -> bool:
    return session.playback.cursor == seconds


CHANGES = {
    "removed": (lambda path, _: path.unlink(), "is gone"),
    "truncated": (lambda path, _: os.truncate(path, path.stat().st_size // 3), "has become shorter"),
    "replaced": (lambda path, other: other.replace(path), "has"),
    "overwritten": (lambda path, _: path.write_bytes(path.read_bytes() + bytes(5000)), "has changed"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES.keys())
def test_answers_stay_and_the_window_says_what_became_of_the_file(
    qtbot: QtBot, watching: threading.Event, tmp_path: Path, change: Any, words: str
) -> None:
    path = write_recording(tmp_path / "a.ts", frames=100, sound=tone(4.0))
    other = write_recording(tmp_path / "other.ts", frames=20, codec="mpeg2video")
    session = Session()
    try:
        window = Window(session)
        qtbot.addWidget(window)
        session.opening.open(path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        session.answers.answer("clonic", Presence.YES)
        qtbot.waitUntil(watching.is_set)
        change(path, other)
        qtbot.waitUntil(lambda: words in session.status.message)
        assert "Your answers are kept." in session.status.message
        session.answers.answer("tonic", Presence.NO)
        saved(qtbot, session)
        assert session.status.line.startswith("saved")
        for seconds in (3.5, 0.2):
            session.playback.seek(seconds)
            qtbot.waitUntil(partial(_is_at, session, seconds))
        session.playback.play()
        session.playback.pause()
        assert session.answers.mine.answer("clonic").presence is Presence.YES
        assert session.answers.mine.answer("tonic").presence is Presence.NO
    finally:
        window.close()
        session.close()

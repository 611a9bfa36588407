"""What a study's writer does at its end: given up, closed, gone, read only."""

from __future__ import annotations

import threading
from pathlib import Path

from app.core.errors import UserError
from app.core.semiology import Presence
from app.core.study.saving import Refused, Waiting
from app.core.study.store import Study
from app.core.study.study_writer import StudyWriter
from tests.core.study_cases import Clip
from tests.core.study_writing import Disk, Window, disk, folder, stored, tick, window

__all__ = ["disk", "folder", "window"]

YES, NO = Presence.YES, Presence.NO


def test_a_study_that_cannot_be_opened_is_told_and_can_be_opened_later(tmp_path: Path) -> None:
    place = tmp_path / "clip.semioscope"
    woken = threading.Semaphore(0)
    writer = StudyWriter(lambda: Study.open(place, author="Ana", create=False), woken.release, author="Ana")
    said: list[object] = []
    writer.ask(lambda study: study.recordings(), said.append, said.append)
    assert woken.acquire(timeout=60)
    writer.deliver_outcomes()
    assert [type(one) for one in said] == [UserError]
    Study.open(place, author="Ana").close()
    writer.ask(lambda study: study.recordings(), said.append, said.append)
    assert woken.acquire(timeout=60)
    writer.deliver_outcomes()
    assert said[-1] == ()
    assert writer.close(60).requests == ()


def test_nothing_is_written_into_another_study_that_took_the_place_of_this_one(
    window: Window, folder: Path, disk: Disk, tmp_path: Path
) -> None:
    disk.away = True
    window.submit(tick(window.recording, "tonic", None, YES))
    window.until(lambda: window.said)
    disk.away = False
    folder.rename(tmp_path / "away")
    with Study.open(folder, author="Bo") as other:
        other.recording(Clip(tmp_path / "clip.mp4"))
    window.writer.retry()
    window.until(lambda: len(window.said) > 1)
    _request, outcome = window.said[-1]
    assert isinstance(outcome, Waiting)
    assert "Another study lies where this one was" in str(outcome.error)
    assert stored(folder).answers == {}
    folder.rename(tmp_path / "other")
    (tmp_path / "away").rename(folder)
    window.writer.retry()
    window.settle()
    assert stored(folder).answer("tonic").presence is YES


def test_closing_saves_what_was_asked_for_and_lets_the_next_window_write(
    window: Window, folder: Path
) -> None:
    for feature in ("tonic", "clonic"):
        window.submit(tick(window.recording, feature, None, YES))
    assert window.writer.close(60).requests == ()
    assert window.writer.has_ended()
    with Study.open(folder, author="Ana") as study:
        assert not study.read_only
    window.settle()
    assert window.outcomes() == ["Saved", "Saved"]


def test_before_closing_the_disk_is_waited_for_and_the_study_stays_open(window: Window, disk: Disk) -> None:
    disk.hang()
    window.submit(tick(window.recording, "tonic", None, YES))
    assert window.writer.settle(0.0).sentence().startswith("1 change is not saved yet. The disk or share")
    disk.answer()
    assert window.writer.settle(60).requests == ()
    disk.away = True
    window.submit(tick(window.recording, "clonic", None, YES))
    assert "failed" in window.writer.settle(60).sentence()
    disk.away = False
    window.writer.retry()
    assert window.writer.settle(60).requests == ()
    window.settle()
    assert window.outcomes() == ["Saved", "Waiting", "Saved"]


def test_closing_on_a_failing_disk_tries_once_more_and_names_what_is_left(window: Window, disk: Disk) -> None:
    disk.away = True
    window.submit(tick(window.recording, "tonic", None, YES))
    for _twice in range(2):
        left = window.writer.close(60)
        assert left.sentence() == (
            "1 change is not saved yet. "
            "The change was not kept because the disk or share that holds the study failed."
        )
    assert window.writer.has_ended()
    assert window.writer.left().changes == (("Ana", tick(window.recording, "tonic", None, YES)),)


def test_a_study_that_can_only_be_looked_at_refuses_in_its_own_words(folder: Path) -> None:
    with Study.open(folder, author="Bo") as first:
        recording = first.recording(Clip(folder.parent / "clip.mp4"))
        window = Window(folder)
        window.submit(tick(recording, "tonic", None, YES))
        window.settle()
        ((_request, outcome),) = window.said
        assert isinstance(outcome, Refused)
        assert "open in another window" in str(outcome.error)
        window.close()

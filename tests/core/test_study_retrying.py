"""What the disk did not take is tried again by itself, in order, until it is saved or the study is closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import StorageError
from app.core.semiology import Presence
from app.core.study.retrying import PAUSES, Retrying
from app.core.study.store import Study
from tests.core.study_writing import Disk, Window, tick

YES, NO = Presence.YES, Presence.NO
FOREVER = 1e6


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk(monkeypatch)
    yield disk
    disk.answer()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clip.semioscope"


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR])
def test_what_waits_is_saved_without_a_further_change_and_in_order(
    code: int, folder: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    usual = Study.open.__func__  # type: ignore[attr-defined]

    def watched(kind: type[Study], /, place: Path, **how: object) -> object:
        opened.append(place)
        return usual(kind, place, **how)

    monkeypatch.setattr(Study, "open", classmethod(watched))
    window = Window(folder, pauses=(0.0, 0.01))
    disk.code, disk.failures = code, [1, 1, 1, 0, 1]
    first, second = tick(window.recording, "tonic", None, YES), tick(window.recording, "tonic", YES, NO)
    disk.hang()
    for request in (first, second):
        window.submit(request)
    disk.answer()
    window.settle()
    assert window.saved() == [first, second]
    assert window.outcomes() == ["Waiting", "Waiting", "Waiting", "Saved", "Waiting", "Saved"]
    assert window.writer.unsaved().sentence() == ""
    # A busy study stays open, so that no other window takes it over; the file of a lost share is opened anew.
    assert len(opened) == (1 if code == sqlite3.SQLITE_BUSY else 5)
    window.close()


def test_while_it_is_tried_again_it_is_called_not_saved(folder: Path, disk: Disk) -> None:
    window = Window(folder, pauses=(0.0,))
    disk.away = True
    window.submit(tick(window.recording, "tonic", None, YES))
    window.until(lambda: len(window.said) > 3)
    assert window.writer.unsaved().sentence() == (
        "1 change is not saved yet. The change was not kept because the disk or share that holds the study "
        "failed. This is tried again by itself."
    )
    disk.away = False
    window.settle()
    assert window.outcomes()[-1] == "Saved"
    window.close()


@pytest.mark.parametrize("pauses", [(0.0,), (FOREVER,)])
def test_closing_ends_the_tries(pauses: tuple[float], folder: Path, disk: Disk) -> None:
    window = Window(folder, pauses=pauses)
    disk.away = True
    window.submit(request := tick(window.recording, "tonic", None, YES))
    window.until(lambda: window.said)
    left = window.writer.close(60.0)
    assert window.writer.has_ended()
    assert left.requests == (request,)
    assert "by itself" not in left.sentence()


def _failed_of(code: int) -> StorageError:
    error = StorageError("The change was not kept.")
    cause = sqlite3.OperationalError("failed")
    cause.sqlite_errorcode = code
    error.__cause__ = cause
    return error


def test_the_pauses_grow_and_begin_anew_after_something_was_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    retrying = Retrying()
    pauses = []
    for _ in range(6):
        retrying.fail(_failed_of(sqlite3.SQLITE_BUSY))
        pauses.append(retrying.seconds)
    assert pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    retrying.reset()
    assert (retrying.seconds, retrying.why) == (None, "")
    retrying.fail(_failed_of(sqlite3.SQLITE_FULL))
    assert retrying.seconds == PAUSES[0]


def test_what_took_too_long_is_not_tried_again_by_itself() -> None:
    retrying = Retrying()
    retrying.fail(_failed_of(sqlite3.SQLITE_INTERRUPT))
    assert (retrying.is_pausing, retrying.why) == (False, "The change was not kept.")

"""What is loaded once the window stands: one module after the other, and none while something plays."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from threading import Event, Thread, current_thread

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.ui.commands import loading
from app.ui.commands.loading import load_later

Waiting = list[tuple[int, Callable[[], None]]]


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    """What is to be called, each with the milliseconds until then."""
    waiting: Waiting = []

    class Timers:
        @staticmethod
        def singleShot(after: int, _owner: QObject, call: Callable[[], None]) -> None:
            waiting.append((after, call))

    monkeypatch.setattr(loading, "QTimer", Timers)
    return waiting


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(loading, "import_module", names.append)
    return names


def test_each_module_leaves_time_before_the_next(waiting: Waiting, loaded: list[str]) -> None:
    load_later(QObject(), 1500, lambda: False, ("one", "two", "three"))
    pauses = []
    while waiting:
        ((after, call),) = waiting
        waiting.clear()
        pauses.append(after)
        call()
        assert len(loaded) == len(pauses), "one in each turn"
    assert loaded == ["one", "two", "three"]
    assert pauses == [1500, loading._BETWEEN, loading._BETWEEN]
    assert loading._BETWEEN > 0


def test_nothing_is_loaded_while_something_plays(waiting: Waiting, loaded: list[str]) -> None:
    plays = True
    load_later(QObject(), 0, lambda: plays, ("one", "two"))
    for _ in range(3):
        waiting.pop()[1]()
    assert loaded == []
    plays = False
    waiting.pop()[1]()
    plays = True
    waiting.pop()[1]()
    assert loaded == ["one"], "also between two modules"


def test_a_module_that_fails_does_not_keep_the_others(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_name: str) -> None:
        raise ImportError

    monkeypatch.setattr(loading, "import_module", fail)
    load_later(QObject(), 0, lambda: False, ("one", "two"))
    with pytest.raises(ImportError):
        waiting.pop()[1]()
    assert len(waiting) == 1


def test_all_that_comes_later_exists(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_BETWEEN", 0)
    monkeypatch.setattr(loading, "_AGAIN", 0)
    done: list[str] = []
    monkeypatch.setattr(loading, "import_module", lambda name: done.append(import_module(name).__name__))
    owner = QObject()
    load_later(owner, 0, lambda: False)
    qtbot.waitUntil(lambda: tuple(done) == loading._MODULES)


def test_what_takes_longest_is_loaded_by_another_thread_and_the_others_wait_for_it(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, Thread] = {}
    go_on = Event()

    def load(name: str) -> None:
        threads[name] = current_thread()
        if name == loading._BESIDE:
            go_on.wait(60)

    monkeypatch.setattr(loading, "import_module", load)
    load_later(QObject(), 0, lambda: False, (loading._BESIDE, "two"))
    waiting.pop()[1]()
    waiting.pop()[1]()
    assert "two" not in threads
    go_on.set()
    beside = threads[loading._BESIDE]
    beside.join()
    waiting.pop()[1]()
    assert beside is not threads["two"] is current_thread()
    assert not beside.daemon

"""Objects of Qt that only a cycle holds are destroyed in the GUI thread, whatever other threads do."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.collector import CycleCollector, due_generation
from app.ui.main import run_window


@pytest.fixture
def collector() -> Iterator[CycleCollector]:
    collector = CycleCollector(every=20)
    yield collector
    collector.close()
    gc.disable()


def leave_a_cycle(destroyed_in: list[int]) -> None:
    """A QObject that refers to itself, and notes the thread in which it is destroyed."""
    left = QObject()
    left.itself = left  # type: ignore[attr-defined]
    left.destroyed.connect(
        lambda: destroyed_in.append(threading.get_ident()), Qt.ConnectionType.DirectConnection
    )


def allocate_in_a_thread() -> None:
    """Allocate so much that Python would collect every generation, in a thread that is not the GUI's."""

    def work() -> None:
        for _ in range(300_000):
            cycle: list[object] = []
            cycle.append(cycle)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_cycle_is_collected_in_the_gui_thread_only(qtbot: QtBot, collector: CycleCollector) -> None:
    destroyed_in: list[int] = []
    leave_a_cycle(destroyed_in)
    allocate_in_a_thread()
    assert destroyed_in == []
    qtbot.waitUntil(lambda: bool(destroyed_in))
    assert destroyed_in == [threading.get_ident()]


def test_without_it_python_collects_in_the_thread_that_allocates(qtbot: QtBot) -> None:
    destroyed_in: list[int] = []
    gc.enable()
    try:
        leave_a_cycle(destroyed_in)
        allocate_in_a_thread()
    finally:
        gc.disable()
    assert destroyed_in
    assert destroyed_in[0] != threading.get_ident()


def test_the_window_collects_in_its_own_thread_while_it_runs(qtbot: QtBot) -> None:
    found: list[tuple[bool, int]] = []

    def look() -> None:
        application = QApplication.instance()
        assert application is not None
        found.append((gc.isenabled(), len(application.findChildren(CycleCollector))))
        for window in QApplication.topLevelWidgets():
            window.close()

    QTimer.singleShot(0, look)
    gc.enable()
    try:
        assert run_window() == 0
        assert gc.isenabled()
    finally:
        gc.disable()
    assert found == [(False, 1)]


def test_a_full_collection_waits_while_a_recording_plays() -> None:
    thresholds = (700, 10, 10)
    assert due_generation((800, 5, 5), thresholds, 1) == 0
    assert due_generation((0, 11, 5), thresholds, 1) == 1
    assert due_generation((0, 0, 11), thresholds, 1) == 1
    assert due_generation((0, 11, 11), thresholds, 0) == 0
    assert due_generation((0, 0, 11), thresholds, 2) == 2
    assert due_generation((700, 10, 10), thresholds, 2) is None


def test_what_plays_is_asked_at_each_look(qtbot: QtBot) -> None:
    asked: list[int] = []

    def is_busy() -> bool:
        asked.append(1)
        return True

    collector = CycleCollector(is_busy=is_busy, every=5)
    qtbot.waitUntil(lambda: len(asked) > 2)
    collector.close()
    gc.disable()


def test_very_many_new_objects_wait_until_nothing_plays(qtbot: QtBot) -> None:
    looks, destroyed_in = 0, list[int]()
    plays = True

    def is_busy() -> bool:
        nonlocal looks
        looks += 1
        return plays

    collector = CycleCollector(is_busy=is_busy, every=5)
    try:
        leave_a_cycle(destroyed_in)
        allocate_in_a_thread()
        looks = 0
        qtbot.waitUntil(lambda: looks > 5)
        assert destroyed_in == []
        plays = False
        qtbot.waitUntil(lambda: bool(destroyed_in))
    finally:
        collector.close()
        gc.disable()


def test_large_memory_is_kept_apart_as_soon_as_the_window_collects(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bool] = []
    monkeypatch.setattr("app.ui.collector.keep_large_memory_apart", lambda: kept.append(True))
    CycleCollector().close()
    gc.disable()
    assert kept == [True]

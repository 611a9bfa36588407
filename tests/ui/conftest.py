"""Window tests: no screen, no thread left behind, no error in the log, no warning of Qt's."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.collector import collect_what_is_due
from app.ui.theme import DARK, apply

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


PATIENCE_MS = 100_000
"""How long a test waits for anything: as long as a busy machine may take, below the limit of a whole test."""


@pytest.fixture(autouse=True)
def cycles_are_collected_in_the_gui_thread() -> Iterator[None]:
    """As in the program: what a test leaves behind is not destroyed in a background thread of a later one.

    What is patched here stays so when a test takes its own patches back.
    """
    thaw, thawed = gc.unfreeze, threading.Event()

    def unfreeze() -> None:
        thaw()
        thawed.set()

    # Asking for the number of frozen objects counts all that was loaded for the tests, a tenth of a second.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gc, "unfreeze", unfreeze)
        gc.disable()
        yield
    if thawed.is_set():
        # A collector of the program was closed, and every look would be at all that was loaded for the tests.
        gc.collect()
        gc.freeze()
    collect_what_is_due()
    gc.enable()


@pytest.fixture(autouse=True)
def patient_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of pytest-qt take PATIENCE_MS unless they say otherwise, instead of 5 s."""
    for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitActive, QtBot.waitExposed):
        defaults = wait.__kwdefaults__ or {}
        assert defaults["timeout"] <= 5000
        monkeypatch.setattr(wait, "__kwdefaults__", {**defaults, "timeout": PATIENCE_MS})


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Every thread that a test starts has ended when the test has; they are given 30 s."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 30.0
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left, f"threads left behind: {[_where(thread) for thread in left]}"


def _where(thread: threading.Thread) -> str:
    """The name of a thread and what it is doing: waiting for something, or only slow."""
    frame = sys._current_frames().get(thread.ident or 0)
    return f"{thread.name}:\n{''.join(traceback.format_stack(frame))}"


@pytest.fixture(scope="session")
def statistics_are_loaded() -> None:
    """The libraries of the figures, loaded before a background thread does it while its window is closed.

    Loading takes seconds, on a busy machine that compiles them anew a minute, and cannot be cancelled.
    """
    for name in (
        "krippendorff",
        "scipy.stats",
        "sklearn.metrics",
        "statsmodels.stats.inter_rater",
        "statsmodels.stats.proportion",
    ):
        importlib.import_module(name)


@pytest.fixture(autouse=True)
def no_error_is_logged(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """A logged error fails a test that does not use `expected_errors`."""
    yield
    if "expected_errors" in request.fixturenames:
        return
    errors = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not errors, f"logged: {[record.getMessage() for record in errors]}"


@pytest.fixture
def expected_errors(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """For tests of what is logged when something unexpected happens."""
    return caplog


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[None]:
    """The program's style sheet, with which a list takes more room; taken back afterwards."""
    style, former, colours = qapp.style().objectName(), qapp.styleSheet(), qapp.palette()
    apply(qapp, DARK)
    yield
    qapp.setStyleSheet(former)
    qapp.setStyle(style or "Fusion")
    qapp.setPalette(colours)

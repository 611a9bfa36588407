"""A terminal that closes ends work as Ctrl+C does, unless it was started to outlive its terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from app.commands.interruption import cancelled_by_signals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.fixture(params=[True, False], ids=["heeded", "ignored, as under nohup"])
def heeded(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether this process heeds a terminal that closes."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL if request.param else signal.SIG_IGN)
    yield request.param
    signal.signal(signal.SIGHUP, before)


def test_a_terminal_that_closes_stops_work(heeded: bool) -> None:
    as_before = signal.getsignal(signal.SIGHUP)
    with cancelled_by_signals() as token:
        if heeded:
            assert signal.getsignal(signal.SIGHUP) is not as_before, "else it would end this process"
        os.kill(os.getpid(), signal.SIGHUP)
        assert token.cancelled is heeded
    assert signal.getsignal(signal.SIGHUP) is as_before

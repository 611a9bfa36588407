"""What keeps the window's thread free while a model's clips are made and while it is asked."""

from __future__ import annotations

import sys

import pytest

from app.ui import SECONDS_OF_A_TURN


def test_the_window_does_not_wait_long_for_another_thread_of_python() -> None:
    assert sys.getswitchinterval() == pytest.approx(SECONDS_OF_A_TURN)

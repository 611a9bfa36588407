"""Whether there is a display for the window."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from app.commands.display import has_display
from benchmarks.screen import virtual_screen


@pytest.fixture
def bare_linux(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A Linux without anything to draw on."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(("platform", "expected"), [("offscreen", True), ("minimal:x", True), ("xcb", False)])
def test_some_platforms_need_no_display(
    bare_linux: pytest.MonkeyPatch, platform: str, expected: bool
) -> None:
    assert not has_display()
    bare_linux.setenv("QT_QPA_PLATFORM", platform)
    assert has_display() is expected


@pytest.mark.parametrize("display", ["", "x", ":", ":4711", "unix:4711.0", ":99999999", "localhost:4711"])
def test_a_display_that_does_not_answer_is_none(bare_linux: pytest.MonkeyPatch, display: str) -> None:
    bare_linux.setenv("DISPLAY", display)
    assert not has_display()


@pytest.mark.skipif(sys.platform == "win32", reason="no such sockets")
def test_a_display_that_answers_is_one(bare_linux: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket

    bare_linux.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    bare_linux.setenv("WAYLAND_DISPLAY", "wayland-7")
    assert not has_display()
    bare_linux.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("wayland-7")
        server.listen()
        bare_linux.setenv("XDG_RUNTIME_DIR", ".")
        assert has_display()


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_a_virtual_screen_is_a_display(bare_linux: pytest.MonkeyPatch) -> None:
    with virtual_screen(640, 480) as name:
        bare_linux.setenv("DISPLAY", f"{name}.0")
        assert has_display()
    assert not has_display()

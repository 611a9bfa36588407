"""P1 in the real window: while no model is set up, no process of the program opens an internet socket."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.program import PATIENCE, ROOT, wait_until

GUARD = """
import socket, sys

def watch(event, arguments):
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        with open(TRACE, "a") as trace:
            trace.write("AF_INET\\n")

sys.addaudithook(watch)
"""


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where every Python process that is started now tells of its internet sockets."""
    path = tmp_path / "trace"
    path.touch()
    (tmp_path / "sitecustomize.py").write_text(GUARD.replace("TRACE", repr(str(path))))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return path


def test_the_window_opens_plays_and_analyses_without_an_internet_socket(
    brief: Path, trace: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = os.environ | {"SEMIOSCOPE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen([sys.executable, "-m", "app", str(brief)], cwd=ROOT, env=environment) as program:
        try:
            study = brief.with_suffix(".semioscope")
            wait_until(study.exists, "the study")
            poses = home / "cache"
            wait_until(lambda: list(poses.rglob("*pose*")), "the analysis")
            time.sleep(2.0)
            assert program.poll() is None
            program.send_signal(signal.SIGTERM)
            assert program.wait(PATIENCE) == 0
        finally:
            program.kill()
    assert trace.read_text() == ""


def test_the_watch_sees_a_socket(trace: Path) -> None:
    subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], check=True)
    assert trace.read_text() == "AF_INET\n"

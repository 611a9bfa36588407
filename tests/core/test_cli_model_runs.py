"""`analyze` with models that is killed, stopped, or runs twice; and what stays on this computer."""

from __future__ import annotations

import itertools
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from app.core.privacy.ledger import Ledger
from tests.core.model_commands import Run, Traced, clip, openai, run, service, study_of
from tests.loopback import Answer, Service

__all__ = ["clip", "run", "service"]


def command(*argv: object) -> list[str]:
    return [sys.executable, "-m", "app", *map(str, argv)]


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def hanging_after(answers: int) -> Callable[[str, bytes], Answer | None]:
    """Answers so many questions and never the others."""
    numbers = itertools.count()

    def before(_path: str, _body: bytes) -> Answer | None:
        if next(numbers) >= answers:
            time.sleep(600)
        return None

    return before


def answered(clip: Path) -> set[str]:
    return {path.stem for path in study_of(clip).glob("readings/*/0*.json")}


def test_after_a_kill_only_the_rest_is_asked(run: Run, service: Service, clip: Path) -> None:
    service.before = hanging_after(2)
    program = subprocess.Popen(
        command(*openai(service, clip, "--i-have-authority")), stderr=subprocess.DEVNULL
    )
    until(lambda: len(service.paths) >= 3 and len(answered(clip)) == 2)
    program.kill()
    program.wait()
    (folder,) = study_of(clip).glob("readings/*")
    (folder / ".unfinished-00ff00ff00ff00ff").mkdir()
    (folder / ".semioscope-00ff00ff00ff00ff").write_bytes(b"half a reply")
    service.before = lambda _path, _body: None
    before = len(service.paths)
    assert run(*openai(service, clip, "--i-have-authority"))[0] == 0
    assert len(service.paths) == before + 1
    assert len(answered(clip)) == 3
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    outcomes = [entry.outcome for entry in Ledger(study_of(clip)).entries()]
    assert sorted(outcomes) == ["200", "200", "200", "sending"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_a_run_that_hangs(service: Service, clip: Path) -> None:
    service.before = hanging_after(1)
    program = subprocess.Popen(
        command(*openai(service, clip, "--i-have-authority")), stderr=subprocess.PIPE, text=True
    )
    until(lambda: len(service.paths) >= 3 and len(answered(clip)) == 1)
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=60)  # the server would hang for ten minutes
    assert program.returncode == 130
    assert "no unfinished file was left" in err
    assert len(answered(clip)) == 1
    outcomes = [entry.outcome for entry in Ledger(study_of(clip)).entries()]
    assert sorted(outcomes) == ["200", "cancelled", "cancelled"]


def test_two_programs_do_not_ask_the_same_at_once(run: Run, service: Service, clip: Path) -> None:
    service.before = hanging_after(0)
    program = subprocess.Popen(
        command(*openai(service, clip, "--i-have-authority")), stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: len(service.paths) == 3)
        code, _, err = run(*openai(service, clip, "--i-have-authority"))
        assert code == 1
        assert "working on this reading" in err
        assert len(service.paths) == 3
    finally:
        program.kill()
        program.wait()


GUARD = """
import socket, sys

def watch(event, arguments):
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        open(TRACE, "a").write("AF_INET")

sys.addaudithook(watch)
"""
"""For where there is no strace: every Python process of the program tells of its internet sockets."""

STRACE = ("strace", "-f", "-qq")


@cache
def strace_works() -> bool:
    """Whether there is strace, and this machine permits it."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run([*STRACE, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Traced:
    """Runs a command and gives what it told of internet sockets."""
    trace = tmp_path / "trace"
    trace.touch()
    strace: list[str] = []
    if strace_works():
        strace = [*STRACE, "-e", "trace=socket,connect,sendto", "-o", str(trace)]
    else:
        (tmp_path / "sitecustomize.py").write_text(GUARD.replace("TRACE", repr(str(trace))))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def call(*argv: str, code: int = 0) -> list[str]:
        done = subprocess.run([*strace, *argv], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return re.findall(r"AF_INET", trace.read_text())

    return call


def test_local_only_opens_no_internet_socket(traced: Traced, clip: Path, tmp_path: Path) -> None:
    """P1: the built-in reader, with its analysis process."""
    assert traced(*command("analyze", clip, "--json", tmp_path / "out.json")) == []
    assert (tmp_path / "out.json").exists()
    assert traced(sys.executable, "-c", "import socket; socket.socket()"), "the watch sees a socket"


def test_faces_are_covered_without_a_word_to_anybody(traced: Traced, clip: Path, tmp_path: Path) -> None:
    """P1: the detector of faces runs in a library that reports its use in other versions."""
    out = tmp_path / "out.mp4"
    assert traced(*command("deidentify", clip, "--to", "0.3", "--out", out), code=1) == [], (
        "not confirmed yet"
    )
    assert (tmp_path / "out.unconfirmed.mp4").exists()

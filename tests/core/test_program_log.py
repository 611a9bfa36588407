"""The log holds where something happened and of which kind, and nothing of what was read."""

from __future__ import annotations

import ast
import contextlib
import json
import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import DamagedStudyError, UserError
from app.core.folders import log_folder
from app.core.jobs import CancelToken, no_report
from app.core.program_log import LogFormatter, OwnText, facts_of, log_to_file
from app.core.recording.analysis_process import run_process
from app.core.regular_file import read_at_most
from app.core.semiology import Presence
from tests.core.program_source import FILES

SECRET = "Meier_Änna Ö1957"
PLACES = st.sampled_from([SECRET, f"/data/{SECRET}.mp4", f"C:\\Users\\{SECRET}\\a.mp4", f"\n{SECRET}: x\n"])

log = logging.getLogger("app.core.somewhere")
foreign = logging.getLogger("urllib3.connectionpool")


class OddError(Exception):
    """An error with what it was given in its attributes and its name for people."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"odd: {self.what!r}"

    __repr__ = __str__


KINDS: tuple[Callable[[str], BaseException], ...] = (
    ValueError,
    KeyError,
    UserError,
    OddError,
    sqlite3.OperationalError,
    lambda secret: OSError(2, secret, secret, None, secret),
    lambda secret: PermissionError(13, "Permission denied", secret),
    lambda secret: UnicodeDecodeError("utf-8", secret.encode(), 0, 1, secret),
    lambda secret: SyntaxError(secret, (secret, 1, 1, secret)),
    lambda secret: subprocess.CalledProcessError(1, [secret], secret, secret),
    lambda secret: DamagedStudyError(secret, Path(secret), 1),
    lambda secret: ImportError(secret, name=secret, path=secret),
)


@st.composite
def errors(draw: st.DrawFn, depth: int = 2) -> BaseException:
    """An error that was raised, with a cause, a context, a note or others in a group."""
    secret = draw(PLACES)
    error = draw(st.sampled_from(KINDS))(secret)
    if depth and draw(st.booleans()):
        inside = [draw(errors(depth=depth - 1)) for _ in range(draw(st.integers(1, 2)))]
        error = BaseExceptionGroup(secret, inside)
    if draw(st.booleans()):
        error.add_note(secret)
    if depth and draw(st.booleans()):
        error.__cause__ = draw(errors(depth=depth - 1))
    elif depth and draw(st.booleans()):
        error.__context__ = draw(errors(depth=depth - 1))
    return _raised(error, secret)


def _raised(error: BaseException, secret: str) -> BaseException:
    """The error with a traceback, through code of a file that is named after somebody."""
    scope = {"error": error, "secret": secret}
    with contextlib.suppress(type(error)):
        exec(compile("def raises():\n    raise error\nraises()", f"/data/{SECRET}.py", "exec"), scope)
    return error


@pytest.fixture
def file() -> Iterator[Callable[[], str]]:
    """The text of the log file up to now."""
    root, level = logging.getLogger(), logging.getLogger().level
    before = without_former_log()
    log_to_file("test.log")
    yield lambda: (log_folder() / "test.log").read_text(encoding="utf-8")
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def without_former_log() -> list[logging.Handler]:
    """Take away the log that a command in another test has set up; what is left."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, LogFormatter):
            root.removeHandler(handler)
            handler.close()
    return list(root.handlers)


def line(name: str, message: object, *args: object, error: BaseException | None = None) -> str:
    found = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord(name, logging.ERROR, __file__, 7, message, args, found, "where")
    return LogFormatter().format(record)


def is_quiet(text: str) -> bool:
    return not any(part in text for part in ("Meier", "nna", "1957", "data/", "Users"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(error=errors(), text=PLACES)
def test_nothing_of_what_was_read_is_in_the_log(file: Callable[[], str], error: Exception, text: str) -> None:
    log.error("unexpected", exc_info=(type(error), error, error.__traceback__))
    log.error("not done: %s (%s, %d)", error, text, 3)
    log.warning("%s", Path(text), stack_info=True)
    log.warning(error)
    foreign.warning("a retry of %s", text, exc_info=error)
    foreign.warning(f"a retry of {text}: {error!r}")
    logging.getLogger("qt").warning("%s", f"QFile::open: {text}")
    logging.getLogger("asyncio").error("not retrieved %(what)s", {"what": error})
    found = file()
    assert is_quiet(found)
    assert type(error).__name__ in found
    assert "QFile::open" in found


def test_what_a_developer_needs_stays() -> None:
    error = KeyError(SECRET)
    with pytest.raises(FileNotFoundError) as cause:
        read_at_most(Path(f"/nowhere/{SECRET}"), 10)
    error.__cause__ = cause.value
    said = line("app.core.exports", "the %s failed after %.1f s", Presence.YES, 2.5, error=error)
    head, key, caused = said.splitlines()
    assert head.endswith("app.core.exports:7: the YES failed after 2.5 s")
    assert key.strip() == "KeyError"
    assert caused.strip().startswith("caused by FileNotFoundError [Errno 2] at ")
    assert "app/core/regular_file.py:" in caused
    assert " in read_at_most" in caused
    assert caused.endswith("(other code)"), "the test is not the program"


def test_lines_of_libraries_are_named() -> None:
    with pytest.raises(ValueError, match="Expecting") as found:
        json.loads(SECRET)
    assert "json/decoder.py:" in facts_of(found.value)


def test_strings_are_written_only_if_they_are_the_programs() -> None:
    assert line("app.x", "%s was cancelled", "Meier_Anna").endswith("(text) was cancelled")
    assert line("app.x", "%s was cancelled", OwnText("waveform")).endswith("waveform was cancelled")
    assert line("app.x", "no answer: %s", "TimeoutError").endswith("no answer: TimeoutError")
    assert line("app.x", "%s ended", "app.core.batch.work_process").endswith(
        "app.core.batch.work_process ended"
    )
    assert line("app.x", "%s ended", "app.meier.anna").endswith("(text) ended")
    assert line("app.x", "%d frames", SECRET).endswith("%d frames")
    assert line("libav.mov,mp4", "Opening a.mp4").endswith("libav (other code): (text)")


def test_an_endless_recursion_and_a_circle_of_causes_are_cut() -> None:
    def deeper(left: int) -> None:
        if left:
            deeper(left - 1)
        raise RecursionError(SECRET)

    with pytest.raises(RecursionError) as found:
        deeper(500)
    found.value.__cause__ = KeyError(SECRET)
    found.value.__cause__.__context__ = found.value
    text = facts_of(found.value)
    assert text.count("(other code)") < 50
    assert text.count("\n") == 1


CHILD = """
import logging, sys
from app.core.regular_file import read_at_most
from app.core.recording.analysis_process import serve

def work(job, report):
    print("opening", job["path"], file=sys.stderr)
    logging.getLogger("app.core.x").error("not read: %s", job["path"])
    raise FileNotFoundError(2, "No such file", job["path"])

sys.exit(serve(work))
"""


def test_what_a_separate_process_prints_is_logged_without_names(
    file: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "child_of_test.py").write_text(CHILD, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    job = {"path": f"C:\\{SECRET}\\a.mp4"}
    with pytest.raises(UserError, match="It failed"):
        run_process("child_of_test", job, failed="It failed.", report=no_report, cancel=CancelToken())
    found = file()
    assert "The analysis process failed" in found
    assert "FileNotFoundError [Errno 2]" in found
    assert "app/core/recording/analysis_process.py:" in found
    assert is_quiet(found)


def test_a_full_disk_prints_nothing_of_a_message(
    file: Callable[[], str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    (handler,) = [one for one in logging.getLogger().handlers if isinstance(one.formatter, LogFormatter)]
    monkeypatch.setattr(handler, "format", refuse)
    log.error("not read: %s", SECRET)
    assert is_quiet("".join(capfd.readouterr()))


def test_without_a_log_folder_what_goes_to_the_terminal_is_quiet_too(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "file"))
    root = logging.getLogger()
    before, level = without_former_log(), root.level
    try:
        log_to_file("test.log")
        log.warning("not read: %s", SECRET)
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
        root.setLevel(level)
    said = capfd.readouterr().err
    assert "not read: (text)" in said
    assert is_quiet(said)


CRASH = """
import os, sys, threading
from pathlib import Path
from app.ui.crash import FaultFile
def dies(name):
    os.abort()
file = FaultFile(Path(sys.argv[1]))
dies(sys.argv[2])
"""


def test_the_text_of_a_crash_names_functions_only(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(tmp_path), SECRET], capture_output=True, check=False
    )
    assert done.returncode != 0
    (report,) = tmp_path.glob("fault-*.log")
    text = report.read_text(encoding="utf-8")
    assert "in dies" in text
    assert is_quiet(text)


_LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def test_every_message_of_the_program_is_a_literal() -> None:
    """Else what it is made of would pass."""
    others = [
        f"{module}:{node.lineno}"
        for module, path in FILES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "_log", "logger"}
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert others == []


def test_only_one_place_sets_a_log_up() -> None:
    makers = {
        module
        for module, path in FILES.items()
        if any(
            word in path.read_text(encoding="utf-8") for word in ("addHandler(", "basicConfig", "Formatter(")
        )
    }
    assert makers == {"app.core.program_log", "app.core.account_file"}, "the latter writes nothing"


def test_a_thread_of_the_program_is_named() -> None:
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(line("app.x", "here")), name="waveform 3")
    thread.start()
    thread.join()
    assert "waveform 3 app.x:7: here" in said[0]

"""Both ends of the protocol with a separate process for work that could crash or starve the window.

The process (`python -m MODULE`) takes one job as a line of JSON on stdin, writes progress as lines of JSON on
stdout and finally the line `{"result": BYTES}` followed by that number of bytes. An error caused by the
recording is the line `{"error": SENTENCE}`. It ends by itself when stdin is closed, because then the program
that started it has ended.
"""

from __future__ import annotations

import collections
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

import app
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording

CRASH_VARIABLE = "SEMIOSCOPE_CRASH_ANALYSIS"
"""Tests set it to make the process die in the middle of its work, as a native crash would."""

_POLL = 0.1
_SILENCE = 300.0
"""Seconds without a message after which the process counts as stuck."""
_STDERR_LINES = 40
_NICENESS = 10
_REPORTS_PER_SECOND = 5.0

Job = Mapping[str, Any]
"""The job of a process as JSON values; `path` is the recording's path, which is never logged."""

logger = logging.getLogger(__name__)


# the program's end


def run_process(module: str, job: Job, *, failed: str, report: Report, cancel: CancelToken) -> bytes:
    """The result of `python -m module` for `job`.

    Raises UserError with the sentence from the process, or with `failed` when it crashed, was killed or is
    stuck; Cancelled within a second of `cancel`. The process has ended when this returns.
    """
    process = start(module)
    errors: collections.deque[bytes] = collections.deque(maxlen=_STDERR_LINES)
    messages: queue.Queue[_Message] = queue.Queue()
    readers = [
        threading.Thread(
            target=_read_messages, args=(process.stdout, messages), name="analysis-out", daemon=True
        ),
        threading.Thread(target=errors.extend, args=(process.stderr,), name="analysis-err", daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        send(process, job)
        content = _wait(messages, report, cancel)
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            _close(pipe)
    if content is None:
        output = b"".join(errors).decode(errors="replace").replace(str(job["path"]), "(recording)")
        logger.error("The analysis process failed (%s %s): %s", module, process.returncode, output)
        raise UserError(failed)
    return content


_Message = dict[str, Any] | bytes | None
"""A line of the process, its result, or None at its end."""


def start(module: str) -> subprocess.Popen[bytes]:
    """The process, waiting for its job. Raises UserError when it cannot be started."""
    root = str(Path(app.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    quiet = {"GLOG_minloglevel": "2", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": path}
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    # -P: never import modules from the current folder, which may be a recording's
    command = [sys.executable, "-P", "-m", module]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **quiet},
            creationflags=flags,
        )
    except OSError as error:
        logger.exception("The analysis process could not be started")
        raise UserError("The analysis of the recording could not be started on this computer.") from error
    _lower_from_the_start(process)
    return process


def _lower_from_the_start(process: subprocess.Popen[bytes]) -> None:
    """Lower the priority of the process, because its imports take a second of a core; later it lowers its
    own."""
    if sys.platform == "win32":
        return
    try:
        niceness = os.getpriority(os.PRIO_PROCESS, process.pid)
        os.setpriority(os.PRIO_PROCESS, process.pid, max(niceness, _NICENESS))
    except OSError:
        logger.info("The analysis process begins at an ordinary priority")


def send(process: subprocess.Popen[bytes], job: Job) -> None:
    """Send the job and leave stdin open: its end signals the process that this program has ended."""
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(dict(job)).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        logger.warning("The analysis process ended before it took its job")


def _wait(messages: queue.Queue[_Message], report: Report, cancel: CancelToken) -> bytes | None:
    """The bytes of the result; None when the process ended without one or is stuck."""
    silent = 0
    while silent * _POLL < _SILENCE:
        cancel.check()
        try:
            message = messages.get(timeout=_POLL)
        except queue.Empty:
            silent += 1  # counted, not timed, because the computer may have been asleep
            continue
        silent = 0
        if message is None or isinstance(message, bytes):
            return message
        if "error" in message:
            raise UserError(str(message["error"]))
        report(Progress(message["what"], message["done"], message["remaining"]))
    logger.error("The analysis process sent nothing for %s seconds and is ended", _SILENCE)
    return None


def _read_messages(stdout: IO[bytes], messages: queue.Queue[_Message]) -> None:
    """Put messages into the queue: JSON lines until the result, then its bytes, finally None."""
    try:
        for line in stdout:
            message = json.loads(line)
            if "result" in message:
                content = stdout.read(message["result"])
                messages.put(content if len(content) == message["result"] else None)
                return
            messages.put(message)
    except ValueError:  # a line cut short by the process's death
        logger.warning("The analysis process was cut short in the middle of a line")
    finally:
        messages.put(None)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        try:
            pipe.close()
        except BrokenPipeError:
            logger.debug("The analysis process was gone before its pipe was closed")


# the process's end


def serve(work: Callable[[dict[str, Any], Report], bytes]) -> int:
    """Do the job on stdin with `work` and return the exit code, which is 0 also for a sent error sentence."""
    out = _protocol_stdout()
    lower_priority()
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    try:
        content = work(job, _reporter(out))
    except UserError as error:
        _write_message(out, {"error": str(error)})
        return 0
    _write_message(out, {"result": len(content)})
    out.write(content)
    out.flush()
    return 0


def recording_job(recording: Recording) -> Job:
    """The fields of a job with which `open_unchanged` opens the same recording and picture track."""
    chosen = recording.picture if recording.picture != recording.default_picture else None
    return {
        "path": str(recording.path.absolute()),
        "fingerprint": recording.fingerprint,
        "picture": chosen,
    }


def open_unchanged(job: Job) -> Recording:
    """The recording of a job. Raises UserError when it is gone or has changed since it was opened."""
    path = Path(job["path"])
    recording = open_recording(path, picture=job.get("picture"))
    if recording.fingerprint != job["fingerprint"]:
        raise UserError(f"“{path.name}” has changed since it was opened; open it again.")
    return recording


def _reporter(out: BinaryIO) -> Report:
    next_report = 0.0
    what = ""
    crash = os.environ.get(CRASH_VARIABLE)

    def report(progress: Progress) -> None:
        nonlocal next_report, what
        if crash and progress.done > 0.0:
            os.abort()
        now = time.monotonic()
        if now < next_report and progress.what == what:
            return
        next_report, what = now + 1.0 / _REPORTS_PER_SECOND, progress.what
        _write_message(out, {"what": progress.what, "done": progress.done, "remaining": progress.remaining})

    return report


def _write_message(out: BinaryIO, message: dict[str, Any]) -> None:
    out.write(json.dumps(message).encode() + b"\n")
    out.flush()


def _protocol_stdout() -> BinaryIO:
    """Stdout reserved for the protocol; the output of libraries goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def lower_priority() -> None:
    """Lower the priority of this process below playback; on Windows the starting process does it."""
    nice: Callable[[int], int] | None = getattr(os, "nice", None)
    if nice is not None:
        nice(max(_NICENESS - nice(0), 0))


def _end_with_parent() -> None:
    """Wait until stdin is closed, then exit at once, because the starting program has ended."""
    while os.read(0, 1):  # not through sys.stdin, whose lock would be held when the process ends
        pass
    os._exit(3)

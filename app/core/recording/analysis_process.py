"""Work that could crash or starve the window runs in a process of its own; this is both ends of the talk.

The process (`python -m MODULE`) takes one job as a line of JSON on stdin, writes progress as lines of JSON on
stdout and, last, the line `{"result": BYTES}` followed by so many bytes. An error that is the recording's
fault is the line `{"error": SENTENCE}`. It ends by itself when stdin is closed: then the program that wanted
the result is gone.
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
"""Seconds without a sign of life after which the process counts as stuck."""
_STDERR_LINES = 40
_NICENESS = 10
_REPORTS_PER_SECOND = 5.0

Job = Mapping[str, Any]
"""What a process is told, in JSON's own types; `path` is the recording's place, which no log is told."""

logger = logging.getLogger(__name__)


# the program's end


def run_process(module: str, job: Job, *, failed: str, report: Report, cancel: CancelToken) -> bytes:
    """The result of `python -m module` for `job`.

    Raises UserError with the sentence that the process told, or with `failed` when it crashed, was killed or
    does not stir any more; Cancelled within a second of `cancel`. The process is gone when this returns.
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
        told = b"".join(errors).decode(errors="replace").replace(str(job["path"]), "(recording)")
        logger.error("The analysis process failed (%s %s): %s", module, process.returncode, told)
        raise UserError(failed)
    return content


_Message = dict[str, Any] | bytes | None
"""A line of the process, its result, or None at its end."""


def start(module: str) -> subprocess.Popen[bytes]:
    """The process, waiting for its job. Raises UserError when this computer does not start it."""
    root = str(Path(app.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    quiet = {"GLOG_minloglevel": "2", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": path}
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    # -P: a recording's folder, where the program may have been started, is no place to import from
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
    """Its imports take a second of a core, which playback would miss; later it lowers itself."""
    if sys.platform == "win32":
        return
    try:
        niceness = os.getpriority(os.PRIO_PROCESS, process.pid)
        os.setpriority(os.PRIO_PROCESS, process.pid, max(niceness, _NICENESS))
    except OSError:
        logger.info("The analysis process begins at an ordinary priority")


def send(process: subprocess.Popen[bytes], job: Job) -> None:
    """Give the process its job and leave stdin open: its end tells the process that we are gone."""
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(dict(job)).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        logger.warning("The analysis process ended before it took its job")


def _wait(messages: queue.Queue[_Message], report: Report, cancel: CancelToken) -> bytes | None:
    """The bytes of the result; None when the process ended without one or does not stir any more."""
    silent = 0
    while silent * _POLL < _SILENCE:
        cancel.check()
        try:
            message = messages.get(timeout=_POLL)
        except queue.Empty:
            silent += 1  # counted, not timed: a computer that slept is not silent
            continue
        silent = 0
        if message is None or isinstance(message, bytes):
            return message
        if "error" in message:
            raise UserError(str(message["error"]))
        report(Progress(message["what"], message["done"], message["remaining"]))
    logger.error("The analysis process told nothing for %s seconds and is ended", _SILENCE)
    return None


def _read_messages(stdout: IO[bytes], messages: queue.Queue[_Message]) -> None:
    """Lines of JSON until the result, then its bytes; always ends with None."""
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
    """Do the job on stdin with `work`; exit code 0 also for errors that were told as a sentence."""
    out = _own_stdout()
    lower_priority()
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    try:
        content = work(job, _reporter(out))
    except UserError as error:
        _say(out, {"error": str(error)})
        return 0
    _say(out, {"result": len(content)})
    out.write(content)
    out.flush()
    return 0


def named(recording: Recording) -> Job:
    """The fields of a job by which `open_unchanged` opens the same recording, with the same picture."""
    chosen = recording.picture if recording.picture != recording.default_picture else None
    return {
        "path": str(recording.path.absolute()),
        "fingerprint": recording.fingerprint,
        "picture": chosen,
    }


def open_unchanged(job: Job) -> Recording:
    """The recording of a job. Raises UserError when it is gone or is not what it was when it was opened."""
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
        _say(out, {"what": progress.what, "done": progress.done, "remaining": progress.remaining})

    return report


def _say(out: BinaryIO, message: dict[str, Any]) -> None:
    out.write(json.dumps(message).encode() + b"\n")
    out.flush()


def _own_stdout() -> BinaryIO:
    """Stdout for this protocol alone: what libraries print goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def lower_priority() -> None:
    """Playback comes first; on Windows the starting process sets it."""
    nice: Callable[[int], int] | None = getattr(os, "nice", None)
    if nice is not None:
        nice(max(_NICENESS - nice(0), 0))


def _end_with_parent() -> None:
    """Wait until stdin is closed, then end at once: nobody waits for the result any more."""
    while os.read(0, 1):  # not through sys.stdin, whose lock would be held when the process ends
        pass
    os._exit(3)

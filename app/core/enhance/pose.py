"""The patient's pose and face over a recording: from the cache, else from the analysis process."""

from __future__ import annotations

import collections
import contextlib
import hashlib
import io
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np

import app
from app.core.enhance.pose_track import Box, PoseTrack
from app.core.errors import UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.recording.cache import load_arrays, save_arrays
from app.core.recording.recording import Recording

logger = logging.getLogger(__name__)

DETECTOR_VERSION = "mediapipe-0.10.21/1"
"""Part of the cache's key: raise it whenever the same recording would give another track."""
_KIND = "pose"
_POLL = 0.1
_SILENCE = 300.0
"""Seconds without a sign of life after which the process counts as stuck."""
_STALE = 24 * 3600.0
"""Age in seconds at which a half-written track is nobody's any more."""
_STDERR_LINES = 40


def pose_track(
    recording: Recording,
    *,
    patient: Box | None = None,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> PoseTrack:
    """The patient's pose and face in every frame of `recording`, kept by its content and `patient`.

    `patient` is the box that the clinician drew round the patient, None to find them. Takes about as
    long as 18 ms a frame the first time. Raises UserError when the recording has no picture, is gone or
    has changed, or when the analysis process failed; Cancelled within a second of `cancel`.
    """
    kept = cached_pose_track(recording, patient=patient)
    if kept is not None:
        return kept
    if recording.video is None:
        raise UserError(f"“{recording.name}” has no picture, so there is no pose to find.")
    cancel = cancel or CancelToken()
    cancel.check()
    _sweep()
    track = _analyse(recording, patient, report, cancel)
    save_arrays(_KIND, _key(recording, patient), track.arrays())
    return track


def cached_pose_track(recording: Recording, *, patient: Box | None = None) -> PoseTrack | None:
    """The track if it was found before; None when not, or when what was kept is damaged."""
    arrays = load_arrays(_KIND, _key(recording, patient))
    if arrays is None:
        return None
    try:
        return PoseTrack.load(arrays)
    except (KeyError, ValueError, IndexError):
        logger.warning("A kept pose track was damaged and is found again")
        return None


def _sweep() -> None:
    """Remove what a program that was killed while keeping a track left half-written."""
    for part in (cache_folder() / _KIND).glob("*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _STALE:
                part.unlink()


def _key(recording: Recording, patient: Box | None) -> str:
    box = None if patient is None else [round(value, 4) for value in _corners(patient)]
    rest = hashlib.sha256(json.dumps([DETECTOR_VERSION, box]).encode()).hexdigest()[:16]
    return f"{recording.fingerprint}-{rest}"


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def _analyse(recording: Recording, patient: Box | None, report: Report, cancel: CancelToken) -> PoseTrack:
    job = {
        "path": str(recording.path.absolute()),
        "fingerprint": recording.fingerprint,
        "patient": None if patient is None else _corners(patient),
    }
    process = _start()
    errors: collections.deque[bytes] = collections.deque(maxlen=_STDERR_LINES)
    messages: queue.Queue[_Message] = queue.Queue()
    readers = [
        threading.Thread(
            target=_read_messages, args=(process.stdout, messages), name="pose-out", daemon=True
        ),
        threading.Thread(target=errors.extend, args=(process.stderr,), name="pose-err", daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        _send(process, job)
        content = _wait(messages, report, cancel)
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            _close(pipe)
    track = _load(content) if content is not None else None
    if track is None:
        told = (
            b"".join(errors).decode(errors="replace").replace(str(recording.path.absolute()), "(recording)")
        )
        logger.error("The pose process failed (%s): %s", process.returncode, told)
        raise UserError(
            f"The analysis of the picture of “{recording.name}” failed; the recording can be reviewed "
            "without it, or analysed again."
        )
    return track


_Message = dict[str, Any] | bytes | None
"""A line of the process, its result, or None at its end."""


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(app.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    quiet = {"GLOG_minloglevel": "2", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": path}
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    # -P: a recording's folder, where the program may have been started, is no place to import from
    command = [sys.executable, "-P", "-m", "app.core.enhance.pose_process"]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **quiet},
            creationflags=flags,
        )
    except OSError as error:
        logger.exception("The pose process could not be started")
        raise UserError("The analysis of the picture could not be started on this computer.") from error


def _send(process: subprocess.Popen[bytes], job: dict[str, Any]) -> None:
    """Give the process its job and leave stdin open: its end tells the process that we are gone."""
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        logger.warning("The pose process ended before it took its job")


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
    logger.error("The pose process told nothing for %s seconds and is ended", _SILENCE)
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
        logger.warning("The pose process was cut short in the middle of a line")
    finally:
        messages.put(None)


def _load(content: bytes) -> PoseTrack | None:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return PoseTrack.load({name: arrays[name] for name in arrays.files})
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile):
        logger.exception("The result of the pose process cannot be read")
        return None


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        try:
            pipe.close()
        except BrokenPipeError:
            logger.debug("The pose process was gone before its pipe was closed")

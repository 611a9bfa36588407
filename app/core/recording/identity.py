"""The identity of a recording's content: a fast fingerprint and the full SHA-256."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import numpy as np

from app.core.errors import UserError
from app.core.folders import is_of_study
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report
from app.core.recording.array_cache import load_arrays, save_arrays

_MIB = 1 << 20


def fingerprint(path: Path) -> str:
    """A hash (40 hexadecimal digits) of the size and the first and last MiB. Raises OSError, also for a
    study."""
    if is_of_study(path):
        raise PermissionError(errno.EACCES, "a study is not a recording", str(path))
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_MIB))
        if size > _MIB:
            file.seek(max(size - _MIB, _MIB))
            digest.update(file.read(_MIB))
    return digest.hexdigest()[:40]


def content_sha256(path: Path, *, report: Report = no_report, cancel: CancelToken | None = None) -> str:
    """The SHA-256 of the whole file as 64 hexadecimal digits, cached by path, size and modification time.

    Raises UserError when the file cannot be read, Cancelled when it was cancelled.
    """
    try:
        stat = path.stat()
        place = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        key = hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()
        known = load_arrays("sha256", key)
        if known is not None and known.get("digest") is not None and known["digest"].shape == (32,):
            return bytes(known["digest"].astype(np.uint8)).hex()
        digest = _hash(path, stat.st_size, report, cancel)
    except OSError as error:
        raise UserError(f"“{path.name}” could not be read to the end.") from error
    save_arrays("sha256", key, {"digest": np.frombuffer(digest, np.uint8)})
    return digest.hex()


def _hash(path: Path, size: int, report: Report, cancel: CancelToken | None) -> bytes:
    digest, done, estimate = hashlib.sha256(), 0, TimeEstimate()
    with path.open("rb") as file:
        while block := file.read(8 * _MIB):
            if cancel is not None:
                cancel.check()
            digest.update(block)
            done += len(block)
            share = min(done / max(size, 1), 1.0)
            report(Progress("Computing the checksum of the recording", share, estimate.remaining(share)))
    return digest.digest()

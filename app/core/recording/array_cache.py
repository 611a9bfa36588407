"""A cache of recomputable arrays in the cache folder, written atomically."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import time
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.folders import cache_folder

logger = logging.getLogger(__name__)

Arrays = dict[str, npt.NDArray[Any]]

_UNFINISHED = ".part"
_STALE = 3600.0
"""Seconds after which an unfinished file counts as one of a killed program: none is written for so long."""


def cache_path(kind: str, key: str) -> Path:
    """The path of the cache file of `kind` for `key`. Raises OSError when there is no folder for it."""
    return cache_folder() / kind / f"{key}.npz"


def save_arrays(kind: str, key: str, arrays: Arrays) -> None:
    """Store arrays atomically. A failure is only logged."""
    temporary: str | None = None
    try:
        path = cache_path(kind, key)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _sweep_once(path.parent.parent)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=_UNFINISHED)
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        Path(temporary).replace(path)
    except OSError:
        logger.warning("The cache of kind %s could not be written", kind, exc_info=True)
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


@lru_cache(maxsize=16)
def _sweep_once(cache: Path) -> None:
    """Remove the unfinished files of killed programs, of every kind; once per run of the program."""
    before = time.time() - _STALE
    for unfinished in cache.glob(f"*/*{_UNFINISHED}"):
        with contextlib.suppress(OSError):
            if unfinished.lstat().st_mtime < before:
                unfinished.unlink()


def load_arrays(kind: str, key: str) -> Arrays | None:
    """The stored arrays; None without any or when the file is damaged."""
    try:
        with np.load(cache_path(kind, key), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        logger.warning("The cache of kind %s was damaged and is built again", kind)
        return None


def remove_oldest(folder: Path, pattern: str, *, kept: Path, limit: int) -> None:
    """Remove the files of a pattern that were not used for longest until the rest, with `kept`, is at most
    `limit` bytes."""
    files = [(one.stat(), one) for one in folder.glob(pattern) if one != kept and not one.is_symlink()]
    room = limit - kept.stat().st_size
    for status, one in sorted(files, key=lambda file: file[0].st_mtime, reverse=True):
        room -= status.st_size
        if room < 0:
            with contextlib.suppress(OSError):  # open on Windows: it goes the next time
                one.unlink()

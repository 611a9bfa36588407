"""Files that are whole or not there: written beside their place, synced, read back, then put in it."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from app.core.errors import UserError

UNFINISHED = ".semioscope-"
"""How the name of a file begins while it is written."""

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would turn line ends


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` at `path`; a file that was there stays until the new one is whole on disk.

    Raises UserError when the folder does not exist or cannot be written, the disk is full, or it does not
    give back what was written.
    """
    handle, temporary = _beside(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if temporary.read_bytes() != content:  # a share or a failing disk can lose what it acknowledged
            raise UserError(f"“{path.name}” could not be written: the disk gave back something else.")
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"“{path.name}” could not be written: {_reason(error)}.") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def check_writable(path: Path) -> None:
    """Raise UserError now when `write_atomically` could not write there, before long work is done in vain."""
    if path.is_dir():
        raise UserError(f"“{path.name}” is a folder; give the name of a file.")
    handle, temporary = _beside(path)
    os.close(handle)
    temporary.unlink()


def _beside(path: Path) -> tuple[int, Path]:
    temporary = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), temporary
    except OSError as error:
        folder = path.parent.name or str(path.parent)
        raise UserError(f"The folder “{folder}” cannot be written: {_reason(error)}.") from error


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()

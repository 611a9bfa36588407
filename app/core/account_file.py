"""Files of the account that are rewritten whole: a damaged one is set aside, one that cannot be read stays as
it is; neither is written over."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.core.errors import UserError
from app.core.regular_file import NotRegularError, TooLargeError, read_at_most

_LARGEST = 32 << 20
"""Bytes of the largest file that is read."""
_TRIES = 3
_BETWEEN = 0.03
"""Seconds between two tries: another program may hold the file, or be in the middle of writing it."""

_DAMAGES = (
    *(NotRegularError, IsADirectoryError, TooLargeError),
    *(UserError, ValueError, TypeError, AttributeError, RecursionError),
)
"""What is wrong with the file itself. Any other OSError can be one of the moment (a network that is away, a
process with too many open files), of a healthy file."""

_Content = TypeVar("_Content")

_log = logging.getLogger(__name__)

_problems: list[str] = []
"""The sentences that nobody has been shown yet."""


class UnreadableFileError(UserError):
    """A file of the account that cannot be read; `is_aside`: it has another name now, so that a new one can
    be written."""

    def __init__(self, sentence: str, *, is_aside: bool) -> None:
        self.is_aside = is_aside
        super().__init__(sentence)


def read_account_file(path: Path, parse: Callable[[bytes], _Content]) -> _Content | None:
    """What `parse` makes of the bytes of the file; None without a file.

    What fails is tried for a tenth of a second. Then one that is not a regular file, is too large, or that
    `parse` refuses with any of `_DAMAGES` is set aside whole. Raises UnreadableFileError then, whether or not
    that succeeded, and for a file that cannot be read: what is not set aside must not be written over.
    """
    for left in reversed(range(_TRIES)):
        try:
            return parse(read_at_most(path, _LARGEST))
        except FileNotFoundError:
            return None
        except _DAMAGES as error:
            if not left:
                found = _set_aside(path, error)
                if found is None:
                    return read_account_file(path, parse)
                raise found from error
        except OSError as error:
            if not left:
                raise _left(path, error) from error
        time.sleep(_BETWEEN)
    raise AssertionError("the last try returns or raises")


def take_problems() -> tuple[str, ...]:
    """The sentences on files that could not be read since the last call, each once."""
    taken = tuple(dict.fromkeys(_problems))
    _problems.clear()
    return taken


def read_before_writing(path: Path, parse: Callable[[bytes], _Content]) -> _Content | None:
    """As `read_account_file`, and None where the file was set aside: then a new one may be written.

    Raises UnreadableFileError for a file that is still there.
    """
    try:
        return read_account_file(path, parse)
    except UnreadableFileError as error:
        if not error.is_aside:
            raise
        return None


def free_name_aside(file: Path) -> Path:
    """A name next to the file that nothing has: `orders.unreadable-1f3a09c2.json`.

    It is a random one: two programs that take the next free number would have one replace what the other has
    just set aside.
    """
    return file.with_name(f"{file.stem}.unreadable-{os.urandom(4).hex()}{file.suffix}")


def _set_aside(path: Path, why: Exception) -> UnreadableFileError | None:
    """None where another program has just set it aside: what is there now, if anything, is another file."""
    try:
        aside = free_name_aside(path)
        path.rename(aside)
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("“%s” could not be set aside: %s", path.name, error.strerror)
        return _left(path, why)
    return _said(
        f"{_what_failed(path, why)}; it was set aside unchanged as “{aside.name}”, and the settings in it do "
        "not apply.",
        is_aside=True,
    )


def _left(path: Path, why: Exception) -> UnreadableFileError:
    return _said(
        f"{_what_failed(path, why)} and is left unchanged; the settings in it do not apply, and changes to "
        "them are not saved, until it can be read.",
        is_aside=False,
    )


def _what_failed(path: Path, why: Exception) -> str:
    reason = why.strerror if isinstance(why, OSError) and why.strerror else "its content is damaged"
    return f"“{path.name}” in the folder of settings could not be read ({reason.lower()})"


def _said(sentence: str, *, is_aside: bool) -> UnreadableFileError:
    _log.warning("%s", sentence)
    _problems.append(sentence)
    return UnreadableFileError(sentence, is_aside=is_aside)

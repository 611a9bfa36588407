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
_ASIDE = ".unreadable-"
"""What comes before the random number in the name of a file that was set aside."""
_SETTLED = 10.0
"""Seconds after its last change in which a damaged file may still be being written."""

DAMAGES = (
    *(NotRegularError, IsADirectoryError, TooLargeError),
    *(UserError, ValueError, TypeError, AttributeError, RecursionError),
)
"""What is wrong with the file itself. Any other OSError can be one of the moment (a network that is away, a
process with too many open files), of a healthy file."""

_Content = TypeVar("_Content")

_log = logging.getLogger(__name__)


class UnreadableFileError(UserError):
    """A file of the account that cannot be read, and is still there."""


class AccountProblems(logging.Handler):
    """The sentences on files that could not be read or were set aside, each once, from `listen` to `close`.

    It takes them from the log of this module: such files are read everywhere and in all threads, and nothing
    between there and the program has to hand them on.
    """

    def __init__(self, on_new: Callable[[], object] = lambda: None) -> None:
        """`on_new` is called with each new one, in the thread in which the file was read."""
        super().__init__(logging.WARNING)
        self._on_new = on_new
        self._is_taken: dict[str, bool] = {}

    def listen(self) -> None:
        _log.addHandler(self)

    def close(self) -> None:
        _log.removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        sentence = record.getMessage()
        if sentence not in self._is_taken:
            self._is_taken[sentence] = False
            self._on_new()

    def take(self) -> tuple[str, ...]:
        """Those that were not taken before."""
        self.acquire()  # `emit` is called with this lock
        try:
            taken = tuple(sentence for sentence, is_taken in self._is_taken.items() if not is_taken)
            self._is_taken.update(dict.fromkeys(taken, True))
        finally:
            self.release()
        return taken


def read_account_file(path: Path, parse: Callable[[bytes], _Content]) -> _Content | None:
    """What `parse` makes of the bytes of the file; None without a file.

    Raises UnreadableFileError for one that cannot be read, or that `parse` refuses with any of `DAMAGES`. It
    is left as it is: a newer version that this account also uses may have written it.
    """
    try:
        return read_patiently(path, parse)
    except (*DAMAGES, OSError) as error:
        raise _said(f"{_what_failed(path, error)}; the settings in it do not apply.") from error


def read_before_writing(path: Path, parse: Callable[[bytes], _Content]) -> _Content | None:
    """As `read_account_file`; None also where the file was refused and set aside whole: then a new one may be
    written. Raises UnreadableFileError for a file that is still there.
    """
    try:
        return read_patiently(path, parse)
    except DAMAGES as error:
        return None if _set_aside(path, error) else read_account_file(path, parse)
    except OSError as error:
        raise _left(path, error) from error


def read_patiently(path: Path, parse: Callable[[bytes], _Content]) -> _Content | None:
    """What `parse` makes of the bytes of the file, tried for a tenth of a second; None without a file. It is
    left as it is, and nothing is said. Raises any of `DAMAGES`, OSError."""
    for left in reversed(range(_TRIES)):
        try:
            return parse(read_at_most(path, _LARGEST))
        except FileNotFoundError:
            return None
        except DAMAGES:
            if not left or _is_settled(path):
                raise
        except OSError:
            if not left:
                raise
        time.sleep(_BETWEEN)
    raise AssertionError("the last try returns or raises")


def _is_settled(path: Path) -> bool:
    """Whether nobody is in the middle of writing it; False where another program has just set it aside."""
    try:
        return time.time() - path.stat().st_mtime > _SETTLED
    except FileNotFoundError:
        return False


def was_set_aside(file: Path) -> bool:
    """Whether an earlier file of this name was set aside, now or in a former run."""
    return any(file.parent.glob(f"{file.stem}{_ASIDE}*{file.suffix}"))


def free_name_aside(file: Path) -> Path:
    """A name next to the file that nothing has: `orders.unreadable-1f3a09c2.json`.

    It is a random one: two programs that take the next free number would have one replace what the other has
    just set aside.
    """
    return file.with_name(f"{file.stem}{_ASIDE}{os.urandom(4).hex()}{file.suffix}")


def _set_aside(path: Path, why: Exception) -> bool:
    """False where another program has just set it aside: what is there now, if anything, is another file.

    Raises UnreadableFileError when it cannot be set aside.
    """
    aside = free_name_aside(path)
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    except OSError as error:
        _log.info("a damaged file of the account could not be set aside: %s", error)
        raise _left(path, why) from error
    _said(
        f"{_what_failed(path, why)}; it was set aside unchanged as “{aside.name}”, and the settings in it do "
        "not apply."
    )
    return True


def _left(path: Path, why: Exception) -> UnreadableFileError:
    return _said(
        f"{_what_failed(path, why)} and is left unchanged; the settings in it do not apply, and changes to "
        "them are not saved, until it can be read."
    )


def _what_failed(path: Path, why: Exception) -> str:
    reason = "it is damaged, or of a newer version"
    if isinstance(why, OSError) and why.strerror:
        reason = why.strerror.lower()
    return f"“{path.name}” in the folder of settings could not be read ({reason})"


def _said(sentence: str) -> UnreadableFileError:
    _log.warning("%s", sentence, exc_info=True)  # also says it to `AccountProblems`
    return UnreadableFileError(sentence)

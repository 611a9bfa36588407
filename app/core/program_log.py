"""What the program writes into its log: where something happened and of which kind, never what was read.

Texts of errors name files, patients and what a study or a library was given, so that none of them is
written: of an exception its class, its number of the system and the lines of the code, of a string what is
recognised as the program's, of another library only where in it something was said. Every handler has this
formatter, and what a separate process printed before it failed is logged through it too.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import re
import sys
import sysconfig
from collections.abc import Iterator
from enum import Enum
from logging.handlers import RotatingFileHandler
from numbers import Number
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any

import app
from app.core.folders import log_folder

_ROOT = Path(app.__file__).resolve().parent.parent
_LIBRARIES = tuple(
    Path(folder) for folder in {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")}
)
_OURS = ("app", "qt", "__main__")
"""The first part of the names of loggers whose messages are literals of this program."""

_LEFT_OUT = "(text)"
_ELSEWHERE = "(other code)"
_MOST_ERRORS = 20
_MOST_PLACES = 40
_HOW_CAUSED = "caused by "
_HOW_GROUPED = "of these "

_FRAME = re.compile(r'[\s|+-]*File "(.+)", line (\d+)(?:, in ([\w<>]+))?\s*')
_ERROR = re.compile(r"[\s|+-]*(?:\w+\.)*(\w+)(?:: (\[(?:Errno|WinError) \d+\])?.*)?")
_QT = re.compile(r"Q\w+::~?\w+")
_MODULE = re.compile(r"app(\.\w+)+")


class OwnText(str):
    """Text of the program itself, such as the name of a thread: it is logged as it is."""

    __slots__ = ()


def log_to_file(name: str) -> None:
    """Log to the file of this name in the log folder, at most 4 MB; where there is no such folder, warnings
    go to stderr. A second call changes nothing."""
    logging.raiseExceptions = False  # else a full disk prints a message and its arguments to stderr
    root = logging.getLogger()
    if any(isinstance(handler.formatter, LogFormatter) for handler in root.handlers):
        return
    handler: logging.Handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    with contextlib.suppress(OSError):
        handler = RotatingFileHandler(
            log_folder() / name, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
        )
    handler.setFormatter(LogFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)


class LogFormatter(logging.Formatter):
    """A record as time, level, thread, logger with its line, and what may be said of message and error."""

    def format(self, record: logging.LogRecord) -> str:
        is_ours = record.name.partition(".")[0] in _OURS
        where = f"{record.name}:{record.lineno}" if is_ours else _of_library(record)
        said = _message(record) if is_ours else _facts_in(_whole_message(record))
        line = f"{self.formatTime(record)} {record.levelname} {record.threadName} {where}: {said}"
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line}\n  {facts_of(error)}"


def facts_of(error: BaseException) -> OwnText:
    """The classes of an error, of what caused it and of what it groups, a line each, with numbers of the
    system and the lines of code, innermost first; none of their texts."""
    return OwnText("\n  ".join(how + _one_error(one) for how, one in _with_causes(error)))


def _with_causes(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    waiting, seen = [("", error)], {id(error)}
    while waiting and len(seen) <= _MOST_ERRORS:
        how, one = waiting.pop(0)
        yield how, one
        cause = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        grouped = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        behind = [(_HOW_CAUSED, cause), *((_HOW_GROUPED, member) for member in grouped)]
        for reason, further in behind:
            if further is not None and id(further) not in seen:
                seen.add(id(further))
                waiting.append((reason, further))


def _one_error(error: BaseException) -> str:
    places = [_place(*one) for one in _frames(error.__traceback__)][::-1]
    if len(places) > _MOST_PLACES:
        places[_MOST_PLACES // 2 : -_MOST_PLACES // 2] = [f"… {len(places) - _MOST_PLACES} more …"]
    return f"{type(error).__name__}{_number(error)}" + (" at " + " < ".join(places) if places else "")


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield code.co_filename, trace.tb_lineno, code.co_name
        trace = trace.tb_next


def _number(error: BaseException) -> str:
    """The number of an error of the system or of SQLite; "" without one."""
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number in errno.errorcode:
        return f" [Errno {number}]"
    number = getattr(error, "sqlite_errorcode", None)
    return f" [SQLite {number}]" if isinstance(number, int) else ""


def _place(file: str, line: int, function: str) -> str:
    """A line of code of the program or of a library; that it is elsewhere of all other code."""
    name = _name_of_code(file)
    return f"{name}:{line} in {function}" if name else _ELSEWHERE


def _name_of_code(file: str) -> str:
    """The file relative to the program, or to the libraries that it uses; "" for another one."""
    path = PurePath(file)
    if ".." in path.parts:
        return ""
    if not path.is_absolute():  # in a bundle, of compiled libraries, and of what the interpreter has built in
        is_known = path.suffix in (".py", ".pyx") and _is_below_libraries(path)
        return path.as_posix() if is_known or re.fullmatch(r"<frozen [\w.]+>", file) else ""
    for root, below in ((_ROOT, "app"), *((library, "") for library in _LIBRARIES)):
        if path.is_relative_to(root / below):
            return path.relative_to(root).as_posix()
    return ""


def _is_below_libraries(path: PurePath) -> bool:
    folder = path.parts[0]
    return bool(getattr(sys, "frozen", False)) or any((one / folder).is_dir() for one in _LIBRARIES)


def _of_library(record: logging.LogRecord) -> str:
    return f"{record.name.partition('.')[0]} {_place(record.pathname, record.lineno, record.funcName)}"


def _whole_message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a library's arguments may raise anything as text; a log stops no work
        return ""


def _message(record: logging.LogRecord) -> str:
    """The literal message with what may be said of its arguments."""
    if not isinstance(record.msg, str):
        return str(_loggable(record.msg))
    if not record.args:
        return record.msg
    given = record.args if isinstance(record.args, tuple) else (record.args,)
    try:
        return record.msg % tuple(_loggable(one) for one in given)
    except (TypeError, ValueError):  # a number was expected
        return record.msg


def _loggable(value: Any) -> Any:
    """The value where it can hold nothing of a recording or a person, else what may be said of it."""
    if value is None or isinstance(value, OwnText | Number):
        return value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, BaseException):
        return facts_of(value)
    return _facts_in(value) if isinstance(value, str) else _LEFT_OUT


def _facts_in(text: str) -> str:
    """What is recognised in a text as the program's: the lines and classes of tracebacks, the class of an
    error, the name of a module, and the function of Qt that a message begins with."""
    found = [fact for fact in map(_fact_in, text.splitlines()) if fact]
    return " | ".join(found) or _LEFT_OUT


def _fact_in(line: str) -> str:
    if frame := _FRAME.fullmatch(line):
        return _place(frame[1], int(frame[2]), frame[3] or "?")
    if (error := _ERROR.fullmatch(line)) and error[1] in _names_of_errors():
        return " ".join(filter(None, error.groups()))
    if _MODULE.fullmatch(line) and (_ROOT / Path(*line.split("."))).with_suffix(".py").is_file():
        return line
    started = _QT.match(line)
    return started[0] if started else ""


def _names_of_errors() -> set[str]:
    """The names of all classes of exceptions that are loaded."""
    found: set[type[BaseException]] = {BaseException}
    waiting = [BaseException]
    while waiting:
        further = set(type.__subclasses__(waiting.pop())) - found
        found |= further
        waiting.extend(further)
    return {kind.__name__ for kind in found}

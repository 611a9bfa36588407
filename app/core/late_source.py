"""Modules of a library that are compiled when something is first asked of them.

For libraries that carry modules as source in an archive and compile them at each start: a program that asks
nothing of a module then pays nothing for it.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import RLock

_IN_PLACE = """
from app.core.late_source import attribute
def __getattr__(name):
    return attribute({file!r}, globals(), name)
"""

_left: dict[str, object] = {}
"""The source of each file that was not compiled yet."""
_compiling = RLock()


@contextmanager
def compiled_later(files: Collection[str]) -> Iterator[None]:
    """While it lasts, an import that compiles one of these files by its name leaves it for later.

    Where none of them is compiled, nothing is late.
    """
    before = builtins.compile

    def compile_later(source: object, filename: object, *further: object, **named: object) -> object:
        if isinstance(filename, str) and filename in files:
            _left[filename] = source
            source = _IN_PLACE.format(file=filename)
        return before(source, filename, *further, **named)  # type: ignore[call-overload]  # handed on as it came

    builtins.compile = compile_later  # type: ignore[assignment]
    try:
        yield
    finally:
        builtins.compile = before


def left() -> frozenset[str]:
    """The files of which nothing was asked yet."""
    return frozenset(_left)


def attribute(file: str, module: dict[str, object], name: str) -> object:
    """What this name means in the module of a late file, which is compiled now. Raises AttributeError.

    Python looks for names with two underscores, such as `__path__`, at every import: the file is not asked.
    """
    if not name.startswith("__"):
        with _compiling:
            source = _left.pop(file, None)
            if source is not None:
                exec(compile(source, file, "exec"), module)  # type: ignore[call-overload]
        if name in module:
            return module[name]
    raise AttributeError(name)

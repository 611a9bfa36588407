"""The rooms of the window: what may be in them, and how large a class and a file may be."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.core.program_source import FILES, ONE_READING, ROOT, facts_of

pytestmark = ONE_READING

UI = ROOT / "app" / "ui"
QT = ("PySide6", "pyqtgraph")
MOST_MEMBERS = 40
MOST_MODULES = 6
MOST_LINES = 400
ROOMS = ("app", "benchmarks", "installer", "tests")


MODULES = {
    module: path for module, path in FILES.items() if path.is_relative_to(UI) and path.name != "__init__.py"
}


@cache
def imports_of(module: str) -> frozenset[str]:
    """The modules that a module of the window imports, also inside functions."""
    found: set[str] = set()
    for statement in facts_of(module).imports:
        if statement.module is None:
            found.update(statement.names)
        else:
            found.update((statement.module, *(f"{statement.module}.{name}" for name in statement.names)))
    return frozenset(found)


WHOLE_SESSION = "Session"
"""The plain object that is composed of the parts."""

WITHOUT_QT = {
    "app.ui.commands.keymap": "compares keys in Qt's spelling, by a function of the commands",
}
"""The modules that use no name of Qt and are in the window all the same, and why."""


def qt_classes() -> set[str]:
    """The classes of the window that derive from one of Qt's, by their names, which are unique."""
    bases = {one.name: one.bases for module in MODULES for one in facts_of(module).classes}
    found = {name for name, named in bases.items() if any(re.match("Q[A-Z]", base) for base in named)}
    while more := {name for name, named in bases.items() if name not in found and named & found}:
        found |= more
    return found


def modules_with_qt() -> set[str]:
    """The modules of the window that use a name of Qt, or work with an object of the window that is Qt's: a
    widget, a part of the session with signals, or the whole session. Others' functions do not count."""
    objects = {*qt_classes(), WHOLE_SESSION}
    return {
        module
        for module in MODULES
        if any(name.split(".")[0] in QT or name.rpartition(".")[2] in objects for name in imports_of(module))
    }


def test_what_needs_no_qt_is_in_core() -> None:
    assert set(MODULES) - modules_with_qt() == set(WITHOUT_QT)


def test_few_modules_stand_outside_of_the_rooms() -> None:
    outside = [path.name for path in MODULES.values() if path.parent == UI]
    assert len(outside) <= MOST_MODULES, outside


@pytest.mark.parametrize("path", sorted((ROOT / "app").iterdir()), ids=lambda path: path.name)
def test_no_class_has_many_public_members(path: Path) -> None:
    large = {
        f"{file.relative_to(ROOT)}:{one.line} {one.name}": len(one.public_members)
        for module, file in FILES.items()
        if file.is_relative_to(path)
        for one in facts_of(module).classes
        if len(one.public_members) > MOST_MEMBERS
    }
    assert not large


def test_no_file_is_long() -> None:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in files}
    assert not {f"{path.relative_to(ROOT)}: {many}" for path, many in lines.items() if many > MOST_LINES}

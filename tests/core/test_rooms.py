"""The rooms of the window: what may be in them, and how large a class and a file may be."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.core.program_source import FILES, ONE_READING, ROOT, ClassStatement, facts_of

pytestmark = ONE_READING

UI = ROOT / "app" / "ui"
QT = ("PySide6", "pyqtgraph")
MOST_MEMBERS = 40
LARGE = {"Study": "its questions (`StudyQueries`) and its changes, two files that many callers use as one"}
"""Classes with more public members, with the reason. This list only ever gets shorter."""
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


@cache
def _classes() -> dict[str, ClassStatement]:
    """Every class by its name, which no two have (`test_names.py`)."""
    return {one.name: one for module in FILES for one in facts_of(module).classes}


@cache
def members_of(name: str) -> frozenset[str]:
    """The public members of a class, with those that it inherits from classes of the program."""
    one = _classes().get(name)
    return frozenset() if one is None else one.public_members.union(*map(members_of, one.bases))


@pytest.mark.parametrize("path", sorted((ROOT / "app").iterdir()), ids=lambda path: path.name)
def test_no_class_has_many_public_members(path: Path) -> None:
    large = {
        f"{file.relative_to(ROOT)}:{one.line} {one.name}": len(members_of(one.name))
        for module, file in FILES.items()
        if file.is_relative_to(path)
        for one in facts_of(module).classes
        if one.name not in LARGE and len(members_of(one.name)) > MOST_MEMBERS
    }
    assert not large
    assert all(len(members_of(name)) > MOST_MEMBERS for name in LARGE), "what is small again leaves the list"


def test_every_method_is_there() -> None:
    """What a class leaves to others is handed to its constructor, so that the types say when it lacks."""
    assert not [
        f"{path.relative_to(ROOT)}"
        for path in FILES.values()
        if re.search(r"raise NotImplementedError", path.read_text(encoding="utf-8"))
    ]


def test_no_file_is_long() -> None:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in files}
    assert not {f"{path.relative_to(ROOT)}: {many}" for path, many in lines.items() if many > MOST_LINES}

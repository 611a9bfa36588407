"""The rooms of the window: what may be in them, and how large a class and a file may be."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UI = ROOT / "app" / "ui"
QT = ("PySide6", "pyqtgraph")
MOST_MEMBERS = 40
MOST_MODULES = 6
MOST_LINES = 400
ROOMS = ("app", "benchmarks", "installer", "tests")


def module_of(path: Path) -> str:
    """The dotted name of a file below the root."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


MODULES = {module_of(path): path for path in sorted(UI.rglob("*.py")) if path.name != "__init__.py"}


@cache
def imports_of(module: str) -> frozenset[str]:
    """The modules that a module of the window imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    return frozenset(found)


def modules_with_qt() -> set[str]:
    """The modules of the window that import Qt, or a module of the window that does."""
    found = {module for module in MODULES if any(name.split(".")[0] in QT for name in imports_of(module))}
    while more := {module for module in MODULES if module not in found and imports_of(module) & found}:
        found |= more
    return found


def test_what_needs_no_qt_is_in_core() -> None:
    assert set(MODULES) - modules_with_qt() == set()


def test_few_modules_stand_outside_of_the_rooms() -> None:
    outside = [path.name for path in MODULES.values() if path.parent == UI]
    assert len(outside) <= MOST_MODULES, outside


def set_on_self(definition: ast.ClassDef) -> set[str]:
    """The attributes of `self` that the methods of a class assign."""
    return {
        node.attr
        for node in ast.walk(definition)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def public_members(definition: ast.ClassDef) -> set[str]:
    """The names without underscore that a class defines, in its body and on `self`."""
    found = set_on_self(definition)
    for node in definition.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize("path", sorted((ROOT / "app").iterdir()), ids=lambda path: path.name)
def test_no_class_has_many_public_members(path: Path) -> None:
    files = [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
    large = {
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}": len(public_members(node))
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and len(public_members(node)) > MOST_MEMBERS
    }
    assert not large


def test_no_file_is_long() -> None:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in files}
    assert not {f"{path.relative_to(ROOT)}: {many}" for path, many in lines.items() if many > MOST_LINES}

"""What the source of the program says of its imports and its classes: read once for all tests that ask.

The trees themselves are not kept, they would be some hundred MB. Tests that ask have the mark `ONE_READING`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ONE_READING = pytest.mark.xdist_group("program_source")
"""These tests run in one process, which reads the source once."""


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """An import: `module` is None in `import a, b`; `names` are those that it names.

    `late` inside a function, and then not `at_import`; neither under `if TYPE_CHECKING` outside of one.
    """

    line: int
    module: str | None
    names: tuple[str, ...]
    late: bool
    at_import: bool


@dataclass(frozen=True, slots=True)
class ClassStatement:
    """A class, wherever it is defined, with the public names of its body and those set on `self`, and the
    last part of the names of what it derives from."""

    name: str
    line: int
    public_members: frozenset[str]
    bases: frozenset[str]


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The imports and classes of a file, in the order of its statements."""

    imports: list[ImportStatement] = field(default_factory=list)
    classes: list[ClassStatement] = field(default_factory=list)


def module_of(path: Path) -> str:
    """The dotted name of a file below the root."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in sorted((ROOT / "app").rglob("*.py"))}


@cache
def facts_of(module: str) -> SourceFacts:
    return facts_in(FILES[module].read_text(encoding="utf-8"))


def facts_in(source: str) -> SourceFacts:
    """What the text of one file says."""
    found = SourceFacts()
    _gather(ast.parse(source), found, late=False, at_import=True)
    return found


_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements directly in another, with the clauses of a `try` and a `match`."""
    for name in _BLOCKS:
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield from block


def _gather(node: ast.AST, found: SourceFacts, *, late: bool, at_import: bool) -> None:
    for child in statements(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            found.imports.append(_import_statement(child, late, at_import))
        elif isinstance(child, ast.ClassDef):
            found.classes.append(
                ClassStatement(child.name, child.lineno, _public_members(child), _bases(child))
            )
            _gather(child, found, late=late, at_import=at_import)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            _gather(child, found, late=True, at_import=False)
        else:
            _gather(child, found, late=late, at_import=at_import and not _for_types_alone(child))


def _import_statement(node: ast.Import | ast.ImportFrom, late: bool, at_import: bool) -> ImportStatement:
    module = node.module if isinstance(node, ast.ImportFrom) else None
    return ImportStatement(node.lineno, module, tuple(one.name for one in node.names), late, at_import)


def _for_types_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _bases(definition: ast.ClassDef) -> frozenset[str]:
    named = (base.value if isinstance(base, ast.Subscript) else base for base in definition.bases)
    return frozenset(ast.unparse(base).rpartition(".")[2] for base in named)


def _public_members(definition: ast.ClassDef) -> frozenset[str]:
    found = set(_set_on_self(definition)) | set(_set_in_comprehensions(definition))
    for node in definition.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return frozenset(name for name in found if not name.startswith("_"))


def _set_on_self(node: ast.AST) -> Iterator[str]:
    """The attributes of `self` that the statements below one assign."""
    for child in statements(node):
        for target in _targets(child):
            yield from _stored_on_self(target)
        yield from _set_on_self(child)


def _set_in_comprehensions(node: ast.AST) -> Iterator[str]:
    """The attributes of `self` that `for` assigns in expressions, which can be in any expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.comprehension):
            yield from _stored_on_self(part.target)


def _stored_on_self(target: ast.expr) -> Iterator[str]:
    for part in ast.walk(target):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and _is_self(part.value):
            yield part.attr


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor):
        return [node.target]
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.optional_vars for item in node.items if item.optional_vars is not None]
    return []

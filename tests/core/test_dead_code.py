"""What the program defines by a public name is used by the program, not by its tests alone."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.core.program_source import FILES, ONE_READING, ROOT

pytestmark = ONE_READING

UNUSED = {
    "Joint.LEFT_EYE_INNER": "its place counts: the numbers are the detector's",
    "Joint.LEFT_EYE_OUTER": "as before",
    "Joint.RIGHT_EYE_INNER": "as before",
    "Joint.RIGHT_EYE_OUTER": "as before",
    "Joint.LEFT_HEEL": "as before",
    "Joint.RIGHT_HEEL": "as before",
    "FormulaKind.PATCHES": "stands in families.toml",
    "Corner.TOP_LEFT": "stands for the order in which a file stores its lines",
    "Corner.TOP_RIGHT": "as before",
    "Corner.BOTTOM_LEFT": "as before",
    "SignalFields.reserved": "a field of the header, which is read whole",
    "SignalFields.transducer": "as before",
    "Utterance.harmonicity": "measured with the rest; its room waits for a measurement",
    "signal_reading": "as before",
    "ship_demonstration": "called by installer/bundle_parts.py",
}
"""What nothing of the program names, with the reason why it stays. This list only ever gets shorter."""


@dataclass
class _Uses:
    """What the whole program defines and names; members by their class."""

    tops: dict[tuple[str, str], int] = field(default_factory=dict)
    members: dict[tuple[str, str], str] = field(default_factory=dict)
    bases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    imported: set[tuple[str, str]] = field(default_factory=set)
    in_module: set[tuple[str, str]] = field(default_factory=set)
    anywhere: set[str] = field(default_factory=set)
    on_self: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class _Reader(ast.NodeVisitor):
    """Adds what one file defines and names to `uses`."""

    def __init__(self, module: str, uses: _Uses) -> None:
        self._module, self._uses = module, uses
        self._class = ""
        self._in_function = False
        self._modules: dict[str, str] = {}

    def visit_Import(self, node: ast.Import) -> None:
        self._modules |= {one.asname or one.name: one.name for one in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for one in node.names:
            self._uses.imported.add((node.module or "", one.name))
            self._modules[one.asname or one.name] = f"{node.module}.{one.name}"

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._define(node.name, node.lineno)
        self._uses.bases[node.name].update(map(_name_of, node.bases))
        before = self._class, self._in_function
        self._class, self._in_function = node.name, False
        self.generic_visit(node)
        self._class, self._in_function = before

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._define(node.name, node.lineno)
        before, self._in_function = self._in_function, True
        self.generic_visit(node)
        self._in_function = before

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast calls it so

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._define(node.id, node.lineno)
        else:
            self._uses.in_module.add((self._module, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        mine = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") and self._class
        if isinstance(node.ctx, ast.Store):
            if mine:
                self._member(node.attr, node.lineno)
        elif mine:
            self._uses.on_self[self._class].add(node.attr)
        else:
            self._uses.anywhere.add(node.attr)
            if isinstance(node.value, ast.Name) and node.value.id in self._modules:
                self._uses.imported.add((self._modules[node.value.id], node.attr))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):  # by which getattr, a table or an annotation names something
            self._uses.anywhere.add(node.value)
            self._uses.in_module.add((self._module, node.value))

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        self._uses.anywhere.update(node.kwd_attrs)
        self.generic_visit(node)

    def _define(self, name: str, line: int) -> None:
        if self._in_function or name.startswith("_"):
            return
        if self._class:
            self._member(name, line)
        else:
            self._uses.tops[self._module, name] = line

    def _member(self, name: str, line: int) -> None:
        if not name.startswith("_"):
            place = f"{FILES[self._module].relative_to(ROOT)}:{line}" if self._module in FILES else str(line)
            self._uses.members.setdefault((self._class, name), place)


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _name_of(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def unused(sources: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What of these modules nothing in them names, and where it is. A member counts as used when any object's
    attribute has its name; on `self`, when that is of its class, a base or a class derived from it."""
    uses = _Uses()
    for module, source in sources.items():
        _Reader(module, uses).visit(ast.parse(source))
    for (module, name), line in uses.tops.items():
        named = (module, name) in uses.imported or (module, name) in uses.in_module
        if not named and name not in uses.anywhere:
            yield name, f"{module}:{line}"
    related = _related(uses.bases)
    for (owner, name), place in uses.members.items():
        named = name in uses.anywhere or any(name in uses.on_self[one] for one in related[owner] | {owner})
        if not named and not _is_qts(owner, name):
            yield f"{owner}.{name}", place


def _related(bases: dict[str, set[str]]) -> dict[str, set[str]]:
    """The classes above and below each class, and those below the ones above."""
    above: dict[str, set[str]] = {}
    for name in bases:
        found, left = {name}, [name]
        while left:
            more = bases.get(left.pop(), set()) - found
            found |= more
            left += more
        above[name] = found
    related: dict[str, set[str]] = defaultdict(set)
    for name, found in above.items():
        for one in found:
            related[one] |= found | {name}
    return related


def _is_qts(owner: str, name: str) -> bool:
    """A method that Qt calls, or a member of a class that a library asks."""
    return (any(letter.isupper() for letter in name) and not name.isupper()) or owner.startswith("_")


def _is_command(name: str, place: str) -> bool:
    """Whether this is the function of a subcommand, which is called by its name."""
    return name == "register" and place.startswith("app.commands.")


def test_what_is_public_is_used() -> None:
    found = dict(unused({module: path.read_text(encoding="utf-8") for module, path in FILES.items()}))
    assert {
        name: place for name, place in found.items() if not _is_command(name, place) and name not in UNUSED
    } == {}
    assert UNUSED.keys() <= found.keys(), "what is used again leaves the list"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def done(): ...\ndone()", []),
        ("def left(): ...\nTABLE = ('TABLE',)", ["left"]),
        ("class Made:\n def done(self): self.more()\n def more(self): ...\nMade().done()", []),
        (
            "class Made:\n    left: int\n    def _done(self): self.more = 1\nMade()",
            ["Made.left", "Made.more"],
        ),
        (
            "class A:\n def done(self): self.more()\nclass B(A):\n def more(self): ...\nB().done()",
            [],
        ),
    ],
)
def test_what_is_left_is_found(source: str, names: list[str]) -> None:
    assert [name for name, _place in unused({"one": source})] == names

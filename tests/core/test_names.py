"""One name means one thing in the whole program: no two classes share a name, with or without underscore."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]

STILL_SHARED: frozenset[str] = frozenset()
"""Names that still stand for more than one class. This list only ever gets shorter."""


def class_names() -> dict[str, list[str]]:
    """Where each class of the program is defined, by its name without leading underscores."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return places


def test_every_class_has_a_name_of_its_own() -> None:
    shared = {name: places for name, places in class_names().items() if len(places) > 1}
    assert not {name: places for name, places in shared.items() if name not in STILL_SHARED}

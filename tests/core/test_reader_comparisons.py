"""Readers compare themselves (`is_same`, `is_same_version`); nothing else of the program compares two."""

from __future__ import annotations

import ast

from tests.core.program_source import FILES, ONE_READING, ROOT

pytestmark = ONE_READING

READERS = frozenset({"reader", "rater", "me", "identity", "CONSENSUS"})
"""Names under which the program keeps the identity of a reader."""

OF_NAMES = {
    "app/core/reading.py": "here readers compare themselves",
    "app/core/deidentify/stretches_of_study.py": "the name of a reader that somebody has typed",
    "app/core/readers/models/reading_files.py": "the name of a model in a file with a reading",
}
"""Files that may compare a name or key of a reader, with the reason."""


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_part(node: ast.expr) -> bool:
    """Whether this is a key of a reader, or a reader's name."""
    if not isinstance(node, ast.Attribute):
        return False
    return node.attr == "exact_key" or (node.attr in ("key", "name") and _last(node.value) in READERS)


def comparisons(source: str) -> list[int]:
    """The lines on which readers are compared in another way."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
            sides = (node.left, *node.comparators)
            if any(map(_is_part, sides)) or all(_last(side) in READERS for side in sides):
                found.append(node.lineno)
    return found


def test_no_two_readers_are_compared_in_another_way() -> None:
    wrong = {}
    for path in FILES.values():
        name = path.relative_to(ROOT).as_posix()
        if name not in OF_NAMES and (lines := comparisons(path.read_text(encoding="utf-8"))):
            wrong[name] = lines
    assert not wrong


def test_each_way_is_found() -> None:
    for text in (
        "one.reader.exact_key == key",
        "key != one.exact_key",
        "one.rater.name == me.name",
        "known.reader == reading.reader",
        "reader != me",
        "one.reader.key == key",
    ):
        assert comparisons(text) == [1], text
    assert comparisons("one.exact_key in hidden or reader.is_same(me) or row.name == name") == []

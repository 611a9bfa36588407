"""No text says “1 recordings”: a number and its noun come from `plural`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from app.core.plural import plural
from tests.core.program_source import ROOT

_NOUNS = "answer card case channel course file frame job line patient reading recording request row"
_COUNTED = re.compile(rf" ({'|'.join(_NOUNS.split())})s\b")


def test_one_thing_is_one() -> None:
    assert [plural(number, "card") for number in (0, 1, 2)] == ["0 cards", "1 card", "2 cards"]


def counted(path: Path) -> Iterator[str]:
    """Each number with a noun in its plural in a text of the file; constants are more than one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for value, after in pairwise(node.values) if isinstance(node, ast.JoinedStr) else ():
            if not isinstance(value, ast.FormattedValue) or not isinstance(after, ast.Constant):
                continue
            number, text = ast.unparse(value.value), str(after.value)
            if _COUNTED.match(text) and not number.isupper() and not number.endswith(".value"):
                yield f"{path.name}:{value.lineno} {number}{text}"


@pytest.mark.parametrize("room", ["ui", "commands"])
def test_what_is_shown_counts_in_words(room: str) -> None:
    assert [line for path in sorted((ROOT / "app" / room).rglob("*.py")) for line in counted(path)] == []

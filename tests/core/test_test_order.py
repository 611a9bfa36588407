"""The order in which tests are given to processes, which a name that no file has would not change."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.conftest import LONGEST_FIRST, turn_of

TESTS = Path(__file__).parents[1]


def test_every_file_that_goes_first_exists_once() -> None:
    found = [path.name for path in TESTS.rglob("test_*.py")]
    assert {name: found.count(name) for name in LONGEST_FIRST} == dict.fromkeys(LONGEST_FIRST, 1)


def test_the_longest_go_first_then_the_screen_then_groups() -> None:
    def turn(path: str, group: str | None = None) -> int:
        item: Any = SimpleNamespace(path=TESTS / path, get_closest_marker=lambda _name: group)
        return turn_of(item)

    first = [turn(f"core/{name}") for name in LONGEST_FIRST]
    assert first == sorted(set(first))
    assert LONGEST_FIRST[0] == "test_real_people.py"
    turns = [
        *first,
        turn("e2e/test_local_only.py", "e2e"),
        turn("core/test_other.py", "shared"),
        turn("core/test_other.py"),
    ]
    assert turns == sorted(set(turns))
    assert turn("core/e2e/test_other.py") == turn("core/test_other.py"), "another folder of that name"

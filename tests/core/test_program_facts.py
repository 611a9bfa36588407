"""What is gathered of the source: a planted class and planted imports are found as they are written."""

from __future__ import annotations

from tests.core.program_source import facts_in

PLANTED = """
import os
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from app.core import a
class Planted:
    field: int
    known = 1
    def method(self):
        from app.core import b
        self.plain = self._hidden = 1
        self.one, (other.not_self, [self.two]) = 1, (2, [3])
        self.added += 1
        self.noted: int = 1
        for self.looped in ():
            with open("") as self.opened:
                pass
        return [0 for self.in_list in {self.read: 0 for self.in_dict in ()}]
"""


def test_all_public_members_are_found_wherever_they_are_set() -> None:
    (planted,) = facts_in(PLANTED).classes
    expected = "field known method plain one two added noted looped opened in_list in_dict"
    assert (planted.name, planted.public_members) == ("Planted", frozenset(expected.split()))


def test_imports_are_told_apart_by_when_they_are_run() -> None:
    found = {
        (one.module or one.names[0]).rsplit(".", 1)[-1] + ":" + one.names[0]: (one.late, one.at_import)
        for one in facts_in(PLANTED).imports
    }
    assert found == {
        "os:os": (False, True),
        "typing:TYPE_CHECKING": (False, True),
        "core:a": (False, False),
        "core:b": (True, False),
    }

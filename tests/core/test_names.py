"""One name means one thing in the whole program: no two classes share a name, with or without underscore."""

from __future__ import annotations

from collections import defaultdict

from tests.core.program_source import FILES, ONE_READING, ROOT, facts_of

pytestmark = ONE_READING

STILL_SHARED: frozenset[str] = frozenset()
"""Names that still stand for more than one class. This list only ever gets shorter."""


def class_names() -> dict[str, list[str]]:
    """Where each class of the program is defined, by its name without leading underscores."""
    places: dict[str, list[str]] = defaultdict(list)
    for module, path in FILES.items():
        for one in facts_of(module).classes:
            places[one.name.lstrip("_")].append(f"{path.relative_to(ROOT)}:{one.line}")
    return places


def test_every_class_has_a_name_of_its_own() -> None:
    shared = {name: places for name, places in class_names().items() if len(places) > 1}
    assert not {name: places for name, places in shared.items() if name not in STILL_SHARED}

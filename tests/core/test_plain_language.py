"""The house dialect that docs/glossary.md replaces by plain technical English is gone from code and docs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

DIALECT = (
    r"\bwho(m)?ever\b(?! runs that server)",
    r"\bof whom\b",
    r"\bthe one that\b",
    r"\b(of|to|by|as|from|for|in) what is none\b",
    r"\b(that|which|and) (is|are) none\b",
    r"\b(that|which|what) (is|are) no (?!(longer|more)\b)",
    r"\bas (it|they) lies?\b",
    r"\bas it stands (there|in)\b",
    r"\b(is|are|be|was|were) told\b",
    r"\bbeside the window\b",
    r"\b(the|a) person's own\b",
    r"\bone's own\b",
    r"\bof (its|their|our|one's) own\b",
    r"\b(lies|lie|lay|lying) beside\b",
    r"\blooked (at as|through once)\b",
    r"\bput back\b",
    r"\bglimpse\b",
    r"\bhow it (stands|lies)\b",
    r"\bknows nothing of\b",
    r"\bwhat there is of\b",
    r"\bso many of each\b",
    r"\bmakes no sense\b",
    r"\bin its own words\b",
    r"\b(held|hold) against\b",
    r"\bleft half-(made|written|done)\b",
    r"\bany more\b",
)
"""Patterns, whatever their case; the left column of the second table of docs/glossary.md says what replaces
them."""

NOT_YET = ("benchmarks/", "docs/performance.md")
"""Rooms and pages that still speak it. This list only ever gets shorter."""

EXEMPT = ("docs/decisions/", "docs/glossary.md")


@cache
def plain_texts() -> dict[str, str]:
    """The text of each file that is held to plain language, by its name relative to the root."""
    found = {
        path.relative_to(ROOT).as_posix(): path
        for folder, suffix in (("app", "py"), ("benchmarks", "py"), ("docs", "md"))
        for path in sorted((ROOT / folder).rglob(f"*.{suffix}"))
    }
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in found.items()
        if not name.startswith((*NOT_YET, *EXEMPT))
    }


@pytest.mark.parametrize("pattern", DIALECT)
def test_no_house_dialect(pattern: str) -> None:
    said = re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE)
    wrong = []
    for name, text in plain_texts().items():
        wrong += [f"{name}:{text.count(chr(10), 0, found.start()) + 1}" for found in said.finditer(text)]
    assert not wrong

"""The house dialect that docs/glossary.md replaces by plain technical English is gone from code and pages."""

from __future__ import annotations

import io
import re
import tokenize
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

pytestmark = pytest.mark.xdist_group("plain_texts")  # one process reads the texts

EXEMPT = ("docs/decisions/", "docs/glossary.md", "docs/performance.md", "tests/core/test_plain_language.py")
"""Records of their time, the list itself, and a page that benchmarks write."""

PLACES = (
    *("README.md", "CHANGELOG.md", "app/**/*.py", "benchmarks/**/*.py", "docs/**/*.md"),
    *("installer/**/*.py", "installer/**/*.sh", "tests/**/*.py"),
)


@cache
def plain_texts() -> dict[str, str]:
    """The text of each file that is held to plain language, by its name relative to the root; of tests the
    docstrings and comments, for what they type and expect is often somebody else's text."""
    every = (path for place in PLACES for path in sorted(ROOT.glob(place)))
    named = ((path.relative_to(ROOT).as_posix(), path) for path in every)
    found = {name: path for name, path in named if not name.startswith(EXEMPT)}
    texts = {name: path.read_text(encoding="utf-8") for name, path in found.items()}
    return {name: explained(text) if name.startswith("tests/") else text for name, text in texts.items()}


def explained(source: str) -> str:
    """The lines with docstrings and comments alone, at their numbers."""
    lines, shown = source.split("\n"), [""] * (source.count("\n") + 1)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            shown[token.start[0] - 1] = token.string
        elif token.type == tokenize.STRING and not token.line[: token.start[1]].strip():
            first, last = token.start[0] - 1, token.end[0]
            if token.string.startswith('"""'):
                shown[first:last] = lines[first:last]
    return "\n".join(shown)


@pytest.mark.parametrize("pattern", DIALECT)
def test_no_house_dialect(pattern: str) -> None:
    said = re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE)
    wrong = []
    for name, text in plain_texts().items():
        wrong += [f"{name}:{text.count(chr(10), 0, found.start()) + 1}" for found in said.finditer(text)]
    assert not wrong

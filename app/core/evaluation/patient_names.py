"""Patient, event and more taken from the names of recordings by a pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from app.core.errors import UserError
from app.core.evaluation.patient_rows import PatientRow, patient_row
from app.core.exchange.phrases import shorten

_PLACEHOLDER = re.compile(r"\{(\w+)\}|(\*)")
_LONGEST = 500
"""Characters of a pattern or a name that are tried: a person waits for the preview."""


def rows_of_names(names: Sequence[str], pattern: str) -> tuple[tuple[PatientRow, ...], tuple[str, ...]]:
    """What each name says by the pattern, and the names that do not fit it.

    A pattern is a name with `{patient}`, `{event}`, `{diagnosis}`, `{split}` or `{any title}` where these
    stand, and `*` for anything else; or a regular expression with named groups `(?P<patient>…)`. The ending
    of a file is left out. Raises UserError for a pattern without any, or a word that is not a diagnosis.
    """
    compiled = _compiled(pattern)
    rows, others = list[PatientRow](), list[str]()
    for name in names:
        said = _said(compiled, name)
        if said is None:
            others.append(name)
        else:
            rows.append(patient_row(name, said, f"The name “{shorten(name)}”"))
    return tuple(rows), tuple(others)


def _said(pattern: re.Pattern[str], name: str) -> Mapping[str, str] | None:
    found = pattern.search(PurePosixPath(name).stem[:_LONGEST])
    return None if found is None else {key: text or "" for key, text in found.groupdict().items()}


def _compiled(pattern: str) -> re.Pattern[str]:
    text = pattern if "(?P<" in pattern else _expression(pattern)
    try:
        compiled = re.compile(text[:_LONGEST], re.IGNORECASE)
    except re.error as error:
        raise UserError(f"“{shorten(pattern)}” cannot be used as a pattern: {error}.") from error
    if not compiled.groupindex:
        raise UserError("Say in the pattern where the patient stands, for example {patient}_{event}_*.")
    return compiled


def _expression(pattern: str) -> str:
    """The regular expression of a name with placeholders; it must fit the whole name."""
    parts, end = ["^"], 0
    for found in _PLACEHOLDER.finditer(pattern):
        parts.append(re.escape(pattern[end : found.start()]))
        parts.append(f"(?P<{found[1]}>[^_ ]+?)" if found[1] else ".*?")
        end = found.end()
    return "".join((*parts, re.escape(pattern[end:]), "$"))

"""The tokens that servers really counted, kept by model and endpoint, and what they say of the next plan.

A plan rests on the published formula of a family. How far a server is from it shows only when it counts; the
last replies about each kind of clip correct the next plan. Nothing of a recording or an answer is kept.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.account_file import UnreadableFileError, read_account_file, read_before_writing
from app.core.atomic import write_atomically
from app.core.bounded_json import read_json
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.folders import settings_folder

FILE_NAME = "tokens.json"
MOST_REPLIES = 50
"""The replies that are kept for a kind of clip; older ones are about a server as it was."""
MOST_TARGETS = 64
LEAST_FACTOR, MOST_FACTOR = 0.1, 10.0
"""The range of corrections, because a server can state anything."""
PLANNED_BY = 2
"""The number of the formula by which tokens are planned, a new one with each change of it. Counts that are
stored with another number were compared with another plan, so they correct nothing."""
_MOST_TOKENS = 10_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CountedRequest:
    """The tokens of one request as `planned` by the formula and as `counted`, and those of its answer, `out`,
    to so many `questions`."""

    enhancement: Enhancement
    planned: int
    counted: int
    questions: int
    out: int


@dataclass(frozen=True, slots=True)
class Correction:
    """By how much the tokens of a plan are multiplied, and the tokens of an answer to one question (None
    where no server counted any), by so many `replies`."""

    factor: float
    replies: int
    per_answer: float | None = None


NO_CORRECTION = Correction(1.0, 0)


def correction_of(rows: Iterable[CountedRequest]) -> Correction:
    """What counted requests say; none where there are none."""
    kept = [row for row in rows if row.planned > 0 and row.counted > 0]
    if not kept:
        return NO_CORRECTION
    factor = sum(row.counted for row in kept) / sum(row.planned for row in kept)
    questions, out = sum(row.questions for row in kept), sum(row.out for row in kept)
    per_answer = out / questions if questions and out else None
    return Correction(min(max(factor, LEAST_FACTOR), MOST_FACTOR), len(kept), per_answer)


def corrections_for(target: str, folder: Path | None = None) -> dict[Enhancement, Correction]:
    """What was counted at a target (`ModelChoice.target`), by the kind of clip."""
    rows = _rows(_stored(folder).get(target))
    found = {one: correction_of(row for row in rows if row.enhancement is one) for one in Enhancement}
    return {one: correction for one, correction in found.items() if correction.replies}


def keep_counts(target: str, rows: Iterable[CountedRequest], folder: Path | None = None) -> None:
    """Keep what was counted; the newest `MOST_REPLIES` of each kind stay.

    What another program counts at the same moment can be lost, and a folder that cannot be written is only
    logged: the next plan is then as good as without.
    """
    new = tuple(rows)
    if not new:
        return
    place = (folder or settings_folder()) / FILE_NAME
    try:
        stored = read_before_writing(place, _counts) or {}
    except UnreadableFileError:
        return
    together = [*_rows(stored.pop(target, None)), *new]
    kept = [
        row
        for one in Enhancement
        for row in [row for row in together if row.enhancement is one][-MOST_REPLIES:]
    ]
    stored[target] = [
        [row.enhancement.value, row.planned, row.counted, row.questions, row.out, PLANNED_BY] for row in kept
    ]
    newest = dict(list(stored.items())[-MOST_TARGETS:])
    try:
        write_atomically(place, json.dumps(newest).encode(), private=True)
    except (OSError, UserError) as error:
        _log.info("the counted tokens could not be kept: %s", type(error).__name__)


def _stored(folder: Path | None) -> Mapping[str, object]:
    try:
        return read_account_file((folder or settings_folder()) / FILE_NAME, _counts) or {}
    except UnreadableFileError:
        return {}


def _counts(content: bytes) -> dict[str, object]:
    data = read_json(content)
    if not isinstance(data, dict):
        raise TypeError("not counts")
    return data


def _rows(data: object) -> tuple[CountedRequest, ...]:
    """The valid rows of a file."""
    rows = data if isinstance(data, list) else []
    return tuple(row for row in map(_row, rows[: MOST_REPLIES * len(Enhancement)]) if row is not None)


def _row(data: object) -> CountedRequest | None:
    if not isinstance(data, list) or len(data) != 6 or data[0] not in set(Enhancement):
        return None
    *numbers, planned_by = data[1:]
    if planned_by != PLANNED_BY:
        return None
    if not all(type(value) is int and 0 <= value <= _MOST_TOKENS for value in numbers):
        return None
    return CountedRequest(Enhancement(data[0]), *numbers)

"""How readers of an experiment are asked: in one pass or two, of which part, told what, in which wordings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from app.core.errors import UserError
from app.core.readers.models.model_choice import MOST_TIMES_ASKED, ModelChoice, looks_twice
from app.core.readers.models.reading_range import parse_range
from app.core.semiology import ConfidenceKind

WAYS = ("two_passes", "tell_earlier", "tell_event", "range", "wordings", "times_asked")
"""The keys of a file, or of a reader in it, that say so; what none of them says is as set."""

_SWITCHES = ("two_passes", "tell_earlier", "tell_event")


def asked_in_ways(row: Mapping[str, Any], choice: ModelChoice) -> Iterator[ModelChoice]:
    """The choice in each combination of the ways that a row names. Raises UserError that says what is
    wrong."""
    ways: dict[str, Sequence[bool | str]] = {key: _switches(row, key) for key in _SWITCHES if key in row}
    if "range" in row:
        ways["range"] = _ranges(row["range"])
    repeated = _repeated(row, choice)
    for values in product(*ways.values()):
        yield _with(repeated, dict(zip(ways, values, strict=True)))


def _with(choice: ModelChoice, values: Mapping[str, bool | str]) -> ModelChoice:
    changed: dict[str, Any] = dict(values)
    if "two_passes" in changed:
        # Without the second pass there is no higher rate at all, not one everywhere.
        changed["feature_rates"] = changed["two_passes"]
    made: ModelChoice = replace(choice, **changed)
    if changed.get("tell_earlier") and looks_twice(made):
        raise UserError(
            "two_passes and tell_earlier do not go together, because windows and segments are in no one "
            "order: write two [[readers]], one with each."
        )
    return made


def _repeated(row: Mapping[str, Any], choice: ModelChoice) -> ModelChoice:
    """The choice with the confidence of repeats where a row says how often is asked, or in which wordings."""
    if not {"wordings", "times_asked"} & row.keys():
        return choice
    times = row.get("times_asked", choice.times_asked)
    if isinstance(times, bool) or not isinstance(times, int) or not 2 <= times <= MOST_TIMES_ASKED:
        raise UserError(f"times_asked is a whole number from 2 to {MOST_TIMES_ASKED}.")
    return replace(choice, confidence=ConfidenceKind.REPEATS, times_asked=times)


def _switches(row: Mapping[str, Any], key: str) -> tuple[bool, ...]:
    values = row[key] if isinstance(row[key], list) else [row[key]]
    found = tuple(dict.fromkeys(value for value in values if isinstance(value, bool)))
    if not found or len(found) < len(values):
        raise UserError(f"{key} is true, false, or [false, true].")
    return found


def _ranges(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    texts = [one for one in values if isinstance(one, str)]
    if not texts or len(texts) < len(values):
        raise UserError("range is a text such as whole, event:10 or 60-120, or a list of them.")
    return tuple(dict.fromkeys(parse_range(one).text for one in texts))

"""What a teacher says looks alike in the recordings of a study, for the keys of a course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.errors import UserError
from app.core.semiology import FEATURE, Presence, Span
from app.core.teaching.case_key import CaseKey, ChosenLookalike

RecordingName = str | int
"""A recording's name, or its number in the study."""


@dataclass(frozen=True, slots=True)
class LookalikeChoice:
    """In `other`, or a span of it (s), something only looks like `feature`, which learners see after the key
    of the same feature in `recording` (None: in every one)."""

    feature: str
    other: RecordingName
    span: Span | None = None
    recording: RecordingName | None = None


@dataclass(frozen=True, slots=True)
class NamedCase:
    """A case that is planned, with the number and name of its recording."""

    id: str
    number: int
    name: str
    duration: float
    key: CaseKey


def keys_with_lookalikes(
    cases: Sequence[NamedCase], choices: Sequence[LookalikeChoice]
) -> Mapping[str, CaseKey]:
    """The keys of the cases with what was chosen for each, by case; of two choices the later one holds.

    Raises UserError when a recording is not one of the cases, or its own key says that it shows the feature.
    """
    keys = {case.id: case.key for case in cases}
    for choice in choices:
        other = _case(cases, choice.other)
        _check(choice, other)
        found = cases if choice.recording is None else (_case(cases, choice.recording),)
        for case in found:
            if case.id != other.id and choice.feature in case.key.answers:
                chosen = {
                    **(keys[case.id].lookalikes or {}),
                    choice.feature: ChosenLookalike(other.id, choice.span),
                }
                keys[case.id] = replace(keys[case.id], lookalikes=chosen)
    return keys


def _case(cases: Sequence[NamedCase], name: RecordingName) -> NamedCase:
    for case in cases:
        if name in (case.number, case.name):
            return case
    raise UserError(f"“{name}” is not a recording of this course, so it cannot be named as looking alike.")


def _check(choice: LookalikeChoice, other: NamedCase) -> None:
    answer = other.key.answers.get(choice.feature)
    if answer is not None and answer.answer.presence is Presence.YES:
        raise UserError(
            f"The key says that “{other.name}” shows {FEATURE[choice.feature].name}, so it does not only "
            "look like it."
        )
    if choice.span is not None and choice.span.start >= other.duration:
        raise UserError(f"“{other.name}” ends before the stretch that looks alike begins.")


def choices_of_rows(rows: Sequence[Sequence[str]]) -> tuple[LookalikeChoice, ...]:
    """The choices of a table: a recording (empty: every one), a feature's id, the recording that looks alike,
    and if need be from and to in seconds. Raises UserError for any other row but one of titles."""
    titled = bool(rows) and [cell.strip().casefold() for cell in rows[0]][1:2] == ["feature"]
    return tuple(
        _choice(number, row)
        for number, row in enumerate(rows, start=1)
        if any(row) and not (titled and number == 1)
    )


def _choice(number: int, row: Sequence[str]) -> LookalikeChoice:
    cells = [cell.strip() for cell in row] + [""] * 5
    recording, feature, other, start, end = cells[:5]
    if feature not in FEATURE or not other:
        raise UserError(
            f"Row {number} of what looks alike needs a recording, a feature's id and another recording."
        )
    return LookalikeChoice(feature, other, span_of_cells(start, end, f"Row {number}"), recording or None)


def span_of_cells(start: str, end: str, where: str) -> Span | None:
    """The span between two texts in seconds; None when both are empty. Raises UserError."""
    if not start and not end:
        return None
    try:
        return Span(float(start), float(end))
    except ValueError as error:
        raise UserError(f"{where} of what looks alike is not from one second to a later one.") from error

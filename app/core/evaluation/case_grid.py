"""The reference's cases in rows, the 20 features in columns, and what each reader says there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.errors import UserError
from app.core.evaluation.labels import LabelledCase, LabelState, ReaderLabels
from app.core.exchange.phrases import shorten
from app.core.semiology import FEATURES

States = NDArray[np.int8]
"""(c, 20): the `LabelState` of each case and feature."""


@dataclass(frozen=True, slots=True)
class LaidOutReader:
    """A reader's labels on the reference's cases.

    `cases` has the reader's case for each of the reference's, None where it has none; `unmatched` are the
    names of its recordings that the reference does not have.
    """

    name: str
    states: States
    cases: tuple[LabelledCase | None, ...]
    unmatched: tuple[str, ...] = ()

    @property
    def missing(self) -> NDArray[np.bool_]:
        """(c,): the cases of which the reader says nothing at all."""
        return np.array([case is None for case in self.cases], dtype=bool)


@dataclass(frozen=True, slots=True)
class CaseGrid:
    """The reference `truth` (c, 20) and the readers over the same cases."""

    cases: tuple[LabelledCase, ...]
    truth: States
    readers: Mapping[str, LaidOutReader]


def lay_out(reference: ReaderLabels, readers: Mapping[str, ReaderLabels]) -> CaseGrid:
    """The grid of these labels.

    Recordings are the same by content where both sides know it, else by name. Raises UserError when one side
    has a recording twice, and when no reader has any of the reference's recordings.
    """
    places = _CasePlaces(reference.cases)
    laid_out = {name: _laid_out(name, labels, places) for name, labels in readers.items()}
    if reference.cases and all(reader.missing.all() for reader in laid_out.values()):
        raise UserError("None of the readings is of a recording that the reference has.")
    return CaseGrid(reference.cases, states_of(reference.cases), laid_out)


def states_of(cases: Iterable[LabelledCase | None]) -> States:
    """(c, 20): the states of these cases, unanswered where there is none."""
    empty = [LabelState.UNANSWERED] * len(FEATURES)
    rows = [empty if case is None else [case.state(feature.id) for feature in FEATURES] for case in cases]
    return np.array(rows, dtype=np.int8).reshape(len(rows), len(FEATURES))


def _laid_out(name: str, labels: ReaderLabels, places: _CasePlaces) -> LaidOutReader:
    rows: list[LabelledCase | None] = [None] * len(places.cases)
    unmatched = []
    for case in labels.cases:
        place = places.of(case)
        if place is None:
            unmatched.append(case.name)
        elif rows[place] is not None:
            raise UserError(f"There are two readings of “{shorten(case.name)}” by “{shorten(name)}”.")
        else:
            rows[place] = case
    return LaidOutReader(name, states_of(rows), tuple(rows), tuple(unmatched))


class _CasePlaces:
    """Where the reference has a case, by content and by name."""

    def __init__(self, cases: Sequence[LabelledCase]) -> None:
        self.cases = cases
        self._by_content: dict[str, int] = {}
        self._by_key: dict[str, list[int]] = {}
        for place, case in enumerate(cases):
            self._add(place, case)

    def of(self, case: LabelledCase) -> int | None:
        """The place of the same recording, None where the reference does not have it. Raises UserError."""
        for content in _contents(case):
            if content in self._by_content:
                return self._by_content[content]
        found = [place for place in self._by_key.get(case.key, ()) if may_be_same(case, self.cases[place])]
        if len(found) > 1:
            raise UserError(f"More than one recording of the reference is called “{shorten(case.name)}”.")
        return found[0] if found else None

    def _add(self, place: int, case: LabelledCase) -> None:
        alike = [self.cases[other] for other in self._by_key.get(case.key, ())]
        if any(may_be_same(case, other) for other in alike) or any(
            content in self._by_content for content in _contents(case)
        ):
            raise UserError(
                f"The reference has “{shorten(case.name)}” twice; where several have answered, say who is "
                "right: --reference NAME=PATH."
            )
        self._by_key.setdefault(case.key, []).append(place)
        for content in _contents(case):
            self._by_content[content] = place


def _contents(case: LabelledCase) -> list[str]:
    return [content for content in (case.sha256, case.fingerprint) if content]


def may_be_same(one: LabelledCase, other: LabelledCase) -> bool:
    """Whether nothing that is known of their contents tells two recordings of one name apart."""
    pairs = (one.sha256, other.sha256), (one.fingerprint, other.fingerprint)
    return not any(mine and theirs and mine != theirs for mine, theirs in pairs)

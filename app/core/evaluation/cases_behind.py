"""The cases behind a number of an evaluation: which recordings it counts, and what was said of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.calibration import BINS, yes_probabilities
from app.core.evaluation.case_grid import LaidOutReader
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.evaluation.labels import LabelledCase, LabelState
from app.core.evaluation.patients import column_text
from app.core.exchange.phrases import normalise_name
from app.core.semiology import FEATURES


@dataclass(frozen=True, slots=True)
class CasesWanted:
    """Which cases a number counts. A field that is left out (None) selects nothing: any value of it counts.

    `reader` is None for numbers of the reference alone. `truth` and `said` are the states of the reference
    and of the reader; `scored`: only cases that are in the reader's figures. `tenth` is the bin (0–9) of the
    probability of yes, `score` the rating of an explanation, `group` a column with its text.
    """

    reader: str | None = None
    feature: str | None = None
    truth: LabelState | None = None
    said: LabelState | None = None
    scored: bool = False
    tenth: int | None = None
    score: int | None = None
    group: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CaseBehind:
    """One case: the recording's place in the evaluation's grid and its name, and what was said.

    `said` is None without a reader; `scored` says whether the case is in the reader's figures.
    """

    place: int
    name: str
    feature: str
    truth: LabelState
    said: LabelState | None
    scored: bool

    @property
    def right(self) -> bool | None:
        """Whether both say the same; None where the case is in no figure."""
        return self.truth == self.said if self.scored else None


def cases_behind(evaluation: Evaluation, wanted: CasesWanted) -> tuple[CaseBehind, ...]:
    """The cases in the order of the features, then of the reference; with a reader only in features of which
    both sides say anything."""
    if wanted.reader is None:
        return tuple(_of_reference(evaluation, wanted))
    return tuple(_of_reader(evaluation, wanted.reader, wanted))


def _of_reference(evaluation: Evaluation, wanted: CasesWanted) -> Iterator[CaseBehind]:
    grid = evaluation.grid
    for at, feature in _features(wanted):
        for place, case in enumerate(grid.cases):
            truth = LabelState(grid.truth[place, at])
            if wanted.truth in (None, truth) and _in_group(case, wanted):
                yield CaseBehind(place, case.name, feature, truth, None, False)


def _of_reader(evaluation: Evaluation, name: str, wanted: CasesWanted) -> Iterator[CaseBehind]:
    grid, result = evaluation.grid, evaluation.readers[name]
    scored = result.cases.scored
    tenths = _tenths(result.reader) if wanted.tenth is not None else None
    for at, feature in _features(wanted):
        if feature not in result.said:
            continue
        for place, case in enumerate(grid.cases):
            truth = LabelState(grid.truth[place, at])
            said = LabelState(result.reader.states[place, at])
            if wanted.truth not in (None, truth) or wanted.said not in (None, said):
                continue
            if wanted.scored and not scored[place, at]:
                continue
            if tenths is not None and (tenths[place, at] != wanted.tenth or truth > LabelState.YES):
                continue
            if _rated_so(result.reader.cases[place], feature, wanted) and _in_group(case, wanted):
                yield CaseBehind(place, case.name, feature, truth, said, bool(scored[place, at]))


def _features(wanted: CasesWanted) -> list[tuple[int, str]]:
    found = [(at, feature.id) for at, feature in enumerate(FEATURES)]
    return [one for one in found if wanted.feature in (None, one[1])]


def _tenths(reader: LaidOutReader) -> NDArray[np.int64]:
    """(c, 20): the bin of each probability of yes as in the reliability curve, −1 without one."""
    probability = yes_probabilities(reader)
    known = np.isfinite(probability)
    bins = np.minimum((np.where(known, probability, 0) * BINS).astype(np.int64), BINS - 1)
    result: NDArray[np.int64] = np.where(known, bins, -1)
    return result


def _rated_so(case: LabelledCase | None, feature: str, wanted: CasesWanted) -> bool:
    if wanted.score is None:
        return True
    return (
        case is not None and feature in case.labels and wanted.score in case.labels[feature].ratings.values()
    )


def _in_group(case: LabelledCase, wanted: CasesWanted) -> bool:
    if wanted.group is None:
        return True
    column, text = wanted.group
    return column_text(case, (normalise_name(column),)) == text.casefold()

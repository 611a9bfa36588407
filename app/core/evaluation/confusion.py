"""Cases counted by what the reference and a reader say, after the rule for abstentions.

Tables of counts are (3, 3, …, f): the reference's class, then the reader's, in the order no, yes, not
assessable; at the end the feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.case_grid import States
from app.core.evaluation.labels import LabelState
from app.core.semiology import FEATURES

CLASSES = 3
NOT_SCORED = -1

AVERAGED = frozenset({"verbal_responsiveness"})
"""Features of which all classes matter alike, so that their figures are averages over the classes."""


class Abstentions(StrEnum):
    """What counts where the reference or the reader says *not assessable*.

    `STUDY`: verbal responsiveness has the classes yes, no and not assessable, the others leave such cases
    out (arXiv 2605.03352). `EXCLUDE`: left out for all features. `WRONG`: a reader's abstention counts as the
    wrong one of yes and no. `CLASS`: a third class for all features, scored by macro averages. Failed and
    unanswered are in no figure.
    """

    STUDY = "study"
    EXCLUDE = "exclude"
    WRONG = "wrong"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class ScoredCases:
    """The classes of the reference and of a reader (c, f), both `NOT_SCORED` where a case is in no figure.

    `macro` (f,) says of which features the figures are averages over the classes.
    """

    truth: NDArray[np.int8]
    said: NDArray[np.int8]
    macro: NDArray[np.bool_]

    @property
    def scored(self) -> NDArray[np.bool_]:
        """(c, f): which cases are in the figures."""
        result: NDArray[np.bool_] = self.truth != NOT_SCORED
        return result

    @property
    def right(self) -> NDArray[np.bool_]:
        """(c, f): where the reader says what the reference says, among what is scored."""
        result: NDArray[np.bool_] = self.scored & (self.truth == self.said)
        return result

    def only(self, chosen: NDArray[np.bool_]) -> ScoredCases:
        """The same without the cases that are not `chosen` (c, f)."""
        return ScoredCases(
            np.where(chosen, self.truth, NOT_SCORED).astype(np.int8),
            np.where(chosen, self.said, NOT_SCORED).astype(np.int8),
            self.macro,
        )


_MACRO = np.array([feature.id in AVERAGED for feature in FEATURES])


def score_cases(truth: States, said: States, rule: Abstentions) -> ScoredCases:
    """The scored classes of states (c, 20) under a rule for abstentions."""
    unsure = LabelState.NOT_ASSESSABLE
    third = np.ones_like(_MACRO) if rule is Abstentions.CLASS else np.zeros_like(_MACRO)
    if rule is Abstentions.STUDY:
        third = _MACRO
    if rule is Abstentions.WRONG:
        said = np.where((said == unsure) & (truth < unsure), 1 - truth, said)
    highest = np.where(third, unsure, LabelState.YES)
    scored = (truth <= highest) & (said <= highest)
    macro = _MACRO | third
    return ScoredCases(np.asarray(truth, np.int8), np.asarray(said, np.int8), macro).only(scored)


def count_cases(cases: ScoredCases) -> NDArray[np.float64]:
    """(3, 3, c, f): one in the cell of each scored case, zero elsewhere."""
    classes = np.arange(CLASSES)
    there = cases.truth == classes[:, None, None, None]
    said = cases.said == classes[:, None, None]
    cells: NDArray[np.float64] = (there & said).astype(np.float64)
    return cells

"""A reader scored over a grid of cases: figures with intervals, coverage, trivial answers beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.agreement.figure import SMALL_N
from app.core.evaluation.case_grid import CaseGrid, LaidOutReader
from app.core.evaluation.confusion import Abstentions, ScoredCases, count_cases, score_cases
from app.core.evaluation.figures import FIGURES, CountedFigures, figures_of, trivial_counts
from app.core.evaluation.labels import LabelState
from app.core.evaluation.patients import PatientGroups, intervals
from app.core.evaluation.undefined_figures import why_undefined
from app.core.semiology import FEATURES

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the bounds of its 95 % interval; None where it is not known.

    `why` says what keeps it from being defined, "" where it is: `value` is then what it counts in means.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""

    @property
    def undefined(self) -> bool:
        return bool(self.why)


class BaselineStanding(StrEnum):
    """Whether a reader's F1 beats the best trivial answer; the value is the mark in tables."""

    BEATS = ""
    UNCLEAR = "~"
    NOT_BETTER = "≤"
    UNKNOWN = "–"


class Coverage(StrEnum):
    """What a reader did with the cases that the reference has an answer for."""

    ANSWERED = "answered"
    NOT_ASSESSABLE = "not_assessable"
    FAILED = "failed"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Scored:
    """Figures beside those of trivial answers: of one feature, or means over all.

    `baselines` has every figure by trivial answer; `best` is the one with the highest F1, and `gain` the F1
    beyond it, which is not known where the reader's is undefined.
    """

    figures: Mapping[str, Estimate]
    baselines: Mapping[str, Mapping[str, float | None]]
    best: str
    gain: Estimate

    def trivial(self, figure: str = "f1") -> float | None:
        """The figure of the best trivial answer; None where the reader's is undefined, or without a case."""
        return None if self.figures[figure].undefined else self.baselines[self.best][figure]

    @property
    def standing(self) -> BaselineStanding:
        """Whether the F1 beats the best trivial answer, and by more than chance."""
        gain = self.gain
        if gain.value is None:
            return BaselineStanding.UNKNOWN
        if gain.value <= 0:
            return BaselineStanding.NOT_BETTER
        sure = gain.low is not None and gain.low > 0
        return BaselineStanding.BEATS if sure else BaselineStanding.UNCLEAR


@dataclass(frozen=True, slots=True)
class FeatureResult:
    """One reader in one feature.

    `n` cases are in the figures, of them `positives` with the reference's yes. `counts` (3, 3): the
    reference's class, then the reader's (no, yes, not assessable). `coverage` counts what the reader did
    with the `cases` that the reference has an answer for; `table` (5, 5) counts all cases by both states.
    """

    feature: str
    n: int
    positives: int
    macro: bool
    counts: Array
    table: Array
    scored: Scored

    @property
    def prevalence(self) -> float | None:
        return self.positives / self.n if self.n else None

    @property
    def cases(self) -> int:
        return int(self.table[: LabelState.FAILED].sum())

    @property
    def coverage(self) -> Mapping[Coverage, int]:
        by_state = self.table[: LabelState.FAILED].sum(axis=0)
        answered = by_state[LabelState.YES] + by_state[LabelState.NO]
        rest = by_state[LabelState.NOT_ASSESSABLE :]
        return {kind: int(number) for kind, number in zip(Coverage, (answered, *rest), strict=True)}

    @property
    def coverage_share(self) -> float | None:
        """The share of the `cases` that the reader answered with yes or no; None without a case."""
        return self.coverage[Coverage.ANSWERED] / self.cases if self.cases else None

    @property
    def is_small(self) -> bool:
        return self.n < SMALL_N


@dataclass(frozen=True, slots=True)
class ReaderResult:
    """One reader in all features; `macro` and `weighted` are means over the features that have a case."""

    reader: LaidOutReader
    cases: ScoredCases
    features: Mapping[str, FeatureResult]
    macro: Scored
    weighted: Scored

    @property
    def said(self) -> Mapping[str, FeatureResult]:
        """The features of which both the reference and the reader say anything."""
        unsaid = LabelState.UNANSWERED
        return {
            feature: each
            for feature, each in self.features.items()
            if each.table[:unsaid].sum() and each.table[:, :unsaid].sum()
        }


def score_reader(
    grid: CaseGrid, reader: LaidOutReader, rule: Abstentions, groups: PatientGroups, draws: Array
) -> ReaderResult:
    """The reader's figures on the grid; `draws` (b, p) are resamples of the patients."""
    cases = score_cases(grid.truth, reader.states, rule)
    totals = groups.totals(count_cases(cases))
    observed = totals.sum(axis=-2)
    samples = _Samples.of(observed, draws @ totals, cases.macro, groups.count)
    tables = _state_tables(grid.truth, reader.states)
    by_feature = _scored(samples, CountedFigures.each)
    features = {
        feature.id: FeatureResult(
            feature.id,
            int(observed[..., at].sum()),
            int(observed[LabelState.YES, :, at].sum()),
            bool(cases.macro[at]),
            observed[..., at].astype(int),
            tables[at],
            by_feature[at],
        )
        for at, feature in enumerate(FEATURES)
    }
    (macro,) = _scored(samples, CountedFigures.macro_mean)
    (weighted,) = _scored(samples, CountedFigures.weighted_mean)
    return ReaderResult(reader, cases, features, macro, weighted)


def _state_tables(truth: Array, said: Array) -> Array:
    """(20, 5, 5): all cases by the reference's state and the reader's."""
    size = len(LabelState)
    places = truth.astype(int) * size + said
    counts = [np.bincount(column, minlength=size * size) for column in places.T]
    return np.array(counts).reshape(-1, size, size)


@dataclass(frozen=True, slots=True)
class _Samples:
    """The figures of the observed counts and of resampled ones, the reader's and the trivial answers'.

    A figure for which the data have nothing to divide by counts 0, also when it is resampled; one without it
    in a resample alone is left out there. `why` says by figure of each feature what keeps it undefined.
    """

    observed: CountedFigures
    drawn: CountedFigures
    trivial: Mapping[str, CountedFigures]
    trivial_drawn: Mapping[str, CountedFigures]
    why: Mapping[str, Sequence[str]]
    patients: int

    @classmethod
    def of(cls, observed: Array, drawn: Array, macro: Array, patients: int) -> _Samples:
        found = figures_of(observed, macro)
        trivial = {name: figures_of(each, macro) for name, each in trivial_counts(observed).items()}
        trivial_drawn = {
            name: figures_of(each, macro, ("f1",)) for name, each in trivial_counts(drawn).items()
        }
        gaps = {name: each.undefined() for name, each in trivial.items()}
        return cls(
            found.with_zeros(found.undefined()),
            figures_of(drawn, macro).with_zeros(found.undefined()),
            {name: each.with_zeros(gaps[name]) for name, each in trivial.items()},
            {name: each.with_zeros(gaps[name]) for name, each in trivial_drawn.items()},
            {name: _reasons(name, where, macro) for name, where in found.undefined().items()},
            patients,
        )


def _reasons(figure: str, undefined: Array, macro: Array) -> list[str]:
    return [
        why_undefined(figure, averaged=bool(averaged)) if without else ""
        for without, averaged in zip(undefined, macro, strict=True)
    ]


Summary = Callable[[CountedFigures, str], Array]
"""A figure of each feature (…, f), or its mean over them (…)."""


def _scored(samples: _Samples, summary: Summary) -> list[Scored]:
    """The scores of each feature, or of the mean over all of them."""
    values = {name: np.atleast_1d(summary(samples.observed, name)) for name in FIGURES}
    number = len(values["f1"])
    drawn = {name: summary(samples.drawn, name).reshape(-1, number) for name in FIGURES}
    why = samples.why if number == len(FEATURES) else dict.fromkeys(FIGURES, ("",))
    bounds = {name: intervals(drawn[name], samples.patients) for name in FIGURES}
    beside = {
        name: {key: np.atleast_1d(summary(each, key)) for key in FIGURES}
        for name, each in samples.trivial.items()
    }
    best = [_best({name: each["f1"][at] for name, each in beside.items()}) for at in range(number)]
    gains = _gains(samples, summary, best, values["f1"], {name: each["f1"] for name, each in beside.items()})
    return [
        Scored(
            {name: estimate(values[name][at], bounds[name], at, why=why[name][at]) for name in FIGURES},
            {name: {key: _known(each[key][at]) for key in FIGURES} for name, each in beside.items()},
            best[at],
            Estimate(None) if why["f1"][at] else gains[at],
        )
        for at in range(len(best))
    ]


def _best(f1: Mapping[str, float]) -> str:
    return max(f1, key=lambda name: float(np.nan_to_num(f1[name])))


def _gains(
    samples: _Samples, summary: Summary, best: Sequence[str], f1: Array, trivial: Mapping[str, Array]
) -> list[Estimate]:
    """The F1 beyond that of the best trivial answer, resampled with it."""
    mine = summary(samples.drawn, "f1").reshape(-1, len(best))
    theirs = {
        name: summary(each, "f1").reshape(-1, len(best)) for name, each in samples.trivial_drawn.items()
    }
    differences = np.stack([mine[:, at] - theirs[name][:, at] for at, name in enumerate(best)], axis=1)
    bounds = intervals(differences, samples.patients)
    gains = [f1[at] - trivial[name][at] for at, name in enumerate(best)]
    return [estimate(gain, bounds, at) for at, gain in enumerate(gains)]


def estimate(value: float, bounds: Sequence[Array], at: int, *, why: str = "") -> Estimate:
    """A value with the bounds (2 × …) at its place; without them where it is undefined (`why`)."""
    if not np.isfinite(value):
        return Estimate(None)
    low, high = (None if why else _known(bound[at]) for bound in bounds)
    return Estimate(float(value), low, high, why)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

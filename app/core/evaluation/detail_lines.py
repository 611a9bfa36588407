"""Timing, sides, confidence, order, explanations and merging of a reader as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.core.evaluation.calibration import POOLED, Calibration
from app.core.evaluation.evaluate_readings import AnswerDetails
from app.core.evaluation.figure_text import interval, number
from app.core.evaluation.first_movement import FirstMovement
from app.core.evaluation.rated_explanations import EVERYTHING, ExplanationFigures
from app.core.evaluation.segment_rules import MergedFigures
from app.core.evaluation.sequences import SequenceFigures
from app.core.plural import plural
from app.core.semiology import FEATURE


def detail_lines(details: AnswerDetails) -> Iterator[str]:
    """Each kind of figure with its head, where the answers have any."""
    if details.timing:
        yield ""
        yield (
            f"  {'Where both say yes and when':<28}{'n':>5}{'IoU':>8}{'constant':>10}{'onset s':>9}"
            f"{'constant':>10}{'end s':>8}{'constant':>10}"
        )
    for feature, each in details.timing.items():
        one, fixed = each.reader, each.constant
        yield (
            f"  {FEATURE[feature].name:<28}{each.n:>5}{number(one.iou, '.2f'):>8}"
            f"{number(fixed.iou, '.2f'):>10}"
            f"{number(one.onset_error, '.1f'):>9}{number(fixed.onset_error, '.1f'):>10}"
            f"{number(one.end_error, '.1f'):>8}{number(fixed.end_error, '.1f'):>10}"
        )
    if details.sides:
        yield ""
        yield (
            f"  {'Where both name a side':<28}{'n':>5}{'same':>8}  {'95 %':<11}{'chance':>8}{'constant':>10}"
        )
    for feature, sides in details.sides.items():
        yield (
            f"  {FEATURE[feature].name:<28}{sides.n:>5}{number(sides.same, '.2f'):>8}  "
            f"{interval(sides.same):<11}{sides.chance:>8.2f}{sides.constant:>10.2f}"
        )
    if POOLED in details.confidence:
        yield ""
        yield f"  {_confidence(details.confidence[POOLED])}"
    if details.sequence is not None:
        yield ""
        yield from _sequence(details.sequence)
    yield from _first(details.first)
    if EVERYTHING in details.explanations:
        yield ""
        yield from _explanations(details.explanations)
    if details.merging:
        yield ""
        yield from _merging(details.merging)


def _confidence(found: Calibration) -> str:
    after = (
        "Platt scaling cannot be fitted on other patients"
        if found.platt_brier is None or found.platt_ece is None
        else f"after Platt scaling on other patients {found.platt_brier:.3f} and {found.platt_ece:.3f}"
    )
    return (
        f"Confidence of {plural(found.n, 'answer')}: Brier {number(found.brier)} (always the share of yes "
        f"{found.prevalence_brier:.3f}), calibration error {found.ece:.3f}; {after}."
    )


def _sequence(found: SequenceFigures) -> Iterator[str]:
    mine, fixed = found.reader, found.constant
    yield (
        f"  Order of onsets in {plural(found.n, 'recording')}, of the features of both "
        f"({found.features:.1f} on the average):"
    )
    yield (
        f"  pairs in order {number(mine.pairs, '.2f')} [{interval(mine.pairs)}], constant order "
        f"{number(fixed.pairs, '.2f')}; longest common subsequence {number(mine.subsequence, '.2f')} "
        f"[{interval(mine.subsequence)}], constant order {number(fixed.subsequence, '.2f')}."
    )


def _first(found: FirstMovement) -> Iterator[str]:
    for name, one in (("body region", found.region), ("side", found.side)):
        if one is not None:
            yield (
                f"  First movement, same {name}: {number(one.same, '.2f')} [{interval(one.same)}] of {one.n} "
                f"(chance {one.chance:.2f}, constant {one.constant:.2f})."
            )


def _explanations(found: Mapping[str, ExplanationFigures]) -> Iterator[str]:
    yield (
        f"  {'Explanations rated':<28}{'n':>5}{'1':>5}{'2':>5}{'3':>5}{'4':>5}{'5':>5}{'mean':>7}"
        f"{'3 or more':>11}  {'95 %':<11}{'alpha':>6}"
    )
    for feature, each in found.items():
        name = "All features" if feature == EVERYTHING else FEATURE[feature].name
        counts = "".join(f"{count:>5}" for count in each.distribution.values())
        alpha = "–" if each.alpha is None else f"{each.alpha:.2f}".replace("-", "−")
        yield (
            f"  {name:<28}{each.n:>5}{counts}{number(each.mean, '.2f'):>7}{number(each.faithful, '.2f'):>11}"
            f"  {interval(each.faithful):<11}{alpha:>6}"
        )


def _merging(found: Mapping[str, MergedFigures]) -> Iterator[str]:
    yield (
        f"  {'Segments merged':<28}{'n':>5}{'F1 any':>8}{'chosen':>8}{'gain':>8}  {'95 %':<14}rules chosen "
        "on other patients"
    )
    for feature, each in found.items():
        yield (
            f"  {FEATURE[feature].name:<28}{each.n:>5}{number(each.any_segment):>8}{number(each.chosen):>8}"
            f"{number(each.gain, '+.3f'):>8}  {interval(each.gain, '+.2f'):<14}{rules_text(each)}"
        )


def rules_text(found: MergedFigures) -> str:
    """The rules that were chosen, the most frequent first."""
    ordered = sorted(found.rules.items(), key=lambda one: -one[1])
    return ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in ordered)

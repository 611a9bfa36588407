"""An evaluation as text: a table for each reader and each pair."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.evaluation.detail_lines import detail_lines
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.evaluation.figure_text import interval, number, one_line, p_text, undefined_lines
from app.core.evaluation.paired_test import PairedTest
from app.core.evaluation.patients import ALONE
from app.core.evaluation.repeats import FeatureRepeats, RepeatedReader
from app.core.evaluation.scoring import Coverage, ReaderResult, Scored
from app.core.plural import plural
from app.core.semiology import FEATURE

LEGEND = (
    "n: cases in the figures. yes: of them the reference's yes. cov: share of cases that the reader answered "
    "yes or no.\n95 %: interval of F1. best trivial: the highest F1 of always yes, always no, or yes as "
    "often as the reference\nat random; ≤ the reader is not better, ~ better, but perhaps by chance. –: not "
    "defined (in means 0, or the figure of the\nonly answer)."
)


def evaluation_lines(evaluation: Evaluation) -> Iterator[str]:
    """The tables line by line. Names are plain text on one line."""
    yield (
        f"Reference {one_line(evaluation.reference)}: {plural(len(evaluation.grid.cases), 'recording')}; "
        f"intervals "
        f"over {evaluation.groups.count} {_groups(evaluation)}; abstentions: {evaluation.abstentions.value}."
    )
    for name, result in evaluation.readers.items():
        yield ""
        yield one_line(name)
        yield from _reader_lines(result)
        yield from detail_lines(evaluation.details[name])
    for name, repeated in evaluation.repeats.items():
        yield ""
        yield from _repeat_lines(name, repeated)
    for pair in evaluation.pairs:
        yield ""
        yield from _pair_lines(pair)
    yield ""
    yield LEGEND


def _groups(evaluation: Evaluation) -> str:
    by = evaluation.groups.by
    return by if by == ALONE else f"patients (by {one_line(by)})"


def _reader_lines(result: ReaderResult) -> Iterator[str]:
    yield (
        f"  {'':<26}{'n':>5}{'yes':>5}{'cov':>6}{'acc':>7}{'prec':>7}{'rec':>7}{'F1':>7}  {'95 %':<11}"
        f"{'spec':>7}{'bal':>7}{'MCC':>7}{'best trivial':>14}"
    )
    for feature, each in result.said.items():
        share = "–" if each.coverage_share is None else f"{each.coverage_share:.0%}"
        counts = f"{each.n:>5}{each.positives:>5}{share:>6}"
        yield _line(FEATURE[feature].name, counts, each.scored)
    yield _line("Mean over features", " " * 16, result.macro)
    yield _line("Mean weighted by yes", " " * 16, result.weighted)
    yield from (f"  {line}" for line in undefined_lines(result))
    yield _aside(result)


def _line(name: str, counts: str, scored: Scored) -> str:
    figures = scored.figures
    first = "".join(f"{number(figures[key]):>7}" for key in ("accuracy", "precision", "recall", "f1"))
    last = "".join(f"{number(figures[key]):>7}" for key in ("specificity", "balanced_accuracy", "mcc"))
    trivial = scored.trivial()
    best = "–" if trivial is None else f"{trivial:.3f}"
    return (
        f"  {name:<26}{counts}{first}  {interval(figures['f1']):<11}{last}{best:>14} {scored.standing.value}"
    )


def _aside(result: ReaderResult) -> str:
    kinds = (Coverage.NOT_ASSESSABLE, Coverage.FAILED, Coverage.UNANSWERED)
    sums = {kind: sum(each.coverage[kind] for each in result.said.values()) for kind in kinds}
    said = ", ".join(f"{kind.value.replace('_', ' ')} {count}" for kind, count in sums.items())
    others = len(result.features) - len(result.said)
    left = f" Of {others} further features one side says nothing." if others else ""
    return f"  In these features together: {said}.{left}"


def _repeat_lines(name: str, repeated: RepeatedReader) -> Iterator[str]:
    yield f"{one_line(name)}, {len(repeated.readings)} repetitions"
    yield f"  {'':<26}{'n':>5}{'flips':>8}  {'95 %':<11}{'F1 from':>8}{'mean':>8}{'to':>8}{'sd':>8}"
    for feature, each in repeated.features.items():
        yield (
            f"  {FEATURE[feature].name:<26}{each.n:>5}{number(each.flips, '.2f'):>8}  "
            f"{interval(each.flips):<11}{_of_repeats(each)}"
        )


def _of_repeats(each: FeatureRepeats) -> str:
    figures = (each.lowest, each.mean, each.highest, each.deviation)
    return "".join(f"{'–' if one is None else f'{one:.3f}':>8}" for one in figures)


def _pair_lines(pair: PairedTest) -> Iterator[str]:
    yield f"{one_line(pair.first)} less {one_line(pair.second)}, on the cases of both"
    if not any(each.n for each in pair.features.values()):
        yield "  There is no case that is scored for both."
        return
    yield f"  {'':<26}{'n':>5}{'F1':>8}  {'95 %':<14}{'right alone':>12}{'McNemar p':>11}{'Holm':>8}"
    for feature, each in pair.features.items():
        if each.n:
            f1 = each.differences["f1"]
            alone = f"{each.first_only} : {each.second_only}"
            yield (
                f"  {FEATURE[feature].name:<26}{each.n:>5}{number(f1, '+.3f'):>8}  {interval(f1, '+.2f'):<14}"
                f"{alone:>12}{p_text(each.p):>11}{p_text(each.p_holm):>8}"
            )
    mean = pair.mean["f1"]
    yield f"  {'Mean over features':<26}{'':>5}{number(mean, '+.3f'):>8}  {interval(mean, '+.2f'):<14}"

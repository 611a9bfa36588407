"""An evaluation as text: a table for each reader and each pair, and LaTeX of all readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.core.evaluation.calibration import POOLED, Calibration
from app.core.evaluation.evaluate_readings import AnswerDetails, Evaluation
from app.core.evaluation.paired_test import PairedTest
from app.core.evaluation.patients import ALONE
from app.core.evaluation.repeats import RepeatedReader
from app.core.evaluation.scoring import Coverage, Estimate, ReaderResult, Scored
from app.core.plain_text import plain
from app.core.semiology import FEATURE

LEGEND = (
    "n: cases in the figures. yes: of them the reference's yes. cov: share of cases that the reader answered "
    "yes or no.\n95 %: interval of F1. best trivial: the highest F1 of always yes, always no, or yes as "
    "often as the reference\nat random; ≤ the reader is not better, ~ better, but perhaps by chance. –: not "
    "defined (counts 0 in means)."
)


def evaluation_lines(evaluation: Evaluation) -> Iterator[str]:
    """The tables line by line. Names are plain text on one line."""
    yield (
        f"Reference {one_line(evaluation.reference)}: {len(evaluation.grid.cases)} recordings; intervals "
        f"over {evaluation.groups.count} {_groups(evaluation)}; abstentions: {evaluation.abstentions.value}."
    )
    for name, result in evaluation.readers.items():
        yield ""
        yield one_line(name)
        yield from _reader_lines(result)
        yield from _detail_lines(evaluation.details[name])
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
    yield _aside(result)


def _line(name: str, counts: str, scored: Scored) -> str:
    figures = scored.figures
    first = "".join(f"{number(figures[key]):>7}" for key in ("accuracy", "precision", "recall", "f1"))
    last = "".join(f"{number(figures[key]):>7}" for key in ("specificity", "balanced_accuracy", "mcc"))
    trivial = scored.baselines[scored.best]["f1"]
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


def _detail_lines(details: AnswerDetails) -> Iterator[str]:
    """Timing, sides and confidence, each with its head, where the answers have any."""
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


def _confidence(found: Calibration) -> str:
    after = (
        "Platt scaling cannot be fitted on other patients"
        if found.platt_brier is None or found.platt_ece is None
        else f"after Platt scaling on other patients {found.platt_brier:.3f} and {found.platt_ece:.3f}"
    )
    return (
        f"Confidence of {found.n} answers: Brier {number(found.brier)} (always the share of yes "
        f"{found.prevalence_brier:.3f}), calibration error {found.ece:.3f}; {after}."
    )


def _repeat_lines(name: str, repeated: RepeatedReader) -> Iterator[str]:
    yield f"{one_line(name)}, {len(repeated.readings)} repetitions"
    yield f"  {'':<26}{'n':>5}{'flips':>8}  {'95 %':<11}{'F1 from':>8}{'mean':>8}{'to':>8}{'sd':>8}"
    for feature, each in repeated.features.items():
        yield (
            f"  {FEATURE[feature].name:<26}{each.n:>5}{number(each.flips, '.2f'):>8}  "
            f"{interval(each.flips):<11}{each.lowest:>8.3f}{each.mean:>8.3f}{each.highest:>8.3f}{each.deviation:>8.3f}"
        )


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


def number(estimate: Estimate, form: str = ".3f") -> str:
    """The value as text, a dash where it is not defined."""
    return (
        "–" if estimate.value is None or estimate.undefined else f"{estimate.value:{form}}".replace("-", "−")
    )


def interval(estimate: Estimate, form: str = ".2f") -> str:
    """The bounds as text, "" where they are not known."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{estimate.low:{form}}–{estimate.high:{form}}" if "+" not in form else _signed(estimate, form)


def _signed(estimate: Estimate, form: str) -> str:
    return f"{estimate.low:{form}}…{estimate.high:{form}}".replace("-", "−")


def p_text(value: float | None) -> str:
    """A p as text."""
    if value is None:
        return "–"
    return "<.001" if value < 0.001 else f"{value:.3f}"


def one_line(text: str) -> str:
    """Untrusted text as plain text on one line."""
    return " ".join(plain(text).split())


_LATEX = str.maketrans(
    {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {sign: f"\\{sign}" for sign in "&%$#_{}"}
)


def evaluation_to_latex(evaluation: Evaluation) -> str:
    """A table (booktabs) of F1 with intervals: features in rows, readers in columns, the best trivial F1.

    Bold is the highest F1 of a row; a dagger marks what is not above the best trivial answer.
    """
    readers = list(evaluation.readers.values())
    columns = " & ".join(one_line(name).translate(_LATEX) for name in evaluation.readers)
    features = [
        feature for feature in readers[0].features if any(each.features[feature].n for each in readers)
    ]
    rows = [
        _latex_row(
            FEATURE[feature].name,
            f"{max(each.features[feature].n for each in readers)}",
            [each.features[feature].scored for each in readers],
        )
        for feature in features
    ]
    rows += [r"\midrule", _latex_row("Mean over features", "", [each.macro for each in readers])]
    rows += [_latex_row("Mean weighted by yes", "", [each.weighted for each in readers])]
    head = [
        rf"\begin{{tabular}}{{lr{'l' * len(readers)}r}}",
        r"\toprule",
        rf"Feature & $n$ & {columns} & Trivial \\",
    ]
    note = (
        f"% F1 with 95% intervals by bootstrap over {evaluation.groups.count} patients; "
        f"abstentions: {evaluation.abstentions.value}; dagger: not above the best trivial answer."
    )
    return "\n".join([note, *head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", ""])


def _latex_row(name: str, n: str, scored: Sequence[Scored]) -> str:
    values = [each.figures["f1"].value for each in scored if each.figures["f1"].value is not None]
    highest = max(values, default=None)
    cells = [_latex_cell(each, each.figures["f1"].value == highest) for each in scored]
    trivial = [each.baselines[each.best]["f1"] for each in scored]
    best = max((one for one in trivial if one is not None), default=None)
    return rf"{name} & {n} & {' & '.join(cells)} & {'--' if best is None else f'{best:.3f}'} \\"


def _latex_cell(scored: Scored, highest: bool) -> str:
    f1 = scored.figures["f1"]
    if f1.value is None or f1.undefined:
        return "--"
    value = rf"\textbf{{{f1.value:.3f}}}" if highest else f"{f1.value:.3f}"
    dagger = "" if scored.gain.value is None or scored.gain.value > 0 else r"$^\dagger$"
    bounds = "" if f1.low is None else f" [{f1.low:.2f}, {f1.high:.2f}]"
    return f"{value}{dagger}{bounds}"

"""An evaluation as tables of a paper (LaTeX with booktabs): readers side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.core.evaluation.calibration import POOLED
from app.core.evaluation.evaluate_readings import AnswerDetails, Evaluation
from app.core.evaluation.latex_tables import further_tables, latex_figure, latex_text
from app.core.evaluation.rated_explanations import EVERYTHING
from app.core.evaluation.scoring import Estimate, Scored
from app.core.semiology import FEATURE


def evaluation_to_latex(evaluation: Evaluation) -> str:
    """The table of F1, that of what answers hold beyond presence where any reader's do, and then for each
    reader all figures and the coverage, and for every two readers the comparison."""
    return _f1_table(evaluation) + _detail_table(evaluation) + "".join(further_tables(evaluation))


def _f1_table(evaluation: Evaluation) -> str:
    """A table (booktabs) of F1 with intervals: features in rows, readers in columns, the best trivial F1.

    Bold is the F1 of a row that is above 0 and above all others as they are printed; a dagger marks what is
    not above the best trivial answer.
    """
    readers = list(evaluation.readers.values())
    columns = " & ".join(latex_text(name) for name in evaluation.readers)
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
        f"abstentions: {evaluation.abstentions.value}; dagger: not above the best trivial answer; "
        "--: not defined, because neither the reference nor the reader says yes, or, of verbal "
        "responsiveness, the reference has one answer only."
    )
    return "\n".join([note, *head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", ""])


def _latex_row(name: str, n: str, scored: Sequence[Scored]) -> str:
    best_at = _only_best([each.figures["f1"] for each in scored])
    cells = [_latex_cell(each, at == best_at) for at, each in enumerate(scored)]
    trivial = [each.trivial() for each in scored]
    best = max((one for one in trivial if one is not None), default=None)
    return rf"{name} & {n} & {' & '.join(cells)} & {'--' if best is None else f'{best:.3f}'} \\"


def _only_best(figures: Sequence[Estimate]) -> int | None:
    """The place of the figure that is above 0 and above each of the others, as it is printed; else None."""
    printed = [0.0 if one.value is None or one.undefined else round(one.value, 3) for one in figures]
    known = sum(one.value is not None and not one.undefined for one in figures)
    highest = max(printed, default=0.0)
    return printed.index(highest) if known > 1 and highest > 0 and printed.count(highest) == 1 else None


def _latex_cell(scored: Scored, highest: bool) -> str:
    f1 = scored.figures["f1"]
    if f1.value is None or f1.undefined:
        return "--"
    value = rf"\textbf{{{f1.value:.3f}}}" if highest else f"{f1.value:.3f}"
    dagger = "" if scored.gain.value is None or scored.gain.value > 0 else r"$^\dagger$"
    bounds = "" if f1.low is None else f" [{f1.low:.2f}, {f1.high:.2f}]"
    return f"{value}{dagger}{bounds}"


_Figures = Callable[[AnswerDetails], Estimate | None]


def _region(details: AnswerDetails) -> Estimate | None:
    return None if details.first.region is None else details.first.region.same


def _side(details: AnswerDetails) -> Estimate | None:
    return None if details.first.side is None else details.first.side.same


def _brier(details: AnswerDetails) -> Estimate | None:
    found = details.confidence.get(POOLED)
    return None if found is None else found.brier


def _calibration_error(details: AnswerDetails) -> Estimate | None:
    found = details.confidence.get(POOLED)
    return None if found is None else Estimate(found.ece)


def _faithful(details: AnswerDetails) -> Estimate | None:
    found = details.explanations.get(EVERYTHING)
    return None if found is None else found.faithful


_DETAIL_ROWS: Mapping[str, _Figures] = {
    "Brier score": _brier,
    "Calibration error": _calibration_error,
    "Onsets in order, pairs": lambda one: one.sequence.reader.pairs if one.sequence else None,
    "Longest common subsequence": lambda one: one.sequence.reader.subsequence if one.sequence else None,
    "First movement, body region": _region,
    "First movement, side": _side,
    "Explanations rated 3 or more": _faithful,
}


def _detail_table(evaluation: Evaluation) -> str:
    """A table of what answers hold beyond presence, readers in columns; "" where none holds any of it."""
    details = list(evaluation.details.values())
    rows = {name: [figure(one) for one in details] for name, figure in _DETAIL_ROWS.items()}
    lines = [
        rf"{name} & {' & '.join(latex_figure(each) for each in found)} \\"
        for name, found in rows.items()
        if any(each is not None for each in found)
    ]
    if not lines:
        return ""
    columns = " & ".join(latex_text(name) for name in evaluation.details)
    head = [
        rf"\begin{{tabular}}{{l{'l' * len(details)}}}",
        r"\toprule",
        rf"Figure & {columns} \\",
        r"\midrule",
    ]
    return "\n".join(["", *head, *lines, r"\bottomrule", r"\end{tabular}", ""])

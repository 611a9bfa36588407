"""Tables of a paper (LaTeX with booktabs): all figures and coverage of a reader, and two readers compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.core.evaluation.evaluate_readings import Evaluation
from app.core.evaluation.figure_text import one_line, p_text, undefined_lines
from app.core.evaluation.paired_test import PairedTest
from app.core.evaluation.scoring import Coverage, Estimate, ReaderResult, Scored
from app.core.semiology import FEATURE

_LATEX = str.maketrans(
    {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {sign: f"\\{sign}" for sign in "&%$#_{}"}
)
_SHOWN = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "specificity": "Specificity",
    "balanced_accuracy": "Balanced",
    "mcc": "MCC",
}


def latex_text(text: str) -> str:
    """Untrusted text on one line, with what LaTeX would take for commands escaped."""
    return one_line(text).translate(_LATEX)


def further_tables(evaluation: Evaluation) -> Iterator[str]:
    """A table each, with a comment above it that says what it is."""
    for name, result in evaluation.readers.items():
        yield _figure_table(name, result)
        yield _coverage_table(name, result)
    for pair in evaluation.pairs:
        if any(each.n for each in pair.features.values()):
            yield _pair_table(pair)


def _tabular(about: str, columns: str, head: Sequence[str], rows: Iterable[str]) -> str:
    lines = ("", f"% {about}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule", rf"{' & '.join(head)} \\")
    return "\n".join((*lines, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", ""))


def _row(*cells: str) -> str:
    return rf"{' & '.join(cells)} \\"


def _figure_table(name: str, result: ReaderResult) -> str:
    rows = [
        _figure_row(FEATURE[feature].name, str(each.n), str(each.positives), each.scored)
        for feature, each in result.said.items()
    ]
    means = (("Mean over features", result.macro), ("Mean weighted by yes", result.weighted))
    rows += [r"\midrule", *(_figure_row(title, "", "", scored) for title, scored in means)]
    without = "".join(f"; {latex_text(line).replace('–', '--')}" for line in undefined_lines(result))
    about = f"{latex_text(name)}: figures with 95\\% intervals over patients{without}"
    return _tabular(about, "lrr" + "l" * len(_SHOWN), ("Feature", "$n$", "Yes", *_SHOWN.values()), rows)


def _figure_row(title: str, n: str, positives: str, scored: Scored) -> str:
    return _row(title, n, positives, *(latex_figure(scored.figures[key], ".2f") for key in _SHOWN))


def latex_figure(estimate: Estimate | None, form: str = ".3f") -> str:
    """A figure with its interval in brackets; dashes where it is not defined."""
    if estimate is None or estimate.value is None or estimate.undefined:
        return "--"
    signed = "+.2f" if "+" in form else ".2f"
    bounds = "" if estimate.low is None else f" [{estimate.low:{signed}}, {estimate.high:{signed}}]"
    return f"{estimate.value:{form}}{bounds}".replace("-", "$-$")


def _coverage_table(name: str, result: ReaderResult) -> str:
    rows = (
        _row(
            FEATURE[feature].name,
            str(each.cases),
            *(str(each.coverage[kind]) for kind in Coverage),
            "--" if each.coverage_share is None else f"{each.coverage_share:.0%}".replace("%", r"\%"),
        )
        for feature, each in result.said.items()
    )
    head = ("Feature", "Cases", "Answered", "Not assessable", "Failed", "Unanswered", "Answered, share")
    about = f"{latex_text(name)}: what became of the cases for which the reference has an answer"
    return _tabular(about, "l" + "r" * 6, head, rows)


def _pair_table(pair: PairedTest) -> str:
    rows = [
        _row(
            FEATURE[feature].name,
            str(each.n),
            latex_figure(each.differences["f1"], "+.3f"),
            f"{each.first_only} : {each.second_only}",
            _p(each.p),
            _p(each.p_holm),
        )
        for feature, each in pair.features.items()
        if each.n
    ]
    rows += [r"\midrule", _row("Mean over features", "", latex_figure(pair.mean["f1"], "+.3f"), "", "", "")]
    about = (
        f"{latex_text(pair.first)} less {latex_text(pair.second)}: F1 with 95\\% intervals over patients; "
        "McNemar's exact test, then after Holm's correction"
    )
    return _tabular(about, "lrlrrr", ("Feature", "$n$", "F1", "Right alone", "$p$", "$p$, Holm"), rows)


def _p(value: float | None) -> str:
    return p_text(value).replace("<", "$<$").replace("–", "--")

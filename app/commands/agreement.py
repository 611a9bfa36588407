"""`semioscope agreement`: the readers of a study compared."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from app.commands import arguments, viewer_options
from app.commands.faithfulness import faithfulness_text
from app.commands.json_output import json_argument, write_json_to
from app.commands.study_option import study_argument
from app.commands.terminal import one_line
from app.commands.viewer_options import answers_argument, sealed_arguments
from app.core.agreement.comparison_cells import figure_cell
from app.core.plural import plural
from app.core.semiology import FEATURES
from app.core.study.blind_readings import AnswersUsed, describe_changed

if TYPE_CHECKING:
    from app.core.agreement.comparison import Comparison
    from app.core.agreement.figure import Figure
    from app.core.agreement.kappa import PairFigures


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "agreement",
        help="the readers of a study compared, feature by feature",
        description="Compares every two readers of a study: agreement, Cohen's kappa with interval, Gwet's "
        "AC1, PABAK, overlap in time and side; and all together: Fleiss' kappa, Krippendorff's alpha.",
        epilog="docs/agreement.md says what the figures mean. * few cases · ! nearly all answers the same.",
    )
    study_argument(parser)
    json_argument(parser, "tables")
    answers_argument(parser)
    sealed_arguments(parser)
    rated = parser.add_argument_group("ratings of explanations instead")
    rated.add_argument(
        "--faithfulness", action="store_true",
        help="how persons have rated a reader's explanations, 1 (made up) to 5 (right)",
    )  # fmt: skip
    rated.add_argument("--reader", metavar="NAME", help="whose explanations (default: the only reader's)")
    rated.add_argument(
        "--reference", metavar="NAME",
        help="who is right (default: the study's reference, else the consensus, else the only person)",
    )  # fmt: skip
    rated.add_argument("--rater", metavar="NAME", help="only this person's ratings (default: everybody's)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    tables, text = faithfulness_text(args) if args.faithfulness else _compared(args)
    if not write_json_to(args, text):
        print(tables)
    return 0


def _compared(args: argparse.Namespace) -> tuple[str, str]:
    """The tables and the JSON of every two readers. Raises UserError."""
    from app.core.agreement.compare_readers import compare_every_pair
    from app.core.agreement.comparison_json import comparisons_to_dict

    with viewer_options.open_study(args) as study:
        found = compare_every_pair(study, viewer_options.viewer_of(study, args), AnswersUsed(args.answers))
    viewer_options.print_left_out((found.seal,), describe_changed(found.changed, found.used))
    data = comparisons_to_dict(found.recordings, found.pairs, found.together, found.used, found.changed)
    lines = [_table(names, comparison) for names, comparison in found.pairs.items()]
    for feature in FEATURES if found.together else ():
        each = found.together[feature.id]
        lines.append(f"  {feature.name:<26}Fleiss {_cell(each.fleiss)}  α {_cell(each.alpha)}")
    return "\n".join(lines), json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)


def _table(names: tuple[str, str], comparison: Comparison) -> str:
    first, second = (one_line(name) for name in names)
    lines = [
        f"{first} · {second}: {plural(comparison.recordings, 'recording')}",
        f"  {'':<26}{'n':>5}{'same':>8}{'κ':>8}  {'95 %':<13}{'AC1':>8}{'PABAK':>8}{'IoU':>8}{'onset s':>9}",
    ]
    for feature in FEATURES:
        found = comparison.features[feature.id]
        lines.append(
            _row(feature.name, found.figures)
            + f"{_cell(found.overlap.iou):>8}{_cell(found.overlap.onset, '+.1f'):>9}"
        )
    lines.append(_row("All features", comparison.overall))
    return "\n".join(lines) + "\n"


def _row(name: str, figures: PairFigures) -> str:
    kappa = figures.kappa
    interval = "" if kappa.low is None else f"{kappa.low:.2f}…{kappa.high:.2f}"
    return (
        f"  {name:<26}{figures.counts.n:>5}{_cell(figures.percent):>8}{_cell(kappa):>8}  {interval:<13}"
        f"{_cell(figures.ac1):>8}{_cell(figures.pabak):>8}"
    )


def _cell(figure: Figure, form: str = ".2f") -> str:
    return figure_cell(figure, form).text

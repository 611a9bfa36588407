"""`semioscope evaluate`: readings scored against a reference."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from app.commands import arguments, viewer_options
from app.commands.json_output import write_json_to
from app.commands.label_options import named_source, patient_options, study_for_viewers
from app.commands.result_options import STDOUT, check_folder, check_new, result_option, write_result
from app.commands.viewer_options import answers_argument, sealed_arguments
from app.core.errors import UserError
from app.core.study.blind_readings import AnswersUsed

if TYPE_CHECKING:
    from app.core.evaluation.evaluate_readings import Evaluation, EvaluationChoice

_FILES = {
    "--json": "everything as JSON into OUT, or on stdout instead of the tables",
    "--csv": "a row for each reader and feature",
    "--details-csv": "timing, sides, confidence and its curve, order, explanations, merging: a row for each "
    "figure",
    "--latex": "tables for a paper (booktabs)",
    "--html": "a page of all tables and charts, in one file; its numbers lead to the recordings behind them",
    "--methods": "how it was computed, in sentences for a paper",
}
"""The options that write one file, and what is in it."""
_RULES = ("study", "exclude", "wrong", "class")


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "evaluate",
        help="score readings against a reference",
        description="Scores readings against a reference, feature by feature: accuracy, precision, recall, "
        "F1, specificity, balanced accuracy and MCC with 95 % intervals over patients, beside trivial "
        "answers; and every two readings with each other. A source is a table (CSV, TSV, XLSX; a row for "
        "each recording or segment, a column for each feature), a reading as JSON or a folder of them, an "
        "exported study, or the folder of a study.",
        epilog="Not assessable, failed and unanswered are counted apart, never as no. docs/evaluation.md "
        "says what the figures are. Research use; not a medical device.",
    )
    parser.add_argument(
        "--reference", metavar="[NAME=]PATH", action="append", required=True,
        help="what is right; NAME chooses a reader where there are several; can be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--reading", metavar="[NAME=]PATH", action="append", default=[],
        help="what is scored; NAME chooses a reader, or says what the only one is called; can be repeated",
    )  # fmt: skip
    parser.add_argument("readings", metavar="PATH", nargs="*", help="further readings to score")
    _rule_arguments(parser)
    answers_argument(parser)
    _output_arguments(parser)
    sealed_arguments(parser)
    parser.set_defaults(run=run)


def _rule_arguments(parser: argparse.ArgumentParser) -> None:
    patient_options(parser, "default: the column patient, else each recording alone")
    parser.add_argument(
        "--abstentions", choices=_RULES, default=_RULES[0],
        help="not assessable is: a third class for verbal responsiveness alone and left out elsewhere "
        "(study, the default), left out (exclude), the wrong answer (wrong), a third class (class)",
    )  # fmt: skip


def _output_arguments(parser: argparse.ArgumentParser) -> None:
    for name, what in _FILES.items():
        result_option(parser, name, "OUT", what, bare=name == "--json")
    figures = (
        "a folder for the charts: heat map, intervals, reliability, confusion, faithfulness, prevalence, "
        "each also as CSV"
    )
    result_option(parser, "--figures", "DIR", figures, whole=False)
    parser.add_argument(
        "--format", metavar="KINDS", default="png", help="of the charts: png, svg, pdf, or several (svg,pdf)"
    )
    parser.add_argument(
        "--prevalence-by", metavar="COLUMN",
        help="the column of the reference by which prevalence is shown (default: diagnosis or split)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    from app.core.evaluation.chart_files import charts_in, file_kinds
    from app.core.evaluation.evaluate_readings import evaluate_readings
    from app.core.evaluation.evaluation_text import evaluation_lines

    kinds = file_kinds(args.format)
    if args.figures:
        check_folder(args.figures)
        check_new(args, charts_in(args.figures, kinds))
    evaluation = evaluate_readings(_choice(args), lambda folder: study_for_viewers(folder, args))
    viewer_options.print_left_out(evaluation.seals, evaluation.remarks)
    _write(evaluation, args)
    if args.json != STDOUT:
        print("\n".join(evaluation_lines(evaluation)))
    return 0


def _choice(args: argparse.Namespace) -> EvaluationChoice:
    from app.core.evaluation.confusion import Abstentions
    from app.core.evaluation.evaluate_readings import EvaluationChoice

    readings = tuple(named_source(text) for text in (*args.reading, *args.readings))
    if not readings:
        raise UserError("Give what is to be scored: --reading PATH.")
    return EvaluationChoice(
        tuple(named_source(text) for text in args.reference),
        readings,
        args.names,
        args.group_by,
        Abstentions(args.abstentions),
        AnswersUsed(args.answers),
    )


def _write(evaluation: Evaluation, args: argparse.Namespace) -> None:
    """Write the files that were asked for. Raises UserError."""
    from app.core.evaluation.chart_files import file_kinds, write_charts
    from app.core.evaluation.details_csv import details_to_csv
    from app.core.evaluation.evaluation_json import evaluation_to_csv, evaluation_to_dict
    from app.core.evaluation.evaluation_latex import evaluation_to_latex
    from app.core.evaluation.evaluation_page import evaluation_page
    from app.core.evaluation.methods_text import methods_text

    if args.json:
        data = evaluation_to_dict(evaluation)
        text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        write_json_to(args, text)
    if args.csv:
        write_result(args, args.csv, evaluation_to_csv(evaluation).encode("utf-8-sig", "replace"))
    if args.details_csv:
        write_result(args, args.details_csv, details_to_csv(evaluation).encode("utf-8-sig", "replace"))
    if args.latex:
        write_result(args, args.latex, evaluation_to_latex(evaluation).encode("utf-8", "replace"))
    if args.html:
        page = evaluation_page(evaluation, group=args.prevalence_by)
        write_result(args, args.html, page.encode("utf-8", "replace"))
    if args.methods:
        write_result(args, args.methods, methods_text(evaluation).encode("utf-8", "replace"))
    if args.figures:
        kinds, group = file_kinds(args.format), args.prevalence_by
        write_charts(evaluation, args.figures, kinds, group=group, replace=args.replace)

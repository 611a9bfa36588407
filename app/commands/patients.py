"""`semioscope patients`: patient, event, diagnosis, split and free columns of a study's recordings."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments, viewer_options
from app.commands.label_options import names_argument
from app.commands.result_options import result_option, write_result
from app.commands.study_option import open_study_to_change, open_study_to_read, study_argument
from app.commands.terminal import one_line, say
from app.core.errors import UserError
from app.core.plural import plural
from app.core.settings import account_author

if TYPE_CHECKING:
    from app.core.evaluation.describe_patients import PatientPlan
    from app.core.study.store import Study

_WIDEST = 30


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "patients",
        help="patient, event, diagnosis and split of a study's recordings",
        description="Shows which patient and event each recording of a study belongs to, with diagnosis "
        "(epileptic, functional, other), split and free columns; or takes them from a table or from the "
        "names of the recordings: first shown, then with --keep kept as one change that can be undone.",
        epilog="Patient data stay in the study: no export holds them but the file of --csv. Use pseudonyms.",
    )
    study_argument(parser)
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--table", metavar="FILE", type=Path,
        help="take them from a table (CSV, TSV, XLSX): a row for each recording; blank cells change nothing",
    )  # fmt: skip
    source.add_argument(
        "--pattern", metavar="PATTERN",
        help="take them from the names: '{patient}_{event}_*', or a regular expression with groups such as "
        "(?P<patient>P[0-9]+)",
    )  # fmt: skip
    names_argument(parser)
    parser.add_argument("--keep", action="store_true", help="keep what is shown in the study")
    parser.add_argument(
        "--add-missing", action="store_true",
        help="with --table: recordings that the study does not have are added by their labels alone",
    )  # fmt: skip
    result_option(parser, "--csv", "OUT", "write the patient data into this table")
    viewer_options.sealed_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.table is None and args.pattern is None:
        _show(args)
        return 0
    if args.csv is not None:
        raise UserError("--csv writes what the study holds; give it without --table and --pattern.")
    if args.keep:
        with open_study_to_change(args.study, author=account_author()) as study:
            _keep(study, args)
    else:
        with open_study_to_read(args.study) as study:
            _print_plan(_plan(study, args), add_missing=args.add_missing)
        print("Nothing was changed; --keep keeps this in the study.")
    return 0


def _show(args: argparse.Namespace) -> None:
    from app.core.evaluation.describe_patients import patient_table
    from app.core.exchange.csv_file import rows_to_csv

    with viewer_options.open_study(args) as study:
        rows = patient_table(study, viewer_options.viewer_of(study, args))
    if args.csv is not None:
        write_result(args, args.csv, rows_to_csv(rows), private=True)
        print(f"{plural(len(rows) - 1, 'recording')} written; the file holds patient data.")
        return
    widths = [min(max(len(row[at]) for row in rows), _WIDEST) for at in range(len(rows[0]))]
    for row in rows:
        cells = (one_line(cell)[:_WIDEST].ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _plan(study: Study, args: argparse.Namespace) -> PatientPlan:
    from app.core.evaluation.describe_patients import plan_from_names, plan_from_table

    if args.table is not None:
        return plan_from_table(study, args.table, args.names)
    return plan_from_names(study, args.pattern)


def _print_plan(plan: PatientPlan, *, add_missing: bool) -> None:
    shown = plan.changes if add_missing else plan.known
    for change in shown:
        added = " (new, labels alone)" if change.number is None else ""
        print(one_line(f"{change.name}{added}: {change.said or 'nothing more'}"))
    for remark in plan.remarks:
        say(remark)
    if plan.missing and not add_missing:
        say(
            f"The study does not have {len(plan.missing)} of the recordings, such as "
            f"“{plan.missing[0].name}”; --add-missing adds them by their labels alone."
        )


def _keep(study: Study, args: argparse.Namespace) -> None:
    from app.core.evaluation.describe_patients import keep_patient_plan

    plan = _plan(study, args)
    _print_plan(plan, add_missing=args.add_missing)
    kept = keep_patient_plan(study, plan, add_missing=args.add_missing)
    print(f"Changed: {kept}. In the window, undo takes all of it back." if kept else "Nothing to change.")

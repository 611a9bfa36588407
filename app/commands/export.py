"""`semioscope export`: a study's readings in the files of other programs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands import arguments, viewer_options
from app.commands.interruption import cancelled_by_signals
from app.commands.study_option import study_argument
from app.commands.viewer_options import sealed_arguments
from app.core.exchange.export_study import WITHOUT_HISTORY, export_study
from app.core.exchange.format_names import FORMAT_NAMES
from app.core.jobs import no_report


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "export",
        help="a study's answers as CSV, XLSX, ELAN, BORIS, BIDS or JSON",
        description="Writes the answers of a study, of every reader and not sealed, in the files of other "
        "programs: " + "; ".join(f"{id_}: {name}" for id_, name in FORMAT_NAMES.items()) + ".",
        epilog="Names of recordings and readers are written as they are. Research use; not a medical device.",
    )
    study_argument(parser)
    parser.add_argument("--format", choices=tuple(FORMAT_NAMES), required=True, help="which files")
    parser.add_argument(
        "--out", metavar="PATH", type=Path, required=True,
        help="the file to write, or a folder (made if missing); eaf and bids write a file per recording",
    )  # fmt: skip
    parser.add_argument(
        "--reader", metavar="NAME", action="append", help="only this reader's answers; can be repeated"
    )
    sealed_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    with viewer_options.open_study(args) as study, cancelled_by_signals() as cancel:
        exported = export_study(
            study,
            viewer_options.viewer_of(study, args),
            args.format,
            args.out,
            readers=frozenset(args.reader or ()),
            report=no_report,
            cancel=cancel,
        )
    viewer_options.print_seal(exported.seal)
    if exported.without_history:
        print(f"semioscope: {WITHOUT_HISTORY}", file=sys.stderr)
    for path in exported.paths:
        print(path)
    return 0

"""`semioscope import`: answers from the files of other programs into a study, each as an edit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.study_option import open_study_to_change, study_argument
from app.commands.terminal import one_line
from app.commands.viewer_options import unsealed_argument
from app.core.exchange.format_names import FORMAT_NAMES
from app.core.exchange.import_labels import describe_import, import_labels
from app.core.jobs import no_report
from app.core.reading import person
from app.core.settings import account_author
from app.core.study.viewer import SealedFrom, Unsealed


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "import",
        help="answers from CSV, XLSX, ELAN, BORIS, BIDS or JSON into a study",
        description="Takes a reader's answers out of a file and into a study that has the recordings. Every "
        "answer is an edit in your name that can be undone; what the file leaves open stays as it is, and so "
        "does what is sealed from you.",
        epilog="What is not understood is reported and left out, never guessed.",
    )
    study_argument(parser)
    parser.add_argument("file", metavar="FILE", type=Path, help="the file, or a folder of such files")
    parser.add_argument("--format", choices=tuple(FORMAT_NAMES), required=True, help="what kind of file")
    parser.add_argument(
        "--reader", metavar="NAME",
        help="whose answers these are: of a file that names readers only that one's, of one that does not "
        "all (default: all readers that the file names)",
    )  # fmt: skip
    unsealed_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    me = account_author()
    viewer = Unsealed() if args.unsealed else SealedFrom((person(me),))
    with open_study_to_change(args.study, author=me) as study, cancelled_by_signals() as cancel:
        imported = import_labels(
            study, viewer, args.file, args.format, reader=args.reader, report=no_report, cancel=cancel
        )
    done, *remarks = describe_import(imported)
    for remark in remarks:
        print(one_line(remark), file=sys.stderr)
    print(done)
    return 0

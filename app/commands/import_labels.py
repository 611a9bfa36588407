"""`semioscope import`: answers from the files of other programs into a study, each as an edit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands import arguments
from app.commands.study import study_argument, study_to_change
from app.commands.terminal import one_line
from app.core.exchange.format_names import FORMAT_NAMES


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "import",
        help="answers from CSV, XLSX, ELAN, BORIS, BIDS or JSON into a study",
        description="Takes a reader's answers out of a file and into a study that has the recordings. Every "
        "answer is an edit that can be undone; what the file leaves open stays as it is.",
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
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.exchange.formats import FORMATS, read
    from app.core.exchange.importing import import_into
    from app.core.settings import author_of, load_settings

    imported = read(args.file, FORMATS[args.format])
    with study_to_change(args.study, author=args.reader or author_of(load_settings())) as study:
        outcome = import_into(study, imported, reader=args.reader, why=f"imported from {args.file.name}")
    for remark in outcome.remarks:
        print(one_line(remark), file=sys.stderr)
    print(f"{outcome.changed} answers changed; {outcome.same} already matched.")
    return 0

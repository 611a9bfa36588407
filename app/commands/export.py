"""`semioscope export`: a study's readings in the files of other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.commands import arguments, sealed
from app.commands.sealed import sealed_arguments
from app.commands.study import study_argument
from app.core.errors import UserError
from app.core.exchange.format_names import FORMAT_NAMES


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
    from app.core.exchange.bundle import from_study, of_readers
    from app.core.exchange.formats import FORMATS, export
    from app.core.exchange.sealed import without_sealed

    with sealed.opened(args) as study:
        bundle, left_out = without_sealed(from_study(study), study, sealed.viewers(study, args))
        sealed.settle(study, args, left_out, f"export as {args.format}")
    if args.reader:
        bundle = of_readers(bundle, frozenset(args.reader))
    if not bundle.readings:
        why = "All such answers are sealed" if left_out else "The study has no such answers"
        raise UserError(f"{why}, so nothing was written.")
    for path in export(bundle, args.out, FORMATS[args.format]):
        print(path)
    return 0

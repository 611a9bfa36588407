"""`semioscope export`: a study's readings in the files of other programs."""

from __future__ import annotations

import argparse
import sys

from app.commands import arguments, viewer_options
from app.commands.format_option import format_option
from app.commands.interruption import cancelled_by_signals
from app.commands.question_lines import ABOUT, FORMAT, add_line_options, refuse_line_options, run_lines
from app.commands.result_options import check_new, result_option
from app.commands.study_option import study_argument
from app.commands.terminal import ProgressLine, one_line, say
from app.commands.viewer_options import sealed_arguments
from app.core.errors import UserError
from app.core.exchange.export_study import WITHOUT_HISTORY, export_study
from app.core.exchange.format_names import FORMAT_NAMES
from app.core.jobs import no_report
from app.core.settings import account_author

_ENDINGS = (".edf",)
"""Of recordings and EEGs that are written: EDF+ with the annotations alone."""


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "export",
        help="a study's answers as CSV, XLSX, ELAN, BORIS, BIDS or JSON",
        description="Writes the answers of a study, of every reader and not sealed, in the files of other "
        "programs: " + "; ".join(f"{id_}: {name}" for id_, name in FORMAT_NAMES.items()) + f"; {ABOUT}.",
        epilog="Names of recordings and readers are written as they are. Research use; not a medical device.",
    )
    study_argument(parser)
    format_option(parser, FORMAT, "which files")
    what = "the file to write, or a folder (made if missing); eaf and bids write a file per recording"
    result_option(parser, "--out", "PATH", what, required=True, whole=False)
    parser.add_argument(
        "--reader", metavar="NAME", action="append", help="only this reader's answers; can be repeated"
    )
    parser.add_argument(
        "--kept", action="store_true", help="then show what the files keep of each part of the study"
    )
    parser.add_argument(
        "--with-eeg", action="store_true",
        help="with bids: a whole dataset with anonymous copies of the attached EEG files",
    )  # fmt: skip
    parser.add_argument(
        "--with-video", action="store_true",
        help="with bids: a whole dataset with the videos (after BEP047) as recorded: people can be "
        "recognised, and the files' metadata stay; the ledger has a row for each",
    )  # fmt: skip
    parser.add_argument(
        "--keep-annotations", action="store_true",
        help="with --with-eeg: keep the EEG files' annotations, which may name people",
    )  # fmt: skip
    add_line_options(parser)
    sealed_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.keep_annotations and not args.with_eeg:
        raise UserError("--keep-annotations belongs to --with-eeg.")
    if args.replace and (args.format == FORMAT or args.with_eeg or args.with_video):
        raise UserError(
            "--replace goes without --format jsonl, --with-eeg and --with-video: they write a folder, which "
            "is never replaced. Choose another name, or move it away."
        )
    if args.format == FORMAT:
        if args.with_eeg or args.with_video or args.unsealed or args.viewer:
            raise UserError("--format jsonl goes without --with-eeg, --with-video, --viewer and --unsealed.")
        return run_lines(args)
    refuse_line_options(args)
    if args.with_eeg or args.with_video:
        return _run_dataset(args)
    with viewer_options.open_study(args) as study, cancelled_by_signals() as cancel:
        exported = export_study(
            study,
            viewer_options.viewer_of(study, args),
            args.format,
            args.out,
            readers=frozenset(args.reader or ()),
            check=lambda paths: check_new(args, paths, _ENDINGS),
            replace=args.replace,
            report=no_report,
            cancel=cancel,
        )
    viewer_options.print_seal(exported.seal)
    if exported.without_history:
        say(WITHOUT_HISTORY)
    for path in exported.paths:
        print(path)
    if args.kept:
        _print_kept(args.format)
    return 0


def _print_kept(format_id: str) -> None:
    """Print what the files keep of the study, a row for each part."""
    from app.core.exchange.formats import parts_kept

    for part, kept in parts_kept(format_id):
        print(f"{part:<34}{kept}", file=sys.stderr)


def _run_dataset(args: argparse.Namespace) -> int:
    from app.core.exchange.bids_dataset import DatasetChoice, export_bids_dataset
    from app.core.exchange.bids_video import AS_RECORDED

    if args.format != "bids":
        raise UserError("--with-eeg and --with-video write a BIDS dataset: give --format bids.")
    if args.with_video:
        say(AS_RECORDED)
    with viewer_options.open_study(args) as study, cancelled_by_signals() as cancel, ProgressLine() as report:
        written = export_bids_dataset(
            study,
            viewer_options.viewer_of(study, args),
            args.out,
            DatasetChoice(args.with_video, args.keep_annotations, args.with_eeg),
            user=account_author(),
            readers=frozenset(args.reader or ()),
            report=report,
            cancel=cancel,
        )
    viewer_options.print_seal(written.seal)
    for remark in written.remarks:
        print(one_line(remark), file=sys.stderr)
    print(written.folder)
    return 0

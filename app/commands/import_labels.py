"""`semioscope import`: answers from the files of other programs into a study, each as an edit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.format_option import format_option
from app.commands.interruption import cancelled_by_signals
from app.commands.label_options import names_argument
from app.commands.study_option import open_study_to_change, study_argument
from app.commands.terminal import one_line
from app.commands.viewer_options import unsealed_argument
from app.core.errors import UserError
from app.core.exchange.import_labels import (
    ImportChoice,
    ImportedLabels,
    ImportPreview,
    describe_import,
    describe_preview,
    import_labels,
    preview_labels,
)
from app.core.exchange.joined_readings import ContradictionError, Prefer, Settlement
from app.core.exchange.kept_meanings import keep_features, kept_meaning
from app.core.exchange.phrases import feature_named
from app.core.jobs import CancelToken, no_report
from app.core.reading import ReaderKind, person
from app.core.settings import account_author
from app.core.study.store import Study
from app.core.study.viewer import Unsealed, Viewer, viewer_of_person

if TYPE_CHECKING:
    from app.core.evaluation.import_table import TableChoice

FORMAT_ID = "table"
"""The format of research groups' tables, which `evaluate` reads as well."""


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "import",
        help="answers from CSV, XLSX, ELAN, BORIS, BIDS or JSON into a study",
        description="Takes a reader's answers out of a file and into a study that has the recordings. Every "
        "answer is an edit in your name that can be undone; what the file leaves open stays as it is, and so "
        "does what is sealed from you.",
        epilog="What is not understood is reported and left out, never guessed; exit code 1 when all was.",
    )
    study_argument(parser)
    parser.add_argument("file", metavar="FILE", type=Path, help="the file, or a folder of such files")
    format_option(parser, FORMAT_ID, "what kind of file")
    parser.add_argument(
        "--reader", metavar="NAME",
        help="whose answers these are: of a file that names readers only that one's, of one that does not "
        "all (default: all readers that the file names)",
    )  # fmt: skip
    _meaning_arguments(parser)
    _table_arguments(parser)
    unsealed_argument(parser)
    parser.set_defaults(run=run)


def _meaning_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preview", action="store_true", help="only show what would change, and what is not understood"
    )
    parser.add_argument(
        "--on-contradiction", choices=tuple(Prefer), metavar="SIDE",
        help="where the file says two things of one answer: earlier, later or neither (default: nothing is "
        "imported, and both places are named)",
    )  # fmt: skip
    parser.add_argument(
        "--recording", metavar="NAME=NUMBER", action="append", default=[],
        help="which recording of the study, by its number, is meant by a name of the file that fits several; "
        "the import names them with their numbers. Can be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--map", metavar="NAME=FEATURE", action="append", default=[],
        help="what a behaviour, tier or column of the file is here; nothing after = leaves it out. Kept for "
        "the next import; can be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--patient", metavar="SUBJECT", help="the subject of a BORIS project whose events are the patient's"
    )


def _features(pairs: list[str]) -> dict[str, str]:
    """What names mean, by NAME=FEATURE. Raises UserError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, feature = pair.rpartition("=")
        known = feature_named(feature) if feature.strip() else ""
        if not sign or not name.strip() or known is None:
            raise UserError(f"--map {pair}: give NAME=FEATURE, with one of the 20 features.")
        found[name] = known
    return found


def _recordings(pairs: list[str]) -> dict[str, int]:
    """The numbers of recordings by name, by NAME=NUMBER. Raises UserError."""
    found: dict[str, int] = {}
    for pair in pairs:
        name, _, number = pair.rpartition("=")
        if not name or not (number.isascii() and number.isdigit() and len(number) < 10):
            raise UserError(f"--recording {pair}: give NAME=NUMBER.")
        found[name] = int(number)
    return found


def _table_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "tables of research groups (--format table)",
        "A row for each recording or segment (NAME_segment_N), a column for each feature (yes, no, na, fail, "
        "blank), justification_for_X, start_time_for_X, end_time_for_X; other columns become patient data.",
    )
    group.add_argument(
        "--reader-kind", choices=("person", "model"), default=None, help="who its readers are (person)"
    )
    names_argument(group)
    group.add_argument(
        "--add-missing", action="store_true",
        help="add recordings that the study does not have, by their labels alone",
    )  # fmt: skip


def _check_options(args: argparse.Namespace) -> None:
    """Raises UserError for options of tables with another format."""
    if args.format != FORMAT_ID and (args.reader_kind or args.names or args.add_missing):
        raise UserError(f"--reader-kind, --names and --add-missing are for --format {FORMAT_ID}.")
    if args.format == FORMAT_ID and args.patient:
        raise UserError(f"--patient is not for --format {FORMAT_ID}.")


def _choice(args: argparse.Namespace) -> ImportChoice:
    prefer = None if args.on_contradiction is None else Prefer(args.on_contradiction)
    meaning = kept_meaning(_features(args.map), args.patient)
    settlement = Settlement(otherwise=prefer, recordings=_recordings(args.recording))
    return ImportChoice(args.reader, meaning, settlement)


def _table_choice(args: argparse.Namespace) -> TableChoice:
    from app.core.evaluation.import_table import TableChoice

    choice, kind = _choice(args), ReaderKind(args.reader_kind or "person")
    return TableChoice(choice.reader, kind, args.names, args.add_missing, choice.meaning, choice.settlement)


def _preview(study: Study, viewer: Viewer, args: argparse.Namespace, cancel: CancelToken) -> ImportPreview:
    if args.format != FORMAT_ID:
        return preview_labels(
            study, viewer, args.file, args.format, _choice(args), report=no_report, cancel=cancel
        )
    from app.core.evaluation.import_table import preview_table

    return preview_table(study, viewer, args.file, _table_choice(args), report=no_report, cancel=cancel)


def _import(study: Study, viewer: Viewer, args: argparse.Namespace, cancel: CancelToken) -> ImportedLabels:
    """Import the file, and keep what its names mean. Raises UserError."""
    try:
        done = _imported(study, viewer, args, cancel)
    except ContradictionError as error:
        raise UserError(
            f"{error} Say which is meant: --on-contradiction earlier, later or neither."
        ) from error
    keep_features(_features(args.map))
    return done


def _imported(study: Study, viewer: Viewer, args: argparse.Namespace, cancel: CancelToken) -> ImportedLabels:
    if args.format != FORMAT_ID:
        return import_labels(
            study, viewer, args.file, args.format, _choice(args), report=no_report, cancel=cancel
        )
    from app.core.evaluation.import_table import import_table

    return import_table(study, viewer, args.file, _table_choice(args), report=no_report, cancel=cancel)


def run(args: argparse.Namespace) -> int:
    _check_options(args)
    me = account_author()
    viewer = Unsealed() if args.unsealed else viewer_of_person(person(me))
    with open_study_to_change(args.study, author=me) as study, cancelled_by_signals() as cancel:
        if args.preview:
            return _show(_preview(study, viewer, args, cancel))
        imported = _import(study, viewer, args, cancel)
    done, *remarks = describe_import(imported)
    _print_remarks(remarks)
    print(done)
    # A table may bring recordings and patient data alone, and no answers.
    return 1 if imported.outcome.is_all_left_out and args.format != FORMAT_ID else 0


def _show(preview: ImportPreview) -> int:
    """Print every change that an import would make."""
    from app.core.exchange.import_changes import list_changes

    done, *remarks = describe_preview(preview)
    for one in list_changes(preview.plan):
        print(one_line(f"{one.recording} · {one.reader} · {one.what}: {one.mine} → {one.theirs}"))
    _print_remarks(remarks)
    print(done)
    return 0


def _print_remarks(remarks: Sequence[str]) -> None:
    for remark in remarks:
        print(one_line(remark), file=sys.stderr)

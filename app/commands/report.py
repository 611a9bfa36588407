"""`semioscope report`: a reading as one HTML page with pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.commands import arguments
from app.commands.analysis import READERS, Analysed, analyse
from app.commands.interruption import cancelled_by_signals
from app.commands.terminal import ProgressLine
from app.core.atomic import check_writable
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "report",
        help="the answers as an HTML page with pictures",
        description="Answers the 20 features and writes one HTML page with pictures; it needs no network.",
        epilog="The page shows the patient. Research use; not a medical device.",
    )
    arguments.recording_argument(parser)
    parser.add_argument(
        "--out", metavar="HTML", type=Path, required=True, help="the page to write, or a folder to put it in"
    )
    parser.add_argument(
        "--reader", choices=tuple(READERS), default="signal", help="who answers (default: signal)"
    )
    arguments.study_argument(parser, "put the answers ticked in this study beside the reader's")
    arguments.patient_argument(parser)
    parser.add_argument("--no-pictures", action="store_true", help="leave the patient's pictures out")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    page = page_path(args.out, args.file)
    check_writable(page)
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        analysed = analyse(
            args.file,
            reader=args.reader,
            patient=args.patient,
            study_folder=args.study,
            report=report,
            cancel=cancel,
        )
        write_page(page, analysed, pictures=not args.no_pictures, report=report, cancel=cancel)
    analysed.tell_limits()
    print(page)
    return 0


def page_path(out: Path, recording: Path) -> Path:
    """`out` when it names a page, else a page named after the recording in that folder, made if missing."""
    if out.suffix.lower() in (".html", ".htm") and not out.is_dir():
        return out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder “{out.name}” cannot be made.") from error
    return out / f"{recording.stem}.html"


def write_page(
    page: Path, analysed: Analysed, *, pictures: bool, report: Report, cancel: CancelToken
) -> None:
    """Write the report of an analysed recording."""
    from app.core.report.page import write_report

    write_report(
        page,
        analysed.recording,
        analysed.reading,
        mine=analysed.mine,
        track=analysed.track,
        with_pictures=pictures,
        report=report,
        cancel=cancel,
    )

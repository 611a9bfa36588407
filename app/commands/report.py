"""`semioscope report`: the answers to a recording or of a whole study as a page, HTML or PDF."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments, sealed
from app.commands.analysis import READERS, Analysed, analyse
from app.commands.interruption import cancelled_by_signals
from app.commands.sealed import sealed_arguments
from app.commands.terminal import ProgressLine
from app.core.atomic import check_writable
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report

if TYPE_CHECKING:
    from app.core.reading import ReaderIdentity
    from app.core.report.blocks import Document
    from app.core.report.document import Choices
    from app.core.report.gather import Reviewed
    from app.core.study.store import Study
    from app.core.study.tables import RecordingRow

_ENDINGS = (".html", ".htm", ".pdf")
_FILE_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}")


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "report",
        help="the answers to a recording or of a study as a page, HTML or PDF",
        description="Of a recording: answers the 20 features and writes a page with pictures. Of a study: "
        "writes every reader's answers side by side and how they agree. It needs no network.",
        epilog="What is sealed from whom the report is for is not in it. In the pictures nobody can be "
        "recognised unless --show-faces is given; names of recordings are written as they are. Research use; "
        "not a medical device.",
    )
    parser.add_argument("file", metavar="FILE|STUDY", type=Path, help="the recording, or a study's folder")
    parser.add_argument(
        "--out", metavar="PAGE", type=Path, required=True,
        help="the page to write, by its ending HTML or PDF, or a folder to put an HTML page in",
    )  # fmt: skip
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--no-pictures", action="store_true", help="leave pictures out")
    shown.add_argument(
        "--blur-faces", action="store_true", help="make everybody unrecognisable; this is the default"
    )
    shown.add_argument("--show-faces", action="store_true", help="show the patient as they are")
    parser.add_argument(
        "--named-recordings",
        action="store_true",
        help="of a study: open recordings wherever the study says that they are; without it only beside the "
        "study and where this account has opened them before",
    )
    sealed_arguments(parser)
    parser.add_argument(
        "--reader", choices=tuple(READERS), default="signal", help="of a recording: who answers"
    )
    arguments.study_argument(parser, "of a recording: put what this study holds of it beside the reader's")
    arguments.patient_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    _check_ending(args.out)
    if args.file.is_dir():
        return _of_study(args)
    if (args.viewer or args.unsealed) and not args.study:
        raise UserError("--viewer and --unsealed need a study: only there answers are sealed.")
    page = page_path(args.out, args.file.stem)
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
        reviewed = _beside(args, analysed) if args.study else None
        write_page(page, analysed, _choices(args), reviewed=reviewed, report=report, cancel=cancel)
    analysed.tell_limits()
    print(page)
    return 0


def _check_ending(out: Path) -> None:
    """UserError for the name of a file that is no page: a folder would be made of it."""
    if _FILE_ENDING.fullmatch(out.suffix) and out.suffix.lower() not in _ENDINGS and not out.is_dir():
        raise UserError(f"A report is HTML or PDF; “{out.name}” ends in neither .html nor .pdf.")


def page_path(out: Path, name: str) -> Path:
    """`out` when it names a page, else a page called `name` in that folder, made if missing."""
    if out.suffix.lower() in _ENDINGS and not out.is_dir():
        return out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder “{out.name}” cannot be made.") from error
    return out / f"{name}.html"


def write_page(
    page: Path,
    analysed: Analysed,
    choices: Choices | None = None,
    *,
    reviewed: Reviewed | None = None,
    report: Report,
    cancel: CancelToken,
) -> None:
    """Write the report of an analysed recording: that reading alone, or all of `reviewed`."""
    from app.core.report.document import Choices, OpenRecording, recording_report
    from app.core.report.gather import of_readings

    document = recording_report(
        reviewed or of_readings([analysed.reading]),
        OpenRecording(analysed.recording, analysed.track),
        choices or Choices(),
        datetime.now().astimezone(),
        report=report,
        cancel=cancel,
    )
    _write(page, document)


def _of_study(args: argparse.Namespace) -> int:
    from app.core.report.document import study_report

    args.study = args.file
    with sealed.opened(args) as study:
        viewers = sealed.viewers(study, args)
        named = args.named_recordings
        found = [_reviewed(study, row, viewers, named=named) for row in study.recordings()]
        settings, name = study.settings(), study.folder.resolve().name
        sealed.settle(study, args, sum(each.withheld for each in found), "report")
    page = page_path(args.out, name.removesuffix(".semioscope"))
    check_writable(page)
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        document = study_report(
            name.removesuffix(".semioscope"),
            settings,
            found,
            _choices(args),
            datetime.now().astimezone(),
            report=report,
            cancel=cancel,
        )
        _write(page, document)
    print(page)
    return 0


def _beside(args: argparse.Namespace, analysed: Analysed) -> Reviewed:
    """Everything that the study holds of the recording and that may be shown."""
    with sealed.opened(args) as study:
        number = study.recording(analysed.recording)
        row = next(row for row in study.recordings() if row.id == number)
        reviewed = _reviewed(study, row, sealed.viewers(study, args))
        sealed.settle(study, args, reviewed.withheld, "report")
    return reviewed


def _reviewed(
    study: Study, row: RecordingRow, viewers: tuple[ReaderIdentity, ...], *, named: bool = False
) -> Reviewed:
    from app.core.report.gather import chosen_picture, mirrored_by, reviewed
    from app.core.settings import load_settings
    from app.ui.session.mirroring import mirrored_readings

    looks = load_settings().looks
    found = reviewed(study, row, viewers, mirrored=mirrored_by(looks), swap=mirrored_readings, named=named)
    return replace(found, picture=chosen_picture(looks, row.fingerprint))


def _choices(args: argparse.Namespace) -> Choices:
    from app.core.report.document import Choices

    return Choices(pictures=not args.no_pictures, hide_faces=not args.show_faces)


def _write(page: Path, document: Document) -> None:
    from app.core.report.write import write_report

    if page.suffix.lower() == ".pdf":
        from app.ui.paper.print_page import without_a_window, write_pdf

        keep = without_a_window()
        write_report(page, document, write_pdf)
        del keep
    else:
        write_report(page, document, _no_pdf)


def _no_pdf(_page: Path, _document: Document) -> None:
    raise RuntimeError("an HTML page was asked for")

"""`semioscope report`: the answers to a recording or of a whole study as a page, HTML or PDF."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments, viewer_options
from app.commands.analysis import analyse, print_limits, reader_choice
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import check_new, result_option
from app.commands.terminal import ProgressLine
from app.commands.viewer_options import sealed_arguments
from app.core.atomic import make_folder
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.report.reviewed_recording import ReviewedRecording, review_readings, views_of
from app.core.settings import load_settings

if TYPE_CHECKING:
    from app.core.readers.analyse_recording import Analysed
    from app.core.report.blocks import Document
    from app.core.report.document import Choices
    from app.core.report.report_of_study import GatheredStudy
    from app.core.report.write_report import WritePdf
    from app.core.study.store import Study

_ENDINGS = (".html", ".htm", ".pdf")
_FILE_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}")


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "report",
        help="the answers to a recording or of a study as a page, HTML or PDF",
        description="Of a recording: answers the 20 features and writes a page with pictures. Of a study: "
        "writes every reader's answers side by side and how they agree. It needs no network.",
        epilog="What is sealed from whom the report is for is not in it. In the pictures heads, burned-in "
        "text and the places that the study keeps are covered, and all but the patient's body is coarse, "
        "unless --show-faces is given: look at them before you hand the page on. Names of recordings are "
        "written as they are. Research use; not a medical device.",
    )
    parser.add_argument("file", metavar="FILE|STUDY", type=Path, help="the recording, or a study's folder")
    what = "the page to write, by its ending HTML or PDF, or a folder to put an HTML page in"
    result_option(parser, "--out", "PAGE", what, required=True, whole=False)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--no-pictures", action="store_true", help="leave pictures out")
    shown.add_argument(
        "--blur-faces", action="store_true", help="hide people in the pictures; this is the default"
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
        "--reader",
        type=reader_choice(),
        metavar="NAME",
        default="signal",
        help="of a recording: who answers, signal or trained:FILE",
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
    check_new(args, (page,))
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        analysed = analyse(
            args.file,
            reader=args.reader,
            patient=args.patient,
            study_folder=args.study,
            report=report,
            cancel=cancel,
        )
        gathered = _of_recording(args, analysed, cancel) if args.study else None
        write_page(
            page,
            analysed,
            _choices(args),
            gathered=gathered,
            replace=args.replace,
            report=report,
            cancel=cancel,
        )
    print_limits(analysed)
    print(page)
    return 0


def _check_ending(out: Path) -> None:
    """Raise UserError for a file name that is not a page's: a folder would be made of it."""
    if _FILE_ENDING.fullmatch(out.suffix) and out.suffix.lower() not in _ENDINGS and not out.is_dir():
        raise UserError(f"A report is HTML or PDF; “{out.name}” ends in neither .html nor .pdf.")


def page_path(out: Path, name: str) -> Path:
    """`out` when it names a page, else a page called `name` in that folder, made if missing."""
    if out.suffix.lower() in _ENDINGS and not out.is_dir():
        return out
    make_folder(out)
    return out / f"{name}.html"


def write_page(
    page: Path,
    analysed: Analysed,
    choices: Choices | None = None,
    *,
    gathered: GatheredStudy | None = None,
    replace: bool = True,
    report: Report,
    cancel: CancelToken,
) -> None:
    """Write the report of an analysed recording: that reading alone, or all that was gathered of it; without
    `replace` only where nothing is."""
    from app.core.report.document import Choices, OpenRecording
    from app.core.report.report_of_study import write_recording_report

    reported = gathered.recordings[0] if gathered else _in_no_study(analysed)
    opened = OpenRecording(analysed.recording, analysed.track)
    with pdf_writer(page, replace=replace) as write_pdf:
        write_recording_report(
            page,
            reported,
            opened,
            choices or Choices(),
            write_pdf,
            replace=replace,
            report=report,
            cancel=cancel,
        )


def _in_no_study(analysed: Analysed) -> ReviewedRecording:
    """The reading alone, with the places to cover that the recording's own study keeps; where they cannot be
    read the page has no hidden pictures."""
    from app.core.study.places_of_recording import own_places_to_cover

    reported = review_readings([analysed.reading])
    try:
        return replace(reported, places=own_places_to_cover(analysed.recording))
    except UserError as error:
        return replace(reported, unreadable=str(error))


def _of_study(args: argparse.Namespace) -> int:
    from app.core.report.report_of_study import write_study_report
    from app.core.study.study_name import name_of_folder

    args.study = args.file
    page = page_path(args.out, name_of_folder(args.study))
    check_new(args, (page,))  # before sealed answers are recorded as given
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        with viewer_options.open_study(args) as study:
            gathered = _gathered(study, args, cancel, named=args.named_recordings)
        viewer_options.print_seal(gathered.seal)
        with pdf_writer(page, replace=args.replace) as write_pdf:
            write_study_report(
                page,
                gathered,
                _choices(args),
                write_pdf,
                replace=args.replace,
                report=report,
                cancel=cancel,
            )
    print(page)
    return 0


def _of_recording(args: argparse.Namespace, analysed: Analysed, cancel: CancelToken) -> GatheredStudy:
    """Everything that the study holds of the recording and that may be shown."""
    with viewer_options.open_study(args) as study:
        gathered = _gathered(study, args, cancel, only=study.recording(analysed.recording))
    viewer_options.print_seal(gathered.seal)
    return gathered


def _gathered(
    study: Study,
    args: argparse.Namespace,
    cancel: CancelToken,
    *,
    only: int | None = None,
    named: bool = False,
) -> GatheredStudy:
    from app.core.report.report_of_study import gather_study

    views = views_of(load_settings().looks)
    viewer = viewer_options.viewer_of(study, args)
    return gather_study(study, viewer, views, only=only, named=named, cancel=cancel)


def _choices(args: argparse.Namespace) -> Choices:
    from app.core.report.document import Choices

    return Choices(not args.no_pictures, not args.show_faces, not args.no_pictures)


@contextmanager
def pdf_writer(page: Path, *, replace: bool = True) -> Iterator[WritePdf]:
    """The function that draws a PDF, without `replace` only where nothing is; for HTML Qt is not loaded."""
    if page.suffix.lower() != ".pdf":
        yield _no_pdf
        return
    from app.ui.paper.print_page import without_a_window, write_pdf

    application = without_a_window()
    yield partial(write_pdf, replace=replace)
    del application


def _no_pdf(_page: Path, _document: Document) -> None:
    raise RuntimeError("an HTML page was asked for")

"""`semioscope demo`: the main job on the demonstration recording, in the window or without one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands import arguments
from app.commands.analysis import analyse
from app.commands.analyze import print_answers
from app.commands.display import has_display
from app.commands.interruption import cancelled_by_signals
from app.commands.report import page_path, write_page
from app.commands.result_options import check_new, result_option
from app.commands.terminal import ProgressLine

OUT = Path("out/demo")


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "demo",
        help="open the demonstration recording",
        description="Opens the window on the demonstration recording, a generated patient. Without a display "
        "the same job is done headless: the 20 answers as a table, and a report with pictures.",
    )
    what = f"do it headless and put the report into this folder (without a display: {OUT.as_posix()})"
    result_option(parser, "--report", "DIR", what, whole=False)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.report is None and has_display():
        from app.ui.main import run_window

        return run_window(None, demonstration=True)
    if args.report is None:
        print("There is no display, so the demonstration is analysed without the window.", file=sys.stderr)
        args.report, args.replace = OUT, True  # the name is the program's, and so is what was there
    return headless(args)


def headless(args: argparse.Namespace) -> int:
    """Render, analyse and report the demonstration; the table and the page's place go to stdout."""
    from app.core.phantom.demonstration_file import demonstration_recording
    from app.core.report.document import Choices

    with cancelled_by_signals() as cancel, ProgressLine() as report:
        file = demonstration_recording(report=report, cancel=cancel)
        page = page_path(args.report, file.stem)
        check_new(args, (page,))
        analysed = analyse(
            file, reader="signal", patient=None, study_folder=None, report=report, cancel=cancel
        )
        # The patient is drawn: there is nobody to recognise.
        shown = Choices(hide_faces=False)
        write_page(page, analysed, shown, replace=args.replace, report=report, cancel=cancel)
    print_answers(analysed.reading)
    print(f"Report with pictures: {page}")
    return 0

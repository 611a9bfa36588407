"""`semioscope eeg anonymise`: a copy of an EEG file that names nobody."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import result_option
from app.commands.terminal import ProgressLine, one_line
from app.core.exports import exporting_to
from app.core.plural import plural

if TYPE_CHECKING:
    from app.core.eeg.eeg_recording import EegRecording

_LISTED = 100


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "anonymise",
        help="a copy that names nobody",
        description="Copies an EEG file with the anonymous header of the specification: no patient, no code, "
        "no birth date, no technician, no equipment, no date. The samples and the time of day stay. The file "
        "itself is never changed.",
        epilog="Annotations are free text and may name people: they are left out unless "
        "--keep-annotations is given, which lists them. Labels of channels stay.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the EEG file")
    result_option(parser, "--out", "F", "the copy to write", required=True, writes=(".edf", ".bdf"))
    notes = parser.add_mutually_exclusive_group()
    notes.add_argument("--keep-annotations", action="store_true", help="keep them, and list their texts")
    notes.add_argument("--drop-annotations", action="store_true", help="leave them out; this is the default")
    parser.add_argument("--keep-date", action="store_true", help="keep the date of the recording")
    parser.set_defaults(run=run_anonymise)


def run_anonymise(args: argparse.Namespace) -> int:
    from app.core.eeg.anonymous_copy import CopyChoice, write_anonymous_copy
    from app.core.eeg.eeg_file import opened_eeg
    from app.core.eeg.record_scan import read_recording

    choice = CopyChoice(args.keep_annotations, args.keep_date)
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        with opened_eeg(args.file) as eeg:
            recording = read_recording(eeg, report=report, cancel=cancel)
        with exporting_to(args.out.parent):
            write_anonymous_copy(
                args.file, args.out, choice, replace=args.replace, report=report, cancel=cancel
            )
    for line in describe_annotations(recording, kept=args.keep_annotations):
        print(line, file=sys.stderr)
    print(args.out)
    return 0


def describe_annotations(recording: EegRecording, *, kept: bool) -> tuple[str, ...]:
    """Sentences on the annotations of the source."""
    count = len(recording.annotations)
    if not count:
        return ()
    many = plural(count, "annotation")
    if not kept:
        left = "was left out, because it may name people" if count == 1 else (
            "were left out, because they may name people"
        )  # fmt: skip
        return (f"{many} {left}; --keep-annotations keeps and lists them.",)
    texts = sorted({one_line(note.text) for note in recording.annotations})
    more = (f"  and {len(texts) - _LISTED} more texts",) if len(texts) > _LISTED else ()
    return (
        f"The copy has {many}. Make sure that none of these texts names a person:",
        *(f"  {text}" for text in texts[:_LISTED]),
        *more,
    )

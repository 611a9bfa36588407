"""`semioscope copy`: a seekable copy of a recording that is damaged or slow to seek in."""

from __future__ import annotations

import argparse

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import result_option
from app.commands.terminal import ProgressLine, one_line
from app.core.jobs import share_of


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "copy",
        help="a seekable copy of a damaged or slow recording",
        description="Writes the recording as an MP4 in which every place is found quickly, on the same "
        "clock. What is whole is copied as it is; the rest is encoded anew. The recording stays untouched.",
    )
    arguments.recording_argument(parser)
    result_option(parser, "--out", "FILE", "the MP4 to write", required=True, writes=(".mp4",))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.recording.probe import open_recording
    from app.core.recording.seekable_copy import write_seekable_copy
    from app.core.study.place import study_folder_for
    from app.core.study.recording_files import recording_files

    with cancelled_by_signals() as cancel, ProgressLine() as report:
        recording = open_recording(args.file, report=share_of(report, 0.0, 0.1), cancel=cancel)
        kept = recording_files(study_folder_for(recording.path))
        part = share_of(report, 0.1, 1.0)
        copied = write_seekable_copy(recording, args.out, part, cancel, kept=kept, replace=args.replace)
    words = {True: "encoded anew", False: "copied as it is"}
    heard = f", sound {words[copied.sound]}" if recording.audio is not None else ", no sound"
    print(one_line(f"{args.out.name}: picture {words[copied.picture]}{heard}"))
    return 0

"""`semioscope phantom`: a generated patient whose semiology is known exactly."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import result_option
from app.commands.terminal import ProgressLine
from app.core.atomic import put_in_place, unfinished_folder
from app.core.eeg.sync import Sync
from app.core.errors import UserError
from app.core.phantom.demonstration import demo_script
from app.core.timeline.clock_text import TIME_FORMS

if TYPE_CHECKING:
    from app.core.phantom.script import PhantomScript


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "phantom",
        help="generate a patient with known semiology",
        description="Draws a patient in a bed with a voice and writes the recording and its truth, all 20 "
        "answers. The same seed and options always give the same recording.",
    )
    parser.add_argument("--seed", metavar="N", type=int, required=True, help="body, room, camera and course")
    parser.add_argument(
        "--duration",
        metavar="TIME",
        type=arguments.length,
        default=60.0,
        help=f"how long it is (default: 60 s): {TIME_FORMS}",
    )
    parser.add_argument(
        "--features",
        metavar="a,b",
        type=arguments.features,
        help="show these features (default: by the seed)",
    )
    parser.add_argument("--size", metavar="WxH", type=arguments.size, help="pixels (default: 854x480)")
    parser.add_argument("--fps", metavar="HZ", type=arguments.positive, help="frames a second (default: 30)")
    result_option(parser, "--out", "FILE.mp4", "the recording to write", required=True, writes=(".mp4",))
    result_option(parser, "--truth", "FILE.json", "its true answers to write")
    course = parser.add_mutually_exclusive_group()
    course.add_argument("--ordinary", action="store_true", help="ordinary activity: none of the features")
    course.add_argument(
        "--demonstration", action="store_true", help="the course of the demonstration, in this duration"
    )
    parser.add_argument(
        "--no-lookalikes", action="store_true", help="leave out what only looks like a feature"
    )
    _eeg_arguments(parser)
    parser.set_defaults(run=run)


def _eeg_arguments(parser: argparse.ArgumentParser) -> None:
    eeg = parser.add_argument_group("EEG of the same seizure")
    result_option(parser, "--eeg", "FILE.edf", "the EEG to write", writes=(".edf",), within=eeg)
    result_option(parser, "--eeg-truth", "FILE.json", "its onset, spread and clock", within=eeg)
    eeg.add_argument(
        "--eeg-offset",
        metavar="TIME",
        type=_eeg_offset,
        default=0.0,
        help="the time on the recording's clock at which the EEG begins, below 0 for an earlier start "
        "(--eeg-offset=-0:20; default: 0)",
    )
    eeg.add_argument(
        "--eeg-drift",
        metavar="US",
        type=_eeg_drift,
        default=0.0,
        help="microseconds a second by which the recording's clock is faster than the EEG's (default: 0)",
    )
    eeg.add_argument("--eeg-sound", action="store_true", help="with a channel of the recording's sound")


def _eeg_offset(text: str) -> float:
    return arguments.time_within(text, 86_400.0)


def _eeg_drift(text: str) -> float:
    return arguments.within(text, 10_000.0)


def run(args: argparse.Namespace) -> int:
    from app.core.phantom.render import render_phantom

    paths = [path for path in (args.out, args.truth, args.eeg, args.eeg_truth) if path]
    if args.eeg_truth and not args.eeg:
        raise UserError("There is no truth of an EEG without one; name its file with --eeg.")
    script = script_of(args)
    with cancelled_by_signals() as cancel, ProgressLine() as report, ExitStack() as unfinished:
        # Each beside its place and under its name, which the truth repeats: nothing that came there while it
        # was drawn is replaced unasked.
        made = {path: unfinished.enter_context(unfinished_folder(path)) / path.name for path in paths}
        render_phantom(script, made[args.out], made.get(args.truth), report, cancel)
        if args.eeg:
            _render_eeg(script, args, made)
        for path, finished in made.items():
            _put_in_place(finished, path, replace=args.replace)
    return 0


def _put_in_place(finished: Path, path: Path, *, replace: bool) -> None:
    try:
        put_in_place(finished, path, replace=replace)
    except OSError as error:
        raise UserError(f"“{path.name}” could not be written: {error.strerror}.") from error


def _render_eeg(script: PhantomScript, args: argparse.Namespace, made: Mapping[Path, Path]) -> None:
    from app.core.phantom.eeg_file import EegOptions, render_phantom_eeg

    options = EegOptions(Sync(args.eeg_offset, args.eeg_drift * 1e-6), has_sound=args.eeg_sound)
    render_phantom_eeg(script, made[args.eeg], made.get(args.eeg_truth), options)


def script_of(args: argparse.Namespace) -> PhantomScript:
    """The script that the options describe."""
    from app.core.phantom.ordinary_course import ordinary_script
    from app.core.phantom.random_course import random_script

    if args.ordinary:
        script = ordinary_script(args.seed, args.duration)
    elif args.demonstration:
        script = demo_script(args.seed, args.duration)
    else:
        script = random_script(
            args.seed, args.duration, features=args.features, lookalikes=not args.no_lookalikes
        )
    return replace(script, fps=args.fps or script.fps, size=args.size or script.size)

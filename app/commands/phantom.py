"""`semioscope phantom`: a generated patient whose semiology is known exactly."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.terminal import ProgressLine
from app.core.atomic import check_writable
from app.core.errors import UserError
from app.core.phantom.demonstration import demo_script

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
        "--duration", metavar="S", type=arguments.positive, default=60.0, help="seconds (default: 60)"
    )
    parser.add_argument(
        "--features",
        metavar="a,b",
        type=arguments.features,
        help="show these features (default: by the seed)",
    )
    parser.add_argument("--size", metavar="WxH", type=arguments.size, help="pixels (default: 854x480)")
    parser.add_argument("--fps", metavar="HZ", type=arguments.positive, help="frames a second (default: 30)")
    parser.add_argument("--out", metavar="FILE.mp4", type=Path, required=True, help="the recording to write")
    parser.add_argument("--truth", metavar="FILE.json", type=Path, help="its true answers to write")
    course = parser.add_mutually_exclusive_group()
    course.add_argument("--ordinary", action="store_true", help="ordinary activity: none of the features")
    course.add_argument(
        "--demonstration", action="store_true", help="the course of the demonstration, in this duration"
    )
    parser.add_argument(
        "--no-lookalikes", action="store_true", help="leave out what only looks like a feature"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.phantom.render import render_phantom

    if args.truth and args.truth.absolute() == args.out.absolute():
        raise UserError("The recording and its truth cannot be the same file.")
    for path in filter(None, (args.out, args.truth)):
        check_writable(path)
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        render_phantom(script_of(args), args.out, args.truth, report, cancel)
    return 0


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

"""`semioscope frame`: exactly the frame that is on screen at a time, as a PNG."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import result_option, write_result
from app.core.errors import UserError
from app.core.timeline.clock_text import TIME_FORMS
from app.core.times import clock, stretch

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "frame",
        help="one frame as a PNG",
        description="Writes exactly the frame that is on screen at a time, as the window shows it.",
    )
    arguments.recording_argument(parser)
    parser.add_argument(
        "--at",
        metavar="TIME",
        type=arguments.time,
        required=True,
        help=f"the time on the recording's clock: {TIME_FORMS}",
    )
    result_option(parser, "--out", "PNG", "the picture to write", required=True)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.recording.frames import FrameReader
    from app.core.recording.probe import open_recording

    with cancelled_by_signals() as cancel:
        recording = open_recording(args.file, cancel=cancel)
        if recording.video is None:
            raise UserError(f"“{recording.name}” has no picture.")
        if args.at > recording.duration:
            raise UserError(f"“{recording.name}” is only {recording.duration:.3f} s long.")
        with FrameReader(recording, pixel_format="bgr24") as reader:
            frame = reader.frame_at(args.at)
        cancel.check()
    write_result(args, args.out, _png(frame.image))
    print(f"frame {frame.number} at {frame.time:.6f} s ({clock(frame.time)})")
    gap = next((gap for gap in recording.gaps if gap.start <= args.at < gap.end), None)
    if gap is not None:
        print(f"no picture comes {stretch(gap.start, gap.end)}; this is the nearest one")
    return 0


def _png(image: npt.NDArray[np.uint8]) -> bytes:
    import cv2

    done, data = cv2.imencode(".png", image)
    if not done:
        raise RuntimeError("the picture could not be encoded")
    return bytes(data)

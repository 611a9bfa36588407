"""`semioscope frame`: the frame that is on screen at a time as a PNG, with nobody who can be recognised."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.commands import arguments, hiding_options
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import result_option, write_result
from app.commands.study_option import open_study_to_read
from app.commands.terminal import ProgressLine, say
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.timeline.clock_text import TIME_FORMS
from app.core.times import clock, stretch

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.core.picture_box import Box
    from app.core.recording.frames import Frame
    from app.core.recording.recording import Recording

AS_RECORDED = "The picture is as recorded: people in it can be recognised."
HIDDEN = "People and text in the picture are covered where they were found: look at it before you hand it on."
COARSE = "All of the picture is coarse, because it is not certain where the patient or another face is."
NO_POSE = (
    "The patient's pose is not known; semioscope analyze finds it, and then more of the body can be seen."
)


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "frame",
        help="one frame as a PNG, people and text in it covered",
        description="Writes the frame that is on screen at a time. Heads, burned-in text and the places that "
        "are named are covered, the patient's body is softened with the skeleton drawn on it, and all else "
        "is coarse; --as-recorded writes the bare frame. Research use; not a medical device.",
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
    parser.add_argument(
        "--as-recorded", action="store_true", help="the bare frame, in which people can be recognised"
    )
    hiding_options.cover_argument(parser)
    arguments.study_argument(parser, "the study that knows the patient's box and the places to cover")
    arguments.patient_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.recording.probe import open_recording

    if args.as_recorded and (args.study or args.patient or args.cover):
        raise UserError("With --as-recorded nothing is covered; leave out --study, --patient and --cover.")
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        recording = open_recording(args.file, cancel=cancel)
        if recording.video is None:
            raise UserError(f"“{recording.name}” has no picture.")
        if args.at > recording.duration:
            raise UserError(f"“{recording.name}” is only {recording.duration:.3f} s long.")
        if args.as_recorded:
            frame, said = _recorded(recording, args.at), AS_RECORDED
        else:
            frame, said = _hidden(args, recording, report, cancel)
        cancel.check()
    write_result(args, args.out, _png(frame.image))
    print(f"frame {frame.number} at {frame.time:.6f} s ({clock(frame.time)})")
    gap = next((gap for gap in recording.gaps if gap.start <= args.at < gap.end), None)
    if gap is not None:
        print(f"no picture comes {stretch(gap.start, gap.end)}; this is the nearest one")
    say(said)
    return 0


def _recorded(recording: Recording, seconds: float) -> Frame:
    from app.core.recording.frames import FrameReader

    with FrameReader(recording) as reader:
        return reader.frame_at(seconds)


def _hidden(
    args: argparse.Namespace, recording: Recording, report: Report, cancel: CancelToken
) -> tuple[Frame, str]:
    """The frame with people, text and places covered, and what is said of it."""
    from app.core.enhance.pose import cached_pose_track
    from app.core.hiding.hidden_frames import HiddenFrames
    from app.core.recording.frames import Frame

    patient, places = _of_study(args, recording)
    track = cached_pose_track(recording, patient=args.patient or patient)
    with HiddenFrames(recording, track, (*places, *args.cover)) as frames:
        made = frames.at(args.at, report=report, cancel=cancel)
    said = [COARSE if made.picture.whole else HIDDEN, *([] if track else [NO_POSE])]
    return Frame(made.seconds, made.number, made.picture.image), " ".join(said)


def _of_study(args: argparse.Namespace, recording: Recording) -> tuple[Box | None, tuple[Box, ...]]:
    """The patient's box that the named study knows, and the places that it, or the recording's own study,
    keeps."""
    if not args.study:
        return None, hiding_options.own_places(args, recording)
    with open_study_to_read(args.study) as study:
        number = study.recording(recording)
        return study.patient_box(number), hiding_options.kept_places(study, number, recording)


def _png(image: npt.NDArray[np.uint8]) -> bytes:
    import cv2

    done, data = cv2.imencode(".png", image)
    if not done:
        raise RuntimeError("the picture could not be encoded")
    return bytes(data)

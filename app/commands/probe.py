"""`semioscope probe`: what a recording holds, by its packets and not by its header."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from app.commands import arguments
from app.commands.console import write_json
from app.commands.interruption import cancelled_by_signals
from app.commands.terminal import ProgressLine, one_line
from app.core.plural import plural
from app.core.times import clock

if TYPE_CHECKING:
    from app.core.recording.recording import Recording


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "probe",
        help="what a recording holds",
        description="Shows the streams, the timestamps, the real duration and the warnings of a recording.",
    )
    arguments.recording_argument(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, with the timestamp of every frame")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.recording.probe import open_recording

    with cancelled_by_signals() as cancel, ProgressLine() as report:
        recording = open_recording(args.file, report=report, cancel=cancel)
    if args.json:
        write_json(json.dumps(to_dict(recording), ensure_ascii=False))
    else:
        print(describe_recording(recording))
    return 0


def to_dict(recording: Recording) -> dict[str, Any]:
    """The recording in the form that other programs rely on (docs/formats.md)."""
    video, audio = recording.video, recording.audio
    return {
        "duration": recording.duration,
        "video": video
        and {
            "codec": video.codec,
            "width": video.width,
            "height": video.height,
            "frames": len(video.times),
            "rate": video.rate,
            "rotation": video.rotation,
            "mirrored": video.orientation.mirrored,
            "timestamps": [round(seconds, 6) for seconds in video.times.tolist()],
        },
        "audio": audio
        and {
            "codec": audio.codec,
            "rate": audio.rate,
            "channels": audio.channels,
            "start": audio.start,
            "duration": audio.duration,
        },
        "pictures": [
            {
                "codec": picture.codec,
                "width": picture.width,
                "height": picture.height,
                "packets": picture.packets,
                "title": picture.title,
                "shown": number == recording.picture,
            }
            for number, picture in enumerate(recording.pictures)
        ],
        "gaps": [{"start": gap.start, "end": gap.end} for gap in recording.gaps],
        "warnings": [{"code": warning.code, "text": warning.text} for warning in recording.warnings],
    }


def describe_recording(recording: Recording) -> str:
    """The recording as lines of text, without the timestamps."""
    video, audio = recording.video, recording.audio
    lines = [
        one_line(recording.name),
        f"  duration  {clock(recording.duration)} ({recording.duration:.3f} s)",
    ]
    if video:
        turned = ", mirrored" if video.orientation.mirrored else ""
        turned += f", turned by {video.rotation}°" if video.rotation else ""
        first, last = (video.times[0], video.times[-1]) if len(video.times) else (0.0, 0.0)
        lines += [
            f"  picture   {video.codec}, {video.width}×{video.height}{turned}, {video.rate:.3f} Hz",
            f"            {plural(len(video.times), 'frame')}, {first:.3f}–{last:.3f} s",
        ]
    else:
        lines.append("  picture   none")
    if audio:
        channels = plural(audio.channels, "channel")
        lines.append(
            f"  sound     {audio.codec}, {audio.rate} Hz, {channels}, "
            f"{audio.start:.3f}–{audio.start + audio.duration:.3f} s"
        )
    else:
        lines.append("  sound     none")
    lines += [f"  warning   {one_line(warning.text)} ({warning.code})" for warning in recording.warnings]
    return "\n".join(lines)

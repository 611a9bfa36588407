"""The first picture of a recording before its packets have been read: to look at while it opens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
from av.video.frame import VideoFrame

from app.core.errors import UserError
from app.core.recording.claims import claims_too_much
from app.core.recording.container import open_container
from app.core.recording.decoding import look_of
from app.core.recording.described import displayed_size
from app.core.recording.picture import ImageArray, PictureMaker, PixelFormat, fit_size
from app.core.recording.refusal import check_file, refusal
from app.core.recording.streams import choose_streams, likely_camera

_MOST_PACKETS = 500
_PATIENCE = 2.0
"""Seconds for one packet."""


@dataclass(frozen=True, slots=True, eq=False)
class FirstPicture:
    """`image` (h, w, 3 or 4) uint8, C-contiguous, as displayed; `size` the width and height of the whole
    picture in pixels; `duration` the seconds that the header promises, None where it does not: good enough
    until the recording is open."""

    image: ImageArray
    size: tuple[int, int]
    duration: float | None


def first_picture(
    path: Path, box: tuple[int, int] | None = None, pixel_format: PixelFormat = "bgra"
) -> FirstPicture | None:
    """The first frame that can be decoded, fitted into `box` pixels (default: as displayed); None when none
    comes soon. Reads the header and one frame, whatever the length of the recording.

    Raises UserError, in one sentence, when the file cannot be read.
    """
    check_file(path)
    if claims_too_much(path):
        return None
    try:
        with open_container(path, glance=True, patience=_PATIENCE) as container:
            video = likely_camera(choose_streams(container)[0])
            if video is None:
                return None
            video.codec_context.thread_type = "SLICE"  # one frame is soonest out without a pipeline
            # What an MP4's edit list leaves out at the beginning; elsewhere time stamps may begin anywhere.
            hidden = "mp4" in container.format.name.split(",")
            frame = None
            for count, packet in enumerate(container.demux(video)):
                frames = (f for f in packet.decode() if isinstance(f, VideoFrame))
                frame = next((f for f in frames if not (hidden and f.pts is not None and f.pts < 0)), None)
                if frame is not None or count > _MOST_PACKETS:
                    break
            if frame is None:
                return None
            look = look_of(frame, video)
            size = displayed_size(look)
            fitted = fit_size(*size, *box) if box is not None else size
            fitted = fitted if fitted[0] < size[0] else size
            image = PictureMaker(fitted, look.placing, pixel_format).image(frame)
            return FirstPicture(
                image, size, container.duration / av.time_base if container.duration else None
            )
    except (av.FFmpegError, OSError, UnicodeError) as error:
        raise UserError(refusal(path)) from error

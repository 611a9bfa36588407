"""The first picture of a recording, displayed while the recording opens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
from av.video.frame import VideoFrame

from app.core.errors import UserError
from app.core.recording.container import open_container
from app.core.recording.decoding import form_of
from app.core.recording.description import displayed_size
from app.core.recording.mp4_limits import fault_of_tables
from app.core.recording.open_errors import check_file, explain_refusal
from app.core.recording.picture_maker import ImageArray, PictureMaker, fit_size
from app.core.recording.readable_bytes import readable_bytes
from app.core.recording.stream_choice import choose_streams, likely_camera

_MOST_PACKETS = 500
_PATIENCE = 2.0
"""Seconds to wait for a packet."""


@dataclass(frozen=True, slots=True, eq=False)
class FirstPicture:
    """The first picture: `image` (h, w, 3 or 4) uint8, C-contiguous, as displayed; `size` the width and
    height of the whole picture in pixels; `duration` (s) as stated in the header, None without, until the
    recording is open."""

    image: ImageArray
    size: tuple[int, int]
    duration: float | None


def first_picture(path: Path, box: tuple[int, int] | None = None) -> FirstPicture | None:
    """The first decodable frame, fitted into `box` pixels (default: display size); None when there is none
    soon. Reads the header and one frame for any length of the recording.

    Raises UserError when the file cannot be read.
    """
    check_file(path)
    if fault_of_tables(path):
        return None
    try:
        with (
            readable_bytes(path, searches=0) as source,
            open_container(path, glance=True, patience=_PATIENCE, source=source) as container,
        ):
            if source is not None:
                source.opened()
            video = likely_camera(choose_streams(container)[0])
            if video is None:
                return None
            video.codec_context.thread_type = "SLICE"  # a single frame is decoded fastest without a pipeline
            # Excluded by an MP4's edit list; in other formats time stamps may begin anywhere.
            hidden = "mp4" in container.format.name.split(",")
            frame = None
            for count, packet in enumerate(container.demux(video)):
                frames = (f for f in packet.decode() if isinstance(f, VideoFrame))
                frame = next((f for f in frames if not (hidden and f.pts is not None and f.pts < 0)), None)
                if frame is not None or count > _MOST_PACKETS:
                    break
            if frame is None:
                return None
            form = form_of(frame, video)
            size = displayed_size(form)
            fitted = fit_size(*size, *box) if box is not None else size
            fitted = fitted if fitted[0] < size[0] else size
            image = PictureMaker(fitted, form.orientation, "bgra").image(frame)
            return FirstPicture(
                image, size, container.duration / av.time_base if container.duration else None
            )
    except (av.FFmpegError, OSError, UnicodeError) as error:
        raise UserError(explain_refusal(path)) from error

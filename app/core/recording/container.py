"""Opening a media file so that nothing but this one file can be read."""

from __future__ import annotations

import time
from pathlib import Path

import av
from av.container import InputContainer

from app.core.recording.filled import filled_bytes

FORMATS = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpeg", "mpegts", "mpegvideo"),
    *("asf", "flv", "mxf", "dv", "ogg", "h264", "hevc", "m4v", "mjpeg", "wav", "mp3", "aac", "flac", "ac3"),
)
"""The formats that can hold a recording. Playlists and stream descriptions, which name other files, are not
among them; sound formats are, so that a sound file can be called one."""

_OPTIONS = {
    "format_whitelist": ",".join(FORMATS),
    "max_streams": "64",  # libav spends a megabyte on each
}

_PATIENCE = (2.0, 10.0, 60.0)
"""Seconds that opening may take, try after try: a drive that has to wake up gets another one."""

_SLOWEST = 50e6
"""Bytes a second that libav works through at the least on opening a large file."""

_AT_WORK = 0.1
"""Share of the time: where a processor was busy for more, the time was not spent waiting for a drive."""

_NEVER = 1e6
"""Seconds."""

_GLANCE = {"advanced_editlist": "0"}
"""Libav then sorts no packet of an MP4 by its edit list, which takes as long as all else of opening it; what
the list leaves out at the beginning has time stamps below zero."""


def open_container(path: Path, *, glance: bool = False, patience: float = _NEVER) -> InputContainer:
    """Open `path` for reading. Raises av.FFmpegError or OSError, also when the file gives so much work that
    it cannot be what a camera wrote.

    What was never written at the end of the file is left out. At a `glance` an edit list of an MP4 is not
    followed beyond where it begins. Reading one packet fails with av.ExitError after `patience` seconds.
    """
    address, protocols = _address(path)
    options = {**_OPTIONS, "protocol_whitelist": protocols, **(_GLANCE if glance else {})}
    more = held_bytes(path) / _SLOWEST
    for seconds in _PATIENCE:
        watch = Stopwatch()
        try:
            return av.open(
                address,
                "r",
                options=options,
                metadata_errors="replace",
                timeout=(seconds + more, patience),
            )
        except av.FFmpegError:
            if seconds == _PATIENCE[-1] or watch.seconds < seconds + more or watch.worked:
                raise
    raise AssertionError("the last try returns or raises")


def _address(path: Path) -> tuple[str, str]:
    """The path as libav takes it, and the protocols that it may use for that.

    The prefix makes any name a plain file: one with a leading dash, a colon or the look of an address.
    """
    plain, end = f"file:{path}", filled_bytes(path)
    if not 0 < end < path.stat().st_size:
        return plain, "file"
    return f"subfile,,start,0,end,{end},,:{plain}", "file,subfile"


def held_bytes(path: Path) -> int:
    """The bytes that a file takes up on its drive, which is less than its size where it has holes."""
    found = path.stat()
    blocks = getattr(found, "st_blocks", 0)  # missing on Windows, 0 on some network shares
    return min(found.st_size, blocks * 512) if blocks else found.st_size


def search_patience(path: Path) -> float:
    """Seconds after which the next packet is given up: soon in a file with holes, in which nothing can be."""
    return 1.5 if held_bytes(path) < 0.9 * path.stat().st_size else _NEVER


class Stopwatch:
    """The seconds since it was made, and whether this thread worked or waited during them."""

    def __init__(self) -> None:
        self._begun, self._busy = time.monotonic(), time.thread_time()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    @property
    def worked(self) -> bool:
        return time.thread_time() - self._busy > _AT_WORK * self.seconds

"""Opening of media files such that no other file can be read."""

from __future__ import annotations

import time
from pathlib import Path

import av
from av.container import InputContainer

from app.core.freed_memory import give_back_freed_memory
from app.core.recording.filled import filled_bytes
from app.core.recording.readable_bytes import BUFFER, ReadableBytes

FORMATS = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpeg", "mpegts", "mpegvideo"),
    *("asf", "flv", "mxf", "dv", "ogg", "h264", "hevc", "m4v", "mjpeg", "wav", "mp3", "aac", "flac", "ac3"),
)
"""The accepted formats. Playlists and stream descriptions, which name other files, are excluded; sound
formats are included for the sake of an exact message."""

_OPTIONS = {
    "format_whitelist": ",".join(FORMATS),
    "max_streams": "64",  # libav spends a megabyte on each
}

_PATIENCE = (2.0, 10.0, 60.0)
"""Seconds that opening may take in each try; later tries are for a drive that has to wake up."""

_SLOWEST = 50e6
"""The lowest rate (bytes/s) at which libav opens a large file."""

_AT_WORK = 0.1
"""The share of processor time above which the time was not spent waiting for a drive."""

_NEVER = 1e6
"""Seconds."""

_GLANCE = {"advanced_editlist": "0"}
"""The option with which libav ignores the edit list of an MP4, which halves the time of opening; packets that
the list excludes at the start have negative time stamps."""


_FORWARD = {"skip_estimate_duration_from_pts": "1"}
"""The option with which libav does not look for the last time stamps of a stream, which noise at its end
makes slow; all packets are read anyway."""

_GUESS = 1
"""The flag with which libav, as PyAV opens files, guesses missing times of showing (AVFMT_FLAG_GENPTS)."""

_LONG_TABLES = 100_000
"""Packets in the tables of an MP4 above which libav, once it is open, has freed as much memory as it keeps:
of two hours more than 20 MB each time."""

_SEARCH = 30.0
"""Seconds that opening may take longer where a search is limited by bytes, on a busy machine."""


def open_container(
    path: Path, *, glance: bool = False, patience: float = _NEVER, source: ReadableBytes | None = None
) -> InputContainer:
    """The container `path`, opened for reading. Raises av.FFmpegError or OSError, also when opening takes too
    much time for a file written by a camera.

    At a `glance` an edit list of an MP4 is not followed beyond where it begins; zeros at the end of a file,
    which were never written, are always left out. Reading one packet fails with av.ExitError after `patience`
    seconds. With a `source` the file is read through it; the caller closes it. Times of showing that are
    missing in the file are not guessed: for that, libav holds back a packet until another one of its stream
    comes, and in a file without one reads everything to the end first.
    """
    address, protocols = (source, "none") if source is not None else _address(path)
    options = {**_OPTIONS, "protocol_whitelist": protocols}
    options |= _GLANCE if glance else {}
    options |= _FORWARD if source is not None else {}
    more = allocated_bytes(path) / _SLOWEST + (_SEARCH if source is not None else 0.0)
    for seconds in _PATIENCE:
        watch = Stopwatch()
        if source is not None:
            source.rewind()
        try:
            container = av.open(
                address,
                "r",
                options=options,
                metadata_errors="replace",
                timeout=(seconds + more, patience),
                buffer_size=BUFFER,
            )
        except av.FFmpegError:
            if seconds == _PATIENCE[-1] or watch.seconds < seconds + more or watch.worked:
                raise
        else:
            container.flags &= ~_GUESS
            if sum(stream.frames for stream in container.streams) > _LONG_TABLES:
                give_back_freed_memory()
            return container
    raise AssertionError("the last try returns or raises")


def _address(path: Path) -> tuple[str, str]:
    """The name of the file for libav, and the protocols that it may use to read it.

    The prefix `file:` makes any name a file name, also with a leading dash, a colon or like an address.
    """
    plain, end = f"file:{path}", filled_bytes(path)
    if not 0 < end < path.stat().st_size:
        return plain, "file"
    return f"subfile,,start,0,end,{end},,:{plain}", "file,subfile"


def allocated_bytes(path: Path) -> int:
    """The allocated bytes of a file on its drive, fewer than its size for sparse files."""
    found = path.stat()
    blocks = getattr(found, "st_blocks", 0)  # missing on Windows, 0 on some network shares
    return min(found.st_size, blocks * 512) if blocks else found.st_size


def search_patience(path: Path) -> float:
    """The longest search for the next packet in seconds, short in a sparse file."""
    return 1.5 if allocated_bytes(path) < 0.9 * path.stat().st_size else _NEVER


class Stopwatch:
    """The time since its creation, and whether this thread was computing or waiting."""

    def __init__(self) -> None:
        self._begun, self._busy = time.monotonic(), time.thread_time()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    @property
    def worked(self) -> bool:
        return time.thread_time() - self._busy > _AT_WORK * self.seconds

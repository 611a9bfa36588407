"""Opening a media file so that nothing but this one file can be read."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer

FORMATS = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpeg", "mpegts", "mpegvideo"),
    *("asf", "flv", "mxf", "dv", "ogg", "h264", "hevc", "m4v", "mjpeg", "wav", "mp3", "aac", "flac", "ac3"),
)
"""The formats that can hold a recording. Playlists and stream descriptions, which name other files, are not
among them; sound formats are, so that a sound file can be called one."""

_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": ",".join(FORMATS)}


_GLANCE = {"advanced_editlist": "0"}
"""Libav then sorts no packet of an MP4 by its edit list, which takes as long as all else of opening it; what
the list leaves out at the beginning has time stamps below zero."""


def open_container(path: Path, *, glance: bool = False) -> InputContainer:
    """Open `path` for reading. Raises av.FFmpegError or OSError.

    The prefix makes any name a plain file: one with a leading dash, a colon or the look of an address. At a
    `glance` an edit list of an MP4 is not followed beyond where it begins.
    """
    options = {**_OPTIONS, **(_GLANCE if glance else {})}
    return av.open("file:" + str(path), "r", options=options, metadata_errors="replace")

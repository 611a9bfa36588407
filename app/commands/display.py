"""A check whether a window can be shown: without a display server Qt ends the process."""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import closing
from pathlib import Path

_WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc", "eglfs", "linuxfb", "vkkhrdisplay")
"""Qt's platforms that draw without a display server."""
_PATIENCE = 2.0


def has_display() -> bool:
    """Whether Qt has something to draw on: always on Windows and macOS, elsewhere a server that answers."""
    if sys.platform in ("win32", "darwin"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform in _WITHOUT_DISPLAY:
        return True
    return _wayland_answers() or _x11_answers(os.environ.get("DISPLAY", ""))


def _wayland_answers() -> bool:
    name, folder = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and _answers(socket.AF_UNIX, str(Path(folder) / str(name)))


def _x11_answers(display: str) -> bool:
    """`[host]:number[.screen]`; no host, or "unix", is a socket of this machine."""
    parts = re.fullmatch(r"(.*):(\d+)(?:\.\d+)?", display)
    if parts is None:
        return False
    host, number = parts[1], int(parts[2])
    if host not in ("", "unix"):
        return _answers(socket.AF_INET, (host.partition("/")[2] or host, 6000 + number))
    place = f"/tmp/.X11-unix/X{number}"
    return _answers(socket.AF_UNIX, place) or _answers(socket.AF_UNIX, "\0" + place)


def _answers(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with closing(socket.socket(family, socket.SOCK_STREAM)) as server:
        server.settimeout(_PATIENCE)
        try:
            server.connect(address)
        except (OSError, OverflowError):
            return False
        return True

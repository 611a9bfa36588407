"""Whether a window can be shown."""

from __future__ import annotations

import os
import sys

_WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc", "eglfs", "linuxfb", "vkkhrdisplay")
"""Qt's platforms that draw without a display server."""


def has_display() -> bool:
    """Whether Qt has something to draw on: always on Windows and macOS, on Linux when a server is named."""
    if sys.platform in ("win32", "darwin"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform in _WITHOUT_DISPLAY:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))

"""The window.

PySide6 reads the source of every module that is imported after it, to see whether the module wants one of
PySide6's optional features. This program wants none of them, so that reading some 600 files (a tenth of a
start) is left out.

Qt would divide a translucent fill or line among a pool of threads and wait for them, also for a few hundred
pixels: on a busy computer the wait is ten times as long as the fill, so that is left out too.
"""

import os
import sys
from typing import Any

from PySide6 import QtCore as QtCore

from app.core.freed_memory import keep_large_memory_apart


def _without_reading_sources() -> None:
    """Let PySide6 take every module as one without features; another release that has no such function works
    as before."""
    feature: Any = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda _module: True


_without_reading_sources()
keep_large_memory_apart()
# Read by Qt once, before it paints for the first time.
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")

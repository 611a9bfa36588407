"""The window.

PySide6 puts a function of Python round every import that comes after it, and reads the source of the module,
to see whether it wants one of PySide6's optional features. This program wants none of them, so that the
function is taken away: some 600 files (a tenth of a start) are not read, and an import inside a function
takes a fifth of the time.

Qt would divide a translucent fill or line among a pool of threads and wait for them, also for a few hundred
pixels: on a busy computer the wait is ten times as long as the fill, so that is left out too.

One thread of Python runs at a time, and another one that wants to run waits 5 ms until it asks for its turn.
The window's thread gives its turn away with every call of Qt that may wait, several times for one picture, so
a background thread that computes would hold up a picture that is due: the window's thread asks sooner.
"""

import builtins
import os
import sys
from typing import Any

from PySide6 import QtCore as QtCore

SECONDS_OF_A_TURN = 0.001
"""After which a thread of Python that waits for another one asks for its turn; on Windows, which counts whole
milliseconds, it would compute while it waits for less."""


def _without_features() -> None:
    """Take PySide6's function away from round every import; that of another library, as a debugger's, stays.

    Where it cannot be taken away it takes every module as one without features, and reads no source.
    """
    before: Any = getattr(builtins, "__orig_import__", None)
    feature: Any = sys.modules.get("shibokensupport.feature")
    if before is not None and getattr(builtins.__import__, "__name__", "") == "__feature_import__":
        builtins.__import__ = before
    elif hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda _module: True


_without_features()
sys.setswitchinterval(SECONDS_OF_A_TURN)
# Read by Qt once, before it paints for the first time.
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")

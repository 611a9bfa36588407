"""A screen to draw on: the present one, else a virtual one, else Qt's offscreen platform."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

OFFSCREEN = "offscreen"
_STARTS_WITHIN = 20.0
_LEASH = '"$0" "$@" </dev/null & server=$!; cat >/dev/null; kill $server; wait $server'
"""Ends the server when stdin is closed, also when the program that wanted it was killed."""


@contextmanager
def virtual_screen(width: int = 1920, height: int = 1080) -> Iterator[str]:
    """Start Xvfb on a free display and give its name (":99"); it is ended with the context.

    Raises FileNotFoundError where there is no Xvfb, RuntimeError when it does not start.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise FileNotFoundError("Xvfb")
    reading, writing = os.pipe()
    server = [program, "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(
        ["/bin/sh", "-c", _LEASH, *server],
        pass_fds=[writing],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        yield f":{_number(reading)}"
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def _number(reading: int) -> int:
    """The display's number, which Xvfb writes when it is ready; the end of the pipe means that it died."""
    import select

    with os.fdopen(reading) as pipe:
        ready, _, _ = select.select([pipe], [], [], _STARTS_WITHIN)
        line = pipe.readline().strip() if ready else ""
    if not line:
        raise RuntimeError("Xvfb did not start")
    return int(line)


@contextmanager
def screen(width: int = 1920, height: int = 1080) -> Iterator[str]:
    """Let this process and its children draw: gives one sentence on what they draw on.

    Must be entered before QApplication is made. The environment is as before afterwards.
    """
    before = {name: os.environ.get(name) for name in ("DISPLAY", "QT_QPA_PLATFORM")}
    try:
        if (
            sys.platform in ("win32", "darwin")
            or os.environ.get("DISPLAY")
            or os.environ.get("WAYLAND_DISPLAY")
        ):
            yield "Drawn on the screen of this session."
        elif shutil.which("Xvfb"):
            with virtual_screen(width, height) as name:
                os.environ["DISPLAY"] = name
                os.environ.pop("QT_QPA_PLATFORM", None)
                yield f"Drawn on a virtual screen (Xvfb, {width}×{height}), by software."
        else:
            os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
            yield "Drawn without a screen (Qt offscreen), which is faster than any real one."
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

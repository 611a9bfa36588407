"""Exact seeks of mpv, timed through its own socket, where it is installed."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_OPTIONS = (
    *("--no-config", "--idle=no", "--pause", "--no-audio", "--hr-seek=yes", "--keep-open=yes"),
    *("--vo=null", "--hwdec=no", "--really-quiet", "--no-terminal", "--cache=no", "--demuxer-thread=no"),
)


class MpvMissing(Exception):  # noqa: N818 - a state of the computer, told in a sentence
    """It cannot be measured; the text says why."""


class Mpv:
    """mpv with a recording open; a context manager. Raises MpvMissing."""

    def __init__(self, path: Path, size: tuple[int, int], *, early: float = 0.0) -> None:
        """`size` is that of the pictures it makes, in pixels; they go nowhere (null output). `early` seconds
        before each target is where its demuxer seeks: where that lands too late, mpv is not exact."""
        self._early = f"--hr-seek-demuxer-offset={early:g}"
        self._program = shutil.which("mpv")
        self._path = path
        self._filter = f"--vf=lavfi=[scale={size[0]}:{size[1]},format=bgra]"
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._program is None or not hasattr(socket, "AF_UNIX"):
            raise MpvMissing("mpv is not installed here, so nothing was measured beside it.")
        try:
            self._start(self._program)
        except OSError as error:
            self._stack.close()
            raise MpvMissing("mpv did not answer here, so nothing was measured beside it.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self, program: str) -> None:
        place = Path(self._stack.enter_context(tempfile.TemporaryDirectory())) / "s"
        command = [
            program,
            *_OPTIONS,
            self._early,
            self._filter,
            f"--input-ipc-server={place}",
            str(self._path),
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)
        self._link = self._stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        _connect(self._link, place)
        self._events = _events(self._link)
        _until(self._events, "playback-restart")

    def seek(self, seconds: float) -> float:
        """Seconds until mpv says that it has restarted at the frame at `seconds`, its filters run."""
        begun = time.perf_counter()
        self._link.sendall(json.dumps({"command": ["seek", seconds, "absolute+exact"]}).encode() + b"\n")
        _until(self._events, "playback-restart")
        return time.perf_counter() - begun

    def position(self) -> float:
        """Seconds at which the frame that it shows begins; NaN where it does not say."""
        asked = json.dumps({"command": ["get_property", "time-pos"], "request_id": 1})
        self._link.sendall(asked.encode() + b"\n")
        for event in self._events:
            if event.get("request_id") == 1:
                return float(event.get("data") or "nan")
        raise OSError("mpv closed its socket")


def _connect(link: socket.socket, place: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            link.connect(str(place))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            link.settimeout(20)
            return


def _events(link: socket.socket) -> Iterator[dict[str, Any]]:
    rest = b""
    while block := link.recv(65_536):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield json.loads(line)


def _until(events: Iterator[dict[str, Any]], name: str) -> None:
    for event in events:
        if event.get("event") == name:
            return
    raise OSError("mpv closed its socket")

"""A separate sound server with an output that goes nowhere, whose sound can be recorded: a real-time device
without a loudspeaker."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 48_000
_BLOCK = 480
"""Samples read at once: 10 ms."""


class NoServer(Exception):  # noqa: N818 - a state of the computer, told in a sentence
    """None can be started; the text says why."""


@contextmanager
def sound_server() -> Iterator[Path]:
    """PulseAudio with a null sink while it lasts; this process's sound goes there. Gives the socket.

    PortAudio must not have been used before. Raises NoServer.
    """
    if not all(shutil.which(name) for name in ("pulseaudio", "parec")):
        raise NoServer("pulseaudio and parec are not installed here, so sound was not measured.")
    with tempfile.TemporaryDirectory(prefix="semioscope-sound-") as folder:
        home = Path(folder)
        (home / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        place = home / "s"
        changed = {"HOME": folder, "XDG_RUNTIME_DIR": folder, "PULSE_SERVER": f"unix:{place}"}
        before = {name: os.environ.get(name) for name in changed}
        os.environ.update(changed)
        modules = [
            f"--load=module-native-protocol-unix socket={place}",
            f"--load=module-null-sink sink_name=nowhere rate={RATE}",
        ]
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *modules]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
            try:
                _wait_for(place, server)
                yield place
            finally:
                server.terminate()
                for name, value in before.items():
                    if value is None:
                        os.environ.pop(name, None)
                    else:
                        os.environ[name] = value


def _wait_for(place: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while not place.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise NoServer("the sound server did not start here, so sound was not measured.")
        time.sleep(0.05)


class Microphone:
    """Records what the null sink plays, with the time (of `time.perf_counter`) at which it was played.

    When a block arrives late the computer was busy, but no block arrives early: the earliest arrival, by the
    count of samples, is the clock. That holds while one output is open: the server hands blocks over some
    10 ms earlier or later when an output comes or goes.
    """

    def __init__(self) -> None:
        command = ["parec", "--raw", "--device=nowhere.monitor", f"--rate={RATE}", "--channels=1"]
        command += ["--format=s16le", "--latency-msec=10", "--process-time-msec=5"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._blocks: list[bytes] = []
        self._arrivals: list[float] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while block := self._process.stdout.read(2 * _BLOCK):
            self._arrivals.append(time.perf_counter())
            self._blocks.append(block)

    def close(self, begun: float, ended: float) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
        """(n,) samples in −1…1 and (n,) seconds when each was played; between `begun` and `ended` the same
        output was open."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        arrivals = np.array(self._arrivals)
        samples = np.frombuffer(b"".join(self._blocks)[: 2 * _BLOCK * len(arrivals)], np.int16)
        late = arrivals - np.arange(1, len(arrivals) + 1) * _BLOCK / RATE
        first, last = np.searchsorted(arrivals, [begun, ended])
        # The server's clock and ours drift by less than can be seen in a minute; the least delay in every
        # stretch of some seconds is the true one.
        places = np.clip(np.arange(len(late)), first, max(last - 1, first))
        base = np.array([late[max(i - 200, first) : min(i + 200, last)].min(initial=late[i]) for i in places])
        times = np.repeat(base, _BLOCK)[: len(samples)] + np.arange(len(samples)) / RATE
        return (samples / 32_768).astype(np.float32), times

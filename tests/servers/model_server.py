"""A real model server with tiny random models, as `installer/model_server.sh` installs it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path(os.environ.get("SEMIOSCOPE_MODEL_SERVER", ROOT / "build" / "model-server"))
PYTHON = PLACE / "venv" / "bin" / "python"
NAME = "tiny-eyes"
_STARTS_WITHIN = 60.0


@dataclass(frozen=True)
class Server:
    """A server at `port` of this computer; `process` is it."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def busy(self) -> bool:
        """Whether it computes for somebody."""
        return any(slot["is_processing"] for slot in self.get("/slots"))

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return json.load(answer)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


Start = Callable[..., Server]


@contextlib.contextmanager
def running(
    model: str, keys: tuple[str, ...], port: int, log: Path, *, eyes: str = "eyes.gguf"
) -> Iterator[Server]:
    """A server with a model, and with `eyes` unless they are ""."""
    models = PLACE / "models"
    command = [
        str(PYTHON),
        str(ROOT / "tests" / "servers" / "llama_server.py"),
        str(models / f"{model}.gguf"),
    ]
    command += [str(models / eyes) if eyes else "", NAME, str(port), *keys]
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    server = Server(port, process)
    try:
        _wait(server, log)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: Server, log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while server.process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError, urllib.error.URLError):
            server.get("/health")
            return
        time.sleep(0.05)
    pytest.fail("the server did not start:\n" + log.read_text(errors="replace")[-3000:])


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])

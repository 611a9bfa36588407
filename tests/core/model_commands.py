"""`analyze` with a model at a server of the test, as a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import null

from app import cli
from tests.loopback import Service, served
from tests.media import tone, write_recording

AS_RECORDED = ("--enhance", "none", "--cover", "none")

KEY = "canary-key-0123456789"
NAME = "Mustermann_Erika"
LEFT = "files/clip-0123456789abcdef"
Run = Callable[..., tuple[int, str, str]]
Traced = Callable[..., list[str]]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr("app.core.readers.models.retrying.random.uniform", lambda *_range: 0.0)
    with served() as made:
        yield made


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    folder = tmp_path / "canary-path"
    folder.mkdir()
    return write_recording(folder / f"{NAME}.mp4", frames=50, sound=tone(2.0))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)

    def call(*argv: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in argv])
        return code, *capsys.readouterr()

    return call


def openai(service: Service, clip: Path, *more: object) -> tuple[object, ...]:
    """A reading without enhancement, so that nobody has to be found first."""
    address = f"{service.url}/v1"
    server = ("--reader", "openai", "--base-url", address, "--model", "tiny-vl")
    return ("analyze", clip, *AS_RECORDED, *server, *more)


def study_of(clip: Path) -> Path:
    return clip.with_suffix(".semioscope")


def everything_kept(*folders: Path) -> bytes:
    return b"\n".join(
        str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        for folder in folders
        for path in sorted(folder.rglob("*"))
    )

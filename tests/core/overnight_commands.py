"""`overnight` at a service of the test, as a command, with clips that need no recording."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.jobs import CancelToken
from app.core.readers.models.provider import Material
from app.core.readers.models.request_plan import Request
from app.core.reading import ReaderKind
from app.core.study.store import Study
from tests.batch_mode import BatchMode
from tests.core.model_commands import AS_RECORDED, KEY, Run, clip, run, service
from tests.loopback import Service

__all__ = ["clip", "run", "service"]

AGREED = "--i-have-authority"
Overnight = Callable[..., tuple[int, str, str]]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return tmp_path / "one.semioscope"


@pytest.fixture
def there(service: Service) -> BatchMode:
    return BatchMode(service)


class AnyClips:
    """Clips as a service sees them, made without a recording; the real ones are in one test."""

    clips = ()

    def cannot_show(self, _request: Request) -> str:
        return ""

    def media(self, request: Request, _cancel: CancelToken) -> Material:
        return Material("", {}, video=b"\xff\xfe mp4 of " + request.spec.name.encode(), sound=b"wav")


@pytest.fixture
def real_clips() -> None:
    """Nothing is replaced."""


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_clips" not in request.fixturenames:
        for module in ("app.core.batch.overnight", "app.core.readers.models.read_recording"):
            monkeypatch.setattr(f"{module}.prepare_plan_clips", lambda *_what, **_how: AnyClips())


@pytest.fixture
def overnight(
    run: Run, clip: Path, study: Path, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> Overnight:
    def call(action: str, *more: object) -> tuple[int, str, str]:
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        server = ("--base-url", there.service.url, "--model", "gemini-tiny")
        return run("overnight", action, clip.parent, "--study", study, *AS_RECORDED, *server, *more)

    return call


def sent(overnight: Overnight, *more: object) -> None:
    code, out, err = overnight("send", AGREED, *more)
    assert (code, "Sent in 1 job: 3 requests" in out) == (0, True), out + err


def collected(overnight: Overnight, *more: object) -> str:
    code, out, err = overnight("collect", *more)
    assert (code, "1 reading kept." in out) == (0, True), out + err
    return out + err


def readings(study: Path) -> list[Any]:
    with Study.open_for_viewing(study) as opened:
        found = [
            one for recording in opened.recordings() for one in opened.readings(recording.id, viewer=None)
        ]
        return [one for one in found if one.reader.kind is ReaderKind.MODEL]


def move_back(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    """What is sent from now on was sent so long ago."""
    then = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    monkeypatch.setattr("app.core.readers.models.overnight_jobs.now", lambda: then)

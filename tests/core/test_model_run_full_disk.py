"""A disk that fills while a model is asked: what is under way is paid for, kept, and never asked again."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import httpx2
import pytest

from app.core.errors import UserError
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import allow
from app.core.privacy.ledger import PENDING, Ledger
from app.core.readers.models.guarded_transport import SendContext, guarded_client
from app.core.readers.models.provider import Material, Reply
from tests.core.test_model_run import PLAN, Scripted, ran, right_answer
from tests.loopback import Service, served


class FullDisk:
    """Takes nothing that is written while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        for name in ("fsync", "write"):
            monkeypatch.setattr(os, name, self._checked(getattr(os, name)))

    def _checked(self, call: object) -> object:
        def checked(*given: object) -> object:
            if self.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*given)  # type: ignore[operator]

        return checked


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


class Slow(Scripted):
    """Answers two requests at once, the second after the disk has refused the first."""

    async def ask(self, material: Material) -> Reply:
        reply = await super().ask(material)
        if len(self.asked) % 2 == 0:
            await asyncio.sleep(0.2)
        return reply


def test_replies_under_way_when_the_disk_fills_are_never_asked_again(tmp_path: Path, disk: FullDisk) -> None:
    def answer(_key: str, material: Material) -> str:
        disk.full = True
        return right_answer(material)

    first = Slow(answer)
    with pytest.raises(UserError, match="no space"):
        ran(tmp_path / "run", first)
    assert len(first.asked) == 2, "nothing else is asked"
    disk.full = False
    second = Scripted(lambda _key, material: right_answer(material))
    outcome = ran(tmp_path / "run", second).outcome()
    assert sorted(first.asked + second.asked) == sorted(request.key for request in PLAN)
    assert outcome.failed == ()
    assert {path.stem for path in (tmp_path / "run").glob("0*.json")} == {one.key for one in PLAN}


def test_an_outcome_that_cannot_be_recorded_costs_no_response(tmp_path: Path, disk: FullDisk) -> None:
    def fill(_path: str, _body: bytes) -> None:
        disk.full = True

    async def post(service: Service) -> httpx2.Response:
        destination = Destination(ServiceKind.THIS_MACHINE, f"127.0.0.1:{service.port}", "tiny", "http")
        context = SendContext(allow(tmp_path, destination, "Dr A"), Ledger(tmp_path), "reading", "none")
        async with guarded_client(context) as client:
            return await client.get(f"{service.url}/v1/models")

    with served(Service(before=fill)) as service:
        assert asyncio.run(post(service)).status_code == 200
        disk.full = True
        with pytest.raises(UserError):
            asyncio.run(post(service))
        assert len(service.paths) == 1, "without a line before it nothing is sent"
    disk.full = False
    assert [entry.outcome for entry in Ledger(tmp_path).entries()] == [PENDING]

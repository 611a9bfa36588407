"""Another provider, made as docs/model_readers.md says: a class and a row, and everything else follows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.privacy.address import parse_address
from app.core.privacy.destination import Destination, server_at
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.guarded_transport import SendContext, guarded_client
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.provider import Material, OfferedModel, Reply
from app.core.readers.models.providers import PROVIDERS, ProviderRow
from app.core.readers.models.reading_stage import Status
from app.core.readers.models.retrying import error_for_status
from app.core.semiology import Presence
from app.ui.dialogs.model_settings import ModelSettingsDialog
from app.ui.session.session import Session
from tests.loopback import Answer, answer_to
from tests.loopback import Service as Loopback
from tests.ui.model_cases import CANARY, clips_made, no_vault, quick, ran, recording_path, service, session

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


class Oracle:
    """Speaks a different wire: a question as JSON, the answer as plain text."""

    def __init__(self, passage: SendContext, place: str, key: Secret | None) -> None:
        self._http = guarded_client(passage)
        self._place = place
        self._key = key

    async def ask(self, material: Material) -> Reply:
        body = {"question": material.prompt, "form": dict(material.schema), "frames": len(material.pictures)}
        headers = {"x-oracle": self._key.reveal()} if self._key else {}
        response = await self._http.post(f"{self._place}/oracle", json=body, headers=headers)
        if response.status_code != 200:
            raise error_for_status(response.status_code, response.headers)
        return Reply(response.text, "oracle-1")

    async def models(self) -> tuple[OfferedModel, ...]:
        return (OfferedModel("oracle"),)

    async def tidy(self) -> None:
        """Nothing is left with it."""

    async def close(self) -> None:
        await self._http.aclose()


def destination(choice: ModelChoice) -> Destination:
    return server_at(parse_address(choice.base_url), choice.model or "oracle")


ROW = ProviderRow(
    "oracle",
    "The oracle",
    destination,
    lambda choice, passage, key: Oracle(passage, choice.base_url, key),
    needs_key=True,
    tried=("pictures",),
    default_model="oracle",
)


@pytest.fixture(autouse=True)
def _offered(monkeypatch: pytest.MonkeyPatch, service: Loopback) -> None:
    monkeypatch.setitem(PROVIDERS, ROW.id, ROW)

    def speak(path: str, body: bytes) -> Answer | None:
        asked = json.loads(body) if path == "/oracle" else None
        return None if asked is None else (200, {}, answer_to(asked["form"], "yes").encode())

    service.before = speak


def test_it_reads_through_the_gate_the_ledger_and_the_checklist(
    qtbot: QtBot, session: Session, service: Loopback
) -> None:
    session.models.chosen.choose(ModelChoice("oracle", base_url=service.url, limit=1))
    session.models.chosen.keys.keep(f"127.0.0.1:{service.port}", CANARY)
    ran(qtbot, session)
    assert {cell.status for cell in session.models.cells} == {Status.ANSWERED}
    assert session.answers.shown is not None
    assert session.answers.shown.answer("clonic").presence is Presence.YES
    assert {headers["x-oracle"] for headers in service.headers} == {CANARY}
    folder = session.study.folder
    assert folder is not None
    entries = Ledger(folder).entries()
    assert [entry.sending.size for entry in entries] == [len(body) for body in service.bodies]
    assert CANARY.encode() not in (folder / "egress.jsonl").read_bytes()


def test_the_window_offers_it_and_asks_for_everything(
    qtbot: QtBot, session: Session, service: Loopback
) -> None:
    dialog = ModelSettingsDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    page = dialog.connection
    page.providers.setCurrentIndex(page.providers.findData("oracle"))
    assert all(edit.isVisible() for edit in page.edits.values())
    assert page.key.isVisible()
    line = page.models.lineEdit()
    assert line is not None
    assert line.placeholderText() == "oracle"
    page.edits["base_url"].setText(service.url)
    page.models.setEditText("oracle")
    page.key.setText(CANARY)
    page.test.click()
    qtbot.waitUntil(lambda: "Pictures: yes" in page.found.text())
    dialog.reject()


@pytest.mark.parametrize("prefers", [False, True])
def test_what_was_sent_as_a_video_is_kept_as_one(
    qtbot: QtBot, session: Session, service: Loopback, prefers: bool
) -> None:
    choice = ModelChoice("openai", "tiny-vl", base_url=f"{service.url}/v1", limit=1, prefer_video=prefers)
    session.models.chosen.choose(choice)
    ran(qtbot, session)
    qtbot.waitUntil(lambda: session.models.saw.preview is not None)
    seen: Any = session.models.saw.preview
    assert seen.as_video is prefers
    assert (Path(seen.folder) / "clips.json").is_file()

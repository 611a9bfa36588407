"""Files that a killed program left with a provider: who may delete them, and who is never asked to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.privacy.destination import TERMS, Destination
from app.core.privacy.destination import ServiceKind as Place
from app.core.privacy.gate import ATTESTATION, allow
from app.core.privacy.ledger import Ledger
from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.settings import author_of, load_settings
from app.core.study.place import study_folder_for
from app.core.study.store import Study
from tests.loopback import Service
from tests.ui.model_cases import (
    CANARY,
    clips_made,
    gemini,
    no_vault,
    quick,
    recording_path,
    service,
    session,
)
from tests.ui.session_cases import opened

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]

LEFT = "files/clip-00000000000001ef"


def left_behind(recording: Path, host: str) -> Path:
    """A study with half-made clips and a file at a provider, as after a kill; its folder."""
    folder = study_folder_for(recording)
    Study.open(folder, author="me").close()
    half = folder / "readings" / "0123456789abcdef" / ".unfinished-00ff00ff00ff00ff"
    half.mkdir(parents=True, mode=0o700)
    (half / "0000-pose.mp4").write_bytes(b"the patient")
    Ledger(folder).uploaded(LEFT, Destination(Place.THIS_MACHINE, host, "gemini-tiny", "http"))
    return folder


def test_opening_a_study_removes_what_a_killed_program_left(
    qtbot: QtBot, quick: Any, recording_path: Path, service: Service
) -> None:
    host = f"127.0.0.1:{service.port}"
    folder = left_behind(recording_path, host)
    save_choice(gemini(service))
    allow(folder, Destination(Place.THIS_MACHINE, host, "gemini-tiny", "http"), author_of(load_settings()))
    with opened(qtbot, recording_path) as session:
        session.models.chosen.keys.keep(host, CANARY)
        qtbot.waitUntil(lambda: not list(folder.rglob(".unfinished-*")))
        qtbot.waitUntil(lambda: not session.models._leftovers._cleaning.running)
        session.models._leftovers._cleaned = None  # as at the next start, with the key in the vault
        session.models._leftovers._clean_up()
        qtbot.waitUntil(lambda: Ledger(folder).contents().orphans == ())
    assert [path for path in service.paths if LEFT in path]
    assert {headers["x-goog-api-key"] for headers in service.headers} == {CANARY}


def test_a_received_study_makes_the_window_ask_nobody(
    qtbot: QtBot, quick: Any, clips_made: list[Path], recording_path: Path, service: Service
) -> None:
    """With a permission and a ledger of somebody else's, and the key at hand."""
    folder = study_folder_for(recording_path)
    Study.open(folder, author="somebody else").close()
    place = {"service": "this_machine", "host": f"127.0.0.1:{service.port}", "model": "gemini-tiny"}
    given = {
        "destination": place | {"scheme": "http"}, "user": author_of(load_settings()), "time": "2020-01-01",
        "terms_version": TERMS[Place.THIS_MACHINE].version, "attestation": ATTESTATION,
    }  # fmt: skip
    (folder / "permissions.json").write_text(json.dumps([given]))
    left = {"event": "uploaded", "remote": LEFT, "host": place["host"], "time": "2026-11-28T00:00:00+00:00"}
    (folder / "egress.jsonl").write_text(json.dumps(left))
    save_choice(gemini(service))
    with opened(qtbot, recording_path) as session:
        session.models.chosen.keys.keep(place["host"], CANARY)
        session.models._leftovers._cleaned = None
        session.models._leftovers._clean_up()
        qtbot.waitUntil(lambda: not session.models._leftovers._cleaning.running)
        session.models.prepare()
        qtbot.waitUntil(lambda: session.models.prepared is not None)
        assert clips_made
        assert session.models.planned is not None
        assert session.models.planned.permission is None
        session.models.start()
        qtbot.waitUntil(lambda: "has not been allowed" in session.status.message)
    assert service.paths == []


@pytest.mark.parametrize("why", ["local only", "not allowed", "another place"])
def test_without_a_permission_nobody_is_asked_to_delete(
    qtbot: QtBot, quick: Any, recording_path: Path, service: Service, why: str
) -> None:
    host = f"127.0.0.1:{service.port}"
    folder = left_behind(recording_path, "elsewhere:443" if why == "another place" else host)
    save_choice(ModelChoice() if why == "local only" else gemini(service))
    if why != "not allowed":
        allow(
            folder, Destination(Place.THIS_MACHINE, host, "gemini-tiny", "http"), author_of(load_settings())
        )
    with opened(qtbot, recording_path) as session:
        session.models.chosen.keys.keep(host, CANARY)
        session.models._leftovers._cleaned = None
        session.models._leftovers._clean_up()
        qtbot.waitUntil(lambda: not list(folder.rglob(".unfinished-*")))
        qtbot.waitUntil(lambda: not session.models._leftovers._cleaning.running)
    assert service.paths == []
    assert len(Ledger(folder).contents().orphans) == 1

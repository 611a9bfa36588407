"""What is revoked is in force at once, is removed whatever else happens, and a failure is said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.privacy import gate
from app.core.privacy.destination import Destination
from app.core.privacy.gate import allow, permissions
from app.core.readers.models.reading_stage import ReadingStage
from app.core.settings import account_author
from app.ui.session import sending_permissions
from app.ui.session.sending_permissions import NOT_ALLOWED, REVOKED
from app.ui.session.session import Session
from tests.loopback import Service
from tests.ui.model_cases import (
    clips_made,
    no_vault,
    prepared,
    quick,
    recording_path,
    service,
    session,
    write_clips,
)

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def test_what_is_revoked_while_clips_are_made_is_not_asked_for_again(
    qtbot: QtBot, session: Session, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, folder = allowed(qtbot, session)
    clips, disk = threading.Event(), threading.Event()
    hold_removal(monkeypatch, disk)

    def slowly(_recording: Any, pieces: Any, folder: Path, **_rest: Any) -> object:
        assert clips.wait(60)
        return write_clips(folder, pieces)

    monkeypatch.setattr("app.core.readers.models.reader.prepare_clips", slowly)
    models = session.models
    models.prepare()
    qtbot.waitUntil(lambda: models.planned is not None and models.planned.permission is not None)
    models.sending.revoke(place)
    assert models.sending.where == NOT_ALLOWED
    clips.set()
    qtbot.waitUntil(lambda: models.stage is ReadingStage.READY)
    assert models.planned is not None
    assert models.planned.permission is None, "though the file is still there"
    for attested in (False, True):
        models.start(allowed=attested)
        assert (models.stage, models.problem) == (ReadingStage.READY, REVOKED)
    disk.set()
    qtbot.waitUntil(lambda: not models.sending.is_revoked(folder, place))
    assert permissions(folder) == ()
    assert service.asked == []


def test_a_revocation_that_fails_is_said_also_when_another_follows(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, folder = allowed(qtbot, session)
    other = replace(place, model="another")
    allow(folder, other, account_author())
    disk, whole = threading.Event(), gate.revoke

    def fails_once(study: Path, where: Destination) -> None:
        assert disk.wait(60)
        if where == place:
            raise UserError("The permission could not be revoked.")
        whole(study, where)

    monkeypatch.setattr(gate, "revoke", fails_once)
    said: list[str] = []
    session.status.message_changed.connect(lambda: said.append(session.status.message))
    sending = session.models.sending
    sending.revoke(place)
    sending.revoke(other)
    disk.set()
    qtbot.waitUntil(lambda: not sending.is_revoked(folder, other))
    assert any("could not be revoked" in sentence for sentence in said)
    assert [given.destination for given in permissions(folder)] == [place]
    assert sending.where == NOT_ALLOWED, "what was said to be revoked is not used"
    monkeypatch.setattr(gate, "revoke", whole)
    sending.revoke(place)
    qtbot.waitUntil(lambda: not sending.is_revoked(folder, place))
    assert permissions(folder) == ()


def test_what_is_revoked_is_removed_also_when_the_window_closes(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, folder = allowed(qtbot, session)
    other = replace(place, model="another")
    allow(folder, other, account_author())
    disk = threading.Event()
    threads = hold_removal(monkeypatch, disk)
    monkeypatch.setattr(sending_permissions, "CLOSING_WAITS", 0.0)
    session.models.sending.revoke(place)
    session.models.sending.revoke(other)
    session.models.sending.close()
    disk.set()
    qtbot.waitUntil(lambda: permissions(folder) == ())
    waited_for = [thread for thread in threads if not thread.daemon]
    assert len(waited_for) == 2, "the program ends only when both are removed"


def test_nothing_of_an_earlier_run_is_shown_in_the_next(qtbot: QtBot, session: Session) -> None:
    prepared(qtbot, session)
    session.models._grown = session.study.of_recording.live or object()  # type: ignore[assignment]
    session.models.start(allowed=True)
    assert session.models._grown is None


def allowed(qtbot: QtBot, session: Session) -> tuple[Destination, Path]:
    """Where the chosen model may be sent to from now on, and the folder of the study."""
    models = session.models
    qtbot.waitUntil(lambda: models.chosen.destination is not None)
    place, folder = models.chosen.destination, session.study.folder
    assert place is not None
    assert folder is not None
    allow(folder, place, account_author())
    models.sending.look()
    qtbot.waitUntil(lambda: models.sending.where.startswith("May send"))
    return place, folder


def hold_removal(monkeypatch: pytest.MonkeyPatch, until: threading.Event) -> list[threading.Thread]:
    """The disk takes its time to remove a permission; the threads that wait for it, one for each removal."""
    threads: list[threading.Thread] = []
    whole: Callable[[Path, Destination], None] = gate.revoke

    def slowly(folder: Path, place: Destination) -> None:
        threads.append(threading.current_thread())
        assert until.wait(60)
        whole(folder, place)

    monkeypatch.setattr(gate, "revoke", slowly)
    return threads

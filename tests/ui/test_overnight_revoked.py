"""Revoking a permission stops what is just being sent overnight under it, and what asks for its jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.privacy import gate as permission_files
from app.core.privacy.gate import allow, find_permission
from app.core.privacy.overnight_jobs import open_jobs
from app.core.readers.models.model_work import destination_of
from app.core.settings import account_author
from app.ui.session.overnight import STOPPED
from app.ui.session.sending_permissions import NOT_ALLOWED
from app.ui.session.session import Session
from tests.batch_mode import BatchMode
from tests.loopback import Answer
from tests.ui.model_cases import clips_made, no_vault, service
from tests.ui.overnight_cases import LONG, done, gate_of, idle, place, planned, sent, session, there
from tests.ui.session_cases import quick

__all__ = ["clips_made", "no_vault", "place", "quick", "service", "session", "there"]


def folder_of(session: Session) -> Path:
    assert session.study.folder is not None
    return session.study.folder


def revoke(qtbot: QtBot, session: Session) -> None:
    """Revoke the permission for the chosen model and wait until that is on disk."""
    place, folder = destination_of(session.models.chosen.choice), folder_of(session)
    session.models.sending.revoke(place)
    assert session.models.sending.where == NOT_ALLOWED
    qtbot.waitUntil(lambda: not session.models.sending.is_revoked(folder, place), timeout=LONG)


def is_allowed(session: Session) -> bool:
    place = destination_of(session.models.chosen.choice)
    return find_permission(folder_of(session), place, account_author()) is not None


def held(there: BatchMode, at: Callable[[str], bool]) -> tuple[threading.Event, threading.Event]:
    """The service waits with the first request `at` a path: the events that it came, and may go on."""
    came, go_on = threading.Event(), threading.Event()

    def answer(path: str, body: bytes) -> Answer | None:
        if at(path) and not came.is_set():
            came.set()
            assert go_on.wait(60)
        return there.answer(path, body)

    there.service.before = answer
    return came, go_on


def test_what_is_just_being_sent_stops(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    allow(folder_of(session), destination_of(session.models.chosen.choice), account_author())
    dialog = planned(qtbot, session)
    came, go_on = held(there, lambda path: path.startswith("/upload/") and bool(there.jobs))
    dialog.choose()
    qtbot.waitUntil(came.is_set, timeout=LONG)
    try:
        revoke(qtbot, session)
        done(qtbot, dialog)
    finally:
        go_on.set()
    assert dialog.outcome.text().startswith("The permission to send there was revoked, so sending stopped.")
    assert (dialog.begin.text(), dialog.cost.text()) == ("See the cost", "Not known yet.")
    assert len(there.jobs) == 1
    assert len([job for job in open_jobs() if job.name]) == 1
    assert session.models.sending.where == NOT_ALLOWED
    assert not is_allowed(session)


def test_a_failure_is_still_said_when_sending_was_stopped_too(
    qtbot: QtBot, session: Session, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(folder_of(session), destination_of(session.models.chosen.choice), account_author())
    dialog = planned(qtbot, session)
    came, go_on = threading.Event(), threading.Event()

    def fails(*_what: Any, **_more: Any) -> object:
        came.set()
        assert go_on.wait(60)
        raise UserError("The study cannot be opened.")

    monkeypatch.setattr("app.core.batch.overnight.send_overnight", fails)
    dialog.choose()
    qtbot.waitUntil(came.is_set, timeout=LONG)
    try:
        revoke(qtbot, session)
    finally:
        go_on.set()
    done(qtbot, dialog)
    assert dialog.outcome.text().startswith("The study cannot be opened.")
    assert "sending stopped" in dialog.outcome.text()


def test_what_is_revoked_before_the_permission_is_written_is_not_allowed_by_it(
    qtbot: QtBot, session: Session, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog, came, go_on = planned(qtbot, session), threading.Event(), threading.Event()
    whole = allow

    def slowly(*what: Any) -> object:
        came.set()
        assert go_on.wait(60)
        return whole(*what)

    monkeypatch.setattr(permission_files, "allow", slowly)
    gate = gate_of(qtbot, dialog)
    gate.attested.setChecked(True)
    gate._accept()
    qtbot.waitUntil(came.is_set, timeout=LONG)
    try:
        revoke(qtbot, session)
    finally:
        go_on.set()
    done(qtbot, dialog)
    assert there.service.paths == []
    assert not is_allowed(session)
    qtbot.waitUntil(lambda: not session.models.sending._reading.running, timeout=LONG)
    assert session.models.sending.where == NOT_ALLOWED


def test_after_revoking_the_gate_asks_again(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    allow(folder_of(session), destination_of(session.models.chosen.choice), account_author())
    dialog = planned(qtbot, session)
    revoke(qtbot, session)
    gate = gate_of(qtbot, dialog)
    assert gate.isVisible()
    assert there.service.paths == []


def test_the_jobs_are_not_asked_for_any_more(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    sent(qtbot, session)
    came, go_on = held(there, lambda _path: True)
    session.models.overnight.look()
    qtbot.waitUntil(came.is_set, timeout=LONG)
    asked = len(there.steps)
    try:
        session.models.sending.revoke(destination_of(session.models.chosen.choice))
        idle(qtbot, session)
    finally:
        go_on.set()
    assert session.models.overnight.said == (STOPPED,)
    assert len(there.steps) == asked
    session.models.overnight.look()
    idle(qtbot, session)
    assert len(there.steps) == asked
    assert all("is not allowed" in job.problem for job in session.models.overnight.jobs)


def test_what_is_being_revoked_is_not_asked_for_although_it_is_on_disk(
    qtbot: QtBot, session: Session, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(qtbot, session)
    asked, hangs = len(there.steps), threading.Event()
    monkeypatch.setattr(permission_files, "revoke", lambda *_what: hangs.wait(60))
    session.models.sending.revoke(destination_of(session.models.chosen.choice))
    session.models.overnight.collect()
    idle(qtbot, session)
    hangs.set()
    assert len(there.steps) == asked
    assert "is not allowed" in " ".join(session.models.overnight.said)


def test_the_first_look_at_a_study_ends_too(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    sent(qtbot, session)
    overnight = session.models.overnight
    overnight._folder, overnight._asks = None, {}
    came, go_on = held(there, lambda _path: True)
    overnight._on_recording()
    assert came.wait(60)
    asked = len(there.steps)
    assert not overnight.jobs, "what was found is still on its way to the window"
    try:
        session.models.sending.revoke(destination_of(session.models.chosen.choice))
        idle(qtbot, session)
    finally:
        go_on.set()
    assert overnight.said == (STOPPED,)
    assert len(there.steps) == asked

"""Where data may go is said as it is allowed, and no permission is read or written in the GUI thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.privacy import gate
from app.core.privacy.gate import permissions
from app.core.readers.models.model_choice import ModelChoice
from app.core.study.study_identity import study_id
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.model_permissions import NONE, READING, PermissionsPage
from app.ui.dialogs.run_plan import RunPlanDialog
from app.ui.session.chosen_model import LOCAL
from app.ui.session.sending_permissions import LOOKING, NOT_ALLOWED
from app.ui.session.session import Session
from app.ui.views.status_bar import StatusBar
from tests.loopback import Service
from tests.media import write_recording
from tests.ui.model_cases import (
    at_end,
    clips_made,
    no_vault,
    prepared,
    quick,
    recording_path,
    service,
    session,
)

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def test_the_status_bar_says_that_it_may_send_only_while_that_is_allowed(
    qtbot: QtBot, session: Session, service: Service, tmp_path: Path
) -> None:
    bar = StatusBar(session)
    qtbot.addWidget(bar)
    may = f"May send to 127.0.0.1:{service.port}"
    qtbot.waitUntil(lambda: bar._local.text() == NOT_ALLOWED)
    prepared(qtbot, session)
    assert bar._local.text() == NOT_ALLOWED
    session.models.start(allowed=True)
    at_end(qtbot, session)
    qtbot.waitUntil(lambda: bar._local.text() == may)
    first = session.study.folder
    (tmp_path / "other").mkdir()
    session.opening.open(write_recording(tmp_path / "other" / "other.mp4", frames=20))
    qtbot.waitUntil(lambda: session.study.folder not in {None, first})
    qtbot.waitUntil(lambda: bar._local.text() == NOT_ALLOWED)
    assert first is not None
    assert len(permissions(first)) == 1, "it is the other study that may not"
    session.models.chosen.choose(ModelChoice())
    assert bar._local.text() == LOCAL


def test_what_is_revoked_is_no_longer_said(qtbot: QtBot, session: Session, service: Service) -> None:
    prepared(qtbot, session)
    session.models.start(allowed=True)
    at_end(qtbot, session)
    sending = session.models.sending
    qtbot.waitUntil(lambda: sending.where.startswith("May send"))
    place = session.models.chosen.destination
    assert place is not None
    sending.revoke(place)
    qtbot.waitUntil(lambda: sending.where == NOT_ALLOWED)
    assert session.study.folder is not None
    assert permissions(session.study.folder) == ()


def test_no_permission_is_read_or_written_in_the_gui_thread(
    qtbot: QtBot, session: Session, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The study's disk can be a share that hangs."""
    threads: set[threading.Thread] = set()
    whole = study_id

    def asked_for(folder: Path) -> str:
        threads.add(threading.current_thread())
        return whole(folder)

    monkeypatch.setattr(gate, "study_id", asked_for)
    plan = RunPlanDialog(session)
    qtbot.addWidget(plan)
    qtbot.waitUntil(plan.ask.isEnabled)
    plan.ask.click()
    asked = plan.findChild(GateDialog)
    assert isinstance(asked, GateDialog)
    asked.attested.click()
    asked.send.click()
    at_end(qtbot, session)
    assert len(service.asked) == 3
    page = PermissionsPage(session)
    qtbot.addWidget(page)
    place = session.models.chosen.destination
    assert place is not None
    session.models.sending.revoke(place)
    qtbot.waitUntil(lambda: NONE in _words(page))
    assert threads
    assert threading.main_thread() not in threads


def test_a_share_that_hangs_is_waited_for_by_one_thread(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, asked = threading.Event(), list[Path]()
    whole = study_id
    sending = session.models.sending
    qtbot.waitUntil(lambda: sending.known is not None and not sending._reading.running)

    def asked_for(folder: Path) -> str:
        asked.append(folder)
        assert hangs.wait(60)
        return whole(folder)

    monkeypatch.setattr(gate, "study_id", asked_for)
    sending.known = None
    pages = [PermissionsPage(session) for _ in range(4)]
    qtbot.waitUntil(lambda: bool(asked))
    assert (len(asked), sending.where) == (1, LOOKING)
    assert READING in _words(pages[0])
    hangs.set()
    qtbot.waitUntil(lambda: NONE in _words(pages[0]) and not sending._reading.running)
    assert len(asked) == 2, "once more for all that was wanted meanwhile"


def _words(page: PermissionsPage) -> str:
    content = page.widget()
    return "" if content is None else "\n".join(label.text() for label in content.findChildren(QLabel))

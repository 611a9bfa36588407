"""Where data may go is said as it is allowed, and no permission is read or written in the GUI thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.privacy import gate
from app.core.privacy.destination import Destination
from app.core.privacy.gate import allow, permissions
from app.core.privacy.study_sending import SentSoFar
from app.core.readers.models.model_choice import ModelChoice
from app.core.settings import account_author
from app.core.study.study_identity import study_id
from app.ui.commands.model_commands import ModelDialogs
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.model_permissions import NEVER, NONE, READING, SENT_BEFORE, PermissionsPage
from app.ui.dialogs.run_plan import RunPlanDialog
from app.ui.session.background import close_all
from app.ui.session.chosen_model import LOCAL, ChosenModel
from app.ui.session.sending_permissions import LOOKING, NOT_ALLOWED
from app.ui.session.session import Session
from app.ui.views.status_bar import StatusBar
from tests.loopback import Service
from tests.media import write_recording
from tests.ui.found_widgets import child
from tests.ui.model_cases import (
    accept_gate,
    at_end,
    choice_for,
    clips_made,
    no_vault,
    prepared,
    quick,
    recording_path,
    service,
    session,
)
from tests.ui.session_cases import opened

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
    folder = session.study.folder
    assert folder is not None
    qtbot.waitUntil(lambda: permissions(folder) == ())  # it holds at once, and is removed in the background


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
    accept_gate(plan)
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


def test_while_a_model_is_asked_it_says_where_this_run_sends(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    prepared(qtbot, session)
    sending, to = session.models.sending, f"Sending to 127.0.0.1:{service.port}"
    session.models.start(allowed=True)
    assert sending.where == to
    session.models.chosen.choose(ModelChoice())
    assert sending.where == to
    at_end(qtbot, session)
    assert sending.where == LOCAL


def test_permissions_that_cannot_be_read_allow_nothing_and_that_is_said(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, folder = session.models.sending, session.study.folder
    qtbot.waitUntil(lambda: session.models.chosen.destination is not None)
    place = session.models.chosen.destination
    assert place is not None
    assert folder is not None
    allow(folder, place, account_author())
    sending.look()
    qtbot.waitUntil(lambda: sending.where.startswith("May send"))
    whole = study_id

    def unreadable(_folder: Path) -> str:
        raise UserError("The study's folder does not answer.")

    monkeypatch.setattr(gate, "study_id", unreadable)
    page = PermissionsPage(session)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: "does not answer" in _words(page))
    assert READING not in _words(page)
    assert sending.where == NOT_ALLOWED
    monkeypatch.setattr(gate, "study_id", whole)
    sending.look()
    qtbot.waitUntil(lambda: sending.where.startswith("May send"))


def test_what_was_sent_is_counted_for_the_page_alone(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger of a study in which much was asked is long."""
    looks = list[None]()
    sending, whole = session.models.sending, session.models.sending.look
    qtbot.waitUntil(lambda: sending.known is not None)

    def look() -> None:
        looks.append(None)
        whole()

    with monkeypatch.context() as now:
        now.setattr(sending, "look", look)
        now.setattr("app.core.privacy.study_sending.Ledger", None)
        prepared(qtbot, session)
        assert not looks, "a plan changes no permission"
        session.models.start(allowed=True)
        at_end(qtbot, session)
        assert len(looks) == 1
        qtbot.waitUntil(lambda: sending.where.startswith("May send"))
    page = PermissionsPage(session)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: "3 requests left this study" in _words(page))


def test_the_first_model_that_is_chosen_replaces_none(qtbot: QtBot, service: Service) -> None:
    chosen = ChosenModel()
    with qtbot.waitSignal(chosen.replaced):
        chosen.choose(choice_for(service))
    with qtbot.assertNotEmitted(chosen.replaced):
        chosen.choose(choice_for(service))
    close_all(chosen)


def test_the_choice_is_read_in_the_gui_thread_alone(
    qtbot: QtBot, quick: object, recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers, cleaned = list[threading.Thread](), list[object]()

    def reading() -> ModelChoice:
        readers.append(threading.current_thread())
        return ModelChoice()

    monkeypatch.setattr("app.core.readers.models.model_choice.stored_choice", reading)
    monkeypatch.setattr(
        "app.core.readers.models.model_work.cleaned_up", lambda choice, *_rest: cleaned.append(choice)
    )
    with opened(qtbot, recording_path):
        qtbot.waitUntil(lambda: bool(cleaned))
    assert cleaned == [None]
    assert {*readers} <= {threading.main_thread()}


def test_the_gate_closes_when_what_it_shows_is_no_longer_what_would_be_sent(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    plan = RunPlanDialog(session)
    qtbot.addWidget(plan)
    qtbot.waitUntil(plan.ask.isEnabled)
    plan.ask.click()
    shown = plan.findChild(GateDialog)
    assert isinstance(shown, GateDialog)
    shown.attested.click()
    session.models.chosen.choose(choice_for(service, model="another"))
    assert not shown.isVisible()
    qtbot.waitUntil(plan.ask.isEnabled)
    assert "Nothing was sent: what you were shown is not what would be sent now" in plan.work.text()
    assert service.asked == []


def test_what_was_revoked_can_be_allowed_again_where_that_is_said(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    """By the same dialogs as the first time; nothing is sent before they are accepted."""
    window = QWidget()
    qtbot.addWidget(window)
    dialogs = ModelDialogs(window, session)
    page = PermissionsPage(session)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: _way(page) == "Allow…")
    folder, place = allowed_once(qtbot, session, page)
    session.models.sending.revoke(place)
    qtbot.waitUntil(lambda: _way(page) == "Allow again…")
    assert "You revoked the permission" in _words(page)
    qtbot.waitUntil(lambda: not permissions(folder))
    child(page, QPushButton).click()
    plan = child(window, RunPlanDialog)
    qtbot.waitUntil(plan.ask.isEnabled)
    plan.ask.click()
    assert service.asked == []
    accept_gate(plan)
    at_end(qtbot, session)
    qtbot.waitUntil(lambda: _way(page) == "Revoke permission")
    assert len(permissions(folder)) == 1
    dialogs.close()


@pytest.fixture
def page(qtbot: QtBot, session: Session, service: Service) -> PermissionsPage:
    """The page, on which the chosen model is not allowed."""
    page = PermissionsPage(session)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: _way(page) == "Allow…")
    return page


def allowed_once(qtbot: QtBot, session: Session, page: PermissionsPage) -> tuple[Path, Destination]:
    """Allow the chosen model as a run does; the study's folder and the place."""
    place, folder = session.models.chosen.destination, session.study.folder
    assert place is not None
    assert folder is not None
    allow(folder, place, account_author())
    session.models.sending.look()
    qtbot.waitUntil(lambda: _way(page) == "Revoke permission")
    return folder, place


def test_a_permission_for_former_terms_has_one_row_which_offers_to_give_it_again(
    qtbot: QtBot, session: Session, page: PermissionsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _folder, place = allowed_once(qtbot, session, page)
    monkeypatch.setattr(gate.Permission, "covers_recordings", False)
    session.models.sending.look()
    qtbot.waitUntil(lambda: _way(page) == "Revoke permission Allow again…")
    assert "the terms have changed since" in _words(page)
    assert NEVER not in _words(page)
    assert _words(page).count(place.shown) == 1


def test_what_was_allowed_again_is_no_longer_called_revoked(
    qtbot: QtBot, session: Session, page: PermissionsPage
) -> None:
    folder, place = allowed_once(qtbot, session, page)
    session.models.sending.revoke(place)
    qtbot.waitUntil(lambda: _way(page) == "Allow again…" and not permissions(folder))
    qtbot.waitUntil(lambda: not session.models.sending.is_revoked(folder, place))
    allowed_once(qtbot, session, page)
    assert not session.models.sending.was_revoked(place)


def test_nothing_can_be_allowed_where_the_study_cannot_be_changed(
    session: Session, page: PermissionsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(session.study), "read_only", property(lambda _study: True))
    session.models.sending.changed.emit()
    way = child(page, QPushButton)
    assert not way.isEnabled()
    assert way.toolTip() == session.models.refusal


def test_a_place_that_was_sent_to_before_is_not_called_new(
    qtbot: QtBot, session: Session, page: PermissionsPage
) -> None:
    """As after a restart: that a permission was revoked is known no longer, but what was sent is."""
    place = session.models.chosen.destination
    assert place is not None
    assert NEVER in _words(page)
    session.models.sending._on_counted(
        SentSoFar(1, 100, "2026-01-02T03:04:05Z", frozenset({(place.host, place.model)}))
    )
    assert SENT_BEFORE in _words(page)
    assert _way(page) == "Allow again…"


def _way(page: PermissionsPage) -> str:
    """What can be done on the page; "" for nothing."""
    content = page.widget()
    return "" if content is None else " ".join(one.text() for one in content.findChildren(QPushButton))


def _words(page: PermissionsPage) -> str:
    content = page.widget()
    return "" if content is None else "\n".join(label.text() for label in content.findChildren(QLabel))
